#include "actors/query/answer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <xxhash.h>

#include "actors/chunk/analyse.hpp"
#include "actors/chunk/characters.hpp"
#include "actors/entity/key_set.hpp"
#include "actors/entity/lexicon.hpp"
#include "actors/entity/words.hpp"
#include "actors/query/passage.hpp"
#include "actors/query/relation_words.hpp"

namespace graphrag::query {
namespace {

constexpr std::size_t max_sources = 5;
constexpr std::size_t max_sentences = 4;
constexpr std::size_t max_per_source = 2;
constexpr float least_gain = 0.15F;   // of the question's whole weight, after the first sentence
constexpr float small_word = 0.1F;    // of its idf, for "did", "when", "of"
constexpr float near_word = 0.7F;     // of its idf, for a word that expresses the same relation
constexpr float title_word = 0.8F;    // of its idf, for a word that is only in the passage's title
constexpr float kind_bonus = 0.25F;   // of the question's whole weight
constexpr float next_step = 2.0F;     // for a passage that a cited sentence names
constexpr float opening_bonus = 0.3F; // of the question's whole weight, at the end of a chain
constexpr std::uint32_t chain_sources = 3;  // among which the chain is looked for
constexpr std::uint32_t short_sentence = 4; // words; headings and the like count half
constexpr std::uint32_t near_bit = 0x100;   // in the numbers of terms_

enum class Wanted : std::uint8_t { anything, number, name };

// What kind of thing the question asks for.
Wanted wanted(const entity::Words& words) {
  Wanted result = Wanted::anything;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words.folded(i);
    const auto next = i + 1 < words.size() ? words.folded(i + 1) : std::string_view{};
    if (word == "when" || word == "year" || word == "date") return Wanted::number;
    if (word == "how" &&
        (next == "many" || next == "much" || next == "old" || next == "long" || next == "far"))
      return Wanted::number;
    for (const std::string_view asks : {"who", "whom", "whose", "where", "place", "birthplace",
                                        "country", "city", "nationality", "person"})
      if (word == asks) result = Wanted::name;
  }
  return result;
}

struct Sentence {
  std::uint32_t source = 0;
  chunk::Span span;                    // in the chunk's text
  std::uint64_t covers = 0, nears = 0; // bit per term of the question
  bool holds_wanted = false;
  bool is_short = false;
  bool opens = false; // the first of a document, which mostly says what it is about
};

// Two passages, the second named by the first: what the question asks of the one stands in the
// other.
struct Chain {
  std::uint32_t from = 0, to = 0;
};

class Extractor {
public:
  Extractor(View& view, const Plan& plan, std::span<const Source> sources)
      : view_(view), plan_(plan), sources_(sources.first(std::min(sources.size(), max_sources))) {}

  Answer run(std::string_view question) {
    weigh_terms(question);
    for (std::uint32_t s = 0; s < sources_.size(); ++s) read(s);
    choose();
    return cite();
  }

private:
  static std::uint64_t hash(std::string_view term) { return XXH3_64bits(term.data(), term.size()); }

  void weigh_terms(std::string_view question) {
    thread_local entity::Words words;
    words.read(question);
    wanted_ = wanted(words);
    chunk::tokenize(question, tokens_);
    for (const auto& token : tokens_) {
      const auto id = view_.find_term(token.term);
      const auto known = std::find_if(plan_.terms.begin(), plan_.terms.end(),
                                      [&](const auto& t) { return t.term == id; });
      if (known == plan_.terms.end()) continue;
      const auto t = static_cast<std::uint32_t>(known - plan_.terms.begin());
      const bool small =
          (entity::word_classes(token.term) & (entity::class_function | entity::class_be)) != 0;
      weight_[t] = plan_.idf[t] * (small ? small_word : 1);
      terms_.insert(hash(token.term), t);
    }
    for (const auto& token : tokens_) { // after all words themselves, which take precedence
      const auto t = terms_.find(hash(token.term));
      if (t != entity::KeySet::absent && t < near_bit)
        for (const auto& word : relation_words(token.term)) terms_.insert(hash(word), t | near_bit);
    }
    for (std::size_t t = 0; t < plan_.terms.size(); ++t) total_ += weight_[t];
  }

