#pragma once
// Which documents of a shard hold which metadata, for filters.
#include <cstdint>
#include <span>
#include <string_view>

#include "actors/chunk/filter.hpp"
#include "actors/chunk/index/append_list.hpp"
#include "actors/chunk/index/segmented_array.hpp"
#include "actors/chunk/index/vocabulary.hpp"

namespace graphrag::chunk {
struct LiveDocument;
}

namespace graphrag::chunk::detail {

using Bitset = std::vector<std::uint64_t>; // by document ord

// One writer, readers without locks. Keeps the dead too: what it says of a document ord never
// changes, whether the document is visible is for the reader to decide.
class MetadataIndex {
public:
  void add(std::uint32_t ord, const LiveDocument& document);

  // Sets the bits of the documents that satisfy a condition on a metadata key or on title, filename
  // or mime. Bits outside `out` are left alone.
  void collect(const Condition& condition, Bitset& out) const;

  std::uint64_t bytes() const noexcept;

private:
  struct NumberAt {
    std::uint32_t ord;
    double value;
  };
  struct TextAt {
    std::uint32_t ord, value;
  };              // id in values_
  struct Column { // everything under one key
    AppendList<std::uint32_t> present;
    AppendList<NumberAt> numbers;
    AppendList<TextAt> texts;
  };

  void add_value(std::uint32_t ord, std::string_view key, const FilterValue& value);
  void add_present(std::uint32_t ord, std::string_view key);
  void collect_range(const Condition& condition, const Column& column, Bitset& out) const;

  Arena arena_;
  TextVocabulary keys_;
  TextVocabulary values_;                             // key id, type and value, as bytes
  SegmentedArray<Column> columns_;                    // by key id
  SegmentedArray<AppendList<std::uint32_t>> holders_; // by value id
};

} // namespace graphrag::chunk::detail
