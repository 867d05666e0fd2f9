// The bytes of questions and answers between gateways: MessagePack of a small object. Fields that
// are not known are left alone, and one that came later may be absent, so that nodes of two
// releases understand each other.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "gateway/routes/holders.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

std::string packed(const json& value) {
  std::string out;
  json::to_msgpack(value, out);
  return out;
}

template <class Map>
json pairs_of(const Map& map) {
  json out = json::array();
  for (const auto& [key, value] : map) out.push_back({key, value});
  return out;
}

// False: not a list of pairs of strings.
template <class Each>
bool each_pair(const json& object, const char* field, Each each) {
  const auto list = object.value(field, json::array());
  if (!list.is_array()) return false;
  for (const auto& pair : list) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
      return false;
    each(pair[0].get<std::string>(), pair[1].get<std::string>());
  }
  return true;
}

std::optional<json> object_of(std::string_view bytes) {
  auto value = json::from_msgpack(bytes, true, false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

bool text_of(const json& object, const char* field, std::string& out) {
  const auto at = object.find(field);
  if (at == object.end() || !at->is_string()) return false;
  out = at->get<std::string>();
  return true;
}

std::optional<std::int64_t> number_of(const json& object, const char* field,
                                      std::optional<std::int64_t> absent = std::nullopt) {
  const auto at = object.find(field);
  if (at == object.end()) return absent;
  if (!at->is_number_integer()) return std::nullopt;
  return at->get<std::int64_t>();
}

} // namespace

std::string to_bytes(const PeerQuestion& question, milliseconds left) {
  constexpr std::string_view crossing[] = {"accept", "content-type", "if-match", "prefer"};
  const auto& request = *question.request;
  auto headers = request.headers;
  std::erase_if(headers, [&](const auto& header) {
    return std::ranges::find(crossing, header.first) == std::end(crossing);
  });
  return packed({{"operation", question.operation},
                 {"after", question.after},
                 {"method", request.method},
                 {"path", request.path},
                 {"route", request.route},
                 {"params", pairs_of(request.params)},
                 {"query", pairs_of(request.query)},
                 {"headers", pairs_of(headers)},
                 {"body", request.body},
                 {"trace", request.trace_id},
                 {"client", request.client},
                 {"left_ms", left.count()}});
}

std::optional<PeerQuestion> question_of(std::string_view bytes, runtime::SteadyTime now) {
  const auto object = object_of(bytes);
  if (!object) return std::nullopt;
  PeerQuestion out;
  out.request = std::make_shared<Request>();
  auto& request = *out.request;
  const auto after = number_of(*object, "after"), left = number_of(*object, "left_ms");
  const bool whole =
      after && left && text_of(*object, "operation", out.operation) &&
      text_of(*object, "method", request.method) && text_of(*object, "path", request.path) &&
      text_of(*object, "route", request.route) && text_of(*object, "body", request.body) &&
      text_of(*object, "trace", request.trace_id) && text_of(*object, "client", request.client) &&
      each_pair(*object, "params", [&](auto key, auto value) { request.params[key] = value; }) &&
      each_pair(*object, "query",
                [&](auto key, auto value) { request.query.emplace(key, value); }) &&
      each_pair(*object, "headers",
                [&](auto key, auto value) { request.headers.emplace_back(key, value); });
  if (!whole) return std::nullopt;
  out.after = static_cast<std::uint64_t>(*after);
  request.deadline = now + milliseconds{*left};
  return out;
}

std::string to_bytes(const PeerAnswer& answer) {
  const auto& response = answer.response;
  return packed({{"status", response.status},
                 {"type", response.content_type},
                 {"headers", pairs_of(response.headers)},
                 {"body", response.body},
                 {"seq", answer.seq}});
}

std::optional<PeerAnswer> answer_of(std::string_view bytes) {
  const auto object = object_of(bytes);
  if (!object) return std::nullopt;
  PeerAnswer out;
  auto& response = out.response;
  const auto status = number_of(*object, "status"), seq = number_of(*object, "seq", 0);
  const bool whole =
      status && *status >= 200 && *status < 600 && seq &&
      text_of(*object, "type", response.content_type) && text_of(*object, "body", response.body) &&
      each_pair(*object, "headers",
                [&](auto key, auto value) { response.headers.emplace_back(key, value); });
  if (!whole) return std::nullopt;
  response.status = static_cast<int>(*status);
  out.seq = static_cast<std::uint64_t>(*seq);
  return out;
}

bool is_harmless(const PeerQuestion& question) {
  return question.request->method == "GET" || question.operation == "query";
}

} // namespace graphrag::gateway