  void mark(const chunk::Token& token, std::uint64_t& covers, std::uint64_t& nears) const {
    const auto term = terms_.find(hash(token.term));
    if (term == entity::KeySet::absent) return;
    ((term & near_bit) != 0 ? nears : covers) |= std::uint64_t{1} << (term & (near_bit - 1));
  }

  void read(std::uint32_t source) {
    const auto passage = view_.chunk(sources_[source].ref);
    chunk::tokenize(passage.document->title, tokens_);
    std::uint64_t ignored = 0;
    for (const auto& token : tokens_) mark(token, titles_[source], ignored);
    chunk::tokenize(passage.text, tokens_);
    std::size_t at = 0;
    for (const auto& span : passage.chunk->sentences) {
      Sentence sentence{source, span};
      std::uint32_t words = 0;
      while (at < tokens_.size() && tokens_[at].span.start < span.start) ++at;
      for (; at < tokens_.size() && tokens_[at].span.start < span.end; ++at, ++words)
        mark(tokens_[at], sentence.covers, sentence.nears);
      sentence.is_short = words < short_sentence;
      sentence.opens = passage.chunk->index == 0 && span.start == passage.chunk->sentences[0].start;
      if (wanted_ == Wanted::number) {
        const auto text = passage.text.substr(span.start, span.end - span.start);
        sentence.holds_wanted = std::any_of(text.begin(), text.end(), chunk::is_ascii_digit);
      }
      if (wanted_ == Wanted::name) sentence.holds_wanted = names_something(*passage.chunk, span);
      sentences_.push_back(sentence);
    }
  }

  template <class Each>
  static void for_mentions(const chunk::AnalysedChunk& chunk, chunk::Span span, Each each) {
    for (const auto& mention : chunk.mentions)
      if (mention.span.start >= span.start && mention.span.end <= span.end) each(mention);
  }

  // A name that the question does not hold itself.
  bool names_something(const chunk::AnalysedChunk& chunk, chunk::Span span) const {
    bool found = false;
    for_mentions(chunk, span, [&](const chunk::Mention& mention) {
      found = found || (!mention.normal.empty() &&
                        std::none_of(plan_.names.begin(), plan_.names.end(),
                                     [&](const auto& name) { return name.key == mention.key; }));
    });
    return found;
  }

  float worth(const Sentence& sentence) const {
    float sum = 0;
    for (std::size_t t = 0; t < plan_.terms.size(); ++t) {
      const auto bit = std::uint64_t{1} << t;
      if ((covered_ & bit) != 0) continue;
      if ((sentence.covers & bit) != 0)
        sum += weight_[t];
      else if ((titles_[sentence.source] & bit) != 0)
        sum += title_word * weight_[t];
      else if ((sentence.nears & bit) != 0)
        sum += near_word * weight_[t];
    }
    const bool next = next_[sentence.source];
    if (sentence.holds_wanted && sum > 0 && (next || !wanted_found_)) sum += kind_bonus * total_;
    if (sentence.is_short) sum *= 0.5F;
    const auto best = sources_.front().score;
    if (best > 0) sum *= sources_[sentence.source].score / best;
    return next ? sum * next_step : sum;
  }

  bool is_home_of(std::uint32_t source, std::uint64_t key) const {
    const auto& homes = view_.chunk(sources_[source].ref).chunk->homes;
    return std::any_of(homes.begin(), homes.end(),
                       [&](const auto& home) { return home.key == key; });
  }

  bool is_asked_by_name(std::uint32_t source) const {
    return std::any_of(plan_.names.begin(), plan_.names.end(),
                       [&](const auto& name) { return is_home_of(source, name.key); });
  }

  bool names(const Sentence& sentence, std::uint32_t source) const {
    bool found = false;
    for_mentions(
        *view_.chunk(sources_[sentence.source].ref).chunk, sentence.span,
        [&](const chunk::Mention& mention) { found = found || is_home_of(source, mention.key); });
    return found;
  }

