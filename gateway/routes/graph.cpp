#include "actors/entity/graph.hpp"

#include <charconv>
#include <set>

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
  return {{"id", entity.id},
          {"name", entity.name},
          {"type", entity::to_string(entity.kind)},
          {"aliases", entity.aliases},
          {"mentions", entity.mentions},
          {"homes", entity.homes}};
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

std::optional<chunk::CollectionViews> views_of(const Context& context, const Request& request,
                                               const Responder& responder) {
  auto views = context->node->views->find(collection_of(request));
  if (views.index) return views;
  responder.fulfil(
      error_response({runtime::Errc::not_found, "no such collection"}, request.trace_id));
  return std::nullopt;
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
  auto view = views->index->view();
  json homes = json::array(), mentions = json::array();
  for (auto key : entity->keys) {
    auto name = view.find_name(key);
    if (name == chunk::no_term) continue;
    std::vector<chunk::HomeRef> home_refs;
    view.homes(name, home_refs);
    for (const auto& home : home_refs) {
      if (homes.size() >= shown) break;
      auto chunk = view.chunk(home.ref);
      homes.push_back({{"document_id", chunk.document->id},
                       {"chunk_id", chunk.chunk_id},
                       {"title", chunk.document->title},
                       {"confidence", home.confidence}});
    }
    std::vector<chunk::ChunkRef> refs;
    view.mentions(name, shown, refs);
    for (auto ref : refs) {
      auto chunk = view.chunk(ref);
      for (const auto& mention : chunk.chunk->mentions)
        if (mention.key == key && mentions.size() < shown)
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

} // namespace

void add_graph_routes(std::vector<Route>& routes, const Context& context) {
  auto add = [&](const char* suffix, auto function, const char* summary, const char* operation) {
    Route route;
    route.method = "GET";
    route.summary = summary;
    route.operation_id = operation;
    route.handler = [context, function](RequestPtr request, Responder responder) {
      function(context, request, responder);
    };
    add_collection_route(routes, std::move(route), suffix);
  };
  add("/entities", list_entities, "List or search entities", "listEntities");
  add("/entities/{entity}", get_entity, "An entity with its home passages and mentions",
      "getEntity");
  add("/entities/{entity}/neighbors", get_neighbours, "The graph around an entity", "getNeighbors");
  add("/relations", list_relations, "Relations with the span that states them", "listRelations");
}

} // namespace graphrag::gateway
