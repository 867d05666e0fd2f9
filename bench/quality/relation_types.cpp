#include "bench/quality/relation_types.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "actors/chunk/characters.hpp"
#include "actors/entity/names.hpp"

namespace names_eval {
namespace {

using graphrag::chunk::AnalysedChunk;
using graphrag::chunk::Span;
using graphrag::entity::Kind;

bool letter_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  const auto c = graphrag::chunk::decode(text, at).code;
  const auto kind = graphrag::chunk::classify(c);
  return kind == graphrag::chunk::CharClass::letter || kind == graphrag::chunk::CharClass::digit;
}

bool overlaps(Span a, Span b) { return a.start < b.end && b.start < a.end; }

} // namespace

namespace {

constexpr std::uint32_t unmarked = 1U << 30; // added to tokens that no marked name ends with

constexpr std::string_view killing[] = {
    "kill",     "kills",        "killed",        "killing",       "killer",   "shot",
    "shoots",   "shooting",     "murder",        "murdered",      "murderer", "murdering",
    "assassin", "assassinated", "assassination", "assassinating", "slain",    "slaying"};
constexpr std::string_view living[] = {
    "born",   "native",   "resident", "lives",   "lived",    "living",  "resides", "resided",
    "raised", "grew",     "governor", "gov",     "mayor",    "senator", "sen",     "ambassador",
    "home",   "hometown", "citizen",  "premier", "minister", "deputy"};
constexpr std::string_view working[] = {
    "spokesman",     "spokeswoman", "president",      "chairman",     "director",
    "manager",       "executive",   "officer",        "secretary",    "leader",
    "head",          "heads",       "headed",         "chief",        "commander",
    "member",        "official",    "attorney",       "lawyer",       "professor",
    "analyst",       "editor",      "publisher",      "reporter",     "columnist",
    "correspondent", "employee",    "works",          "worked",       "founder",
    "founded",       "candidate",   "administrator",  "agent",        "scientist",
    "engineer",      "economist",   "judge",          "fellow",       "speaker",
    "lobbyist",      "counsel",     "representative", "commissioner", "joined",
    "hired",         "chairwoman",  "executive",      "led",          "leads"};
constexpr std::string_view employed[] = {"spokesman", "spokeswoman", "reporter",      "employee",
                                         "executive", "chairman",    "correspondent", "analyst"};
constexpr std::string_view standing[] = {"based", "headquartered", "located", "capital", "situated",
                                         "lies",  "opened",        "city",    "town",    "plant"};
constexpr std::string_view prepositions[] = {"in",           "of",
                                             "at",           "near",
                                             "from",         "for",
                                             "with",         "the",
                                             "northern",     "southern",
                                             "eastern",      "western",
                                             "northeastern", "northwestern",
                                             "southeastern", "southwestern",
                                             "central",      "north",
                                             "south",        "east",
                                             "west",         "northeast",
                                             "northwest",    "southeast",
                                             "southwest",    "a",
                                             "part",         "section",
                                             "area",         "region",
                                             "province",     "city",
                                             "town",         "district",
                                             "is",           "was"};

template <std::size_t N>
bool says(std::string_view predicate, const std::string_view (&list)[N]) {
  for (std::size_t at = 0; at < predicate.size();) {
    const auto end = std::min(predicate.find(' ', at), predicate.size());
    if (std::find(std::begin(list), std::end(list), predicate.substr(at, end - at)) !=
        std::end(list))
      return true;
    at = end + 1;
  }
  return false;
}

// What stands for the range in a relation: its last token, or the marked name's.
std::uint32_t stands_for(const Sentence& sentence, TokenRange range, Matching matching) {
  for (const auto& name : sentence.names) {
    if (matching == Matching::exact && name == range) return name.end - 1;
    if (matching == Matching::same_name && name.first < range.end && range.first < name.end)
      return name.end - 1;
  }
  return matching == Matching::exact ? range.end - 1 + unmarked : range.end - 1;
}

// For each place in the sentence where the name's words stand.
std::vector<std::uint32_t> last_tokens(const Document& document, const AnalysedChunk& chunk,
                                       std::string_view normal, Matching matching) {
  const auto key = graphrag::entity::name_key(normal);
  std::vector<Span> spans;
  for (const auto& mention : chunk.mentions)
    if (mention.key == key) spans.push_back(mention.span);
  std::vector<std::uint32_t> out;
  for (const auto span : repeated(document.text, chunk, std::move(spans))) {
    const auto [sentence, range] =
        tokens_at(document, {span.start + chunk.start_byte, span.end + chunk.start_byte});
    if (range.end > range.first)
      out.push_back(stands_for(document.sentences[sentence], range, matching));
  }
  return out;
}

// A relation does not say which of several places it means: those closest to each other.
std::pair<std::uint32_t, std::uint32_t> nearest(const std::vector<std::uint32_t>& subjects,
                                                const std::vector<std::uint32_t>& objects) {
  std::pair<std::uint32_t, std::uint32_t> best{0, 0};
  std::uint32_t least = 0xffffffff;
  for (const auto a : subjects)
    for (const auto b : objects) {
      const auto apart = a < b ? b - a : a - b;
      if (apart >= least) continue;
      least = apart;
      best = {a, b};
    }
  return best;
}

Kind kind_of(const AnalysedChunk& chunk, std::string_view normal) {
  const auto key = graphrag::entity::name_key(normal);
  for (const auto& mention : chunk.mentions)
    if (mention.key == key) return static_cast<Kind>(mention.kind);
  return Kind::unknown;
}

// Nothing but "in the northern".
bool only_prepositions(std::string_view predicate) {
  for (std::size_t at = 0; at < predicate.size();) {
    const auto end = std::min(predicate.find(' ', at), predicate.size());
    if (!says(predicate.substr(at, end - at), prepositions)) return false;
    at = end + 1;
  }
  return true;
}

// The type and whether subject and object change places; an empty type when none fits.
std::pair<std::string_view, bool> type_of(std::string_view predicate, Kind subject, Kind object) {
  auto may = [](Kind kind, Kind expected) { return kind == expected || kind == Kind::unknown; };
  const bool passive =
      predicate.ends_with(" by") || predicate.find(" by ") != std::string_view::npos;
  if (says(predicate, killing) && may(subject, Kind::person) && may(object, Kind::person))
    return {"Kill", passive};
  if (passive && (predicate.find("headed by") != std::string_view::npos ||
                  predicate.find("led by") != std::string_view::npos))
    return {"Work_For", true};
  if (passive) return {};
  if (says(predicate, employed) && may(subject, Kind::person) &&
      (object != Kind::place || predicate.find("spokes") != std::string_view::npos))
    return {"Work_For", false};
  const bool bare = only_prepositions(predicate);
  const bool lives = says(predicate, living);
  const bool works = says(predicate, working);
  const bool stands = bare || says(predicate, standing);
  if (subject == Kind::person && object == Kind::unknown && predicate == "of")
    return {"Live_In", false};
  if (subject == Kind::organisation && may(object, Kind::place) && stands)
    return {"OrgBased_In", false};
  if (subject == Kind::place && may(object, Kind::place) && stands) return {"Located_In", false};
  if (subject == Kind::person && object == Kind::place && (bare || lives || works) &&
      predicate.find("president") == std::string_view::npos)
    return {"Live_In", false};
  if (may(subject, Kind::person) && may(object, Kind::place) && lives) return {"Live_In", false};
  if (subject == Kind::unknown && object == Kind::place && (works || predicate == "of"))
    return {"Live_In", false};
  if (may(subject, Kind::person) && may(object, Kind::organisation) && works)
    return {"Work_For", false};
  if (may(subject, Kind::person) && object == Kind::organisation && bare && predicate != "in")
    return {"Work_For", false};
  if (may(subject, Kind::place) && may(object, Kind::place) &&
      predicate.find("capital of") != std::string_view::npos)
    return {"Located_In", false};
  if (may(subject, Kind::place) && object == Kind::place && bare) return {"Located_In", false};
  return {};
}

} // namespace

