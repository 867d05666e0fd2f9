#include "actors/entity/directory.hpp"

#include <algorithm>

namespace graphrag::entity {
namespace {

constexpr std::size_t few_names = 4096; // that contain what is searched for: looked up one by one

} // namespace

void NameDirectory::set_verdicts(std::span<const NameVerdict> verdicts) {
  std::unique_lock lock{mutex_};
  graph_.set_verdicts(verdicts);
}

std::shared_lock<std::shared_mutex> NameDirectory::settled() const {
  std::shared_lock lock{mutex_};
  while (graph_.unsettled()) { // evidence came since: joined entities may be others now
    lock.unlock();
    {
      std::unique_lock alone{mutex_};
      if (graph_.unsettled()) graph_.settle();
    }
    lock.lock();
  }
  return lock;
}

std::map<NameVerdicts::Pair, bool> NameDirectory::verdicts() const {
  std::shared_lock lock{mutex_};
  return graph_.verdicts().all();
}

bool NameDirectory::evidence_joins(std::uint64_t a, std::uint64_t b) const {
  std::shared_lock lock{mutex_};
  return graph_.evidence_joins(a, b);
}

std::string NameDirectory::normal(std::uint64_t key) const {
  std::shared_lock lock{mutex_};
  if (const auto known = graph_.normal(key); !known.empty()) return std::string{known};
  const auto* split = table_.split(key);
  return split == nullptr ? std::string{} : split->normal;
}

std::size_t NameDirectory::names() const {
  std::shared_lock lock{mutex_};
  return graph_.names();
}

// What stands for the root, with what passages say of it and of the others of its name.
Entity NameDirectory::shown(std::uint64_t root) const {
  auto entity = graph_.entity(root);
  const auto written = name_key(written_name(entity.normal));
  const auto* split = table_.split(written);
  if (split == nullptr) {
    entity.description = table_.description(root);
    return entity;
  }
  for (std::uint32_t i = 0; i < split->senses.all.size(); ++i) {
    const auto& sense = split->senses.all[i];
    const auto normal = i == split->usual ? split->normal : sense_normal(split->normal, sense);
    auto text = described(sense.what, sense.born, sense.died);
    if (normal == entity.normal) {
      entity.description = std::move(text);
    } else if (const auto key = name_key(normal); graph_.knows(key)) {
      const auto other = graph_.root(key);
      entity.senses.push_back({entity_id(other), graph_.entity(other).name, std::move(text)});
    }
  }
  return entity;
}

std::optional<Entity> NameDirectory::entity_of(std::uint64_t key) const {
  const auto lock = settled();
  if (graph_.knows(key)) return shown(graph_.root(key));
  const auto* split = table_.split(key); // all its mentions are of one sense or another
  if (split == nullptr) return std::nullopt;
  Entity bare;
  bare.id = entity_id(key);
  bare.name = bare.normal = split->normal;
  bare.keys = {key};
  for (const auto& sense : split->senses.all) {
    const auto own = name_key(sense_normal(split->normal, sense));
    if (!graph_.knows(own)) continue; // its document is just coming
    const auto other = graph_.entity(graph_.root(own));
    bare.senses.push_back({other.id, other.name, described(sense.what, sense.born, sense.died)});
  }
  return bare;
}

std::uint64_t NameDirectory::meant_in(std::string_view document, std::uint32_t chunk,
                                      std::uint64_t name) const {
  std::shared_lock lock{mutex_};
  if (table_.split(name) == nullptr) return name;
  const auto number = table_.number(document);
  return number ? meant(*number, chunk, name) : name;
}

std::vector<Writing> NameDirectory::writings(const Entity& entity) const {
  std::shared_lock lock{mutex_};
  std::vector<Writing> out;
  for (const auto key : entity.keys) {
    const auto normal = graph_.normal(key);
    const auto written = normal.empty() ? key : name_key(written_name(normal));
    out.push_back({key, written, table_.split(written) != nullptr});
  }
  return out;
}

std::optional<Entity> NameDirectory::find(std::string_view id) const {
  std::uint64_t key = 0;
  return parse_entity_id(id, key) ? entity_of(key) : std::nullopt;
}

// The names that contain `part`; false when they are too many to look each of them up.
bool NameDirectory::few(std::string_view part, std::vector<std::uint64_t>& keys) const {
  graph_.for_each_name([&](std::string_view normal, std::uint64_t key) {
    if (keys.size() <= few_names && normal.find(part) != std::string_view::npos)
      keys.push_back(key);
  });
  return keys.size() <= few_names;
}

EntityPage NameDirectory::list(std::string_view q, std::optional<Kind> kind,
                               const std::string& after, std::size_t limit) const {
  const auto wanted = normal_name(q);
  EntityPage page;
  if (limit == 0) return page;
  const auto lock = settled();
  auto named = [&](std::string_view normal, std::uint64_t root) {
    if (wanted.empty() || normal.find(wanted) != std::string_view::npos) return true;
    for (auto key : graph_.members(root))
      if (graph_.normal(key).find(wanted) != std::string_view::npos) return true;
    return false;
  };
  const auto take = [&](std::uint64_t root) {
    if (kind && graph_.kind(root) != *kind) return true;
    if (page.items.size() == limit) {
      page.next = page.items.back().normal;
      return false;
    }
    page.items.push_back(shown(root));
    return true;
  };
  if (std::vector<std::uint64_t> keys; !wanted.empty() && few(wanted, keys)) {
    std::map<std::string_view, std::uint64_t> roots;
    for (const auto key : keys) {
      const auto root = graph_.root(key);
      if (const auto normal = graph_.normal(root); normal > after) roots.emplace(normal, root);
    }
    for (const auto& [normal, root] : roots)
      if (!take(root)) break;
    return page;
  }
  graph_.for_each_root(after, [&](std::string_view normal, std::uint64_t root) {
    return !named(normal, root) || take(root);
  });
  return page;
}

} // namespace graphrag::entity
