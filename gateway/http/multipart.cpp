#include "gateway/http/multipart.hpp"

#include <cstring>

#include "gateway/http/chars.hpp"
#include "gateway/http/header_params.hpp"
#include "gateway/http/strict_head.hpp"
#include "gateway/http/uri.hpp"

namespace graphrag::gateway {
namespace {

bool plain_text(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return valid_utf8(text);
}

// Browsers send a quote in a name as %22 (WHATWG); nothing else is decoded.
std::string with_quotes(std::string text) {
  for (std::size_t at = 0; (at = text.find("%22", at)) != std::string::npos; ++at) {
    text.replace(at, 3, "\"");
  }
  return text;
}

} // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  static constexpr ByteClass boundary_bytes = byte_class("'()+_,-./:=? ", true);
  const auto value = parse_parameterised(content_type);
  if (!value || value->value != "multipart/form-data") return std::nullopt;
  const auto* boundary = value->find("boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70 || boundary->back() == ' ' ||
      !all_in(boundary_bytes, *boundary)) {
    return std::nullopt;
  }
  return *boundary;
}

MultipartParser::MultipartParser(std::string_view boundary, MultipartSink& sink,
                                 MultipartLimits limits)
    : sink_(sink), limits_(limits), delimiter_("\r\n--" + std::string(boundary)) {}

bool MultipartParser::fail(std::string why) {
  state_ = State::bad;
  error_ = std::move(why);
  return false;
}

bool MultipartParser::feed(std::string_view input) {
  while (!input.empty()) {
    const char c = input.front();
    std::size_t used = 1;
    switch (state_) {
    case State::start:
      if (c != delimiter_[matched_]) return fail("the body does not start with its boundary");
      if (++matched_ == delimiter_.size()) state_ = State::delimiter;
      break;
    case State::delimiter:
      if (c == '-')
        state_ = State::last_dash;
      else if (c == '\r')
        state_ = State::delimiter_lf;
      else
        return fail("something follows a boundary on its line");
      break;
    case State::last_dash:
      if (c != '-') return fail("something follows a boundary on its line");
      if (parts_ == 0) return fail("there are no parts");
      state_ = State::end;
      break;
    case State::delimiter_lf:
      if (c != '\n') return fail("a boundary's line does not end in CRLF");
      if (++parts_ > limits_.max_parts) return fail("there are too many parts");
      state_ = State::header;
      headers_ = header_bytes_ = 0;
      head_.reset();
      has_type_ = false;
      line_.clear();
      break;
    case State::header:
      if (!on_header_byte(c)) return false;
      break;
    case State::data:
      used = on_data_bytes(input);
      break;
    case State::end:
      if (c != '\r') return fail("something follows the last boundary");
      state_ = State::end_lf;
      break;
    case State::end_lf:
      if (c != '\n') return fail("something follows the last boundary");
      state_ = State::done;
      break;
    case State::done:
      return fail("something follows the last boundary");
    case State::bad:
      return false;
    }
    input.remove_prefix(used);
  }
  return true;
}

bool MultipartParser::finish() {
  if (state_ == State::bad) return false;
  if (state_ != State::end && state_ != State::done)
    return fail("the body ends before its last boundary");
  return true;
}

bool MultipartParser::on_header_byte(char c) {
  if (++header_bytes_ > limits_.max_header_bytes) return fail("the headers of a part are too long");
  if (c != '\n') {
    if (!line_.empty() && line_.back() == '\r') return fail("there is a CR inside a part's header");
    line_.push_back(c);
    return true;
  }
  if (line_.empty() || line_.back() != '\r') return fail("a part's header ends in LF without CR");
  line_.pop_back();
  if (!line_.empty()) return on_header_line();
  if (!head_ || head_->name.empty()) return fail("a part has no Content-Disposition");
  sink_.on_part(std::move(*head_));
  head_.reset();
  state_ = State::data;
  // The delimiter of a part without a body may follow at once, its CRLF being that of the headers.
  matched_ = 2;
  at_start_of_part_ = true;
  return true;
}