void typed_relations(const Document& document, const AnalysedChunk& chunk, Matching matching,
                     std::vector<GoldRelation>& out) {
  for (const auto& relation : chunk.relations) {
    const auto [type, flipped] = type_of(relation.predicate, kind_of(chunk, relation.subject),
                                         kind_of(chunk, relation.object));
    if (type.empty()) continue;
    auto [subject, object] = nearest(last_tokens(document, chunk, relation.subject, matching),
                                     last_tokens(document, chunk, relation.object, matching));
    if (subject == object) continue; // not found, or two parts of one marked name
    if (flipped) std::swap(subject, object);
    out.push_back({subject, object, std::string{type}});
  }
}

std::vector<Span> repeated(std::string_view text, const AnalysedChunk& chunk,
                           std::vector<Span> spans) {
  const auto own = text.substr(chunk.start_byte, chunk.end_byte - chunk.start_byte);
  std::sort(spans.begin(), spans.end(),
            [](Span a, Span b) { return a.end - a.start > b.end - b.start; });
  auto out = spans;
  for (const auto span : spans) {
    const auto written = own.substr(span.start, span.end - span.start);
    for (auto at = own.find(written); at != std::string_view::npos;
         at = own.find(written, at + 1)) {
      const Span here{static_cast<std::uint32_t>(at),
                      static_cast<std::uint32_t>(at + written.size())};
      const bool whole_words = (at == 0 || !letter_at(own, at - 1)) && !letter_at(own, here.end);
      if (whole_words &&
          std::none_of(out.begin(), out.end(), [&](Span known) { return overlaps(known, here); }))
        out.push_back(here);
    }
  }
  return out;
}

} // namespace names_eval
