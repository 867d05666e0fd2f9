#include "gateway/http/response_head.hpp"

#include <array>
#include <charconv>
#include <ctime>

#include "gateway/http/chars.hpp"
#include "gateway/http/problem.hpp"

namespace graphrag::gateway {
namespace {

struct Default {
  std::string_view name, line;
};

// What every answer carries unless the route said otherwise (a page of the web UI has its own
// policy).
constexpr std::array<Default, 6> security_headers = {{
    {"x-content-type-options", "x-content-type-options: nosniff\r\n"},
    {"x-frame-options", "x-frame-options: DENY\r\n"},
    {"referrer-policy", "referrer-policy: no-referrer\r\n"},
    {"cross-origin-resource-policy", "cross-origin-resource-policy: same-origin\r\n"},
    {"content-security-policy",
     "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n"},
    {"cache-control", "cache-control: no-store\r\n"},
}};

// Ours to write: a route cannot set the framing of the connection.
bool reserved(std::string_view name) {
  return equals_ignoring_case(name, "content-length") || equals_ignoring_case(name, "connection") ||
         equals_ignoring_case(name, "transfer-encoding") || equals_ignoring_case(name, "date") ||
         equals_ignoring_case(name, "trace-id") || equals_ignoring_case(name, "content-type");
}

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_value(std::string& out, std::string_view value) {
  if (all_in(value_bytes, value)) {
    out += value;
    return;
  }
  for (char c : value) {
    if (value_bytes[static_cast<unsigned char>(c)]) out.push_back(c);
  }
}

} // namespace

std::string_view http_date() {
  thread_local std::time_t second = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 40> format{};
    std::snprintf(format.data(), format.size(), "%s, %%d %s %%Y %%H:%%M:%%S GMT",
                  days[parts.tm_wday], months[parts.tm_mon]);
    size = std::strftime(text.data(), text.size(), format.data(), &parts);
    second = now;
  }
  return {text.data(), size};
}

void append_head(std::string& out, const Response& response, std::string_view trace_id,
                 const AnswerFraming& framing) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(response.status));
  out += ' ';
  out += reason_of(response.status);
  out += "\r\ndate: ";
  out += http_date();
  out += "\r\ntrace-id: ";
  out += trace_id;
  out += "\r\n";
  const bool no_content = response.status == 204 || response.status == 304;
  if (!response.content_type.empty() && !no_content) {
    out += "content-type: ";
    append_value(out, response.content_type);
    out += "\r\n";
  }
  if (framing.content_length) {
    if (response.status != 204) {
      out += "content-length: ";
      append_number(out, *framing.content_length);
      out += "\r\n";
    }
  } else if (!framing.http10) {
    out += "transfer-encoding: chunked\r\n";
  }
  if (!framing.keep_alive)
    out += "connection: close\r\n";
  else if (framing.http10)
    out += "connection: keep-alive\r\n";
  for (const auto& header : security_headers) {
    bool overridden = false;
    for (const auto& [name, value] : response.headers) {
      overridden = overridden || equals_ignoring_case(name, header.name);
    }
    if (!overridden) out += header.line;
  }
  for (const auto& [name, value] : response.headers) {
    if (name.empty() || !all_in(token_bytes, name) || reserved(name)) continue;
    out += name;
    out += ": ";
    append_value(out, value);
    out += "\r\n";
  }
  out += "\r\n";
}

} // namespace graphrag::gateway
