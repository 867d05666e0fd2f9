#include "actors/query/answer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "actors/chunk/analyse.hpp"
#include "actors/query/answer_sentences.hpp"
#include "actors/query/asked_words.hpp"
#include "actors/query/passage.hpp"

namespace graphrag::query {
namespace {

constexpr std::size_t max_sources = 7;
constexpr std::size_t max_sentences = 4;
constexpr std::size_t max_per_source = 2;
constexpr float least_share = 0.3F;   // of the question, unknown words included; docs/benchmarks.md
constexpr float whole_share = 0.95F;  // of the question: nothing more needs to be said
constexpr float enough_share = 0.8F;  // of the question: nothing is added that does not belong
constexpr float least_link = 0.1F;    // of the question's whole weight, to begin a chain
constexpr float least_gain = 0.15F;   // of the question's whole weight, after the first sentence
constexpr float near_word = 0.7F;     // of its idf, for a word that expresses the same relation
constexpr float title_word = 0.8F;    // of its idf, for a word that is only in the passage's title
constexpr float kind_bonus = 0.25F;   // of the question's whole weight
constexpr float next_step = 2.0F;     // for a passage that a cited sentence names
constexpr float opening_bonus = 0.3F; // of the question's whole weight, at the end of a chain
constexpr std::uint32_t chain_sources = 3; // among which the chain is looked for

// Two passages, the second named by the first: what the question asks of the one stands in the
// other.
struct Chain {
  std::uint32_t from = 0, to = 0;
};

class Extractor {
public:
  Extractor(View& view, std::string_view question, const Plan& plan,
            std::span<const Source> sources)
      : view_(view), plan_(plan), asked_(view, question, plan),
        sources_(sources.first(std::min(sources.size(), max_sources))) {}

  Answer run() {
    for (std::uint32_t s = 0; s < sources_.size(); ++s) read(s);
    choose();
    return asked_.share(said_) < least_share ? Answer{} : cite();
  }

private:
  void read(std::uint32_t source) {
    const auto passage = view_.chunk(sources_[source].ref);
    thread_local std::vector<chunk::Token> tokens;
    chunk::tokenize(passage.document->title, tokens);
    Covered title;
    for (const auto& token : tokens) asked_.mark(token, title);
    titles_[source] = title.words;
    read_sentences(passage, source, plan_, asked_, sentences_);
  }

  template <class Each>
  static void for_mentions(const chunk::AnalysedChunk& chunk, chunk::Span span, Each each) {
    for (const auto& mention : chunk.mentions)
      if (mention.span.start >= span.start && mention.span.end <= span.end) each(mention);
  }

  float worth(const Sentence& sentence) const {
    float sum = 0;
    for (std::size_t t = 0; t < asked_.terms(); ++t) {
      const auto bit = std::uint64_t{1} << t;
      if ((covered_.words & bit) != 0) continue;
      if ((sentence.covered.words & bit) != 0)
        sum += asked_.weight(t);
      else if ((titles_[sentence.source] & bit) != 0)
        sum += title_word * asked_.weight(t);
      else if ((sentence.covered.relations & bit) != 0)
        sum += near_word * asked_.weight(t);
    }
    const bool next = next_[sentence.source];
    if (sentence.holds_wanted && sum > 0 && (next || !wanted_found_))
      sum += kind_bonus * asked_.total();
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
        if (from >= count || sentence.heads || sentence.is_short ||
            view_.chunk(sources_[from].ref).document == view_.chunk(sources_[to].ref).document)
          continue;
        const auto link = worth(sentence);
        if (link < least_link * asked_.total()) continue;
        const auto now = (link + opening_bonus * asked_.total()) * sources_[to].score;
        if (now <= most || !names(sentence, to)) continue;
        most = now;
        found = Chain{from, to};
      }
    }
    return found;
  }

  bool has_wanted(const Sentence& sentence) const {
    return asked_.wanted() == Wanted::anything || sentence.holds_wanted;
  }

  // What is asked has been said, in its own words.
  bool is_done() const {
    if (chosen_.empty()) return false;
    if (chosen_.front()->defines) return true;
    return asked_.share({said_.words, 0}) >= whole_share &&
           std::any_of(chosen_.begin(), chosen_.end(),
                       [&](const Sentence* each) { return has_wanted(*each); });
  }

  // Takes the sentence of the most worth, the first of equals, if it is more than `least`.
  template <class Worth>
  bool take_best(Worth worth_of, float least = 0) {
    const Sentence* best = nullptr;
    for (const auto& sentence : sentences_) {
      if (!may_be_said(sentence)) continue;
      const float now = worth_of(sentence);
      if (now > least) {
        least = now;
        best = &sentence;
      }
    }
    if (best != nullptr) take(*best);
    return best != nullptr;
  }
  static constexpr float never = -1, any_worth = -0.5F; // of no sentence; of every sentence

