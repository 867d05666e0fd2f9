#include "gateway/routes/ingest.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "gateway/gateway_actor.hpp"
#include "gateway/routes/render.hpp"

namespace graphrag::gateway {
namespace {

using document::IngestReport;
using nlohmann::json;

// One document on its way: whoever settles first - searchable, accepted, or the end of the wait -
// gives the answer.
struct Pending : std::enable_shared_from_this<Pending> {
  Context context;
  std::shared_ptr<Request> request;
  runtime::DocumentKey key;
  bool answer_when_accepted = false, brief = false;
  std::function<void(IngestAnswer)> answer;
  std::atomic<bool> answered{false};
  std::atomic<bool> accepted{false}, wait_over{false};
  std::atomic<std::uint64_t> accepted_version{0};
  std::optional<boost::asio::steady_timer> timer;

  void settle(IngestAnswer value) {
    if (answered.exchange(true)) return;
    answer(std::move(value));
  }
  void settle_error(const runtime::Error& error) {
    auto response = error_response(error, request->trace_id);
    settle({response.status, json::parse(response.body), error.code == runtime::Errc::overloaded,
            std::string{runtime::to_string(error.code)}});
  }
  void settle_record(int status, const runtime::DocumentRecord& record,
                     std::optional<std::uint64_t> seq = std::nullopt) {
    IngestAnswer value{status, document_json(context->node, record), false, {}};
    if (seq && *seq != 0) value.body["consistency_token"] = token_of(*seq);
    settle(std::move(value));
  }
  // Answers with the document as the store has it now.
  void settle_document(int status, std::optional<std::uint64_t> seq = std::nullopt) {
    auto self = shared_from_this();
    bool taken = context->node->io->submit([self, status, seq] {
      auto record = self->context->node->store->document(self->key);
      if (!record) return self->settle_error(record.error());
      self->settle_record(status, *record, seq);
    });
    if (!taken) settle({status, json{{"id", key.id}, {"collection", key.collection}}, false, {}});
  }
  // Another took the work over. As long as the version is the newest, it is merely done elsewhere.
  void settle_taken_over(const runtime::Error& stale) {
    auto self = shared_from_this();
    bool taken = context->node->io->submit([self, stale] {
      auto record = self->context->node->store->document(self->key);
      if (!record || record->version != self->accepted_version) return self->settle_error(stale);
      bool queued = record->state == runtime::DocumentState::queued;
      self->settle_record(queued ? 202 : 200, *record);
    });
    if (!taken) settle({202, json{{"id", key.id}, {"collection", key.collection}}, false, {}});
  }
  void on_accepted(const IngestReport& report) {
    accepted_version = report.version;
    accepted = true;
    if (answer_when_accepted || wait_over) settle_document(202);
  }
  void on_wait_over() {
    wait_over = true;
    if (accepted) settle_document(202);
  }
  void on_done(runtime::Result<IngestReport> report) {
    if (!report) {
      // Accepted and then stopped by a dependency: it is durable and will be resumed.
      if (!accepted) return settle_error(report.error());
      if (report.error().code == runtime::Errc::stale_epoch)
        return settle_taken_over(report.error());
      return settle_document(202);
    }
    if (report->error) {
      auto response =
          document_problem(*report->error, report->version != 0 ? key.id : "", *request);
      return settle({response.status, json::parse(response.body), false, report->error->code});
    }
    bool queued = report->state == runtime::DocumentState::queued;
    if (brief)
      return settle(
          {queued ? 202 : 200, json{{"id", key.id}, {"version", report->version}}, false, {}});
    if (report->record) return settle_record(200, *report->record);
    settle_document(queued ? 202 : 200, report->seq);
  }
};

} // namespace

void ingest(const Context& context, const std::shared_ptr<Request>& request,
            const std::string& collection, Upload&& upload, std::optional<std::uint64_t> if_match,
            const Preference& preference, std::vector<runtime::WriteOp> extra,
            std::function<void(IngestAnswer)> answer, bool brief) {
  auto pending = std::make_shared<Pending>();
  pending->context = context;
  pending->request = request;
  pending->brief = brief;
  pending->answer_when_accepted = preference.respond_async;
  pending->answer = std::move(answer);
  if (auto room = context->node->peers->room_for(collection); !room)
    return pending->settle_error(room.error());
  auto id = upload.id.value_or(runtime::make_document_id());
  auto job = job_of(collection, id, std::move(upload));
  pending->key = job->input.key;
  job->input.if_match = if_match;
  job->accept_first = job->is_file || preference.respond_async;
  if (job->accept_first) job->is_file = true; // resumed work starts from the blob, whatever it was
  job->extra = std::move(extra);
  job->accepted = runtime::Promise<IngestReport>{[pending](runtime::Result<IngestReport> report) {
    if (report) pending->on_accepted(*report);
  }};
  job->done = runtime::Promise<IngestReport>{
      [pending](runtime::Result<IngestReport> report) { pending->on_done(std::move(report)); }};
  if (job->accept_first) {
    pending->timer.emplace(*context->io, preference.wait);
    pending->timer->async_wait([weak = std::weak_ptr<Pending>(pending)](boost::system::error_code) {
      if (auto alive = weak.lock()) alive->on_wait_over();
    });
  }
  to_gateway(context, job);
}

Response to_response(const IngestAnswer& answer, const Request& request,
                     const Preference& preference) {
  auto response = json_response(answer.status, answer.body.dump());
  if (answer.status >= 400) {
    response.content_type = "application/problem+json";
    if (answer.status == 429 || answer.status == 503)
      response.headers.emplace_back("Retry-After", "1");
    if (answer.status == 507) response.headers.emplace_back("Retry-After", "60");
    return response;
  }
  if (answer.body.contains("version"))
    response.headers.emplace_back("ETag", etag_of(answer.body["version"].get<std::uint64_t>()));
  if (answer.status == 202) {
    response.headers.emplace_back(
        "Location", "/api/v1/collections/" + collection_of(request) +
                        "/documents/_?id=" + percent_encode(answer.body["id"].get<std::string>()));
    response.headers.emplace_back("Retry-After", "1");
  }
  if (preference.respond_async)
    response.headers.emplace_back("Preference-Applied", "respond-async");
  else if (preference.wait_given)
    response.headers.emplace_back(
        "Preference-Applied", "wait=" + std::to_string(preference.wait / std::chrono::seconds{1}));
  return response;
}

} // namespace graphrag::gateway
