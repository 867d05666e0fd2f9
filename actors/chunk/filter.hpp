#pragma once
// Filters over metadata and document fields: the same one in query, list and delete-by-filter.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

namespace graphrag::chunk {

using FilterValue = std::variant<bool, double, std::string>;

// One condition on one key. A key is a path into the metadata with dots ("author.name"), or a
// document field: document_id, title, filename, mime, created_at, updated_at (dates also as
// RFC 3339 text). A value that is an array matches when any element does.
struct Condition {
  enum class Kind : std::uint8_t { match, any, range, exists } kind = Kind::match;
  std::string key;
  std::vector<FilterValue> values;        // match: one; any: one or more
  std::optional<double> gt, gte, lt, lte; // range over numbers
  std::optional<std::string> sgt, sgte, slt,
      slte;            // range over text (RFC 3339 dates compare as text)
  bool present = true; // exists
};

struct Filter {
  std::vector<Condition> must, should, must_not; // should: at least one when not empty
  bool empty() const noexcept { return must.empty() && should.empty() && must_not.empty(); }
};

// What is wrong in a filter: `pointer` is a JSON pointer below the filter ("/must/0/range").
struct FilterError {
  std::string pointer, detail;
};
// Strict: unknown fields, empty keys, more than 64 conditions or 1,024 values are errors.
tl::expected<Filter, FilterError> parse_filter(const nlohmann::json& json);

// Decides one document without an index (listing, tests; the reference for FilterSet).
struct FilterSubject {
  std::string_view document_id, title, filename, mime, metadata;
  std::int64_t created_ms = 0, updated_ms = 0;
};
bool matches(const Filter& filter, const FilterSubject& subject);

// A filter compiled against one ReadView: which documents pass, per shard. Default: all.
class FilterSet {
public:
  FilterSet() = default;
  bool all() const noexcept { return bits_ == nullptr; }
  // `document_ord` is the shard's own number of the document.
  bool test(std::uint32_t shard, std::uint32_t document_ord) const noexcept {
    const auto& words = (*bits_)[shard];
    auto word = document_ord >> 6;
    return word < words.size() && (words[word] >> (document_ord & 63) & 1) != 0;
  }
  using Bits = std::vector<std::vector<std::uint64_t>>; // [shard][word]
  explicit FilterSet(std::shared_ptr<const Bits> bits) : bits_(std::move(bits)) {}

private:
  std::shared_ptr<const Bits> bits_;
};

} // namespace graphrag::chunk
