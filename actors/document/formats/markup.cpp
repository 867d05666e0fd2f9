#include "actors/document/formats/markup.hpp"

#include <array>
#include <libxml/HTMLparser.h>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/charset.hpp"
#include "actors/document/formats/clean.hpp"

namespace graphrag::document::formats {
namespace {

constexpr std::size_t max_reference = 32; // longer names are text

// Elements whose content is not markup; in the last two references still count.
constexpr std::array<std::string_view, 8> raw_elements{"script",  "style",    "xmp",   "iframe",
                                                       "noembed", "noframes", "title", "textarea"};

bool is_raw_element(std::string_view name) {
  return std::find(raw_elements.begin(), raw_elements.end(), name) != raw_elements.end();
}

// In XML "val" also means "w:val"; HTML does not care about case.
bool matches(std::string_view key, std::string_view name, Dialect dialect) {
  if (dialect == Dialect::html) return same_ignoring_case(key, name);
  return key == name || (key.size() > name.size() && key.ends_with(name) &&
                         key[key.size() - name.size() - 1] == ':');
}

bool name_ends(char c) { return is_blank(c) || c == '>' || c == '/'; }

char32_t numeric(std::string_view digits) {
  const bool hex = !digits.empty() && lower(digits[0]) == 'x';
  if (hex) digits.remove_prefix(1);
  char32_t value = 0;
  if (digits.empty()) return 0;
  for (const char c : digits) {
    const int digit = hex ? hex_value(c) : is_digit(c) ? c - '0' : -1;
    if (digit < 0) return 0;
    value = std::min<char32_t>(value * (hex ? 16 : 10) + static_cast<char32_t>(digit), 0x110000);
  }
  return value;
}

// &#150; means the dash of windows-1252, whatever the standard says.
void append_numeric(std::string& out, char32_t value) {
  if (value >= 0x80 && value <= 0x9f) {
    const char byte = static_cast<char>(value);
    out += convert(std::string_view(&byte, 1), "windows-1252").value_or("");
  } else {
    append_utf8(out, value);
  }
}

char32_t named(const std::string& name, Dialect dialect) {
  if (name == "amp") return '&';
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "quot") return '"';
  if (name == "apos") return '\'';
  if (dialect == Dialect::xml) return 0;
  const auto* entity = htmlEntityLookup(reinterpret_cast<const xmlChar*>(name.c_str()));
  return entity == nullptr ? 0 : entity->value;
}

} // namespace

void append_decoded(std::string_view raw, Dialect dialect, std::string& out) {
  while (!raw.empty()) {
    const auto amp = std::min(raw.find('&'), raw.size());
    out += raw.substr(0, amp);
    raw.remove_prefix(amp);
    if (raw.empty()) return;
    std::size_t end = 1;
    if (end < raw.size() && raw[end] == '#') ++end;
    while (end < raw.size() && end < max_reference && (is_letter(raw[end]) || is_digit(raw[end])))
      ++end;
    const auto body = raw.substr(1, end - 1);
    const bool closed = end < raw.size() && raw[end] == ';';
    const bool number = body.starts_with('#');
    const char32_t value = number   ? numeric(body.substr(1))
                           : closed ? named(std::string(body), dialect)
                                    : 0;
    if (value == 0) {
      out += '&';
      raw.remove_prefix(1);
      continue;
    }
    if (number)
      append_numeric(out, value);
    else
      append_utf8(out, value);
    raw.remove_prefix(closed ? end + 1 : end);
  }
}

MarkupReader::Event MarkupReader::next() {
  if (pending_end_) {
    pending_end_ = false;
    return Event::end;
  }
  while (!rest_.empty()) {
    if (!raw_element_.empty()) {
      if (const auto event = raw_text(); event != Event::done) return event;
      continue;
    }
    if (rest_.front() != '<') {
      const auto end = std::min(rest_.find('<'), rest_.size());
      body_ = rest_.substr(0, end);
      literal_ = false;
      rest_.remove_prefix(end);
      return Event::text;
    }
    const char after = rest_.size() > 1 ? rest_[1] : '\0';
    const bool name_follows =
        is_letter(after) || (dialect_ == Dialect::xml && (after == '_' || (after & 0x80) != 0));
    const bool end_tag = after == '/' && rest_.size() > 2 && !is_blank(rest_[2]);
    if (name_follows || end_tag) return tag();
    if (after == '!' || after == '?') {
      if (skip_declaration()) return Event::text;
      continue;
    }
    body_ = rest_.substr(0, 1); // a lone "<"
    literal_ = true;
    rest_.remove_prefix(1);
    return Event::text;
  }
  return Event::done;
}

