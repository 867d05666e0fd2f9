// Decoding of answers, where nothing is believed.
#include <algorithm>
#include <cstring>

#include <msgpack.hpp>
#include <unicode/utf8.h>

#include "actors/document/parse_codec.hpp"
#include "actors/document/parse_wire.hpp"

namespace graphrag::document {
namespace {

using namespace wire;
constexpr std::size_t max_fields = 7 + 2 * max_properties;
constexpr Errc last_parse_error = Errc::archive_bomb; // what follows is the pool's to say

struct Field {
  bool is_text = false; // or a number
  std::uint64_t number = 0;
  std::string_view bytes;
};

// One flat array of numbers and texts: no tree is built, so a small message cannot become large.
struct FlatArray : msgpack::null_visitor {
  std::vector<Field> fields;
  bool inside = false, sound = true;

  bool start_array(std::uint32_t count) {
    if (inside || count > max_fields) return refuse();
    inside = true;
    return true;
  }
  bool visit_positive_integer(std::uint64_t value) { return add({false, value, {}}); }
  bool visit_str(const char* data, std::uint32_t size) { return add({true, 0, {data, size}}); }
  bool visit_bin(const char* data, std::uint32_t size) { return add({true, 0, {data, size}}); }
  bool visit_nil() { return refuse(); }
  bool visit_boolean(bool) { return refuse(); }
  bool visit_negative_integer(std::int64_t) { return refuse(); }
  bool visit_float32(float) { return refuse(); }
  bool visit_float64(double) { return refuse(); }
  bool visit_ext(const char*, std::uint32_t) { return refuse(); }
  bool start_map(std::uint32_t) { return refuse(); }
  void parse_error(std::size_t, std::size_t) { sound = false; }
  void insufficient_bytes(std::size_t, std::size_t) { sound = false; }

  bool add(Field field) {
    if (!inside) return refuse();
    fields.push_back(field);
    return true;
  }
  bool refuse() { return sound = false; }
};

bool valid_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int64_t>(text.size());
  std::int64_t i = 0;
  while (i < size) {
    std::uint64_t eight = 0;
    if (i + 8 <= size && (std::memcpy(&eight, at + i, 8), (eight & 0x8080808080808080ULL) == 0)) {
      i += 8;
      continue;
    }
    UChar32 code = 0;
    U8_NEXT(at, i, size, code);
    if (code < 0) return false;
  }
  return true;
}

bool good_text(const Field& field, std::size_t most) {
  return field.is_text && field.bytes.size() <= most && valid_utf8(field.bytes) &&
         field.bytes.find('\0') == std::string_view::npos;
}
bool good_line(const Field& field) { return good_text(field, max_line_bytes); }

// A detail goes into logs and answers: nothing that could forge a line.
bool good_detail(const Field& field) {
  return good_line(field) && std::ranges::none_of(field.bytes, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

bool on_character(std::string_view text, std::uint32_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

template <class T>
T take(const char*& at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

bool read_blocks(std::string_view packed, const std::string& text, std::vector<Block>& blocks) {
  if (packed.size() % block_bytes != 0) return false;
  blocks.reserve(packed.size() / block_bytes);
  std::uint32_t last_end = 0;
  for (const char* at = packed.data(); at != packed.data() + packed.size();) {
    Block block;
    const auto kind = take<std::uint8_t>(at);
    block.kind = static_cast<BlockKind>(kind);
    block.level = take<std::uint8_t>(at);
    block.page = take<std::uint32_t>(at);
    block.start = take<std::uint32_t>(at);
    block.end = take<std::uint32_t>(at);
    if (kind > static_cast<std::uint8_t>(BlockKind::caption) || block.level > 6 ||
        block.start < last_end || block.end < block.start || block.end > text.size() ||
        !on_character(text, block.start) || !on_character(text, block.end))
      return false;
    last_end = block.end;
    blocks.push_back(block);
  }
  return true;
}

std::optional<Result<ParsedDocument>> read_error(const std::vector<Field>& fields) {
  if (fields.size() != 4 || fields[2].is_text ||
      fields[2].number > static_cast<std::uint64_t>(last_parse_error) || !good_detail(fields[3]))
    return std::nullopt;
  return Result<ParsedDocument>(
      tl::unexpected(Error{static_cast<Errc>(fields[2].number), std::string(fields[3].bytes)}));
}

} // namespace

std::optional<Result<ParsedDocument>> decode_answer(std::string_view message,
                                                    const formats::Limits& limits) {
  FlatArray array;
  std::size_t offset = 0;
  const bool parsed = msgpack::parse(message.data(), message.size(), offset, array);
  const auto& fields = array.fields;
  if (!parsed || !array.sound || offset != message.size() || fields.size() < 4 ||
      fields[0].is_text || fields[0].number != version || fields[1].is_text)
    return std::nullopt;
  if (fields[1].number == 1) return read_error(fields);
  if (fields[1].number != 0 || fields.size() < 7 || fields.size() % 2 == 0) return std::nullopt;

  ParsedDocument document;
  if (!good_text(fields[2], limits.max_text_bytes) || !good_line(fields[3]) ||
      !good_line(fields[4]) || fields[5].is_text || fields[5].number > UINT32_MAX ||
      !fields[6].is_text)
    return std::nullopt;
  document.text = fields[2].bytes;
  document.title = fields[3].bytes;
  document.mime = fields[4].bytes;
  document.pages = static_cast<std::uint32_t>(fields[5].number);
  if (!read_blocks(fields[6].bytes, document.text, document.blocks)) return std::nullopt;
  for (std::size_t i = 7; i < fields.size(); i += 2) {
    if (!good_line(fields[i]) || !good_line(fields[i + 1])) return std::nullopt;
    document.properties.emplace_back(fields[i].bytes, fields[i + 1].bytes);
  }
  return Result<ParsedDocument>(std::move(document));
}

} // namespace graphrag::document
