#include "actors/entity/graph.hpp"

#include <set>
#include <tuple>

namespace graphrag::entity {
namespace {

constexpr std::size_t chunks_per_entity = 256; // looked at for one node
constexpr std::size_t homes_per_entity = 4;

std::uint32_t code_points(std::string_view text) {
  std::uint32_t count = 0;
  for (unsigned char c : text) count += (c & 0xc0) != 0x80;
  return count;
}

// Resolves names to entities, remembering what was asked: a walk meets the same names often.
class Resolver {
public:
  explicit Resolver(const NameDirectory& names) : names_(names) {}
  const Entity* entity(std::uint64_t key) {
    auto [it, fresh] = known_.try_emplace(key);
    if (fresh) it->second = names_.entity_of(key);
    return it->second ? &*it->second : nullptr;
  }
  // What the passage means by a name.
  const Entity* entity(const chunk::ChunkView& passage, std::uint64_t key) {
    return entity(names_.meant_in(passage.document->id, passage.chunk->index, key));
  }
  const Entity* entity(const chunk::ChunkView& passage, const std::string& normal) {
    return entity(passage, name_key(normal));
  }
  const NameDirectory& names() const { return names_; }

private:
  const NameDirectory& names_;
  std::map<std::uint64_t, std::optional<Entity>> known_;
};

class Walk {
public:
  Walk(const chunk::ReadView& view, const NameDirectory& names, const NeighbourRequest& request)
      : view_(view), resolver_(names), request_(request) {}

  Neighbourhood run(const Entity& start) {
    add_node(start);
    std::size_t from = 0;
    for (std::uint32_t depth = 0; depth < request_.depth && !out_.truncated; ++depth) {
      auto until = out_.nodes.size();
      for (; from < until && !out_.truncated; ++from) expand(Entity{out_.nodes[from]});
    }
    return std::move(out_);
  }

private:
  void add_node(const Entity& entity) {
    if (seen_nodes_.insert(entity.id).second) out_.nodes.push_back(entity);
  }

  void add_edge(const Entity& source, const Entity& target, const std::string& relation,
                Evidence evidence) {
    if (source.id == target.id || (!request_.relation.empty() && relation != request_.relation))
      return;
    auto identity =
        std::make_tuple(source.id, target.id, relation, evidence.chunk_id, evidence.start);
    if (!seen_edges_.insert(identity).second) return;
    if (out_.edges.size() >= request_.limit) {
      out_.truncated = true;
      return;
    }
    add_node(source);
    add_node(target);
    out_.edges.push_back({source.id, target.id, relation, std::move(evidence)});
  }

  void expand(const Entity& entity) {
    std::vector<chunk::ChunkRef> refs;
    std::vector<chunk::HomeRef> homes;
    for (const auto& writing : resolver_.names().writings(entity)) {
      const auto name = view_.find_name(writing.written);
      if (name == chunk::no_term) continue;
      std::vector<chunk::HomeRef> of_name;
      view_.homes(name, of_name);
      std::erase_if(of_name, [&](const auto& home) { return !means(home.ref, writing); });
      homes.insert(homes.end(), of_name.begin(),
                   of_name.begin() +
                       static_cast<std::ptrdiff_t>(std::min(of_name.size(), homes_per_entity)));
      std::vector<chunk::ChunkRef> mentioning;
      view_.mentions(name, chunks_per_entity, mentioning);
      std::erase_if(mentioning, [&](const auto ref) { return !means(ref, writing); });
      refs.insert(refs.end(), mentioning.begin(), mentioning.end());
    }
    for (const auto& home : homes) refs.push_back(home.ref);
    std::sort(refs.begin(), refs.end());
    refs.erase(std::unique(refs.begin(), refs.end()), refs.end());
    for (auto ref : refs) relations(entity, view_.chunk(ref));
    for (const auto& home : homes) mentions(entity, view_.chunk(home.ref));
  }

  bool means(chunk::ChunkRef ref, const Writing& writing) const {
    if (!writing.shared) return true;
    const auto passage = view_.chunk(ref);
    return resolver_.names().means(passage.document->id, passage.chunk->index, writing);
  }

  void relations(const Entity& entity, const chunk::ChunkView& chunk) {
    for (const auto& relation : chunk.chunk->relations) {
      auto* subject = resolver_.entity(chunk, relation.subject);
      auto* object = resolver_.entity(chunk, relation.object);
      if (!subject || !object || (subject->id != entity.id && object->id != entity.id)) continue;
      add_edge(*subject, *object, relation.predicate, evidence_of(chunk, relation.span));
    }
  }

  void mentions(const Entity& entity, const chunk::ChunkView& chunk) {
    for (const auto& mention : chunk.chunk->mentions) {
      if (mention.normal.empty()) continue;
      if (auto* target = resolver_.entity(chunk, mention.key))
        add_edge(entity, *target, "mentions", evidence_of(chunk, mention.span));
    }
  }

  const chunk::ReadView& view_;
  Resolver resolver_;
  const NeighbourRequest& request_;
  Neighbourhood out_;
  std::set<std::string> seen_nodes_;
  std::set<std::tuple<std::string, std::string, std::string, std::string, std::uint32_t>>
      seen_edges_;
};

} // namespace

Evidence evidence_of(const chunk::ChunkView& chunk, const chunk::Span& span) {
  auto start = chunk.chunk->start + code_points(chunk.text.substr(0, span.start));
  auto text = chunk.text.substr(span.start, span.end - span.start);
  return {chunk.document->id,
          std::string{chunk.chunk_id},
          chunk.document->title,
          std::string{text},
          start,
          start + code_points(text)};
}

Neighbourhood neighbours(const chunk::ReadView& view, const NameDirectory& names,
                         const Entity& start, const NeighbourRequest& request) {
  return Walk{view, names, request}.run(start);
}

std::vector<Edge> relations_of(const chunk::ChunkView& chunk, const NameDirectory& names) {
  std::vector<Edge> out;
  for (const auto& relation : chunk.chunk->relations) {
    const auto meant = [&](const std::string& normal) {
      return names.entity_of(
          names.meant_in(chunk.document->id, chunk.chunk->index, name_key(normal)));
    };
    const auto subject = meant(relation.subject);
    const auto object = meant(relation.object);
    if (subject && object)
      out.push_back(
          {subject->id, object->id, relation.predicate, evidence_of(chunk, relation.span)});
  }
  return out;
}

} // namespace graphrag::entity
