#include "gateway/http/problem.hpp"

#include <boost/beast/http/status.hpp>
#include <nlohmann/json.hpp>

#include "gateway/http/chars.hpp"
#include "observability/log.hpp"

namespace graphrag::gateway {

std::string_view reason_of(int status) {
  if (status == 507) return "Insufficient Storage";
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  if (known == boost::beast::http::status::unknown) return "Error";
  const auto text = boost::beast::http::obsolete_reason(known);
  return {text.data(), text.size()};
}

Response problem(int status, std::string_view code, std::string_view detail,
                 const std::string& trace_id, const std::vector<ProblemItem>& errors) {
  nlohmann::ordered_json body;
  body["type"] = "about:blank";
  body["title"] = reason_of(status);
  body["status"] = status;
  body["code"] = code;
  body["detail"] = detail;
  body["trace_id"] = trace_id;
  if (!errors.empty()) {
    auto& list = body["errors"] = nlohmann::ordered_json::array();
    for (const auto& e : errors) list.push_back({{"pointer", e.pointer}, {"detail", e.detail}});
  }
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body =
      body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  return response;
}

int status_of(runtime::Errc code) {
  using runtime::Errc;
  switch (code) {
  case Errc::not_found:
    return 404;
  case Errc::already_exists:
    return 409;
  case Errc::precondition_failed:
    return 412;
  case Errc::stale_epoch:
    return 409;
  case Errc::conflict:
    return 409;
  case Errc::invalid_argument:
    return 400;
  case Errc::no_space:
    return 507;
  case Errc::unavailable:
    return 503;
  case Errc::timeout:
    return 504;
  case Errc::overloaded:
    return 503;
  case Errc::canceled:
    return 503;
  case Errc::lost:
    return 503;
  case Errc::corrupt:
    return 500;
  case Errc::io:
    return 500;
  }
  return 500;
}

Response problem_of(const runtime::Error& error, int status, const std::string& trace_id) {
  if (status == 500) // its cause is for the log, not for the client
    observability::log_error("a request failed", {{"error.code", runtime::to_string(error.code)},
                                                  {"error.message", std::string_view(error.detail)},
                                                  {"trace.id", std::string_view(trace_id)}});
  auto response =
      problem(status, runtime::to_string(error.code),
              status == 500 ? std::string_view("an internal error") : error.detail, trace_id);
  if (status == 429 || status == 503) response.headers.emplace_back("retry-after", "1");
  if (status == 507) response.headers.emplace_back("retry-after", "60");
  return response;
}

Response problem_of(const runtime::Error& error, const std::string& trace_id) {
  return problem_of(error, status_of(error.code), trace_id);
}

Response unsupported_media_type(std::string_view accepted, const std::string& trace_id) {
  auto response = problem(415, "unsupported_media_type", "send " + std::string(accepted), trace_id);
  response.headers.emplace_back("accept", accepted);
  return response;
}

bool has_content_type(const Request& request, std::string_view type) {
  const auto header = request.header("content-type");
  if (!header) return false;
  const auto essence = std::string_view(*header).substr(0, header->find(';'));
  return equals_ignoring_case(trim_blank(essence), type);
}

} // namespace graphrag::gateway
