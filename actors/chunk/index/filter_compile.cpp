#include <bit>

#include "actors/chunk/filter_value.hpp"
#include "actors/chunk/index/state.hpp"

namespace graphrag::chunk {
namespace {

using detail::Bitset;
using detail::Field;

// One shard of one view, against which conditions are decided.
class ShardFilter {
public:
  explicit ShardFilter(const detail::Snapshot& snapshot) : snapshot_(snapshot) {}

  Bitset run(const Filter& filter) const {
    Bitset out(words(), ~std::uint64_t{0});
    for (const auto& condition : filter.must) {
      auto holding = holders(condition);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] &= holding[i];
    }
    for (const auto& condition : filter.must_not) {
      auto holding = holders(condition);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] &= ~holding[i];
    }
    if (!filter.should.empty()) {
      Bitset any(words());
      for (const auto& condition : filter.should) {
        auto holding = holders(condition);
        for (std::size_t i = 0; i < any.size(); ++i) any[i] |= holding[i];
      }
      for (std::size_t i = 0; i < out.size(); ++i) out[i] &= any[i];
    }
    keep_visible(out);
    return out;
  }

private:
  std::size_t words() const noexcept { return (snapshot_.documents + std::size_t{63}) / 64; }

  // Also says something of documents that the view does not see; keep_visible() sorts them out.
  Bitset holders(const Condition& condition) const {
    Bitset out(words());
    auto field = detail::field_of(condition.key);
    bool dates = field == Field::created_at || field == Field::updated_at;
    if (dates || (field == Field::document_id && condition.kind != Condition::Kind::match &&
                  condition.kind != Condition::Kind::any)) {
      scan(condition, field, out);
    } else if (field == Field::document_id) {
      for (const auto& value : condition.values)
        if (const auto* id = std::get_if<std::string>(&value))
          if (auto ord = snapshot_.shard->find(*id, snapshot_); ord != detail::no_id)
            out[ord >> 6] |= std::uint64_t{1} << (ord & 63);
    } else {
      snapshot_.shard->metadata().collect(condition, out);
      if (condition.kind == Condition::Kind::exists && !condition.present)
        for (auto& word : out) word = ~word;
    }
    return out;
  }

  void scan(const Condition& condition, Field field, Bitset& out) const {
    for (std::uint32_t ord = 0; ord < snapshot_.documents; ++ord) {
      const auto& document = *snapshot_.shard->document(ord).document;
      bool holds = field == Field::document_id ? detail::holds_text(condition, document.id)
                   : field == Field::created_at
                       ? detail::holds_date(condition, document.created_ms)
                       : detail::holds_date(condition, document.updated_ms);
      if (holds) out[ord >> 6] |= std::uint64_t{1} << (ord & 63);
    }
  }

  void keep_visible(Bitset& bits) const noexcept {
    for (std::size_t i = 0; i < bits.size(); ++i)
      for (auto left = bits[i]; left != 0; left &= left - 1) {
        auto ord =
            static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_zero(left));
        if (ord >= snapshot_.documents || !snapshot_.shard->visible(ord, snapshot_.seq))
          bits[i] &= ~(left & (~left + 1));
      }
  }

  const detail::Snapshot& snapshot_;
};

} // namespace

FilterSet ReadView::compile(const Filter& filter) const {
  if (filter.empty()) return {};
  auto bits = std::make_shared<FilterSet::Bits>();
  for (const auto& snapshot : state_->shards) bits->push_back(ShardFilter{snapshot}.run(filter));
  return FilterSet{std::move(bits)};
}

} // namespace graphrag::chunk
