#include "runtime/store/postgres/answer.hpp"

#include <bit>
#include <cstring>
#include <postgresql/libpq-fe.h>

#include "runtime/store/postgres/statement.hpp"

namespace graphrag::runtime::postgres {

static_assert(std::endian::native == std::endian::little,
              "vectors are stored as they lie in memory");

bool Row::is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }

std::string_view Row::bytes(int column) const {
  return {PQgetvalue(result_, row_, column),
          static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t Row::integer(int column) const {
  auto wire = bytes(column);
  if (wire.empty()) return 0;
  bool negative = (wire.front() & 0x80) != 0;
  auto value = negative ? ~std::uint64_t{0} : std::uint64_t{0};
  for (char c : wire) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

std::int64_t Row::time_ms(int column) const {
  return is_null(column) ? 0 : from_timestamp(integer(column)).ms;
}

std::string Row::text(int column) const {
  auto stored = bytes(column);
  if (stored.find('\1') == std::string_view::npos) return std::string(stored);
  return unescape_text(stored);
}

std::vector<float> Row::floats(int column) const {
  auto stored = bytes(column);
  std::vector<float> out(stored.size() / sizeof(float));
  if (!out.empty()) std::memcpy(out.data(), stored.data(), out.size() * sizeof(float));
  return out;
}

Answer::Answer(pg_result* result) : result_(result) {}

void Answer::Clear::operator()(pg_result* result) const { PQclear(result); }

int Answer::size() const { return result_ ? PQntuples(result_.get()) : 0; }

std::int64_t Answer::changed_rows() const {
  const char* count = result_ ? PQcmdTuples(result_.get()) : "";
  return std::atoll(count);
}

std::string_view Answer::tag() const { return result_ ? PQcmdStatus(result_.get()) : ""; }

std::string pack_floats(const std::vector<float>& floats) {
  std::string bytes(floats.size() * sizeof(float), '\0');
  if (!floats.empty()) std::memcpy(bytes.data(), floats.data(), bytes.size());
  return bytes;
}

} // namespace graphrag::runtime::postgres
