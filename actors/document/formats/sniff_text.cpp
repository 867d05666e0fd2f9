#include "actors/document/formats/sniff_text.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/charset.hpp"
#include "actors/document/formats/clean.hpp"

namespace graphrag::document::formats {
namespace {

constexpr std::size_t head_bytes = 16 * 1024;     // shapes of the beginning are looked for here
constexpr std::size_t sample_bytes = 1024 * 1024; // enough to tell text and its encoding

struct Named {
  std::string_view extension, mime; // either one says it
  Format format;
};
constexpr std::array by_name{
    Named{"md", "text/markdown", Format::markdown},
    Named{"markdown", "text/x-markdown", Format::markdown},
    Named{"mdown", "", Format::markdown},
    Named{"csv", "text/csv", Format::csv},
    Named{"tsv", "text/tab-separated-values", Format::csv},
    Named{"tab", "", Format::csv},
    Named{"html", "text/html", Format::html},
    Named{"htm", "application/xhtml+xml", Format::html},
    Named{"xhtml", "", Format::html},
    Named{"xml", "application/xml", Format::xml},
    Named{"xsd", "text/xml", Format::xml},
    Named{"json", "application/json", Format::json},
    Named{"ndjson", "application/x-ndjson", Format::ndjson},
    Named{"jsonl", "application/jsonl", Format::ndjson},
    Named{"eml", "message/rfc822", Format::eml},
};
constexpr std::array<std::string_view, 12> binary_names{
    "pdf", "docx", "docm", "dotx", "pptx", "pptm", "ppsx", "xlsx", "xlsm", "odt", "epub", "rtf"};

Format named_format(std::string_view filename, std::string_view mime) {
  const auto ending = extension(filename);
  for (const auto& named : by_name)
    if (ending == named.extension) return named.format;
  if (!ending.empty() && ending != "txt" && ending != "text") return Format::text;
  for (const auto& named : by_name)
    if (!mime.empty() && mime == named.mime) return named.format;
  return Format::text;
}

// "Name: value" lines, ended by an empty one; enough of them known from mail.
bool looks_like_mail(std::string_view text, bool called_mail) {
  static const std::set<std::string, std::less<>> strong{
      "from",        "to",           "subject", "date", "message-id", "mime-version", "received",
      "return-path", "delivered-to", "cc",      "bcc",  "reply-to",   "content-type", "sender"};
  std::set<std::string> known;
  std::size_t lines = 0;
  auto rest = text.substr(0, 8 * head_bytes);
  if (rest.starts_with("From ")) rest.remove_prefix(std::min(rest.find('\n'), rest.size()));
  while (!rest.empty() && (rest[0] == '\n' || rest[0] == '\r')) rest.remove_prefix(1);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') {
      if (lines == 0) return false;
      continue;
    }
    std::size_t at = 0;
    while (at < line.size() && line[at] > ' ' && line[at] < 0x7f && line[at] != ':') ++at;
    if (at == 0 || at >= line.size() || line[at] != ':') return false;
    ++lines;
    auto name = ascii_lower(line.substr(0, at));
    if (strong.contains(name)) known.insert(std::move(name));
  }
  return called_mail ? !known.empty() : known.size() >= 3;
}

// The text begins with a tag that only HTML has, or a document type of it.
bool looks_like_html(std::string_view head) {
  static const std::set<std::string, std::less<>> tags{
      "html",  "head", "body", "title",   "meta",    "div",        "p",      "h1",   "h2",
      "h3",    "h4",   "h5",   "h6",      "table",   "ul",         "ol",     "span", "script",
      "style", "pre",  "br",   "section", "article", "main",       "header", "nav",  "center",
      "font",  "b",    "i",    "a",       "img",     "blockquote", "form",   "hr",   "dl"};
  auto rest = trim(head);
  while (rest.starts_with("<!--") || rest.starts_with("<?")) {
    const auto stop = rest.starts_with("<?") ? rest.find('>') : rest.find("-->");
    if (stop == rest.npos) return false;
    rest = trim(rest.substr(stop + (rest.starts_with("<?") ? 1 : 3)));
  }
  const auto lower_head = ascii_lower(rest.substr(0, 512));
  if (lower_head.starts_with("<!doctype html")) return true;
  if (!lower_head.starts_with("<")) return false;
  const auto end = lower_head.find_first_of(" \t\r\n/>", 1);
  return end != lower_head.npos && tags.contains(std::string_view(lower_head).substr(1, end - 1));
}

