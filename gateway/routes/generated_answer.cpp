#include "gateway/routes/generated_answer.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace graphrag::gateway {
namespace {

using nlohmann::json;

// A number of at most four digits at `at`, moved behind it; nothing when there is none.
std::optional<std::size_t> number_at(std::string_view text, std::size_t& at) {
  std::size_t value = 0, digits = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9' && digits < 4) {
    value = value * 10 + static_cast<std::size_t>(text[at] - '0');
    ++at, ++digits;
  }
  if (digits == 0) return std::nullopt;
  return value;
}

} // namespace

std::vector<query::Hit> hits_of(const json& answer) {
  std::vector<query::Hit> out;
  const auto text = [](const json& from, const char* field) {
    const auto at = from.find(field);
    return at != from.end() && at->is_string() ? at->get<std::string>() : std::string{};
  };
  const auto number = [](const json& from, const char* field) {
    const auto at = from.find(field);
    return at != from.end() && at->is_number_unsigned() ? at->get<std::uint32_t>() : 0U;
  };
  const auto results = answer.value("results", json::array());
  for (const auto& one : results) {
    if (!one.is_object()) continue;
    query::Hit hit;
    hit.document_id = text(one, "document_id");
    hit.chunk_id = text(one, "chunk_id");
    hit.title = text(one, "title");
    hit.section = text(one, "section");
    hit.text = text(one, "text");
    hit.page = number(one, "page");
    hit.start = number(one, "start");
    hit.end = number(one, "end");
    out.push_back(std::move(hit));
  }
  return out;
}

std::vector<std::string> sources_of(const std::vector<query::Hit>& hits) {
  std::vector<std::string> out;
  for (const auto& hit : hits) {
    if (out.size() == max_sources) break;
    auto head = hit.title;
    if (!hit.section.empty()) head += (head.empty() ? "" : " > ") + hit.section;
    out.push_back(head.empty() ? hit.text : head + "\n" + hit.text);
  }
  return out;
}

std::vector<std::size_t> cited_sources(std::string_view answer, std::size_t sources) {
  std::vector<std::size_t> out;
  const auto cite = [&](std::size_t number) {
    if (number >= 1 && number <= sources && std::find(out.begin(), out.end(), number) == out.end())
      out.push_back(number);
  };
  for (auto at = answer.find('['); at != std::string_view::npos; at = answer.find('[', at)) {
    ++at;
    while (at < answer.size()) {
      while (at < answer.size() && (answer[at] == ' ' || answer[at] == ',')) ++at;
      const auto first = number_at(answer, at);
      if (!first) break;
      auto last = *first;
      if (at < answer.size() && answer[at] == '-') {
        ++at;
        last = number_at(answer, at).value_or(*first);
      }
      for (auto number = *first; number <= std::min(last, sources); ++number) cite(number);
    }
  }
  return out;
}

json generated_answer_json(const std::string& text, const std::vector<query::Hit>& hits) {
  json citations = json::array();
  for (const auto number : cited_sources(text, std::min(hits.size(), max_sources))) {
    const auto& hit = hits[number - 1];
    json citation{{"source", number},   {"document_id", hit.document_id},
                  {"title", hit.title}, {"start", hit.start},
                  {"end", hit.end},     {"text", hit.text}};
    if (hit.page != 0) citation["page"] = hit.page;
    if (!hit.section.empty()) citation["section"] = hit.section;
    citations.push_back(std::move(citation));
  }
  return {{"text", text}, {"citations", citations}, {"generated", true}};
}

} // namespace graphrag::gateway
