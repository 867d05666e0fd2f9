#include "actors/query/global.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "actors/chunk/analyse.hpp"
#include "actors/entity/lexicon.hpp"
#include "actors/query/passage.hpp"

namespace graphrag::query {
namespace {

using entity::CentralEntity;
using entity::LiveSentence;

constexpr std::size_t communities_ranked = 48;
constexpr std::size_t communities_shown = 6;
constexpr std::size_t sentences_shown = 8;
constexpr std::size_t sentences_of_one = 4;
constexpr std::size_t entities_read = 24;
constexpr std::size_t entities_shown = 8;

// Closed: words of any question, and what questions about a whole are made of.
constexpr std::string_view empty_words =
    "a an the this that these those of in on at to from by for with without about into over under "
    "and or but not no nor as than then so if is are was were be been being am do does did done "
    "have has had having can could will would shall should may might must "
    "i me my you your he him his she her it its we us our they them their "
    "what which who whom whose when where why how there here "
    "all any each every some most more much many few several both other others one two three "
    "tell give list name describe explain summarize summarise summary overview outline say show "
    "find please main major central key important principal chief general overall whole entire "
    "theme themes topic topics subject subjects idea ideas point points issue issues thing things "
    "character characters people person persons entity entities figure figures player players "
    "relate related relation relations relationship relationships connect connected connection "
    "collection corpus document documents text texts book books passage passages article articles "
    "content contents dataset data material source sources story "
    "discuss discussed cover covered covers mention mentioned describe described concern deal "
    "deals focus focused kind kinds type types different various across between among together "
    "happen happens happened told said says speak spoken written shown play plays played role "
    "roles "
    "matter matters important interesting";

const std::unordered_set<std::string>& empty_terms() {
  static const auto all = [] {
    std::vector<chunk::Token> tokens;
    chunk::tokenize(empty_words, tokens);
    std::unordered_set<std::string> terms;
    for (auto& token : tokens) terms.insert(std::move(token.term));
    return terms;
  }();
  return all;
}

constexpr std::array<std::string_view, 14> people_words{
    "who",    "whom",    "whose",  "character", "characters",   "person",        "persons",
    "people", "related", "relate", "relation",  "relationship", "relationships", "relations"};
constexpr double people_factor = 4;
constexpr double short_below = 80; // bytes; longer ones say it by the way
constexpr double word_factor = 2;

// Whether `holds` is true of a word of the text: letters of ASCII, in lower case.
template <class Holds>
bool any_word(std::string_view text, Holds holds) {
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || (c >= 'a' && c <= 'z')) {
      word += upper ? static_cast<char>(c + 32) : c;
      continue;
    }
    if (!word.empty() && holds(word)) return true;
    word.clear();
  }
  return false;
}

bool tells_of_people(std::string_view text) {
  return any_word(text, [](const std::string& word) {
    return (entity::word_classes(word) & entity::class_relational) != 0;
  });
}

struct Chosen {
  const entity::PlacedCommunity* community = nullptr;
  double score = 0;
  std::vector<CentralEntity> entities;
  std::vector<LiveSentence> sentences;
};

class Global {
public:
  Global(const chunk::ReadView& view, const entity::CommunitySnapshot& communities,
         const entity::NameDirectory& names, const Question& question,
         const std::function<bool()>& expired, const WrittenSummary& written)
      : view_(view), communities_(communities), names_(names), question_(question),
        expired_(expired), written_(written), terms_(content_terms(question.text)),
        of_people_(any_word(question.text, [](const std::string& word) {
          return std::find(people_words.begin(), people_words.end(), word) != people_words.end();
        })) {
    if (!question.filter.empty()) filter_ = view.compile(question.filter);
  }

  QueryResult run() {
    std::vector<entity::RankedSummary> summaries;
    summaries.reserve(communities_.communities.size());
    for (const auto& placed : communities_.communities)
      if (const auto& info = *placed.info; !info.sentences.empty())
        summaries.push_back({info.id, info.level, info.members, info.terms, info.length});
    for (const auto& ranked :
         entity::global_ranking(known_terms(), summaries, communities_ranked)) {
      if (chosen_.size() >= communities_shown) break;
      if (expired_()) {
        result_.partial = true;
        result_.missing.emplace_back("answer");
        break;
      }
      consider(*communities_.find(ranked.community), ranked.score);
    }
    quote();
    return std::move(result_);
  }

private:
  // Those that the collection has.
  std::vector<entity::WeightedTerm> known_terms() const {
    std::vector<entity::WeightedTerm> known;
    for (const auto& term : terms_)
      if (const auto id = view_.find_term(term); id != chunk::no_term) known.push_back({id, 1});
    return known;
  }

  bool above(const entity::PlacedCommunity* lower, std::uint64_t id) const {
    for (; lower != nullptr; lower = lower->parent ? communities_.find(*lower->parent) : nullptr)
      if (lower->info->id == id) return true;
    return false;
  }

  void consider(const entity::PlacedCommunity& placed, double score) {
    const auto id = placed.info->id;
    for (const auto& other : chosen_)
      if (above(&placed, other.community->info->id) || above(other.community, id)) return;
    Chosen one{&placed, score, {}, {}};
    one.entities = entity::central_entities(names_, placed.info->central, entities_read);
    entity::keep_named(view_, filter_, one.entities);
    one.sentences = sentences_of(*placed.info, one.entities);
    std::erase_if(one.sentences, [&](const auto& sentence) { return !fresh(sentence); });
    if (!one.entities.empty() && !one.sentences.empty()) chosen_.push_back(std::move(one));
  }