  bool take_definition() {
    return take_best([&](const Sentence& each) { return each.defines ? worth(each) : never; },
                     any_worth);
  }

  // A sentence that has all of the question by itself: nothing needs to be pieced together.
  bool take_whole() {
    return take_best(
        [&](const Sentence& each) {
          const bool whole =
              has_wanted(each) && asked_.share({each.covered.words, 0}) >= whole_share;
          return whole ? worth(each) : never;
        },
        any_worth);
  }

  // What links the two, then what the second says of the question's words that are left, then what
  // it is.
  void follow(const Chain& chain) {
    take_best([&](const Sentence& sentence) {
      if (sentence.source != chain.from || !names(sentence, chain.to)) return 0.0F;
      return worth(sentence) + opening_bonus * asked_.total();
    });
    wanted_found_ = false; // of the passage that leads
    for (int i = 0; i < 2; ++i)
      take_best([&](const Sentence& sentence) {
        if (sentence.source != chain.to || sentence.is_short) return 0.0F;
        const float opening = sentence.opens ? opening_bonus * asked_.total() : 0;
        const float kind = sentence.holds_wanted ? kind_bonus * asked_.total() : 0;
        return worth(sentence) + opening + kind;
      });
  }

  void choose() {
    if (!take_definition() && !take_whole())
      if (const auto chain = find_chain()) follow(*chain);
    while (chosen_.size() < max_sentences && !is_done() && take_next()) {
    }
  }

  bool take_next() {
    const bool first = chosen_.empty(), mostly_said = asked_.share(said_) >= enough_share;
    return take_best(
        [&](const Sentence& each) {
          if (taken_[each.source] == max_per_source) return never;
          if (!first && (each.names_only || (mostly_said && !belongs(each)))) return never;
          return worth(each);
        },
        first ? 0 : least_gain * asked_.total());
  }

  // What two passages that have nothing to do with each other say is no answer together.
  bool belongs(const Sentence& sentence) const {
    if (chosen_.empty() || next_[sentence.source] || is_asked_by_name(sentence.source)) return true;
    const auto here = view_.chunk(sources_[sentence.source].ref);
    return std::any_of(chosen_.begin(), chosen_.end(), [&](const Sentence* other) {
      const auto there = view_.chunk(sources_[other->source].ref);
      const bool adjacent = here.document == there.document &&
                            here.chunk->index <= there.chunk->index + 1 &&
                            there.chunk->index <= here.chunk->index + 1;
      return adjacent || names(*other, sentence.source) || names(sentence, other->source);
    });
  }

  void take(const Sentence& sentence) {
    if (belongs(sentence)) {
      said_ |= sentence.covered;
      said_.words |= titles_[sentence.source];
    }
    chosen_.push_back(&sentence);
    ++taken_[sentence.source];
    covered_ |= sentence.covered;
    covered_.words |= titles_[sentence.source];
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

  // A text is said once, also when overlapping chunks have it.
  bool may_be_said(const Sentence& sentence) const {
    return !sentence.heads &&
           std::none_of(chosen_.begin(), chosen_.end(), [&](const Sentence* other) {
             return other == &sentence || text_of(*other) == text_of(sentence);
           });
  }

  std::string_view text_of(const Sentence& sentence) const {
    const auto passage = view_.chunk(sources_[sentence.source].ref);
    return passage.text.substr(sentence.span.start, sentence.span.end - sentence.span.start);
  }

  Answer cite() const {
    Answer answer;
    std::vector<const Sentence*> cited;
    const auto add = [&](const Sentence& sentence) {
      const auto same = [&](const Sentence* each) { return text_of(*each) == text_of(sentence); };
      if (std::any_of(cited.begin(), cited.end(), same)) return; // overlapping chunks have it twice
      cited.push_back(&sentence);
      if (!answer.text.empty()) answer.text += ' ';
      answer.text += text_of(sentence);
      answer.citations.push_back(
          citation_of(view_.chunk(sources_[sentence.source].ref), sentence.span));
    };
    for (const auto* sentence : chosen_) {
      if (sentence->before != Sentence::none) add(sentences_[sentence->before]);
      add(*sentence);
    }
    return answer;
  }

  View& view_;
  const Plan& plan_;
  AskedWords asked_;
  std::span<const Source> sources_;
  std::vector<Sentence> sentences_;
  std::vector<const Sentence*> chosen_;
  std::array<std::uint64_t, max_sources> titles_{};
  std::array<std::size_t, max_sources> taken_{};
  std::array<bool, max_sources> next_{};
  Covered covered_, said_; // by all that is chosen; by those that belong together
  bool wanted_found_ = false;
};

} // namespace

Answer make_answer(View& view, std::string_view question, const Plan& plan,
                   std::span<const Source> sources) {
  if (sources.empty()) return {};
  return Extractor{view, question, plan, sources}.run();
}

} // namespace graphrag::query
