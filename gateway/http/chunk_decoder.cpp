#include "gateway/http/chunk_decoder.hpp"

#include <algorithm>
#include <array>

#include "gateway/http/chars.hpp"

namespace graphrag::gateway {
namespace {

// Fields that would change the framing or the meaning of the request after the fact.
bool forbidden_trailer(std::string_view name) {
  static constexpr std::array<std::string_view, 12> names = {
      "content-length",   "transfer-encoding", "host",    "authorization", "cookie", "content-type",
      "content-encoding", "content-range",     "trailer", "connection",    "expect", "te"};
  return std::any_of(names.begin(), names.end(),
                     [&](auto n) { return equals_ignoring_case(n, name); });
}

// chunk-ext of RFC 9112 without its optional whitespace: *( ";" name [ "=" ( token / quoted ) ] )
bool valid_extensions(std::string_view text) {
  auto token = [&] {
    std::size_t n = 0;
    while (n < text.size() && token_bytes[static_cast<unsigned char>(text[n])]) ++n;
    text.remove_prefix(n);
    return n > 0;
  };
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    if (!token()) return false;
    if (text.empty() || text.front() != '=') continue;
    text.remove_prefix(1);
    if (text.empty() || text.front() != '"') {
      if (!token()) return false;
      continue;
    }
    std::size_t n = 1;
    while (n < text.size() && text[n] != '"') n += text[n] == '\\' ? 2 : 1;
    if (n >= text.size()) return false;
    text.remove_prefix(n + 1);
  }
  return true;
}

} // namespace

ChunkDecoder::Step ChunkDecoder::fail(std::string_view code, std::string detail) {
  state_ = State::bad;
  refusal_ = Refusal{400, code, std::move(detail)};
  return {Event::bad, 0, {}};
}

// Gathers one line that ends in CRLF into line_ (without the CRLF). False: refused.
bool ChunkDecoder::take_line(std::string_view input, std::size_t& at, std::size_t limit,
                             bool& complete) {
  complete = false;
  while (at < input.size()) {
    const char c = input[at++];
    if (c == '\n') {
      if (line_.empty() || line_.back() != '\r') {
        fail("bare_lf", "a line of the chunked coding ends in LF without CR");
        return false;
      }
      line_.pop_back();
      complete = true;
      return true;
    }
    if (!line_.empty() && line_.back() == '\r') {
      fail("bare_cr", "there is a CR inside a line of the chunked coding");
      return false;
    }
    if (c != '\r' && !value_bytes[static_cast<unsigned char>(c)]) {
      fail("bad_chunk", "a control byte in the chunked coding");
      return false;
    }
    line_.push_back(c);
    if (line_.size() > limit) {
      fail("chunk_line_too_long", "a line of the chunked coding is too long");
      return false;
    }
  }
  return true;
}

bool ChunkDecoder::on_size_line() {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  while (digits < line_.size() && hex_digit(line_[digits]) >= 0) {
    size = size * 16 + static_cast<std::uint64_t>(hex_digit(line_[digits]));
    if (++digits > 15) break; // 15 digits never overflow
  }
  if (digits == 0 || digits > 15) {
    fail("bad_chunk_size", "a chunk size is not a plain hexadecimal number");
    return false;
  }
  const auto extensions = std::string_view(line_).substr(digits);
  if (!valid_extensions(extensions)) {
    fail("bad_chunk_size", "a chunk size is followed by something that is not an extension");
    return false;
  }
  extension_bytes_ += extensions.size();
  if (extension_bytes_ > limits_.max_extensions) {
    fail("chunk_extensions_too_long", "too many chunk extensions");
    return false;
  }
  line_.clear();
  remaining_ = size;
  state_ = size > 0 ? State::data : State::trailer;
  return true;
}

bool ChunkDecoder::on_trailer_line() {
  if (line_.empty()) {
    state_ = State::done;
    return true;
  }
  trailer_bytes_ += line_.size();
  if (++trailers_ > limits_.max_trailers || trailer_bytes_ > limits_.max_trailer_bytes) {
    fail("trailers_too_large", "too many trailer fields");
    return false;
  }
  std::string_view name, value;
  if (auto refusal = check_field_line(line_, name, value)) {
    fail(refusal->code, "trailer: " + refusal->detail);
    return false;
  }
  if (forbidden_trailer(name)) {
    fail("bad_trailer", "a field that is not allowed in a trailer");
    return false;
  }
  line_.clear();
  return true;
}

ChunkDecoder::Step ChunkDecoder::feed(std::string_view input) {
  std::size_t at = 0;
  while (true) {
    bool complete = false;
    switch (state_) {
    case State::line:
      if (!take_line(input, at, limits_.max_size_line, complete)) return {Event::bad, at, {}};
      if (!complete) return {Event::need_more, at, {}};
      if (!on_size_line()) return {Event::bad, at, {}};
      break;
    case State::trailer:
      if (!take_line(input, at, limits_.max_trailer_bytes, complete)) return {Event::bad, at, {}};
      if (!complete) return {Event::need_more, at, {}};
      if (!on_trailer_line()) return {Event::bad, at, {}};
      break;
    case State::data: {
      if (at == input.size()) return {Event::need_more, at, {}};
      const auto n =
          static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size() - at));
      remaining_ -= n;
      if (remaining_ == 0) state_ = State::data_cr;
      return {Event::data, at + n, input.substr(at, n)};
    }
    case State::data_cr:
    case State::data_lf:
      if (at == input.size()) return {Event::need_more, at, {}};
      if (input[at++] != (state_ == State::data_cr ? '\r' : '\n')) {
        fail("bad_chunk", "a chunk is longer than its size says");
        return {Event::bad, at, {}};
      }
      state_ = state_ == State::data_cr ? State::data_lf : State::line;
      break;
    case State::done:
      return {Event::done, at, {}};
    case State::bad:
      return {Event::bad, at, {}};
    }
  }
}

} // namespace graphrag::gateway