// Comments, <!DOCTYPE ... [ ... ]>, <?...?>. True for a CDATA section, which is text.
bool MarkupReader::skip_declaration() {
  const auto skip_past = [&](std::string_view stop, std::size_t from) {
    const auto at = rest_.find(stop, from);
    rest_.remove_prefix(at == rest_.npos ? rest_.size() : at + stop.size());
  };
  if (rest_.starts_with("<!--")) {
    // "<!-->" is a whole comment to browsers
    skip_past(rest_.substr(4).starts_with(">") ? ">" : "-->", 2);
    return false;
  }
  if (rest_.starts_with("<![CDATA[")) {
    const auto end = std::min(rest_.find("]]>", 9), rest_.size());
    body_ = rest_.substr(9, end - 9);
    literal_ = true;
    rest_.remove_prefix(std::min(end + 3, rest_.size()));
    return true;
  }
  if (rest_.starts_with("<?")) {
    skip_past(dialect_ == Dialect::xml ? "?>" : ">", 2);
    return false;
  }
  const auto close = rest_.find('>');
  const auto subset = rest_.substr(0, close).find('[');
  if (dialect_ == Dialect::xml && subset != rest_.npos) skip_past("]", subset);
  skip_past(">", 0);
  return false;
}

MarkupReader::Event MarkupReader::tag() {
  const bool end_tag = rest_[1] == '/';
  std::size_t at = end_tag ? 2 : 1;
  const auto begin = at;
  while (at < rest_.size() && !name_ends(rest_[at])) ++at;
  name_ = rest_.substr(begin, at - begin);
  if (dialect_ == Dialect::html) name_ = ascii_lower(name_);
  if (const auto colon = name_.rfind(':'); colon != name_.npos) name_.erase(0, colon + 1);
  const auto body = at;
  char quote = 0; // quotes count only where a value may stand: after "="
  char last = 0;
  for (; at < rest_.size(); ++at) {
    const char c = rest_[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '>') break;
    if ((c == '"' || c == '\'') && last == '=') quote = c;
    if (!is_blank(c)) last = c;
  }
  if (at >= rest_.size() && quote != 0) { // the quote was never closed: take it for a letter
    at = std::min(rest_.find('>', body), rest_.size());
  }
  body_ = rest_.substr(body, at - body);
  self_closing_ = !end_tag && body_.ends_with('/');
  rest_.remove_prefix(std::min(at + 1, rest_.size()));
  if (end_tag) return Event::end;
  if (dialect_ == Dialect::xml)
    pending_end_ = self_closing_;
  else if (is_raw_element(name_) && !self_closing_)
    raw_element_ = name_;
  return Event::start;
}

// Text up to the end tag of the raw element; its end tag comes next by the ordinary way.
MarkupReader::Event MarkupReader::raw_text() {
  std::size_t at = 0;
  for (;; ++at) {
    at = rest_.find("</", at);
    if (at == rest_.npos) {
      at = rest_.size();
      break;
    }
    const auto name = rest_.substr(at + 2, raw_element_.size());
    const auto after = at + 2 + raw_element_.size();
    if (same_ignoring_case(name, raw_element_) &&
        (after >= rest_.size() || name_ends(rest_[after])))
      break;
  }
  literal_ = raw_element_ != "title" && raw_element_ != "textarea";
  raw_element_.clear();
  body_ = rest_.substr(0, at);
  rest_.remove_prefix(at);
  return body_.empty() ? Event::done : Event::text;
}

std::string_view MarkupReader::find_attribute(std::string_view name, bool& found) const {
  found = false;
  auto rest = body_;
  while (!rest.empty()) {
    std::size_t at = 0;
    while (at < rest.size() && (is_blank(rest[at]) || rest[at] == '/')) ++at;
    rest.remove_prefix(at);
    at = 0;
    while (at < rest.size() && !is_blank(rest[at]) && rest[at] != '=' && rest[at] != '/') ++at;
    const auto key = rest.substr(0, at);
    while (at < rest.size() && is_blank(rest[at])) ++at;
    std::string_view value;
    if (at < rest.size() && rest[at] == '=') {
      ++at;
      while (at < rest.size() && is_blank(rest[at])) ++at;
      const char quote =
          at < rest.size() && (rest[at] == '"' || rest[at] == '\'') ? rest[at] : '\0';
      const auto begin = quote != 0 ? at + 1 : at;
      auto end = begin;
      if (quote != 0)
        end = std::min(rest.find(quote, begin), rest.size());
      else
        while (end < rest.size() && !is_blank(rest[end])) ++end;
      value = rest.substr(std::min(begin, rest.size()), end - begin);
      at = std::min(quote != 0 ? end + 1 : end, rest.size());
    }
    rest.remove_prefix(at);
    if (matches(key, name, dialect_)) {
      found = true;
      return value;
    }
  }
  return {};
}

std::string MarkupReader::attribute(std::string_view name) const {
  bool found = false;
  std::string value;
  append_decoded(find_attribute(name, found), dialect_, value);
  return value;
}

bool MarkupReader::has_attribute(std::string_view name) const {
  bool found = false;
  find_attribute(name, found);
  return found;
}

void MarkupReader::append_text(std::string& out) const {
  if (literal_)
    out += body_;
  else
    append_decoded(body_, dialect_, out);
}

} // namespace graphrag::document::formats