  // Of the best passages, the two whose link says most of what is asked. The question does not name
  // where the link leads to: otherwise it compares the two.
  std::optional<Chain> find_chain() const {
    const auto count =
        std::min<std::uint32_t>(static_cast<std::uint32_t>(sources_.size()), chain_sources);
    std::optional<Chain> found;
    float most = 0;
    for (std::uint32_t to = 0; to < count; ++to) {
      if (is_asked_by_name(to)) continue;
      for (const auto& sentence : sentences_) {
        const auto from = sentence.source;
        if (from >= count ||
            view_.chunk(sources_[from].ref).document == view_.chunk(sources_[to].ref).document)
          continue;
        const auto now = (worth(sentence) + opening_bonus * total_) * sources_[to].score;
        if (now <= most || !names(sentence, to)) continue;
        most = now;
        found = Chain{from, to};
      }
    }
    return found;
  }

  template <class Worth>
  void take_best(Worth worth_of) {
    const Sentence* best = nullptr;
    float most = 0;
    for (const auto& sentence : sentences_) {
      if (is_chosen(sentence)) continue;
      const float now = worth_of(sentence);
      if (now > most) {
        most = now;
        best = &sentence;
      }
    }
    if (best != nullptr) take(*best);
  }

  // What links the two, then what the second says of the question's words that are left, then what
  // it is.
  void follow(const Chain& chain) {
    take_best([&](const Sentence& sentence) {
      if (sentence.source != chain.from || !names(sentence, chain.to)) return 0.0F;
      return worth(sentence) + opening_bonus * total_;
    });
    wanted_found_ = false; // of the passage that leads
    for (int i = 0; i < 2; ++i)
      take_best([&](const Sentence& sentence) {
        if (sentence.source != chain.to || sentence.is_short) return 0.0F;
        const float opening = sentence.opens ? opening_bonus * total_ : 0;
        const float kind = sentence.holds_wanted ? kind_bonus * total_ : 0;
        return worth(sentence) + opening + kind;
      });
  }

  void choose() {
    if (const auto chain = find_chain()) follow(*chain);
    while (chosen_.size() < max_sentences) {
      const Sentence* best = nullptr;
      float most = chosen_.empty() ? 0 : least_gain * total_;
      for (const auto& sentence : sentences_) {
        if (taken_[sentence.source] == max_per_source || is_chosen(sentence)) continue;
        const auto now = worth(sentence);
        if (now > most) {
          most = now;
          best = &sentence;
        }
      }
      if (best == nullptr) return;
      take(*best);
    }
  }

  void take(const Sentence& sentence) {
    chosen_.push_back(&sentence);
    ++taken_[sentence.source];
    covered_ |= sentence.covers | titles_[sentence.source];
    wanted_found_ = wanted_found_ || sentence.holds_wanted;
    point_from(sentence);
  }

  // Which sources are named by a sentence just chosen; a source that is cited is no next step.
  void point_from(const Sentence& sentence) {
    next_[sentence.source] = false;
    for_mentions(*view_.chunk(sources_[sentence.source].ref).chunk, sentence.span,
                 [&](const chunk::Mention& mention) {
                   for (std::size_t s = 0; s < sources_.size(); ++s) {
                     if (taken_[s] > 0) continue;
                     for (const auto& home : view_.chunk(sources_[s].ref).chunk->homes)
                       next_[s] = next_[s] || home.key == mention.key;
                   }
                 });
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
      if (!answer.text.empty()) answer.text += ' ';
      answer.text += text;
      answer.citations.push_back(citation_of(passage, sentence->span));
    }
    return answer;
  }

  View& view_;
  const Plan& plan_;
  std::span<const Source> sources_;
  std::vector<chunk::Token> tokens_;
  std::vector<Sentence> sentences_;
  std::vector<const Sentence*> chosen_;
  entity::KeySet
      terms_; // hash of a term -> its place in the plan, with near_bit for relation words
  std::array<float, max_terms> weight_{};
  std::array<std::uint64_t, max_sources> titles_{};
  std::array<std::size_t, max_sources> taken_{};
  std::array<bool, max_sources> next_{};
  std::uint64_t covered_ = 0;
  float total_ = 0;
  Wanted wanted_ = Wanted::anything;
  bool wanted_found_ = false;
};

} // namespace

Answer make_answer(View& view, std::string_view question, const Plan& plan,
                   std::span<const Source> sources) {
  if (sources.empty()) return {};
  return Extractor{view, plan, sources}.run(question);
}

} // namespace graphrag::query
