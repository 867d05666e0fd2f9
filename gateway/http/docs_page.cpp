#include "gateway/http/docs_page.hpp"

#include <array>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "gateway/http/server.hpp"

namespace graphrag::gateway {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view style = R"(
body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
code, pre { font-family: monospace; font-size: 0.9em }
pre { background: #f3f3f0; padding: 0.7rem; overflow-x: auto }
h2 { margin-top: 2.5rem; border-top: 1px solid #ccc; padding-top: 1rem; font-size: 1.1rem }
table { border-collapse: collapse; margin: 0.5rem 0 }
td, th { text-align: left; vertical-align: top; padding: 0.1rem 1rem 0.1rem 0 }
nav td { padding: 0 1rem 0 0 }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818 } pre { background: #262626 } a { color: #8bf }
}
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

std::string code(std::string_view text) { return "<code>" + escaped(text) + "</code>"; }

std::string row(std::string_view name, std::string_view kind, std::string_view summary) {
  return "<tr><td>" + code(name) + "<td>" + escaped(kind) + "<td>" + escaped(summary) + "\n";
}

// "integer, 1 to 100 (10)", "hybrid | keyword (hybrid)"
std::string kind_of(const json& property) {
  std::string out = property.value("type", std::string{});
  if (auto choices = property.find("enum"); choices != property.end())
    for (const auto& choice : *choices)
      out += (out.empty() ? "" : " | ") +
             (choice.is_string() ? choice.get<std::string>() : choice.dump());
  if (property.contains("minimum") && property.contains("maximum"))
    out += ", " + property["minimum"].dump() + " to " + property["maximum"].dump();
  if (auto otherwise = property.find("default"); otherwise != property.end())
    out +=
        " (" + (otherwise->is_string() ? otherwise->get<std::string>() : otherwise->dump()) + ")";
  return out;
}

std::string body_table(const BodyKind& body) {
  std::string out = "<p>Body " + code(body.type) + "</p>\n";
  auto schema = json::parse(body.schema, nullptr, false);
  if (!schema.is_object() || !schema.contains("properties")) return out;
  out += "<table>\n";
  for (const auto& [name, property] : schema["properties"].items()) {
    bool required = false;
    for (const auto& one : schema.value("required", json::array())) required |= one == name;
    out += row(name, kind_of(property) + (required ? ", required" : ""),
               property.value("description", std::string{}));
  }
  return out + "</table>\n";
}

// The address of an example: {id} is pump, as in the README, and {job} is JOB.
std::string filled(const std::string& pattern) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '{') {
      out += pattern[at];
      continue;
    }
    const auto end = pattern.find('}', at);
    auto name = pattern.substr(at + 1, end - at - 1);
    if (name == "id")
      name = "pump";
    else if (name == "c")
      name = "manuals";
    else
      for (auto& c : name) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    out += name;
    at = end;
  }
  return out;
}

std::string section(const Route& route, const Route* short_form, const std::string& base) {
  std::string out = "<h2 id=\"" + escaped(route.operation_id) + "\">" +
                    code(route.method + " " + route.pattern) + "</h2>\n<p>" +
                    escaped(route.summary);
  if (short_form != nullptr)
    out += "; in the collection <code>default</code>: " + code(short_form->pattern);
  out += "</p>\n";
  if (!route.parameters.empty()) {
    out += "<p>Parameters of the query string</p>\n<table>\n";
    for (const auto& [name, summary] : route.parameters) out += row(name, "", summary);
    out += "</table>\n";
  }
  for (const auto& body : route.bodies) out += body_table(body);
  const auto& pattern = short_form != nullptr ? short_form->pattern : route.pattern;
  std::string example = "curl -sS ";
  if (route.method != "GET") example += "-X " + route.method + " ";
  example += base + filled(pattern);
  if (!route.example.empty()) example += " \\\n    " + route.example;
  return out + "<pre>" + escaped(example) + "</pre>\n";
}

const Route* short_form_of(const Route& route, const std::vector<Route>& routes) {
  for (const auto& other : routes)
    if (other.operation_id == route.operation_id + "Default") return &other;
  return nullptr;
}

bool is_short_form(const Route& route, const std::vector<Route>& routes) {
  for (const auto& other : routes)
    if (!other.operation_id.empty() && route.operation_id == other.operation_id + "Default")
      return true;
  return false;
}

} // namespace

std::string docs_page(const OpenApiInfo& info, const std::vector<Route>& routes,
                      const std::string& base) {
  std::string contents, sections;
  for (const auto& route : routes) {
    if (route.operation_id.empty() || is_short_form(route, routes)) continue;
    contents += "<tr><td>" + code(route.method) + "<td><a href=\"#" + escaped(route.operation_id) +
                "\">" + code(route.pattern) + "</a><td>" + escaped(route.summary) + "\n";
    sections += section(route, short_form_of(route, routes), base);
  }
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
         escaped(info.title) + "</title>\n<style>" + std::string{style} +
         "</style>\n</head>\n<body>\n<h1>" + escaped(info.title + " " + info.version) +
         "</h1>\n<p>" + escaped(info.description) +
         " For programs: <a href=\"/openapi.json\"><code>/openapi.json</code></a>. Every refusal "
         "is "
         "<code>application/problem+json</code> with a stable <code>code</code>.</p>\n"
         "<nav><table>\n" +
         contents + "</table></nav>\n" + sections + "</body>\n</html>\n";
}

std::string docs_policy() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(style.data()), style.size(), digest.data());
  std::array<unsigned char, 4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1> text{};
  EVP_EncodeBlock(text.data(), digest.data(), SHA256_DIGEST_LENGTH);
  return "default-src 'none'; style-src 'sha256-" +
         std::string{reinterpret_cast<const char*>(text.data())} +
         "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

} // namespace graphrag::gateway
