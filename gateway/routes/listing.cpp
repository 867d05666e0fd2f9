#include <charconv>

#include "actors/chunk/filter.hpp"
#include "gateway/routes/holders.hpp"
#include "gateway/routes/render.hpp"
#include "gateway/routes/routes.hpp"
#include "runtime/store/rules/cursor.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using RequestPtr = std::shared_ptr<Request>;

std::optional<runtime::DocumentState> state_of(const std::string& name) {
  if (name == "queued" || name == "processing") return runtime::DocumentState::queued;
  if (name == "searchable") return runtime::DocumentState::searchable;
  if (name == "failed") return runtime::DocumentState::failed;
  return std::nullopt;
}

struct ListQuery {
  runtime::ListRequest request;
  std::optional<chunk::Filter> filter;
};

// Reads the query string; every mistake is named.
tl::expected<ListQuery, std::vector<ProblemItem>> list_query_of(const Request& request) {
  ListQuery out;
  std::vector<ProblemItem> errors;
  out.request.collection = collection_of(request);
  for (const auto& [name, value] : request.query) {
    auto wrong = [&, &name = name](const char* detail) {
      errors.push_back({"/query/" + name, detail});
    };
    if (name == "limit") {
      auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), out.request.limit);
      bool whole = error == std::errc{} && end == value.data() + value.size();
      if (!whole || out.request.limit < 1 || out.request.limit > 1000)
        wrong("must be a number from 1 to 1000");
    } else if (name == "cursor") {
      out.request.after = value;
    } else if (name == "prefix") {
      out.request.prefix = value;
    } else if (name == "state") {
      out.request.state = state_of(value);
      if (!out.request.state) wrong("must be queued, processing, searchable or failed");
    } else if (name == "sort") {
      if (value != "id" && value != "-updated_at") wrong("must be id or -updated_at");
      if (value == "-updated_at") out.request.sort = runtime::SortOrder::updated_desc;
    } else if (name == "filter") {
      auto body = json::parse(value, nullptr, false);
      if (body.is_discarded()) {
        wrong("must be a filter object as JSON");
        continue;
      }
      auto filter = chunk::parse_filter(body);
      if (filter)
        out.filter = std::move(*filter);
      else
        errors.push_back({"/query/filter" + filter.error().pointer, filter.error().detail});
    } else {
      wrong("unknown parameter");
    }
  }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return out;
}

chunk::FilterSubject subject_of(const runtime::DocumentRecord& record) {
  return {record.key.id,   record.title,      record.filename,  record.mime,
          record.metadata, record.created_ms, record.updated_ms};
}

// With a filter, pages of the store are read until enough documents pass; the total is of the pages
// that pass, counted to the end only when the listing is short.
runtime::Result<runtime::ListPage> filtered(runtime::Store& store, ListQuery query) {
  if (!query.filter) return store.list(query.request);
  runtime::ListPage out;
  const auto& request = query.request;
  while (true) {
    auto page = store.list(request);
    if (!page) return page;
    out.next = page->next;
    for (std::size_t i = 0; i < page->items.size() && out.items.size() < request.limit; ++i) {
      auto& record = page->items[i];
      if (!chunk::matches(*query.filter, subject_of(record))) continue;
      if (out.items.size() + 1 == request.limit && i + 1 < page->items.size())
        out.next = runtime::encode_cursor({request.sort, record.updated_ms, record.key.id});
      out.items.push_back(std::move(record));
    }
    out.total = out.items.size();
    if (page->next.empty() || out.items.size() >= request.limit) return out;
    query.request.after = page->next;
  }
}

void list_documents(const Context& context, const RequestPtr& request, const Responder& responder) {
  auto query = list_query_of(*request);
  if (!query)
    return void(responder.fulfil(problem(400, "bad_query", "the query string has mistakes",
                                         request->trace_id, query.error())));
  on_io(context, request, responder, [context, request, query = std::move(*query)] {
    bool has_filter = query.filter.has_value();
    auto page = filtered(*context->node->store, query);
    if (!page) return error_response(page.error(), request->trace_id);
    json items = json::array();
    for (const auto& record : page->items) items.push_back(document_json(context->node, record));
    json out{{"items", std::move(items)},
             {"next_cursor", page->next.empty() ? json(nullptr) : json(page->next)}};
    // A filtered listing knows its total only when it has read to the end.
    if (!has_filter || page->next.empty()) out["total"] = page->total;
    return json_response(200, out.dump());
  });
}

} // namespace

void add_listing_routes(std::vector<Route>& routes, const Context& context) {
  Route list;
  list.method = "GET";
  list.summary = "List documents";
  list.operation_id = "listDocuments";
  list.handler = rather_by_holder(context, list.operation_id,
                                  [context](RequestPtr request, Responder responder) {
                                    if (!request->query_value("id"))
                                      return list_documents(context, request, responder);
                                    if (auto key = document_key_of(*request, responder))
                                      show_document(context, request, responder, *key);
                                  });
  add_collection_route(routes, std::move(list), "/documents");
}

} // namespace graphrag::gateway
