#include "actors/query/parts/request.hpp"

#include <nlohmann/json.hpp>

#include "actors/query/parts/fields.hpp"

namespace graphrag::query::parts {
namespace {

using nlohmann::json;
using runtime::Errc;
using runtime::fail;

constexpr std::uint32_t fields = 29;

void put(FieldWriter& out, const Opening& opening) {
  out.text(opening.collection);
  out.column(opening.shards);
  out.number(opening.after);
  out.number(opening.left_ms);
  out.text(opening.filter);
  out.text(opening.model);
  out.column(opening.vector);
}

void read(FieldReader& in, Opening& opening) {
  in.text(opening.collection);
  in.column(opening.shards, most_shards);
  in.number(opening.after);
  in.number(opening.left_ms);
  in.text(opening.filter);
  in.text(opening.model);
  in.column(opening.vector, most_dimensions);
}

void read(FieldReader& in, Refs& refs, std::size_t most) {
  in.column(refs.shard, most);
  in.column(refs.ord, most);
  if (refs.shard.size() != refs.ord.size()) in.wrong();
}

json list_of(const std::vector<chunk::Condition>& conditions) {
  using Kind = chunk::Condition::Kind;
  const auto value_of = [](const chunk::FilterValue& value) {
    return std::visit([](const auto& held) { return json(held); }, value);
  };
  auto list = json::array();
  for (const auto& condition : conditions) {
    json one{{"key", condition.key}};
    switch (condition.kind) {
    case Kind::match:
      one["match"] = condition.values.empty() ? json() : value_of(condition.values.front());
      break;
    case Kind::any:
      one["any"] = json::array();
      for (const auto& value : condition.values) one["any"].push_back(value_of(value));
      break;
    case Kind::range: {
      auto range = json::object();
      const auto bound = [&](const char* name, const auto& number, const auto& text) {
        if (number) range[name] = *number;
        if (text) range[name] = *text;
      };
      bound("gt", condition.gt, condition.sgt);
      bound("gte", condition.gte, condition.sgte);
      bound("lt", condition.lt, condition.slt);
      bound("lte", condition.lte, condition.slte);
      one["range"] = std::move(range);
      break;
    }
    case Kind::exists:
      one["exists"] = condition.present;
      break;
    }
    list.push_back(std::move(one));
  }
  return list;
}

} // namespace

std::string pack(const Request& request) {
  FieldWriter out{fields};
  out.number(wire_version);
  out.number(request.session);
  out.number(request.opens ? 1 : 0);
  out.number(request.release ? 1 : 0);
  put(out, request.opening);
  out.texts(request.terms);
  const auto scoring = request.scoring.value_or(Scoring{});
  out.number(request.scoring ? 1 : 0);
  out.number(scoring.chunks);
  out.number(scoring.tokens);
  out.column(scoring.holding);
  out.column(scoring.terms);
  out.column(scoring.weights);
  out.number(request.top);
  out.number(request.top_passages);
  out.number(request.whole_passages ? 1 : 0);
  out.number(request.nearest);
  out.column(request.names);
  out.column(request.wishes);
  out.column(request.rows.shard);
  out.column(request.rows.ord);
  out.column(request.passages.shard);
  out.column(request.passages.ord);
  out.column(request.whole);
  return out.take();
}

runtime::Result<Request> unpack_request(std::string_view bytes) {
  FieldReader in{bytes};
  Request request;
  std::uint32_t version = 0;
  bool scored = false;
  in.number(version);
  if (in.ok() && version != wire_version)
    return fail(Errc::invalid_argument, "a question in another version's form");
  in.number(request.session);
  in.number(request.opens);
  in.number(request.release);
  read(in, request.opening);
  in.texts(request.terms);
  in.number(scored);
  auto& scoring = request.scoring.emplace();
  in.number(scoring.chunks);
  in.number(scoring.tokens);
  in.column(scoring.holding, most_terms);
  in.column(scoring.terms, most_terms);
  in.column(scoring.weights, most_terms);
  in.number(request.top);
  in.number(request.top_passages);
  in.number(request.whole_passages);
  in.number(request.nearest);
  in.column(request.names, most_names);
  in.column(request.wishes, most_names);
  read(in, request.rows, most_refs);
  read(in, request.passages, most_passages);
  in.column(request.whole, most_passages);
  const bool fits = in.ok() && in.at_end() && scoring.terms.size() == scoring.weights.size() &&
                    request.names.size() == request.wishes.size() &&
                    request.passages.size() == request.whole.size() &&
                    request.terms.size() <= most_terms && request.top <= most_found &&
                    request.top_passages <= most_passages && request.nearest <= most_found;
  if (!fits) return fail(Errc::corrupt, "not a question to a part of a collection");
  if (!scored) request.scoring.reset();
  return request;
}

std::string filter_text(const chunk::Filter& filter) {
  if (filter.empty()) return {};
  auto all = json::object();
  const std::pair<const char*, const std::vector<chunk::Condition>*> lists[] = {
      {"must", &filter.must}, {"should", &filter.should}, {"must_not", &filter.must_not}};
  for (const auto& [name, list] : lists)
    if (!list->empty()) all[name] = list_of(*list);
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

runtime::Result<chunk::Filter> read_filter(std::string_view text) {
  if (text.empty()) return chunk::Filter{};
  const auto parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return fail(Errc::corrupt, "a filter that is no JSON");
  auto filter = chunk::parse_filter(parsed);
  if (!filter) return fail(Errc::corrupt, "a filter that cannot be read: " + filter.error().detail);
  return std::move(*filter);
}

} // namespace graphrag::query::parts
