#pragma once
// multipart/form-data (RFC 7578), strictly and incrementally: bytes go in as they come, parts come
// out. No preamble, no epilogue, no nested multiparts, no transfer encodings. Pure.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace graphrag::gateway {

struct MultipartLimits {
  std::size_t max_parts = 256;
  std::size_t max_part_headers = 8;
  std::size_t max_header_bytes = 4 * 1024; // all headers of one part
};

// The head of a part. Names are valid UTF-8 without control characters. `filename` is what the
// client says, folders and all: never use it as a path.
struct PartHead {
  std::string name;
  std::optional<std::string> filename; // filename* wins over filename
  std::string content_type;            // empty: not given
};

class MultipartSink {
public:
  virtual ~MultipartSink() = default;
  virtual void on_part(PartHead head) = 0;
  virtual void on_data(std::string_view piece) = 0;
  virtual void on_part_end() = 0;
};

// The boundary of a Content-Type, or nothing when it is not multipart/form-data with a valid one.
std::optional<std::string> multipart_boundary(std::string_view content_type);

class MultipartParser {
public:
  MultipartParser(std::string_view boundary, MultipartSink& sink, MultipartLimits limits = {});

  // False once the input is bad; error() says why.
  bool feed(std::string_view input);
  // The input has ended; false when it ended too early.
  bool finish();
  const std::string& error() const { return error_; }

private:
  enum class State : std::uint8_t {
    start,     // the first delimiter, without its CRLF
    delimiter, // behind a delimiter: "--" or CRLF
    last_dash, // the second dash of the last delimiter
    delimiter_lf,
    header,
    data,
    end, // behind the last delimiter: nothing, or one CRLF
    end_lf,
    done,
    bad,
  };
  bool fail(std::string why);
  bool on_header_byte(char c);
  bool on_header_line();
  std::size_t on_data_bytes(std::string_view input);

  MultipartSink& sink_;
  const MultipartLimits limits_;
  const std::string delimiter_; // CRLF "--" boundary
  State state_ = State::start;
  std::size_t matched_ = 2; // of delimiter_; a body starts as if a CRLF had gone before
  std::size_t parts_ = 0, headers_ = 0, header_bytes_ = 0;
  std::string line_;
  std::optional<PartHead> head_;
  bool has_type_ = false;
  bool at_start_of_part_ = false; // the CRLF that counts as matched was not data
  std::string error_;
};

struct Part {
  PartHead head;
  std::string data;
};
// A body that is whole already. The error says what is wrong.
tl::expected<std::vector<Part>, std::string>
parse_multipart(std::string_view content_type, std::string_view body, MultipartLimits limits = {});

} // namespace graphrag::gateway