bool MultipartParser::on_header_line() {
  if (++headers_ > limits_.max_part_headers) return fail("a part has too many headers");
  std::string_view name, value;
  if (auto refusal = check_field_line(line_, name, value)) return fail("part: " + refusal->detail);
  if (equals_ignoring_case(name, "content-disposition")) {
    if (head_ && !head_->name.empty()) return fail("a part has two Content-Dispositions");
    const auto disposition = parse_parameterised(value);
    if (!disposition || disposition->value != "form-data" || !disposition->find("name")) {
      return fail("a part's Content-Disposition is not form-data with a name");
    }
    if (!head_) head_.emplace();
    head_->name = with_quotes(*disposition->find("name"));
    if (const auto* extended = disposition->find("filename*")) {
      head_->filename = decode_extended(*extended);
      if (!head_->filename) return fail("a part's filename* is not UTF-8");
    } else if (const auto* plain = disposition->find("filename")) {
      head_->filename = with_quotes(*plain);
    }
    if (head_->name.empty() || !plain_text(head_->name) ||
        !plain_text(head_->filename.value_or(""))) {
      return fail("a part's name is empty, not UTF-8 or holds control characters");
    }
  } else if (equals_ignoring_case(name, "content-type")) {
    if (has_type_) return fail("a part has two Content-Types");
    has_type_ = true;
    if (equals_ignoring_case(value.substr(0, 10), "multipart/"))
      return fail("a part is itself multipart");
    if (!head_) head_.emplace();
    head_->content_type = value;
  } else if (equals_ignoring_case(name, "content-transfer-encoding")) {
    const bool identity = equals_ignoring_case(value, "binary") ||
                          equals_ignoring_case(value, "8bit") ||
                          equals_ignoring_case(value, "7bit");
    if (!identity) return fail("a part has a transfer encoding");
  }
  line_.clear();
  return true;
}

// Passes data on up to the next delimiter. A CR is only ever the first byte of a delimiter, so a
// match that breaks off is data, and the byte that broke it may start the next match.
std::size_t MultipartParser::on_data_bytes(std::string_view input) {
  std::size_t at = 0;
  while (at < input.size()) {
    if (matched_ == 0) {
      const void* found = std::memchr(input.data() + at, '\r', input.size() - at);
      const auto stop =
          found ? static_cast<std::size_t>(static_cast<const char*>(found) - input.data())
                : input.size();
      if (stop > at) sink_.on_data(input.substr(at, stop - at));
      if (!found) return input.size();
      at = stop + 1;
      matched_ = 1;
      continue;
    }
    if (input[at] == delimiter_[matched_]) {
      ++at;
      if (++matched_ < delimiter_.size()) continue;
      sink_.on_part_end();
      state_ = State::delimiter;
      return at;
    }
    const std::size_t from = at_start_of_part_ ? 2 : 0;
    if (matched_ > from) sink_.on_data(std::string_view(delimiter_).substr(from, matched_ - from));
    matched_ = 0;
    at_start_of_part_ = false;
  }
  return at;
}

tl::expected<std::vector<Part>, std::string>
parse_multipart(std::string_view content_type, std::string_view body, MultipartLimits limits) {
  struct Collector final : MultipartSink {
    void on_part(PartHead head) override { parts.push_back({std::move(head), {}}); }
    void on_data(std::string_view piece) override { parts.back().data += piece; }
    void on_part_end() override {}
    std::vector<Part> parts;
  };
  const auto boundary = multipart_boundary(content_type);
  if (!boundary)
    return tl::unexpected<std::string>("this is not multipart/form-data with a boundary");
  Collector collector;
  MultipartParser parser{*boundary, collector, limits};
  if (!parser.feed(body) || !parser.finish()) return tl::unexpected<std::string>(parser.error());
  return std::move(collector.parts);
}

} // namespace graphrag::gateway
