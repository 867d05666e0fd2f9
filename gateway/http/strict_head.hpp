#pragma once
// The strict reading of a request head, in front of Beast's parser. RFC 9112 lets a recipient be
// lenient in places where two recipients then disagree about where a request ends; every such place
// is refused here. Pure: bytes in, a value out.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace graphrag::gateway {

// Why a request was refused. Answered as a problem; the connection closes after it.
struct Refusal {
  int status = 400;
  std::string_view code; // stable, such as "bare_lf"; also the label of the rejection metric
  std::string detail;
};

struct HeadLimits {
  std::size_t max_bytes = 16 * 1024;
  std::size_t max_headers = 100;
  std::size_t max_target = 8 * 1024;
};

// Finds the end of a head in a growing buffer. Looks at each byte once. Refuses what can never
// become a head: a bare LF, too many bytes, a first byte that no method starts with.
class HeadScanner {
public:
  // `buffered` starts at the first byte of the head and only grows between calls. Gives the size of
  // the head, with its empty line, or 0 when more bytes are needed.
  tl::expected<std::size_t, Refusal> scan(std::string_view buffered, const HeadLimits& limits);
  void reset() { *this = HeadScanner{}; }

private:
  std::size_t seen_ = 0;       // bytes looked at
  std::size_t line_ = 0;       // where the present line starts
  std::size_t lines_ = 0;      // non-empty lines so far
  bool leading_empty_ = false; // one empty line before the request line was skipped
};

enum class TargetForm : std::uint8_t { origin, absolute, asterisk };

// What the framing and the routing of the request depend on. The views point into the head.
struct Head {
  std::string_view method;
  std::string_view target; // as it was sent
  std::string_view path;   // of origin and absolute form; "*" for asterisk form
  std::string_view query;  // without the question mark
  TargetForm form = TargetForm::origin;
  int minor_version = 1;
  bool keep_alive = true;
  bool expect_continue = false;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  std::size_t header_count = 0;
  std::size_t leading = 0; // bytes of the skipped empty line

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// Checks a whole head, as found by HeadScanner.
tl::expected<Head, Refusal> check_head(std::string_view raw, const HeadLimits& limits);

// Parts of the above, for tests and for trailers.
std::optional<Refusal> check_field_line(std::string_view line, std::string_view& name,
                                        std::string_view& value);
bool known_method(std::string_view method);

} // namespace graphrag::gateway
