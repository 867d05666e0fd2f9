#include "runtime/store/blobs/blob_key.hpp"

#include <cstdint>
#include <random>

#define XXH_INLINE_ALL // the header-only form; hashes are the same
#include <xxhash.h>

namespace graphrag::runtime {
namespace {

constexpr std::size_t random_digits = 16;
constexpr std::size_t key_length = random_digits + 32;

void append_hex(std::string& out, std::uint64_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(digits[value >> shift & 15]);
}

std::string digest(std::string_view bytes) {
  auto hash = XXH3_128bits(bytes.data(), bytes.size());
  std::string out;
  append_hex(out, hash.high64);
  append_hex(out, hash.low64);
  return out;
}

} // namespace

std::string make_blob_key(std::string_view bytes) {
  thread_local std::mt19937_64 random{[] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }()};
  std::string key;
  append_hex(key, random());
  return key + digest(bytes);
}

bool valid_blob_key(std::string_view key) noexcept {
  return key.size() == key_length &&
         key.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool blob_matches_key(std::string_view key, std::string_view bytes) noexcept {
  return key.substr(random_digits) == digest(bytes);
}

Status check_blob_key(std::string_view key, std::string_view bytes) {
  if (valid_blob_key(key) && blob_matches_key(key, bytes)) return {};
  return fail(Errc::invalid_argument, "not the key of these bytes");
}

} // namespace graphrag::runtime
