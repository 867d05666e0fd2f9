#include "actors/chunk/index/metadata_index.hpp"

#include <algorithm>
#include <cstring>

#include <nlohmann/json.hpp>

#include "actors/chunk/filter_value.hpp"
#include "actors/chunk/index.hpp"

namespace graphrag::chunk::detail {
namespace {

constexpr std::size_t prefix_size =
    sizeof(std::uint32_t) + 1; // key id and type, before the value's bytes

// How a value of a key is called in the vocabulary of values.
std::string value_name(std::uint32_t key, const FilterValue& value) {
  std::string out(reinterpret_cast<const char*>(&key), sizeof key);
  if (const auto* truth = std::get_if<bool>(&value)) {
    out += *truth ? "b1" : "b0";
  } else if (const auto* number = std::get_if<double>(&value)) {
    double plain = *number == 0 ? 0 : *number; // -0 equals 0
    out += 'n';
    out.append(reinterpret_cast<const char*>(&plain), sizeof plain);
  } else {
    out += 's';
    out += std::get<std::string>(value);
  }
  return out;
}

void set_bit(Bitset& bits, std::uint32_t ord) noexcept {
  if (ord >> 6 < bits.size()) bits[ord >> 6] |= std::uint64_t{1} << (ord & 63);
}

} // namespace

void MetadataIndex::add(std::uint32_t ord, const LiveDocument& document) {
  auto add_field = [&](std::string_view key, const std::string& text) {
    if (text.empty()) return;
    add_present(ord, key);
    add_value(ord, key, text);
  };
  add_field("title", document.title);
  add_field("filename", document.filename);
  add_field("mime", document.mime);

  auto metadata = nlohmann::json::parse(document.metadata, nullptr, false);
  std::vector<std::string> present;
  each_metadata_value(metadata, [&](std::string_view path, const FilterValue* value) {
    if (field_of(path) != Field::none) return;
    present.emplace_back(path);
    if (value != nullptr) add_value(ord, path, *value);
  });
  std::sort(present.begin(), present.end());
  present.erase(std::unique(present.begin(), present.end()), present.end());
  for (const auto& path : present) add_present(ord, path);
}

void MetadataIndex::add_value(std::uint32_t ord, std::string_view key, const FilterValue& value) {
  auto key_id = keys_.intern(key);
  auto value_id = values_.intern(value_name(key_id, value));
  holders_.make(value_id).append(arena_, ord);
  auto& column = columns_.make(key_id);
  if (const auto* number = std::get_if<double>(&value))
    column.numbers.append(arena_, {ord, *number});
  if (std::holds_alternative<std::string>(value)) column.texts.append(arena_, {ord, value_id});
}

void MetadataIndex::add_present(std::uint32_t ord, std::string_view key) {
  columns_.make(keys_.intern(key)).present.append(arena_, ord);
}

void MetadataIndex::collect(const Condition& condition, Bitset& out) const {
  auto key = keys_.find(condition.key);
  const Column* column = key == no_id ? nullptr : columns_.find(key);
  if (column == nullptr) return;
  auto set = [&](std::uint32_t ord) {
    set_bit(out, ord);
    return true;
  };
  switch (condition.kind) {
  case Condition::Kind::exists:
    column->present.for_each(set);
    break;
  case Condition::Kind::range:
    collect_range(condition, *column, out);
    break;
  case Condition::Kind::match:
  case Condition::Kind::any:
    for (const auto& value : condition.values) {
      auto id = values_.find(value_name(key, value));
      if (const auto* holders = id == no_id ? nullptr : holders_.find(id)) holders->for_each(set);
    }
  }
}

void MetadataIndex::collect_range(const Condition& condition, const Column& column,
                                  Bitset& out) const {
  column.numbers.for_each([&](const NumberAt& at) {
    if (holds(condition, FilterValue{at.value})) set_bit(out, at.ord);
    return true;
  });
  bool texts = condition.sgt || condition.sgte || condition.slt || condition.slte;
  if (!texts) return;
  column.texts.for_each([&](const TextAt& at) {
    if (in_range(condition, values_[at.value].key().substr(prefix_size))) set_bit(out, at.ord);
    return true;
  });
}

std::uint64_t MetadataIndex::bytes() const noexcept {
  return arena_.bytes() + keys_.bytes() + values_.bytes() + columns_.bytes() + holders_.bytes();
}

} // namespace graphrag::chunk::detail
