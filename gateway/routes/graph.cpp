#include "actors/entity/graph.hpp"
#include "actors/entity/merge_split.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "gateway/http/json_body.hpp"
#include "gateway/routes/holders.hpp"
#include "gateway/routes/render.hpp"
#include "gateway/routes/routes.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using RequestPtr = std::shared_ptr<Request>;

// The query string of a graph request; collects every mistake.
class QueryString {
public:
  QueryString(const Request& request, std::set<std::string> known) : request_(request) {
    for (const auto& [name, value] : request.query)
      if (!known.contains(name)) errors_.push_back({"/query/" + name, "unknown parameter"});
  }
  std::string text(const char* name) const { return request_.query_value(name).value_or(""); }
  std::size_t number(const char* name, std::size_t least, std::size_t most, std::size_t otherwise) {
    auto value = request_.query_value(name);
    if (!value) return otherwise;
    std::size_t out = 0;
    auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), out);
    if (error != std::errc{} || end != value->data() + value->size() || out < least || out > most)
      errors_.push_back(
          {std::string{"/query/"} + name,
           "must be a number from " + std::to_string(least) + " to " + std::to_string(most)});
    return out;
  }
  std::optional<entity::Kind> kind() {
    auto name = text("type");
    if (name.empty()) return std::nullopt;
    using entity::Kind;
    for (auto kind : {Kind::unknown, Kind::person, Kind::organisation, Kind::place, Kind::work,
                      Kind::event, Kind::date, Kind::other})
      if (name == entity::to_string(kind)) return kind;
    errors_.push_back({"/query/type", "no such type of entity"});
    return std::nullopt;
  }
  bool refused(const Responder& responder) const {
    if (errors_.empty()) return false;
    responder.fulfil(
        problem(400, "bad_query", "the query string has mistakes", request_.trace_id, errors_));
    return true;
  }

private:
  const Request& request_;
  std::vector<ProblemItem> errors_;
};

json entity_json(const entity::Entity& entity) {
  json out = {{"id", entity.id},
              {"name", entity.name},
              {"type", entity::to_string(entity.kind)},
              {"aliases", entity.aliases},
              {"mentions", entity.mentions},
              {"homes", entity.homes}};
  if (!entity.description.empty()) out["description"] = entity.description;
  for (const auto& sense : entity.senses)
    out["other_senses"].push_back(
        {{"id", sense.id}, {"name", sense.name}, {"description", sense.description}});
  return out;
}

json evidence_json(const entity::Evidence& evidence) {
  return {{"document_id", evidence.document_id},
          {"chunk_id", evidence.chunk_id},
          {"title", evidence.title},
          {"start", evidence.start},
          {"end", evidence.end},
          {"text", evidence.text}};
}

json edge_json(const entity::Edge& edge) {
  return {{"source", edge.source},
          {"target", edge.target},
          {"relation", edge.relation},
          {"evidence", evidence_json(edge.evidence)}};
}

std::optional<entity::Entity> entity_in_path(const chunk::CollectionViews& views,
                                             const Request& request, const Responder& responder) {
  auto found = views.entities->names().find(request.params.at("entity"));
  if (!found)
    responder.fulfil(
        error_response({runtime::Errc::not_found, "no such entity"}, request.trace_id));
  return found;
}

void list_entities(const Context& context, const RequestPtr& request, const Responder& responder) {
  QueryString query{*request, {"q", "type", "limit", "cursor"}};
  auto limit = query.number("limit", 1, 1000, 50);
  auto kind = query.kind();
  if (query.refused(responder)) return;
  auto views = views_of(context, *request, responder);
  if (!views) return;
  auto page = views->entities->names().list(query.text("q"), kind, query.text("cursor"), limit);
  json items = json::array();
  for (const auto& entity : page.items) items.push_back(entity_json(entity));
  responder.fulfil(
      json_response(200, json{{"items", items},
                              {"next_cursor", page.next.empty() ? json(nullptr) : json(page.next)}}
                             .dump()));
}

