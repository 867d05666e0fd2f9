#pragma once
// Decodes the chunked coding byte by byte, strictly. Ours rather than Beast's, since Beast passes
// over extensions of any length and whitespace that RFC 9112 does not allow. Pure, incremental.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/strict_head.hpp"

namespace graphrag::gateway {

struct ChunkLimits {
  std::size_t max_size_line = 256;        // one size line with its extensions
  std::size_t max_extensions = 16 * 1024; // all extensions of one body
  std::size_t max_trailer_bytes = 8 * 1024;
  std::size_t max_trailers = 32;
};

class ChunkDecoder {
public:
  ChunkDecoder() = default;
  explicit ChunkDecoder(ChunkLimits limits) : limits_(limits) {}

  enum class Event : std::uint8_t {
    need_more, // all input was used
    data,      // `data` is a piece of the body; call again with the rest
    done,      // the body and its trailers have ended; the rest belongs to the next request
    bad,       // `refusal` says why; the decoder is of no further use
  };
  struct Step {
    Event event = Event::need_more;
    std::size_t used = 0;
    std::string_view data;
  };
  Step feed(std::string_view input);
  const Refusal& refusal() const { return refusal_; }
  // Bytes of chunk data still to come in the present chunk.
  std::uint64_t chunk_remaining() const { return remaining_; }

private:
  enum class State : std::uint8_t { line, data, data_cr, data_lf, trailer, done, bad };
  Step fail(std::string_view code, std::string detail);
  bool take_line(std::string_view input, std::size_t& at, std::size_t limit, bool& complete);
  bool on_size_line();
  bool on_trailer_line();

  ChunkLimits limits_;
  State state_ = State::line;
  std::string line_;
  std::uint64_t remaining_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t trailers_ = 0;
  Refusal refusal_;
};

} // namespace graphrag::gateway