bool has_tags(std::string_view head) {
  for (auto at = head.find('<'); at + 1 < head.size() && at != head.npos;
       at = head.find('<', at + 1))
    if (is_letter(head[at + 1]) || head[at + 1] == '!' || head[at + 1] == '/') return true;
  return false;
}

bool is_json(std::string_view text) { return nlohmann::json::accept(text.begin(), text.end()); }

// At least two lines, each a whole object or list. The last line of a sample may be cut.
bool looks_like_ndjson(std::string_view text, bool whole) {
  std::size_t good = 0;
  while (!text.empty() && good < 16) {
    const auto end = text.find('\n');
    if (end == text.npos && !whole) break;
    const auto line = trim(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.empty()) continue;
    if ((line[0] != '{' && line[0] != '[') || !is_json(line)) return false;
    ++good;
  }
  return good >= 2;
}

Sniffed text_kind(Format format, std::string_view filename, std::string reason) {
  const auto ending = extension(filename);
  std::string mime = "text/plain";
  if (format == Format::markdown)
    mime = "text/markdown";
  else if (format == Format::html)
    mime = "text/html";
  else if (format == Format::xml)
    mime = "application/xml";
  else if (format == Format::csv)
    mime = ending == "tsv" ? "text/tab-separated-values" : "text/csv";
  else if (format == Format::eml)
    mime = "message/rfc822";
  else if (format == Format::json)
    mime = "application/json";
  else if (format == Format::ndjson)
    mime = "application/x-ndjson";
  else if (ending == "rst")
    mime = "text/x-rst";
  else if (ending == "org")
    mime = "text/x-org";
  return {format, std::move(mime), std::move(reason)};
}

Sniffed not_text(std::string_view filename, Format named) {
  const auto ending = extension(filename);
  if (std::find(binary_names.begin(), binary_names.end(), ending) != binary_names.end())
    return {Format::unsupported, "application/octet-stream",
            "called ." + ending + " but its content is not", Errc::corrupt};
  if (named != Format::text || ending == "txt" || ending == "text" || ending == "log" ||
      ending == "rst" || ending == "org")
    return text_kind(named, filename, "by name, though not text in a known encoding");
  return {Format::unsupported, "application/octet-stream", "binary data of an unknown kind"};
}

} // namespace

Sniffed sniff_text(std::string_view bytes, std::string_view filename,
                   std::string_view declared_mime) {
  const auto mime = ascii_lower(trim(declared_mime.substr(0, declared_mime.find(';'))));
  const auto named = named_format(filename, mime);
  const auto sample = prefix(bytes, sample_bytes);
  const auto decoded = decode(sample, charset_of(declared_mime));
  if (!decoded) return not_text(filename, named);
  const auto text = trim(*decoded);
  const auto head = text.substr(0, head_bytes);
  if (head.empty()) return text_kind(named, filename, "nothing but white space");
  if (head[0] == '{' || head[0] == '[') {
    const bool whole = sample.size() == bytes.size();
    if (looks_like_ndjson(text, whole))
      return text_kind(Format::ndjson, filename, "a JSON value per line");
    if (named == Format::json || is_json(whole ? text : bytes))
      return text_kind(Format::json, filename, "JSON by content");
  }
  if (named == Format::json || named == Format::ndjson)
    return text_kind(named, filename, "JSON by name");
  const bool markup_named = named == Format::html || named == Format::xml;
  if (looks_like_mail(*decoded, named == Format::eml))
    return text_kind(Format::eml, filename, "header lines of a message");
  if (named != Format::markdown && named != Format::csv && looks_like_html(head))
    return text_kind(Format::html, filename, "begins with HTML tags");
  if (head.starts_with("<?xml") || (named == Format::xml && head[0] == '<'))
    return text_kind(Format::xml, filename, "XML by content");
  if (named == Format::html && has_tags(head))
    return text_kind(Format::html, filename, "tags, and called so");
  if (markup_named || named == Format::eml)
    return text_kind(Format::text, filename, "text without the shape that its name promises");
  if (named != Format::text) return text_kind(named, filename, "text, and called so");
  return text_kind(Format::text, filename, "text");
}

} // namespace graphrag::document::formats