void get_entity(const Context& context, const RequestPtr& request, const Responder& responder) {
  auto views = views_of(context, *request, responder);
  if (!views) return;
  auto entity = entity_in_path(*views, *request, responder);
  if (!entity) return;
  constexpr std::size_t shown = 20;
  constexpr std::size_t looked_at = 256; // mentions of a name that means several things
  auto view = views->index->view();
  json homes = json::array(), mentions = json::array();
  for (const auto& writing : views->entities->names().writings(*entity)) {
    auto name = view.find_name(writing.written);
    if (name == chunk::no_term) continue;
    const auto means = [&](const chunk::ChunkView& chunk) {
      return views->entities->names().means(chunk.document->id, chunk.chunk->index, writing);
    };
    const bool bare = writing.key == writing.written; // its homes are those of all its senses
    std::vector<chunk::HomeRef> home_refs;
    view.homes(name, home_refs);
    for (const auto& home : home_refs) {
      if (homes.size() >= shown) break;
      auto chunk = view.chunk(home.ref);
      if (!bare && !means(chunk)) continue;
      homes.push_back({{"document_id", chunk.document->id},
                       {"chunk_id", chunk.chunk_id},
                       {"title", chunk.document->title},
                       {"confidence", home.confidence}});
    }
    std::vector<chunk::ChunkRef> refs;
    view.mentions(name, writing.shared ? looked_at : shown, refs);
    for (auto ref : refs) {
      auto chunk = view.chunk(ref);
      if (!means(chunk)) continue;
      for (const auto& mention : chunk.chunk->mentions)
        if (mention.key == writing.written && mentions.size() < shown)
          mentions.push_back(evidence_json(entity::evidence_of(chunk, mention.span)));
    }
  }
  auto out = entity_json(*entity);
  out["home_passages"] = std::move(homes);
  out["mention_spans"] = std::move(mentions);
  responder.fulfil(json_response(200, out.dump()));
}

void get_neighbours(const Context& context, const RequestPtr& request, const Responder& responder) {
  QueryString query{*request, {"depth", "relation", "limit"}};
  entity::NeighbourRequest asked;
  asked.depth = static_cast<std::uint32_t>(query.number("depth", 1, 3, 1));
  asked.limit = query.number("limit", 1, 1000, 200);
  asked.relation = query.text("relation");
  if (query.refused(responder)) return;
  auto views = views_of(context, *request, responder);
  if (!views) return;
  auto entity = entity_in_path(*views, *request, responder);
  if (!entity) return;
  auto found = entity::neighbours(views->index->view(), views->entities->names(), *entity, asked);
  json nodes = json::array(), edges = json::array();
  for (const auto& node : found.nodes) nodes.push_back(entity_json(node));
  for (const auto& edge : found.edges) edges.push_back(edge_json(edge));
  responder.fulfil(json_response(
      200, json{{"nodes", nodes}, {"edges", edges}, {"truncated", found.truncated}}.dump()));
}

// Document by document in the order of ids, so that the cursor is an id and survives everything.
void list_relations(const Context& context, const RequestPtr& request, const Responder& responder) {
  QueryString query{*request, {"relation", "entity", "limit", "cursor"}};
  auto limit = query.number("limit", 1, 1000, 50);
  if (query.refused(responder)) return;
  auto views = views_of(context, *request, responder);
  if (!views) return;
  auto relation = query.text("relation"), entity = query.text("entity"),
       cursor = query.text("cursor");
  on_io(context, request, responder,
        [context, request, views = *views, limit, relation, entity, cursor] {
          auto view = views.index->view();
          runtime::ListRequest pages{collection_of(*request), "",     std::nullopt,
                                     runtime::SortOrder::id,  cursor, 1};
          json items = json::array();
          while (items.size() < limit) {
            auto page = context->node->store->list(pages);
            if (!page) return error_response(page.error(), request->trace_id);
            pages.after = page->next;
            for (const auto& record : page->items) {
              auto found = view.find_document(record.key.id);
              if (!found) continue;
              for (std::uint32_t i = 0; i <= found->second;
                   ++i) { // the first and those that follow
                chunk::ChunkRef ref{found->first.shard, found->first.ord + i};
                for (const auto& edge :
                     entity::relations_of(view.chunk(ref), views.entities->names())) {
                  bool wanted = (relation.empty() || edge.relation == relation) &&
                                (entity.empty() || edge.source == entity || edge.target == entity);
                  if (wanted) items.push_back(edge_json(edge));
                }
              }
            }
            if (page->next.empty()) break;
          }
          return json_response(
              200, json{{"items", items},
                        {"next_cursor", pages.after.empty() ? json(nullptr) : json(pages.after)}}
                       .dump());
        });
}

// Commits the changes of verdicts, waits until they are in view and answers with the entities of
// these names (normal forms), each once.
void decide(const Context& context, const RequestPtr& request, const Responder& responder,
            const std::vector<entity::VerdictChange>& changes, std::vector<std::string> shown) {
  std::vector<runtime::WriteOp> ops;
  for (const auto& change : changes)
    ops.push_back(
        runtime::SaveVerdictOp{collection_of(*request), change.first, change.second, change.same});
  auto answer = [context, request, responder, shown = std::move(shown)] {
    auto views = views_of(context, *request, responder);
    if (!views) return;
    json entities = json::array();
    for (const auto& normal : shown) {
      auto found = views->entities->names().entity_of(entity::name_key(normal));
      if (!found) continue; // its last document went meanwhile
      auto item = entity_json(*found);
      if (std::find(entities.begin(), entities.end(), item) == entities.end())
        entities.push_back(std::move(item));
    }
    responder.fulfil(json_response(200, json{{"entities", entities}}.dump()));
  };
  if (ops.empty()) return answer();
  write(context, request, responder, std::move(ops),
        [context, request, responder, answer](const std::vector<runtime::WriteResult>& results) {
          std::uint64_t seq = 0;
          for (const auto& result : results) {
            if (result.error)
              return void(responder.fulfil(error_response(*result.error, request->trace_id)));
            seq = std::max(seq, result.seq);
          }
          if (seq == 0) return answer();
          when_visible(context, seq, collection_of(*request), answer);
        });
}

