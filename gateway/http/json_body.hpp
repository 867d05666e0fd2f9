#pragma once
// JSON from a client: parsed with a depth limit and without duplicate members, then read field by
// field, so that one answer names everything that is wrong with a request.
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "gateway/http/message.hpp"

namespace graphrag::gateway {

struct JsonError {
  std::size_t position = 0; // byte, from 1; 0 = not known
  std::string detail;
};
inline constexpr std::size_t json_max_depth = 64;

// One JSON value and nothing after it. Refuses duplicate members, ill-formed UTF-8, numbers out of
// range and nesting deeper than `max_depth`.
tl::expected<nlohmann::json, JsonError> parse_json(std::string_view text,
                                                   std::size_t max_depth = json_max_depth);

// The request's body as JSON: 415 when it is not application/json, 400 when it does not parse.
tl::expected<nlohmann::json, Response> json_body(const Request& request);

// Reads the known members of an object. Every reader gives nothing when the member is absent or
// null, and records an error when it is there and wrong. Call finish() last: it records members
// that nobody asked for.
//
//   Fields fields{body};
//   auto query = fields.required_text("query", 1, 4096);
//   auto limit = fields.integer("limit", 1, 100).value_or(10);
//   if (auto bad = fields.finish(request.trace_id)) return answer(*bad);
class Fields {
public:
  explicit Fields(const nlohmann::json& object);

  bool has(std::string_view name);
  // Lengths in bytes. NUL is refused.
  std::optional<std::string> text(std::string_view name, std::size_t least = 0,
                                  std::size_t most = std::numeric_limits<std::size_t>::max());
  std::string required_text(std::string_view name, std::size_t least = 1,
                            std::size_t most = std::numeric_limits<std::size_t>::max());
  std::optional<std::string> choice(std::string_view name,
                                    std::initializer_list<std::string_view> allowed);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<double> number(std::string_view name, double least, double most);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::vector<std::string>> texts(std::string_view name, std::size_t most_items,
                                                std::size_t most_bytes);
  std::optional<std::vector<float>> numbers(std::string_view name, std::size_t most_items);
  // Null when absent; the value stays owned by the document.
  const nlohmann::json* object(std::string_view name);
  const nlohmann::json* array(std::string_view name, std::size_t most_items);
  const nlohmann::json* any(std::string_view name);
  // Reads a member that is an object; its errors join ours. Absent: a Fields without members.
  Fields nested(std::string_view name);
  // The same for an element of an array that array() gave.
  Fields element(std::string_view array_name, std::size_t index, const nlohmann::json& value);

  void require(std::string_view name);
  void error(std::string_view name, std::string detail); // name "" = the object itself
  // The same for something deeper, by a JSON pointer below this object ("/filter/must/0").
  void error_at(const std::string& pointer, std::string detail);
  // Records unknown members. For nested readers call check_unknown() only.
  void check_unknown();
  std::optional<Response> finish(const std::string& trace_id, int status = 400);
  const std::vector<ProblemItem>& errors() const { return *errors_; }

private:
  Fields(const nlohmann::json* object, std::string pointer,
         std::shared_ptr<std::vector<ProblemItem>> errors);
  const nlohmann::json* take(std::string_view name);
  std::string pointer_to(std::string_view name) const;

  const nlohmann::json* object_; // null: no members
  std::string pointer_;
  std::vector<std::string> known_;
  std::shared_ptr<std::vector<ProblemItem>> errors_;
};

} // namespace graphrag::gateway
