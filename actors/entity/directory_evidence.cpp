// What documents say of names, in and out of a directory.
#include <algorithm>

#include "actors/entity/directory.hpp"

namespace graphrag::entity {
namespace {

constexpr float defining_confidence = 0.6F; // a home that is more than a passing mention
constexpr float glimpse_confidence = 0.5F;  // "X is a state", of a single word
constexpr float title_confidence = 1.0F;
constexpr int impersonal_definition = 4; // such a sentence tells more than "in X"
constexpr DocumentNumber no_document = 0xffffffff;

// "in Washington": where something is. "in Holmes's house" says nothing of the kind.
bool located(std::string_view text, chunk::Span span) {
  const auto before = text.substr(0, span.start);
  const auto after = text.substr(span.end);
  return (before.ends_with(" in ") || before.ends_with("In ") || before.ends_with(" near ")) &&
         !after.starts_with("'") && !after.starts_with("\u2019");
}

// "ORD": an acronym is not Mr. Ord.
bool capitals(std::string_view display) {
  return display.size() > 1 &&
         std::all_of(display.begin(), display.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool mentioned(const chunk::AnalysedChunk& chunk, std::uint64_t key) {
  return std::any_of(chunk.mentions.begin(), chunk.mentions.end(),
                     [&](const auto& m) { return m.key == key && !m.normal.empty(); });
}

bool same_senses(const SplitName& a, const SplitName& b) {
  return a.senses == b.senses && a.usual == b.usual && a.neighbours == b.neighbours;
}

// Whether definitions that both know have the same sense in both, besides those of one document.
bool same_places(const SplitName& a, const SplitName& b, DocumentNumber besides) {
  for (const auto& place : a.places) {
    if (place.document == besides) continue;
    const auto found = std::find_if(b.places.begin(), b.places.end(), [&](const auto& other) {
      return other.document == place.document && other.chunk == place.chunk;
    });
    if (found == b.places.end() || found->sense != place.sense) return false;
  }
  return true;
}

} // namespace

// What a chunk says, each name once, with the names that it means.
struct NameDirectory::Evidence {
  std::vector<NameEvidence> names;
  std::vector<AliasEvidence> aliases;
};

// Who is called by a surname alone in a document of several chunks: all of its chunks that use the
// surname mean whom one of them names in full, when only one such person is named.
struct NameDirectory::Surnames {
  explicit Surnames(const chunk::LiveDocument& document) {
    if (document.analysis.chunks.size() < 2) return;
    for (const auto& chunk : document.analysis.chunks)
      for (const auto& alias : chunk.aliases) {
        if (static_cast<AliasRule>(alias.rule) != AliasRule::surname) continue;
        const auto [known, fresh] = bearers.try_emplace(name_key(alias.normal_b), &alias);
        if (!fresh && known->second != nullptr && known->second->normal_a != alias.normal_a)
          known->second = nullptr;
      }
  }
  const chunk::Alias* bearer(std::uint64_t surname) const {
    const auto found = bearers.find(surname);
    return found == bearers.end() ? nullptr : found->second;
  }
  std::unordered_map<std::uint64_t, const chunk::Alias*> bearers; // null: of several
};

NameDirectory::Evidence NameDirectory::evidence_of(DocumentNumber number,
                                                   const chunk::AnalysedChunk& chunk,
                                                   const Surnames& surnames,
                                                   std::optional<std::uint64_t> only) const {
  Evidence out;
  const auto text = std::string_view{table_.at(number).text}.substr(
      chunk.start_byte, chunk.end_byte - chunk.start_byte);
  const auto sense_of = [&](std::uint64_t key) -> const Sense* {
    const auto* split = table_.split(key);
    if (split == nullptr) return nullptr;
    const auto sense = SenseTable::sense_in(*split, number, chunk.index);
    return sense == Senses::none ? nullptr : &split->senses.all[sense];
  };
  const auto add = [&](std::uint64_t key, NameEvidence evidence) {
    if (const auto* sense = sense_of(key)) {
      evidence.normal = sense_normal(evidence.normal, *sense);
      evidence.display += " (" + sense->qualifier + ")";
    }
    out.names.push_back(std::move(evidence));
  };
  const auto wanted = [&](std::uint64_t key) { return !only || *only == key; };
  for (const auto& mention : chunk.mentions) {
    if (mention.normal.empty() || !wanted(mention.key)) continue;
    const auto display = text.substr(mention.span.start, mention.span.end - mention.span.start);
    add(mention.key, {mention.normal, std::string{display}, static_cast<Kind>(mention.kind), 1, 0,
                      0, located(text, mention.span) || capitals(display) ? 1 : 0});
  }
  for (const auto& home : chunk.homes) {
    if (!wanted(home.key)) continue;
    const auto kind = static_cast<Kind>(home.kind);
    if (home.confidence >= glimpse_confidence && home.confidence < defining_confidence &&
        kind != Kind::person && mentioned(chunk, home.key))
      add(home.key, {home.normal, home.display, kind, 0, 0, 0, impersonal_definition});
    if (home.confidence < defining_confidence) continue;
    add(home.key,
        {home.normal, home.display, kind, 0, 1, home.confidence >= title_confidence ? 1 : 0, 0});
  }
  const auto add_alias = [&](const chunk::Alias& alias) {
    const auto a = name_key(alias.normal_a);
    const auto b = name_key(alias.normal_b);
    if (!wanted(a) && !wanted(b)) return;
    const auto meant_by = [&](std::uint64_t key, const std::string& normal) {
      const auto* sense = sense_of(key);
      return sense == nullptr ? normal : sense_normal(normal, *sense);
    };
    out.aliases.push_back({meant_by(a, alias.normal_a), meant_by(b, alias.normal_b),
                           static_cast<AliasRule>(alias.rule), 1});
  };
  for (const auto& alias : chunk.aliases) add_alias(alias);
  if (surnames.bearers.empty()) return out;
  for (const auto& mention : chunk.mentions) {
    if (mention.normal.empty()) continue;
    const auto* bearer = surnames.bearer(mention.key);
    const bool said = bearer == nullptr ||
                      std::any_of(chunk.aliases.begin(), chunk.aliases.end(), [&](const auto& own) {
                        return own.normal_b == bearer->normal_b;
                      });
    if (!said) add_alias(*bearer);
  }
  return out;
}

void NameDirectory::apply(const Evidence& evidence, int sign) {
  for (const auto& name : evidence.names) sign > 0 ? graph_.add(name) : graph_.retract(name);
  for (const auto& alias : evidence.aliases) sign > 0 ? graph_.add(alias) : graph_.retract(alias);
}

// Only the writer changes the table, so that it may read it without the lock.
void NameDirectory::add_document(DocumentNumber number, int sign) {
  const Surnames surnames{table_.at(number)};
  for (const auto& chunk : table_.at(number).analysis.chunks) {
    const auto evidence = evidence_of(number, chunk, surnames, std::nullopt);
    std::unique_lock lock{mutex_};
    apply(evidence, sign);
  }
}

void NameDirectory::change_name(std::uint64_t key, DocumentNumber number, int sign) {
  const Surnames surnames{table_.at(number)};
  for (const auto& chunk : table_.at(number).analysis.chunks)
    apply(evidence_of(number, chunk, surnames, key), sign);
}

// The name's senses are those that the documents tell now. `not_in_graph` is a document whose
// evidence is still to come.
void NameDirectory::resplit(std::uint64_t key, std::optional<DocumentNumber> not_in_graph) {
  auto wanted = table_.wanted(key);
  const auto* known = table_.split(key);
  const auto besides = not_in_graph.value_or(no_document);
  if (known == nullptr && !wanted) return;
  if (known != nullptr && wanted && same_senses(*known, *wanted) &&
      same_places(*wanted, *known, besides)) {
    table_.replace(key, std::move(wanted));
    return;
  }
  const auto documents = table_.documents(key);
  for (const auto number : documents)
    if (number != besides) change_name(key, number, -1);
  table_.replace(key, std::move(wanted));
  for (const auto number : documents)
    if (number != besides) change_name(key, number, 1);
}

DocumentPtr NameDirectory::set_document(const std::string& id, DocumentPtr document) {
  auto before = table_.document(id);
  if (before == document) return before;
  std::vector<std::uint64_t> defined, used;
  const auto note = [&](DocumentNumber number, std::span<const std::uint64_t> held) {
    const auto names = table_.defined_by(number);
    defined.insert(defined.end(), names.begin(), names.end());
    std::copy_if(held.begin(), held.end(), std::back_inserter(used),
                 [&](std::uint64_t name) { return table_.split(name) != nullptr; });
  };
  if (before) add_document(*table_.number(id), -1);
  std::optional<DocumentNumber> entered;
  {
    std::unique_lock lock{mutex_};
    if (before) {
      const auto left = *table_.number(id);
      const auto held = table_.names_of(left);
      note(left, held);
      table_.count(left, held, -1);
      table_.leave(left, held);
    }
    if (document) {
      std::vector<std::uint64_t> held;
      entered = table_.enter(std::move(document), held);
      note(*entered, held);
      table_.count(*entered, held, 1);
    }
    std::sort(defined.begin(), defined.end());
    defined.erase(std::unique(defined.begin(), defined.end()), defined.end());
    for (const auto name : defined) resplit(name, entered);
  }
  if (entered) add_document(*entered, 1);
  for (const auto name : used) {
    const auto* split = table_.split(name);
    if (split == nullptr ||
        (SenseTable::usual_of(*split) == split->usual && table_.compares(name) == split->compared))
      continue;
    std::unique_lock lock{mutex_};
    resplit(name, std::nullopt);
  }
  return before;
}

std::uint64_t NameDirectory::meant(DocumentNumber number, std::uint32_t chunk,
                                   std::uint64_t name) const {
  const auto* split = table_.split(name);
  if (split == nullptr) return name;
  const auto sense = SenseTable::sense_in(*split, number, chunk);
  return sense == Senses::none ? name
                               : name_key(sense_normal(split->normal, split->senses.all[sense]));
}

} // namespace graphrag::entity
