#include "actors/entity/directory.hpp"

namespace graphrag::entity {
namespace {

constexpr float defining_confidence = 0.6F; // a home that is more than a passing mention
constexpr float title_confidence = 1.0F;

// The chunk's evidence, each name once.
void collect(const chunk::AnalysedChunk& chunk, std::string_view text,
             std::vector<NameEvidence>& names) {
  for (const auto& mention : chunk.mentions) {
    if (mention.normal.empty()) continue;
    const auto display = text.substr(mention.span.start, mention.span.end - mention.span.start);
    names.push_back(
        {mention.normal, std::string{display}, static_cast<Kind>(mention.kind), 1, 0, 0});
  }
  for (const auto& home : chunk.homes) {
    if (home.confidence < defining_confidence) continue;
    names.push_back({home.normal, home.display, static_cast<Kind>(home.kind), 0, 1,
                     home.confidence >= title_confidence ? 1 : 0});
  }
}

} // namespace

void NameDirectory::change(const chunk::AnalysedChunk& chunk, std::string_view text, bool add) {
  std::vector<NameEvidence> names;
  collect(chunk, text, names);
  std::unique_lock lock{mutex_};
  for (const auto& name : names) add ? graph_.add(name) : graph_.retract(name);
  for (const auto& alias : chunk.aliases) {
    const AliasEvidence evidence{alias.normal_a, alias.normal_b, static_cast<AliasRule>(alias.rule),
                                 1};
    add ? graph_.add(evidence) : graph_.retract(evidence);
  }
}

std::size_t NameDirectory::names() const {
  std::shared_lock lock{mutex_};
  return graph_.names();
}

std::optional<Entity> NameDirectory::entity_of(std::uint64_t key) const {
  std::shared_lock lock{mutex_};
  if (!graph_.knows(key)) return std::nullopt;
  return graph_.entity(graph_.root(key));
}

std::optional<Entity> NameDirectory::find(std::string_view id) const {
  std::uint64_t key = 0;
  return parse_entity_id(id, key) ? entity_of(key) : std::nullopt;
}

EntityPage NameDirectory::list(std::string_view q, std::optional<Kind> kind,
                               const std::string& after, std::size_t limit) const {
  const auto wanted = normal_name(q);
  EntityPage page;
  if (limit == 0) return page;
  std::shared_lock lock{mutex_};
  auto named = [&](std::string_view normal, std::uint64_t root) {
    if (wanted.empty() || normal.find(wanted) != std::string_view::npos) return true;
    for (auto key : graph_.members(root))
      if (graph_.normal(key).find(wanted) != std::string_view::npos) return true;
    return false;
  };
  graph_.for_each_root(after, [&](std::string_view normal, std::uint64_t root) {
    if (!named(normal, root) || (kind && graph_.kind(root) != *kind)) return true;
    if (page.items.size() == limit) {
      page.next = page.items.back().normal;
      return false;
    }
    page.items.push_back(graph_.entity(root));
    return true;
  });
  return page;
}

} // namespace graphrag::entity
