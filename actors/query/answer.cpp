#include "actors/query/answer.hpp"

#include <algorithm>
#include <array>

#include <xxhash.h>

#include "actors/chunk/analyse.hpp"
#include "actors/chunk/characters.hpp"
#include "actors/entity/key_set.hpp"
#include "actors/entity/lexicon.hpp"
#include "actors/entity/words.hpp"

namespace graphrag::query {
namespace {

constexpr std::size_t max_sources = 6;
constexpr std::size_t max_sentences = 3;
constexpr std::size_t max_per_source = 2;
constexpr float least_gain = 0.2F;    // of the first sentence's worth
constexpr float small_word = 0.1F;    // of its idf, for "did", "when", "of"
constexpr float kind_bonus = 0.25F;   // of the question's whole weight
constexpr float linked_bonus = 1.25F; // for what a chain leads to, once its beginning is cited
constexpr std::uint32_t short_sentence = 4; // words; headings and the like count half

enum class Wanted : std::uint8_t { anything, number, name };

// What kind of thing the question asks for.
Wanted wanted(const entity::Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words.folded(i);
    const auto next = i + 1 < words.size() ? words.folded(i + 1) : std::string_view{};
    if (word == "when" || word == "year" || word == "date") return Wanted::number;
    if (word == "how" &&
        (next == "many" || next == "much" || next == "old" || next == "long" || next == "far"))
      return Wanted::number;
    if (word == "who" || word == "whom" || word == "whose" || word == "where") return Wanted::name;
    if ((word == "which" || word == "what") &&
        (next == "country" || next == "city" || next == "person" || next == "place"))
      return Wanted::name;
  }
  return Wanted::anything;
}

struct Sentence {
  std::uint32_t source = 0;
  chunk::Span span;         // in the chunk's text
  std::uint64_t covers = 0; // bit per term of the question
  bool holds_wanted = false;
  bool is_short = false;
};

class Extractor {
public:
  Extractor(const chunk::ReadView& view, const Plan& plan, std::span<const Source> sources)
      : view_(view), plan_(plan), sources_(sources.first(std::min(sources.size(), max_sources))) {}

  Answer run(std::string_view question) {
    weigh_terms(question);
    for (std::uint32_t s = 0; s < sources_.size(); ++s) read(s);
    choose();
    return cite();
  }

private:
  void weigh_terms(std::string_view question) {
    thread_local entity::Words words;
    words.read(question);
    wanted_ = wanted(words);
    terms_.clear();
    chunk::tokenize(question, tokens_);
    for (const auto& token : tokens_) {
      const auto id = view_.find_term(token.term);
      for (std::size_t t = 0; t < plan_.terms.size(); ++t) {
        if (plan_.terms[t].term != id) continue;
        const auto classes = entity::word_classes(token.term);
        const bool small = (classes & (entity::class_function | entity::class_be)) != 0;
        weight_[t] = plan_.idf[t] * (small ? small_word : 1);
        terms_.insert(XXH3_64bits(token.term.data(), token.term.size()),
                      static_cast<std::uint32_t>(t));
        break;
      }
    }
    for (std::size_t t = 0; t < plan_.terms.size(); ++t) total_ += weight_[t];
  }

  std::uint64_t cover(std::string_view text) {
    chunk::tokenize(text, tokens_);
    std::uint64_t bits = 0;
    for (const auto& token : tokens_) {
      const auto term = terms_.find(XXH3_64bits(token.term.data(), token.term.size()));
      if (term != entity::KeySet::absent) bits |= std::uint64_t{1} << term;
    }
    return bits;
  }

  void read(std::uint32_t source) {
    const auto passage = view_.chunk(sources_[source].ref);
    titles_[source] = cover(passage.document->title);
    for (const auto& span : passage.chunk->sentences) {
      const auto text = passage.text.substr(span.start, span.end - span.start);
      Sentence sentence{source, span, cover(text), false, tokens_.size() < short_sentence};
      if (wanted_ == Wanted::number)
        sentence.holds_wanted = std::any_of(text.begin(), text.end(), chunk::is_ascii_digit);
      if (wanted_ == Wanted::name) sentence.holds_wanted = names_something(*passage.chunk, span);
      sentences_.push_back(sentence);
    }
  }

