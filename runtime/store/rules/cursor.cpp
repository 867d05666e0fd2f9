#include "runtime/store/rules/cursor.hpp"

#include <charconv>

#include "runtime/hex.hpp"

namespace graphrag::runtime {
namespace {

char tag(SortOrder sort) { return sort == SortOrder::id ? 'i' : 'u'; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

} // namespace

std::string encode_cursor(const Cursor& cursor) {
  std::string plain(1, tag(cursor.sort));
  if (cursor.sort == SortOrder::updated_desc) plain += std::to_string(cursor.updated_ms) + ":";
  plain += cursor.id;
  return to_hex(plain);
}

Result<Cursor> decode_cursor(std::string_view text, SortOrder sort) {
  auto refuse = [] { return fail(Errc::invalid_argument, "not a cursor of this listing"); };
  std::string plain;
  if (text.size() % 2 != 0) return refuse();
  for (std::size_t i = 0; i < text.size(); i += 2) {
    int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return refuse();
    plain.push_back(static_cast<char>(high << 4 | low));
  }
  if (plain.empty() || plain.front() != tag(sort)) return refuse();
  Cursor cursor{sort, 0, plain.substr(1)};
  if (sort == SortOrder::updated_desc) {
    auto colon = plain.find(':');
    if (colon == std::string::npos) return refuse();
    auto [end, error] = std::from_chars(plain.data() + 1, plain.data() + colon, cursor.updated_ms);
    if (error != std::errc{} || end != plain.data() + colon) return refuse();
    cursor.id = plain.substr(colon + 1);
  }
  if (!valid_document_id(cursor.id)) return refuse();
  return cursor;
}

} // namespace graphrag::runtime
