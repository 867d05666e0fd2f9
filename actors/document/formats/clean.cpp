#include "actors/document/formats/clean.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace graphrag::document::formats {
namespace {

constexpr int max_marks = 30;

enum class Class : unsigned char { keep, blank, tab, newline, drop };

Class classify(UChar32 c) {
  if (c == '\n' || c == 0x0b || c == 0x0c || c == 0x85 || c == 0x2028 || c == 0x2029)
    return Class::newline;
  if (c == '\t') return Class::tab;
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return Class::drop;
  if (c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
      c == 0x205f || c == 0x3000)
    return Class::blank;
  if (c == 0xad || c == 0x200b || c == 0x2060 || c == 0xfeff) return Class::drop;
  if (c >= 0xfdd0 && (c <= 0xfdef || (c & 0xfffe) == 0xfffe)) return Class::drop;
  return Class::keep;
}

// Collects cleaned characters and keeps the rules about lines and blanks.
class Lines {
public:
  Lines(std::string& out, Space space) : out_(out), space_(space) {}

  void newline() {
    blanks_.clear();
    ++newlines_;
  }
  void blank(char c) {
    if (space_ == Space::keep)
      blanks_ += c;
    else if (blanks_.empty())
      blanks_ = ' ';
  }
  void put(const char* data, std::size_t size) {
    if (newlines_ > 0 && !out_.empty()) out_.append(newlines_ > 1 ? 2 : 1, '\n');
    const bool line_start = newlines_ > 0 || out_.empty();
    if (!blanks_.empty() && !(line_start && space_ == Space::collapse)) out_ += blanks_;
    newlines_ = 0;
    blanks_.clear();
    out_.append(data, size);
  }

private:
  std::string& out_;
  Space space_;
  std::string blanks_;
  std::size_t newlines_ = 0;
};

bool ends_mark_run(UChar32 c, int& marks) {
  if (c < 0x300 || u_getCombiningClass(c) == 0) {
    marks = 0;
    return true;
  }
  return ++marks <= max_marks;
}

std::string to_nfc(std::string text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status) || nfc->isNormalizedUTF8(text, status)) return text;
  std::string normal;
  normal.reserve(text.size());
  icu::StringByteSink<std::string> sink(&normal);
  status = U_ZERO_ERROR;
  nfc->normalizeUTF8(0, text, sink, nullptr, status);
  return U_FAILURE(status) ? text : normal;
}

} // namespace

void append_utf8(std::string& out, char32_t code_point) {
  if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff)) code_point = 0xfffd;
  char buffer[U8_MAX_LENGTH];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(buffer, length, static_cast<UChar32>(code_point));
  out.append(buffer, static_cast<std::size_t>(length));
}

std::string clean(std::string_view raw, Space space) {
  std::string out;
  out.reserve(raw.size());
  Lines lines(out, space);
  bool ascii = true;
  int marks = 0;
  const auto* data = raw.data();
  const auto size = static_cast<std::int64_t>(raw.size());
  for (std::int64_t at = 0; at < size;) {
    const auto byte = static_cast<unsigned char>(data[at]);
    if (byte > 0x20 && byte < 0x7f) { // the common case: a run of printable ASCII
      std::int64_t end = at + 1;
      while (end < size && data[end] > 0x20 && data[end] < 0x7f) ++end;
      lines.put(data + at, static_cast<std::size_t>(end - at));
      at = end;
      marks = 0;
      continue;
    }
    const std::int64_t start = at;
    UChar32 c = byte;
    if (byte < 0x80)
      ++at;
    else
      U8_NEXT(data, at, size, c);
    if (c == '\r') { // CR LF counts once
      if (at < size && data[at] == '\n') ++at;
      c = '\n';
    }
    if (c == 0xf0b7 || c == 0xf0a7) c = 0x2022; // bullets of the symbol fonts
    switch (c < 0 ? Class::keep : classify(c)) {
    case Class::newline:
      lines.newline();
      break;
    case Class::blank:
      lines.blank(' ');
      break;
    case Class::tab:
      lines.blank('\t');
      break;
    case Class::drop:
      break;
    case Class::keep: {
      ascii = false;
      if (c >= 0 && !ends_mark_run(c, marks)) break;
      std::string changed;
      if (c < 0 || c == 0x2022) append_utf8(changed, c < 0 ? 0xfffd : 0x2022);
      if (changed.empty())
        lines.put(data + start, static_cast<std::size_t>(at - start));
      else
        lines.put(changed.data(), changed.size());
    }
    }
  }
  return ascii ? out : to_nfc(std::move(out));
}

std::string clean_line(std::string_view raw) {
  auto out = clean(raw, Space::collapse);
  std::string line;
  line.reserve(out.size());
  for (char c : out)
    if (c != '\n')
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  return line;
}

std::string_view prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

} // namespace graphrag::document::formats
