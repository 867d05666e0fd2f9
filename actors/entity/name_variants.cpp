#include "actors/entity/name_variants.hpp"

#include <algorithm>

#include "actors/entity/lexicon.hpp"

namespace graphrag::entity {
namespace {

constexpr float without_decoration = 0.95F; // "Sir", "Jr", "KG", a nickname in quotes
constexpr float by_nickname = 0.9F;
constexpr float with_initials = 0.8F;
constexpr float by_short_form = 0.75F;
constexpr float first_and_last = 0.7F;
constexpr float part_of_three = 0.55F; // the first two or the last two of three words
constexpr std::uint32_t max_words = 8;

// A first name and what its bearers are called.
constexpr std::pair<std::string_view, std::string_view> short_forms[] = {
    {"alexander", "alex"},  {"andrew", "andy"},       {"anthony", "tony"},  {"benjamin", "ben"},
    {"charles", "charlie"}, {"christopher", "chris"}, {"daniel", "dan"},    {"david", "dave"},
    {"donald", "don"},      {"douglas", "doug"},      {"edward", "ed"},     {"elizabeth", "liz"},
    {"frederick", "fred"},  {"gregory", "greg"},      {"harold", "harry"},  {"henry", "harry"},
    {"james", "jim"},       {"jeffrey", "jeff"},      {"john", "jack"},     {"jonathan", "jon"},
    {"joseph", "joe"},      {"katherine", "kate"},    {"kenneth", "ken"},   {"lawrence", "larry"},
    {"matthew", "matt"},    {"michael", "mike"},      {"nicholas", "nick"}, {"patrick", "pat"},
    {"peter", "pete"},      {"philip", "phil"},       {"richard", "dick"},  {"robert", "bob"},
    {"ronald", "ron"},      {"samuel", "sam"},        {"steven", "steve"},  {"theodore", "ted"},
    {"thomas", "tom"},      {"timothy", "tim"},       {"walter", "walt"},   {"william", "bill"},
};

class Finder {
public:
  Finder(std::string_view text, const Words& words, std::uint32_t first, std::uint32_t last)
      : text_(text), words_(words) {
    for (auto i = first; i <= last; ++i) all_.push_back(i);
  }

  std::vector<NameVariant> run(bool person) {
    if (all_.size() < 2 || all_.size() > max_words) return {};
    auto core = without_nickname(all_);
    while (core.size() > 2 && words_[core.front()].is(class_honorific)) core.erase(core.begin());
    while (core.size() > 2 && is_suffix(core.back())) core.pop_back();
    if (core.size() < all_.size()) add(core, without_decoration);
    if (nickname_ != 0 && core.size() > 1) add({nickname_, core.back()}, by_nickname);
    if (person) {
      middle_names(core);
      short_form(core);
    }
    return std::move(found_);
  }

private:
  using Picked = std::vector<std::uint32_t>;

  // A single word between quotes inside the name.
  Picked without_nickname(const Picked& all) {
    constexpr std::uint16_t quote = gap_quote | gap_quote_open | gap_quote_close;
    Picked rest;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool inside = i > 0 && i + 1 < all.size();
      if (inside && (words_[all[i]].gap & quote) != 0 && (words_[all[i + 1]].gap & quote) != 0)
        nickname_ = all[i];
      else
        rest.push_back(all[i]);
    }
    return rest;
  }

  // "Sr", "Jr", and letters after a name such as KG.
  bool is_suffix(std::uint32_t i) const {
    const auto word = words_.folded(i);
    if (word == "sr" || word == "jr") return true;
    return words_[i].has(word_upper) && !words_[i].is(class_roman) && word.size() <= 4;
  }

  // Only when every word is a plain part of a personal name.
  void middle_names(const Picked& core) {
    const bool plain = std::all_of(core.begin(), core.end(), [&](auto i) {
      return words_[i].has(word_capital) && !words_[i].has(word_digit) &&
             !words_[i].is(class_joiner | class_linker | class_roman | class_honorific);
    });
    if (!plain || core.size() < 3 || core.size() > 4) return;
    add({core.front(), core.back()}, first_and_last);
    add(Picked(core.begin(), core.end() - 1), part_of_three);
    add(Picked(core.begin() + 1, core.end()), part_of_three);
    if (core.size() == 4) {
      add({core[1], core[3]}, part_of_three);
      add({core[0], core[2]}, part_of_three); // Spanish: the father's name comes third
    }
    initials(core);
  }

  // "Robert F. Boyle", "J. G. Ballard": initials are written together in normal names.
  void initials(const Picked& core) {
    if (core.size() != 3) return;
    std::string letters;
    for (const auto i : {core[0], core[1]}) {
      const auto letter = words_.folded(i)[0];
      if (letter < 'a' || letter > 'z') return;
      letters += letter;
    }
    const std::string last{words_.folded(core[2])}, shown = display(core[2]);
    keep({std::string{words_.folded(core[0])} + ' ' + letters[1] + ' ' + last,
          display(core[0]) + ' ' + upper(letters[1]) + ". " + shown, with_initials});
    keep({letters + ' ' + last,
          std::string{upper(letters[0])} + ". " + upper(letters[1]) + ". " + shown, with_initials});
  }

  // "Chris Brown" of Christopher Maurice Brown.
  void short_form(const Picked& core) {
    if (core.size() < 2 || core.size() > 4 || words_[core.back()].is(class_roman)) return;
    for (const auto& [full, brief] : short_forms) {
      if (words_.folded(core.front()) != full) continue;
      keep({std::string{brief} + ' ' + std::string{words_.folded(core.back())},
            upper(brief[0]) + std::string{brief.substr(1)} + ' ' + display(core.back()),
            by_short_form});
    }
  }

  static char upper(char letter) { return static_cast<char>(letter - 'a' + 'A'); }
  std::string display(std::uint32_t i) const {
    return std::string{text_.substr(words_[i].start, words_[i].end - words_[i].start)};
  }
  void keep(NameVariant made) {
    if (std::none_of(found_.begin(), found_.end(),
                     [&](const auto& known) { return known.normal == made.normal; }))
      found_.push_back(std::move(made));
  }

  void add(const Picked& picked, float factor) {
    NameVariant made{{}, {}, factor};
    for (const auto i : picked) {
      if (!made.normal.empty()) made.normal += ' ';
      if (!made.display.empty()) made.display += ' ';
      made.normal += words_.folded(i);
      made.display += display(i);
    }
    keep(std::move(made));
  }

  std::string_view text_;
  const Words& words_;
  Picked all_;
  std::uint32_t nickname_ = 0;
  std::vector<NameVariant> found_;
};

} // namespace

std::vector<NameVariant> name_variants(std::string_view text, const Words& words,
                                       std::uint32_t first, std::uint32_t last, bool person) {
  return Finder{text, words, first, last}.run(person);
}

} // namespace graphrag::entity
