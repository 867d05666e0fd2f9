#pragma once
// What an S3 server answers in XML, and its two forms of time, as values. Pure. Answers come from
// somebody else: a document type, an entity of one's own or a missing element is an error, and
// nothing is ever fetched. Elements are found by their local name; the namespace varies by server.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"

namespace graphrag::runtime::s3 {

// Of an answer that is an error. Only what is fit for a log: the message of a server may repeat
// what was signed, secrets of the session included, so it is not here.
struct Refusal {
  std::string code;   // "NoSuchKey"; letters, digits and dots only, empty when there is none
  std::string region; // the bucket's own, when the server tells
};
// Never fails: a proxy's page of HTML has no code.
Refusal parse_refusal(std::string_view xml);

struct Listed {
  std::string name;          // of the object, prefix included
  std::int64_t modified = 0; // Unix seconds
};
struct Listing { // ListBucketResult, version 2
  std::vector<Listed> objects;
  std::string next; // continuation token; empty: this was the last page
};
Result<Listing> parse_listing(std::string_view xml);

struct Upload {
  std::string name, id;
  std::int64_t initiated = 0; // Unix seconds
};
struct Uploads { // ListMultipartUploadsResult
  std::vector<Upload> uploads;
  bool more = false;
  std::string next_name, next_id; // markers of the next page
};
Result<Uploads> parse_uploads(std::string_view xml);

// InitiateMultipartUploadResult.
Result<std::string> parse_upload_id(std::string_view xml);
// CompleteMultipartUploadResult: the ETag without its quotes. A server may answer 200 first and
// find later that it failed: then there is a Refusal in place of it, and this is an error.
Result<std::string> parse_completed(std::string_view xml);

std::string complete_request(const std::vector<std::string>& etags); // of parts 1, 2, ...

// "2009-10-12T17:50:30.000Z", of elements; "Mon, 12 Oct 2009 17:50:30 GMT", of the Date header.
std::optional<std::int64_t> parse_iso_time(std::string_view text);
std::optional<std::int64_t> parse_http_date(std::string_view text);

std::string without_quotes(std::string_view etag);

} // namespace graphrag::runtime::s3
