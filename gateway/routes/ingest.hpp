#pragma once
// Sending a document in and answering when it is searchable, accepted, or refused.
#include "actors/document/ingest_job.hpp"
#include "gateway/routes/context.hpp"
#include "gateway/routes/upload.hpp"

namespace graphrag::gateway {

// What became of one document, in terms of HTTP: a status, and the document object or a problem.
struct IngestAnswer {
  int status = 200;
  nlohmann::json body;
  bool retry_later = false; // overloaded: nothing was done
  std::string error_code;   // of a problem
};

// Ingests one upload into a collection. Answers exactly once, from any thread:
//  200 searchable (or unchanged), 202 accepted when asked or when the wait runs out,
// A brief answer has the id and version only, and costs no read of the store.
//  422 failed, 404 unknown collection, 409, 412, 429, 503, 507.
void ingest(const Context& context, const std::shared_ptr<Request>& request,
            const std::string& collection, Upload&& upload, std::optional<std::uint64_t> if_match,
            const Preference& preference, std::vector<runtime::WriteOp> extra,
            std::function<void(IngestAnswer)> answer, bool brief = false);

// The answer as a response, with Location, ETag, Retry-After and Preference-Applied as they fit.
Response to_response(const IngestAnswer& answer, const Request& request,
                     const Preference& preference);

} // namespace graphrag::gateway