  std::vector<LiveSentence> sentences_of(const entity::CommunityInfo& info,
                                         const std::vector<CentralEntity>& entities) {
    if (terms_.empty() && filter_.all() && !of_people_)
      return entity::live_sentences(view_, info.sentences, filter_);
    const auto factor = [&](std::string_view text) { return told_by(text); };
    const auto summary = entity::summary_of(view_, entities, filter_, factor);
    std::vector<entity::SentencePlace> places;
    for (const auto& sentence : summary.sentences)
      places.push_back({sentence.document_id,
                        sentence.chunk_id,
                        sentence.chunk,
                        {sentence.start, sentence.end}});
    return entity::live_sentences(view_, places, filter_);
  }

  // A sentence counts more with every word of the question, and, when that asks for people, with
  // what people are to each other.
  double told_by(std::string_view text) {
    const double relational =
        of_people_ && tells_of_people(text)
            ? people_factor * std::min(1.0, short_below / static_cast<double>(text.size()))
            : 1;
    if (terms_.empty()) return relational;
    chunk::tokenize(text, tokens_);
    const auto held = std::count_if(terms_.begin(), terms_.end(), [&](const auto& term) {
      return std::any_of(tokens_.begin(), tokens_.end(),
                         [&](const auto& token) { return token.term == term; });
    });
    return relational * (1 + word_factor * static_cast<double>(held));
  }

  std::string_view text_of(const LiveSentence& sentence) const {
    return view_.chunk(sentence.ref)
        .text.substr(sentence.span.start, sentence.span.end - sentence.span.start);
  }

  // Not quoted by a community before, be it from another chunk.
  bool fresh(const LiveSentence& sentence) { return seen_.insert(text_of(sentence)).second; }

  void quote() {
    if (chosen_.empty()) return;
    std::size_t left = sentences_shown;
    std::size_t to_come = chosen_.size();
    for (const auto& one : chosen_) {
      auto& found = result_.communities.emplace_back();
      const auto& info = *one.community->info;
      found.id = info.id;
      found.level = info.level;
      found.size = info.members;
      found.title = entity::title_of(one.entities);
      for (std::size_t i = 0; i < one.entities.size() && i < entities_shown; ++i)
        found.entities.push_back(found_entity(one.entities[i].entity));
      // A fair share, the better ones more.
      auto most = std::min(sentences_of_one, (left + to_come - 1) / to_come);
      most = std::min(most, one.sentences.size());
      left -= most;
      --to_come;
      for (std::size_t i = 0; i < most; ++i) {
        const auto& sentence = one.sentences[i];
        const auto passage = view_.chunk(sentence.ref);
        const auto text = text_of(sentence);
        found.summary.append(found.summary.empty() ? "" : " ").append(text);
        show(sentence.ref, passage, one.score);
        if (!question_.answer) continue;
        result_.answer.text.append(result_.answer.text.empty() ? "" : " ").append(text);
        result_.answer.citations.push_back(citation_of(passage, sentence.span));
      }
      if (auto text = written_text(info); !text.empty()) {
        found.summary = std::move(text);
        found.generated = true;
      }
    }
  }

  // Not from documents that the filter hides, nor from any that are gone.
  std::string written_text(const entity::CommunityInfo& info) const {
    if (!written_ || !filter_.all()) return {};
    const auto live = entity::live_sentences(view_, info.sentences, filter_);
    return live.size() == info.sentences.size() ? written_(info) : std::string{};
  }

  void show(chunk::ChunkRef ref, const chunk::ChunkView& passage, double score) {
    if (result_.hits.size() >= question_.limit) return;
    const auto same = [&](const Hit& hit) {
      return hit.chunk_id == passage.chunk_id ||
             (question_.group_by_document && hit.document_id == passage.document->id);
    };
    if (std::none_of(result_.hits.begin(), result_.hits.end(), same) && view_.visible(ref))
      result_.hits.push_back(hit_of(passage, static_cast<float>(score)));
  }

  const chunk::ReadView& view_;
  const entity::CommunitySnapshot& communities_;
  const entity::NameDirectory& names_;
  const Question& question_;
  const std::function<bool()>& expired_;
  const WrittenSummary& written_;
  std::vector<std::string> terms_;
  bool of_people_; // the question asks who there is and how they are related
  chunk::FilterSet filter_;
  std::vector<chunk::Token> tokens_;
  std::vector<Chosen> chosen_;
  std::unordered_set<std::string_view> seen_; // sentences
  QueryResult result_;
};

} // namespace

std::vector<std::string> content_terms(std::string_view question) {
  std::vector<chunk::Token> tokens;
  chunk::tokenize(question, tokens);
  std::vector<std::string> terms;
  for (auto& token : tokens)
    if (!token.term.empty() && !empty_terms().contains(token.term) &&
        std::find(terms.begin(), terms.end(), token.term) == terms.end())
      terms.push_back(std::move(token.term));
  return terms;
}

FoundEntity found_entity(const entity::Entity& entity) {
  return {entity.id, entity.name, std::string{entity::to_string(entity.kind)}};
}

QueryResult run_global(const chunk::ReadView& view, const entity::CommunitySnapshot& communities,
                       const entity::NameDirectory& names, const Question& question,
                       const std::function<bool()>& expired, const WrittenSummary& written) {
  return Global{view, communities, names, question, expired, written}.run();
}

} // namespace graphrag::query
