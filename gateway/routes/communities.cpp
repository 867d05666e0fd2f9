// Communities of a collection: as last published, shown with what is alive now.
#include <charconv>

#include "actors/entity/community_sentences.hpp"
#include "actors/entity/written_summaries.hpp"
#include "actors/query/global.hpp"
#include "actors/query/passage.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/routes/holders.hpp"
#include "gateway/routes/routes.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using RequestPtr = std::shared_ptr<Request>;

constexpr std::size_t entities_in_list = 8;
constexpr std::size_t entities_in_full = 32;

bool number_of(const std::string& text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// Of one request: one read view for everything that is shown.
class Shown {
public:
  Shown(const chunk::CollectionViews& views, const entity::WrittenSummaries& written)
      : view_(views.index->view()), names_(views.entities->names()), written_(written),
        collection_(views.index->name()) {}

  // Null when no name of it is alive.
  json community(const entity::PlacedCommunity& placed, std::size_t entities) {
    const auto& info = *placed.info;
    const auto central = entity::central_entities(names_, info.central, entities);
    if (central.empty()) return nullptr;
    json members = json::array();
    for (const auto& one : central) {
      const auto entity = query::found_entity(one.entity);
      members.push_back({{"id", entity.id}, {"name", entity.name}, {"type", entity.kind}});
    }
    json children = json::array();
    for (const auto child : placed.children) children.push_back(std::to_string(child));
    std::string summary;
    json citations = json::array();
    const auto live = entity::live_sentences(view_, info.sentences, {});
    for (const auto& sentence : live) {
      const auto citation = query::citation_of(view_.chunk(sentence.ref), sentence.span);
      summary += (summary.empty() ? "" : " ") + citation.text;
      citations.push_back({{"document_id", citation.document_id},
                           {"title", citation.title},
                           {"start", citation.start},
                           {"end", citation.end},
                           {"text", citation.text}});
    }
    // A model's words stand for these sentences: not when one of them is gone.
    auto written = live.size() == info.sentences.size()
                       ? written_.find(collection_, entity::summary_key(info))
                       : std::string{};
    const bool generated = !written.empty();
    if (generated) summary = std::move(written);
    return {{"id", std::to_string(info.id)},
            {"title", entity::title_of(central)},
            {"level", info.level},
            {"size", info.members},
            {"parent", placed.parent ? json(std::to_string(*placed.parent)) : json(nullptr)},
            {"children", std::move(children)},
            {"entities", std::move(members)},
            {"summary", std::move(summary)},
            {"generated", generated},
            {"citations", std::move(citations)}};
  }

private:
  chunk::ReadView view_;
  const entity::NameDirectory& names_;
  const entity::WrittenSummaries& written_;
  const std::string collection_;
};

// Large levels and communities first. The cursor is a place in one publication, so that a page
// after the next publication may repeat some or leave some out.
void list_communities(const Context& context, const RequestPtr& request,
                      const Responder& responder) {
  std::uint64_t limit = 50, from = 0, level = 0;
  std::vector<ProblemItem> errors;
  for (const auto& [name, value] : request->query) {
    if (name == "limit") {
      if (!number_of(value, limit) || limit < 1 || limit > 1000)
        errors.push_back({"/query/limit", "must be a number from 1 to 1000"});
    } else if (name == "cursor") {
      if (!value.empty() && !number_of(value, from))
        errors.push_back({"/query/cursor", "must be a next_cursor of this server"});
    } else if (name == "level") {
      if (!number_of(value, level) || level > 7)
        errors.push_back({"/query/level", "must be a number from 0 to 7"});
    } else {
      errors.push_back({"/query/" + name, "unknown parameter"});
    }
  }
  if (!errors.empty())
    return void(responder.fulfil(
        problem(400, "bad_query", "the query string has mistakes", request->trace_id, errors)));
  auto views = views_of(context, *request, responder);
  if (!views) return;
  const bool any_level = !request->query_value("level");
  on_io(context, request, responder, [context, views = *views, limit, from, level, any_level] {
    const bool current = views.entities->communities().current();
    const auto snapshot = views.entities->communities().snapshot();
    const auto& all = snapshot->communities;
    Shown shown{views, *context->node->written};
    json items = json::array();
    auto at = from;
    for (; at < all.size() && items.size() < limit; ++at) {
      if (!any_level && all[at].info->level != level) continue;
      if (auto item = shown.community(all[at], entities_in_list); !item.is_null())
        items.push_back(std::move(item));
    }
    return json_response(
        200, json{{"items", std::move(items)},
                  {"current", current},
                  {"next_cursor", at < all.size() ? json(std::to_string(at)) : json(nullptr)}}
                 .dump());
  });
}

void get_community(const Context& context, const RequestPtr& request, const Responder& responder) {
  auto views = views_of(context, *request, responder);
  if (!views) return;
  std::uint64_t id = 0;
  const auto snapshot = views->entities->communities().snapshot();
  const auto* placed =
      number_of(request->params.at("community"), id) ? snapshot->find(id) : nullptr;
  json out = placed != nullptr
                 ? Shown{*views, *context->node->written}.community(*placed, entities_in_full)
                 : json{};
  if (out.is_null())
    return void(responder.fulfil(
        error_response({runtime::Errc::not_found, "no such community"}, request->trace_id)));
  responder.fulfil(json_response(200, out.dump()));
}

} // namespace

void add_community_routes(std::vector<Route>& routes, const Context& context) {
  const auto add = [&](const char* suffix, auto function, const char* summary,
                       const char* operation) {
    Route route;
    route.method = "GET";
    route.summary = summary;
    route.operation_id = operation;
    route.handler =
        by_holder(context, operation, [context, function](RequestPtr request, Responder responder) {
          function(context, request, responder);
        });
    add_collection_route(routes, std::move(route), suffix);
  };
  add("/communities", list_communities, "List communities of entities that are named together",
      "listCommunities");
  add("/communities/{community}", get_community,
      "A community with its entities and the sentences that sum it up", "getCommunity");
}

} // namespace graphrag::gateway
