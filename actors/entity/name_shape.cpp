#include "actors/entity/name_shape.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "actors/entity/lexicon.hpp"

namespace graphrag::entity {
namespace {

constexpr std::size_t max_words = 6; // of names that have a shape at all
constexpr std::size_t max_initials = 3;
constexpr std::size_t han_bytes = 3; // of one character in UTF-8

// Before a surname or a full name, of either sex, and never before a first name alone.
constexpr std::string_view titles[] = {
    "admiral",    "archbishop", "bishop",  "capt",      "captain",   "cardinal",  "chairman",
    "chancellor", "col",        "colonel", "commander", "detective", "doctor",    "dr",
    "gen",        "general",    "gov",     "governor",  "hon",       "inspector", "judge",
    "justice",    "lieutenant", "lt",      "maj",       "major",     "mayor",     "minister",
    "mr",         "president",  "prof",    "professor", "rabbi",     "rep",       "rev",
    "reverend",   "secretary",  "sen",     "senator",   "sergeant",  "sgt"}; // sorted
constexpr std::string_view full_titles[] = {"sir", "dame", "ms"};            // before a full name
constexpr std::string_view suffixes[] = {"jr", "sr", "junior", "senior"};
constexpr std::string_view legal_forms[] = {"inc", "incorporated", "ltd",         "limited", "llc",
                                            "plc", "corp",         "corporation", "gmbh"};
// "Fort Benton" is nobody, and "Comgall mac Domangairt" is not called Domangairt.
constexpr std::string_view no_first_names[] = {"fort", "ft",  "port", "new", "san", "santa",
                                               "los",  "las", "mt",   "hms", "uss", "old"};
// "Bishop Emeritus" is no surname.
constexpr std::string_view no_surnames[] = {"emeritus", "emerita", "elect", "designate"};
constexpr std::string_view sons_of[] = {"mac", "bin", "ibn", "ben", "ap", "bint"};
constexpr std::string_view chinese_titles[] = {"先生", "女士", "教授", "博士", "总统",
                                               "主席", "老师", "医生", "总理"};

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

struct Part {
  std::uint16_t at = 0, end = 0;
  std::uint32_t classes = 0;
};

bool is_han(std::string_view text) {
  return static_cast<unsigned char>(text[0]) >= 0xE3 && static_cast<unsigned char>(text[0]) < 0xF0;
}

// What no part of a personal name is; surnames such as King and Bishop are.
constexpr std::uint32_t no_person = class_organisation | class_place | class_event | class_demonym |
                                    class_month | class_weekday | class_function | class_article |
                                    class_linker | class_generic | class_pronoun;

class Reader {
public:
  explicit Reader(std::string_view normal) : normal_(normal) {}

  NameShape run() {
    if (normal_.empty() || normal_.size() > std::numeric_limits<std::uint16_t>::max()) return {};
    if (is_han(normal_)) return chinese();
    if (!split()) return {};
    if (count_ == 1) return single();
    if (among(legal_forms, word(count_ - 1))) return company();
    const auto opening = word(0);
    const bool any_title = std::binary_search(std::begin(titles), std::end(titles), opening);
    if (any_title || among(full_titles, opening)) {
      auto shape = full(1);
      if (shape.form == Form::full) {
        shape.form = Form::title_core;
        return shape;
      }
      if (!any_title || count_ != 2 || !surname(1)) return {};
      return make(Form::title_last, 1, 1);
    }
    if ((parts_[0].classes & (class_honorific | no_person)) != 0) return {};
    if (count_ == 2 && letters_only(0) && surname(1))
      return word(0) == "o" ? NameShape{} : make(Form::initials, 0, 1); // "O'Brien"
    return full(0);
  }

private:
  bool split() {
    for (std::size_t at = 0; at < normal_.size();) {
      if (count_ == max_words) return false;
      const auto end = std::min(normal_.find(' ', at), normal_.size());
      const auto word = normal_.substr(at, end - at);
      if (word[0] >= '0' && word[0] <= '9') return false;
      parts_[count_++] = {static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(end),
                          word_classes(word)};
      at = end + 1;
    }
    return count_ > 0;
  }
  std::string_view word(std::size_t i) const {
    return normal_.substr(parts_[i].at, parts_[i].end - parts_[i].at);
  }
  bool surname(std::size_t i) const {
    return word(i).size() > 1 && !among(no_surnames, word(i)) &&
           (parts_[i].classes & (no_person | class_joiner | class_roman)) == 0;
  }

  NameShape make(Form form, std::size_t first, std::size_t last) const {
    NameShape shape;
    shape.form = form;
    shape.last_at = parts_[last].at;
    shape.last_end = parts_[last].end;
    shape.core_at = parts_[first].at;
    shape.core_end = parts_[last].end;
    shape.words = static_cast<std::uint8_t>(last - first + 1);
    return shape;
  }

  NameShape single() const {
    if (parts_[0].classes != 0 || word(0).size() < 2) return {};
    return make(Form::word, 0, 0);
  }

  NameShape company() const { return make(Form::company_core, 0, count_ - 2); }

  // One letter, or up to three without a vowel ("jk", "jrr"): initials are written together.
  bool letters_only(std::size_t i) const {
    const auto letters = word(i);
    return letters.size() <= max_initials &&
           std::all_of(letters.begin(), letters.end(),
                       [](char c) { return c >= 'a' && c <= 'z'; }) &&
           (letters.size() == 1 || letters.find_first_of("aeiouy") == std::string_view::npos);
  }

  // Two to four words from `first` on, and perhaps a suffix.
  NameShape full(std::size_t first) const {
    auto last = count_ - 1;
    const bool suffixed = among(suffixes, word(last)) || (parts_[last].classes & class_roman) != 0;
    if (suffixed && last > 0) --last;
    if (last < first + 1 || last > first + 3 || !surname(last)) return {};
    if (among(no_first_names, word(first))) return {};
    for (auto i = first; i < last; ++i) {
      if (among(sons_of, word(i))) return {};
      const auto classes = parts_[i].classes;
      if (i > first && word(i).size() == 1) continue; // "Jane A. Doe"
      if ((classes & class_function) != 0 || (classes & no_person & ~class_linker) != 0) return {};
      if ((classes & class_roman) != 0) return {};
      if (i == first && (classes & (class_joiner | class_honorific)) != 0) return {};
    }
    auto shape = make(Form::full, first, last);
    shape.suffixed = suffixed;
    if (suffixed) shape.core_end = parts_[count_ - 1].end;
    return shape;
  }

  NameShape chinese() const {
    for (const auto title : chinese_titles) {
      if (!normal_.ends_with(title)) continue;
      const auto name = normal_.size() - title.size();
      if (name == 0 || name > 4 * han_bytes || name % han_bytes != 0) return {};
      NameShape shape;
      shape.form = name == han_bytes ? Form::title_last : Form::title_core;
      shape.last_at = static_cast<std::uint16_t>(name);
      shape.last_end = static_cast<std::uint16_t>(normal_.size());
      shape.core_end = shape.last_at;
      return shape;
    }
    return {};
  }

  std::string_view normal_;
  std::array<Part, max_words> parts_;
  std::size_t count_ = 0;
};

} // namespace

NameShape name_shape(std::string_view normal) { return Reader{normal}.run(); }

bool initials_fit(std::string_view initials, std::string_view full) {
  for (const char initial : initials) {
    const auto next = full.find(' ');
    if (next == std::string_view::npos || full[0] != initial) return false;
    full.remove_prefix(next + 1);
  }
  return true;
}

} // namespace graphrag::entity