  // A name that the question does not hold itself.
  bool names_something(const chunk::AnalysedChunk& chunk, chunk::Span span) const {
    return std::any_of(
        chunk.mentions.begin(), chunk.mentions.end(), [&](const chunk::Mention& mention) {
          if (mention.normal.empty() || mention.span.start < span.start ||
              mention.span.end > span.end)
            return false;
          return std::none_of(plan_.names.begin(), plan_.names.end(),
                              [&](const auto& name) { return name.key == mention.key; });
        });
  }

  float worth(const Sentence& sentence) const {
    const auto fresh = sentence.covers & ~covered_;
    float sum = 0;
    for (std::size_t t = 0; t < plan_.terms.size(); ++t)
      if ((fresh >> t & 1) != 0) sum += weight_[t];
    const auto& source = sources_[sentence.source];
    if (sentence.holds_wanted && !wanted_found_ && (sum > 0 || source.linked))
      sum += kind_bonus * total_;
    if (sentence.is_short) sum *= 0.5F;
    const auto best = sources_.front().score;
    if (best > 0) sum *= source.score / best;
    return source.linked && !chosen_.empty() ? sum * linked_bonus : sum;
  }

  void choose() {
    float first = 0;
    while (chosen_.size() < max_sentences) {
      const Sentence* best = nullptr;
      float most = 0;
      for (const auto& sentence : sentences_) {
        if (taken_[sentence.source] == max_per_source || is_chosen(sentence)) continue;
        const auto now = worth(sentence);
        if (now > most) {
          most = now;
          best = &sentence;
        }
      }
      if (best == nullptr || most < least_gain * first) return;
      if (chosen_.empty()) first = most;
      chosen_.push_back(best);
      ++taken_[best->source];
      covered_ |= best->covers | titles_[best->source];
      wanted_found_ = wanted_found_ || best->holds_wanted;
    }
  }
  // Also when an overlapping chunk has it.
  bool is_chosen(const Sentence& sentence) const {
    return std::any_of(chosen_.begin(), chosen_.end(), [&](const Sentence* other) {
      return other == &sentence || text_of(*other) == text_of(sentence);
    });
  }

  std::string_view text_of(const Sentence& sentence) const {
    const auto passage = view_.chunk(sources_[sentence.source].ref);
    return passage.text.substr(sentence.span.start, sentence.span.end - sentence.span.start);
  }

  Answer cite() const {
    Answer answer;
    for (const auto* sentence : chosen_) {
      const auto passage = view_.chunk(sources_[sentence->source].ref);
      const auto text = text_of(*sentence);
      Citation citation;
      citation.document_id = passage.document->id;
      citation.title = passage.document->title;
      citation.section = passage.chunk->section;
      citation.page = passage.chunk->page;
      citation.start = passage.chunk->start +
                       chunk::count_code_points(passage.text.substr(0, sentence->span.start));
      citation.end = citation.start + chunk::count_code_points(text);
      citation.text = text;
      if (!answer.text.empty()) answer.text += ' ';
      answer.text += text;
      answer.citations.push_back(std::move(citation));
    }
    return answer;
  }

  const chunk::ReadView& view_;
  const Plan& plan_;
  std::span<const Source> sources_;
  std::vector<chunk::Token> tokens_;
  std::vector<Sentence> sentences_;
  std::vector<const Sentence*> chosen_;
  entity::KeySet terms_;
  std::array<float, max_terms> weight_{};
  std::array<std::uint64_t, max_sources> titles_{};
  std::array<std::size_t, max_sources> taken_{};
  std::uint64_t covered_ = 0;
  float total_ = 0;
  Wanted wanted_ = Wanted::anything;
  bool wanted_found_ = false;
};

} // namespace

Answer make_answer(const chunk::ReadView& view, std::string_view question, const Plan& plan,
                   std::span<const Source> sources) {
  if (sources.empty()) return {};
  return Extractor{view, plan, sources}.run(question);
}

} // namespace graphrag::query