void merge_entities(const Context& context, const RequestPtr& request, const Responder& responder) {
  auto body = json_body(*request);
  if (!body) return void(responder.fulfil(std::move(body.error())));
  auto views = views_of(context, *request, responder);
  if (!views) return;
  auto entity = entity_in_path(*views, *request, responder);
  if (!entity) return;
  Fields fields{*body};
  fields.require("with");
  auto ids = fields.texts("with", 100, 16).value_or(std::vector<std::string>{});
  std::vector<entity::Entity> others;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto found = views->entities->names().find(ids[i]);
    if (found)
      others.push_back(std::move(*found));
    else
      fields.error_at("/with/" + std::to_string(i), "no such entity");
  }
  if (fields.has("with") && fields.errors().empty() && ids.empty())
    fields.error("with", "must name an entity");
  if (auto refused = fields.finish(request->trace_id, 422))
    return void(responder.fulfil(std::move(*refused)));
  decide(context, request, responder, entity::merge_plan(views->entities->names(), *entity, others),
         {entity->normal});
}

// The entity's name that is written so; "John Smith (explorer)" is a sense's.
std::uint64_t name_in(const entity::Entity& entity, const entity::NameDirectory& names,
                      const std::string& written) {
  const auto normal = entity::normal_name(written);
  const auto key = entity::name_key(normal);
  if (std::find(entity.keys.begin(), entity.keys.end(), key) != entity.keys.end()) return key;
  for (const auto own : entity.keys)
    if (entity::normal_name(names.normal(own)) == normal) return own;
  return key;
}

void split_entity(const Context& context, const RequestPtr& request, const Responder& responder) {
  auto body = json_body(*request);
  if (!body) return void(responder.fulfil(std::move(body.error())));
  auto views = views_of(context, *request, responder);
  if (!views) return;
  auto entity = entity_in_path(*views, *request, responder);
  if (!entity) return;
  Fields fields{*body};
  fields.require("names");
  auto names = fields.texts("names", 100, 1024).value_or(std::vector<std::string>{});
  std::vector<std::uint64_t> leaving;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto key = name_in(*entity, views->entities->names(), names[i]);
    if (std::find(entity->keys.begin(), entity->keys.end(), key) == entity->keys.end())
      fields.error_at("/names/" + std::to_string(i), "is no name of this entity");
    leaving.push_back(key);
  }
  std::sort(leaving.begin(), leaving.end());
  leaving.erase(std::unique(leaving.begin(), leaving.end()), leaving.end());
  if (fields.errors().empty() && (leaving.empty() || leaving.size() == entity->keys.size()))
    fields.error("names", "some names must leave, and some must stay");
  if (auto refused = fields.finish(request->trace_id, 422))
    return void(responder.fulfil(std::move(*refused)));
  std::vector<std::string> shown;
  for (auto key : entity->keys) shown.push_back(views->entities->names().normal(key));
  decide(context, request, responder,
         entity::split_plan(views->entities->names(), *entity, leaving), std::move(shown));
}

} // namespace

void add_graph_routes(std::vector<Route>& routes, const Context& context) {
  auto add = [&](const char* suffix, auto function, const char* summary, const char* operation,
                 const char* method = "GET") {
    Route route;
    route.method = method;
    route.summary = summary;
    route.operation_id = operation;
    route.handler =
        by_holder(context, operation, [context, function](RequestPtr request, Responder responder) {
          function(context, request, responder);
        });
    add_collection_route(routes, std::move(route), suffix);
  };
  add("/entities", list_entities, "List or search entities", "listEntities");
  add("/entities/{entity}", get_entity, "An entity with its home passages and mentions",
      "getEntity");
  add("/entities/{entity}/neighbors", get_neighbours, "The graph around an entity", "getNeighbors");
  add("/entities/{entity}/merge", merge_entities, "Join entities that are one", "mergeEntities",
      "POST");
  add("/entities/{entity}/split", split_entity, "Take names out of an entity", "splitEntity",
      "POST");
  add("/relations", list_relations, "Relations with the span that states them", "listRelations");
}

} // namespace graphrag::gateway
