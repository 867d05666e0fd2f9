#include "runtime/store/blobs/s3_answers.hpp"

#include <algorithm>
#include <ctime>
#include <limits>
#include <memory>

#include <libxml/parser.h>

namespace graphrag::runtime::s3 {
namespace {

struct FreeDocument {
  void operator()(xmlDoc* document) const { ::xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;

tl::unexpected<Error> garbled(const char* what) {
  return fail(Errc::io, std::string{"the server's answer is no "} + what);
}

std::string_view name_of(const xmlNode* node) { return reinterpret_cast<const char*>(node->name); }

// Entities stay as they are written, and the network is not used; nesting is bounded by libxml2.
Document parse(std::string_view xml) {
  static const bool ready = [] {
    ::xmlInitParser();
    return true;
  }();
  if (!ready || xml.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return nullptr;
  // White space keeps a connection alive while the server is busy, also before the declaration.
  xml.remove_prefix(std::min(xml.find_first_not_of(" \t\r\n"), xml.size()));
  constexpr int options =
      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
  if (xml.find("<!DOCTYPE") != std::string_view::npos) return nullptr; // before it costs anything
  Document document{
      ::xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr, options)};
  if (document && ::xmlGetIntSubset(document.get())) return nullptr; // in another encoding
  return document;
}

// The root, when it has this name.
const xmlNode* root_of(const Document& document, std::string_view name) {
  const auto* root = document ? ::xmlDocGetRootElement(document.get()) : nullptr;
  return root && name_of(root) == name ? root : nullptr;
}

const xmlNode* child(const xmlNode* node, std::string_view name) {
  for (const auto* one = node->children; one; one = one->next)
    if (one->type == XML_ELEMENT_NODE && name_of(one) == name) return one;
  return nullptr;
}

std::string text(const xmlNode* node, std::string_view name) {
  const auto* found = child(node, name);
  if (!found) return {};
  const std::unique_ptr<xmlChar, void (*)(void*)> content{::xmlNodeGetContent(found), xmlFree};
  return content ? reinterpret_cast<const char*>(content.get()) : "";
}

// Calls `each` for every child of that name until it says false, which is passed on.
template <class Each>
bool each_child(const xmlNode* node, std::string_view name, Each each) {
  for (const auto* one = node->children; one; one = one->next)
    if (one->type == XML_ELEMENT_NODE && name_of(one) == name && !each(one)) return false;
  return true;
}

// Only what is plain; anything else is not worth repeating.
std::string plain(std::string word) {
  const bool ok = word.size() <= 64 && std::all_of(word.begin(), word.end(), [](unsigned char c) {
                    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '.' || c == '-';
                  });
  return ok ? word : std::string{};
}

std::optional<std::int64_t> parse_time(std::string_view text, const char* format,
                                       std::string_view& rest) {
  const std::string whole{text.substr(0, 64)};
  std::tm parts{};
  const auto* end = ::strptime(whole.c_str(), format, &parts);
  if (!end) return std::nullopt;
  rest = text.substr(static_cast<std::size_t>(end - whole.c_str()));
  return ::timegm(&parts);
}

} // namespace

Refusal parse_refusal(std::string_view xml) {
  const auto document = parse(xml);
  const auto* error = root_of(document, "Error");
  if (!error) return {};
  return {plain(text(error, "Code")), plain(text(error, "Region"))};
}

Result<Listing> parse_listing(std::string_view xml) {
  const auto document = parse(xml);
  const auto* root = root_of(document, "ListBucketResult");
  if (!root) return garbled("list of objects");
  Listing out;
  const bool whole = each_child(root, "Contents", [&](const xmlNode* one) {
    const auto modified = parse_iso_time(text(one, "LastModified"));
    out.objects.push_back({text(one, "Key"), modified.value_or(0)});
    return modified && !out.objects.back().name.empty();
  });
  if (!whole) return garbled("whole list of objects");
  if (text(root, "IsTruncated") != "true") return out;
  out.next = text(root, "NextContinuationToken");
  if (out.next.empty()) return garbled("list of objects that goes on");
  return out;
}

Result<Uploads> parse_uploads(std::string_view xml) {
  const auto document = parse(xml);
  const auto* root = root_of(document, "ListMultipartUploadsResult");
  if (!root) return garbled("list of uploads");
  Uploads out;
  const bool whole = each_child(root, "Upload", [&](const xmlNode* one) {
    const auto initiated = parse_iso_time(text(one, "Initiated"));
    out.uploads.push_back({text(one, "Key"), text(one, "UploadId"), initiated.value_or(0)});
    return initiated && !out.uploads.back().name.empty() && !out.uploads.back().id.empty();
  });
  if (!whole) return garbled("whole list of uploads");
  out.more = text(root, "IsTruncated") == "true";
  out.next_name = text(root, "NextKeyMarker");
  out.next_id = text(root, "NextUploadIdMarker");
  return out;
}

Result<std::string> parse_upload_id(std::string_view xml) {
  const auto document = parse(xml);
  const auto* root = root_of(document, "InitiateMultipartUploadResult");
  auto id = root ? text(root, "UploadId") : std::string{};
  if (id.empty()) return garbled("upload");
  return id;
}

Result<std::string> parse_completed(std::string_view xml) {
  const auto document = parse(xml);
  const auto* root = root_of(document, "CompleteMultipartUploadResult");
  if (!root) return garbled("completed upload");
  return without_quotes(text(root, "ETag"));
}

std::string complete_request(const std::vector<std::string>& etags) {
  std::string out = "<CompleteMultipartUpload "
                    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < etags.size(); ++i)
    out += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>&quot;" + etags[i] +
           "&quot;</ETag></Part>";
  return out + "</CompleteMultipartUpload>";
}

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
  std::string_view rest;
  const auto time = parse_time(text, "%Y-%m-%dT%H:%M:%S", rest);
  if (!time || !rest.ends_with('Z')) return std::nullopt;
  rest.remove_suffix(1);
  if (rest.starts_with('.')) rest.remove_prefix(1); // the fraction of the second
  if (rest.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return time;
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  std::string_view rest;
  const auto time = parse_time(text, "%a, %d %b %Y %H:%M:%S", rest);
  return time && rest == " GMT" ? time : std::nullopt;
}

std::string without_quotes(std::string_view etag) {
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"'))
    etag = etag.substr(1, etag.size() - 2);
  return std::string{etag};
}

} // namespace graphrag::runtime::s3
