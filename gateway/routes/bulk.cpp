#include "gateway/routes/bulk.hpp"

#include <boost/asio/steady_timer.hpp>

#include "gateway/json_writer.hpp"
#include "gateway/routes/routes.hpp"

namespace graphrag::gateway {
namespace {
constexpr auto first_pause =
    std::chrono::milliseconds(20); // before a line that met a full queue tries again
constexpr auto longest_pause = std::chrono::milliseconds(1000);
constexpr unsigned max_attempts = 60;

bool blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// A line that meets a full queue waits and tries again: the window, not the client, is the brake.
void ingest_patiently(const Context& context, const std::shared_ptr<Request>& request,
                      const std::string& collection, std::shared_ptr<Upload> upload,
                      unsigned attempt, std::function<void(IngestAnswer)> answer) {
  auto copy = *upload;
  auto settle = [context, request, collection, upload, attempt,
                 answer = std::move(answer)](IngestAnswer result) {
    bool again = result.status == 429 || result.status == 503;
    if (!again || attempt >= max_attempts) return answer(std::move(result));
    auto pause = std::min(first_pause * (1 << std::min(attempt, 6U)), longest_pause);
    auto timer = std::make_shared<boost::asio::steady_timer>(*context->io, pause);
    timer->async_wait([=](boost::system::error_code) {
      ingest_patiently(context, request, collection, upload, attempt + 1, answer);
      (void)timer; // lives until here
    });
  };
  ingest(context, request, collection, std::move(copy), std::nullopt, Preference{}, {},
         std::move(settle), true);
}

} // namespace

void ingest_job_line(const Context& context, const std::string& collection, const std::string& line,
                     const std::string& fallback_id, std::function<void(nlohmann::json)> answer) {
  auto request = std::make_shared<Request>();
  auto upload = upload_from_json_text(line);
  if (!upload) return answer(nlohmann::json::parse(to_response(upload.error(), "").body));
  if (!upload->id) upload->id = fallback_id;
  ingest_patiently(context, request, collection, std::make_shared<Upload>(std::move(*upload)), 0,
                   [answer = std::move(answer)](IngestAnswer result) {
                     answer(result.status < 400 ? nlohmann::json(nullptr) : std::move(result.body));
                   });
}

void BulkConsumer::on_data(std::string_view piece, std::function<void()> resume) {
  std::vector<std::function<void()>> after;
  {
    std::lock_guard lock{mutex_};
    if (aborted_) return;
    buffer_.append(piece);
    resume_ = std::move(resume);
    take_lines(after);
  }
  for (auto& action : after) action();
}

void BulkConsumer::on_end() {
  std::vector<std::function<void()>> after;
  {
    std::lock_guard lock{mutex_};
    ended_ = true;
    if (!buffer_.empty() && !skipping_) buffer_.push_back('\n');
    take_lines(after);
    flush();
  }
  for (auto& action : after) action();
}

void BulkConsumer::on_abort(std::string_view) {
  std::lock_guard lock{mutex_};
  aborted_ = true; // lines in flight finish and are kept; their answers have nobody to go to
  buffer_.clear();
  resume_ = nullptr;
  out_.reset();
}

void BulkConsumer::take_lines(std::vector<std::function<void()>>& after) {
  std::size_t from = 0;
  while (open_.size() < window) {
    auto end = buffer_.find('\n', from);
    if (end == std::string::npos) break;
    std::string_view line{buffer_.data() + from, end - from};
    from = end + 1;
    if (std::exchange(skipping_, false) || blank(line)) continue;
    open_.emplace_back();
    after.push_back([self = shared_from_this(), number = next_line_++, text = std::string{line}] {
      self->start_line(number, text);
    });
  }
  buffer_.erase(0, from);
  bool has_line = buffer_.find('\n') != std::string::npos;
  if (!has_line && buffer_.size() > max_line_bytes) {
    buffer_.clear();
    if (!std::exchange(skipping_, true)) {
      open_.emplace_back();
      after.push_back(
          [self = shared_from_this(), number = next_line_++, trace = request_->trace_id] {
            auto refusal = problem(413, "line_too_long", "a line may have 16 MiB", trace);
            self->settle(number, "",
                         {413, nlohmann::json::parse(refusal.body), false, "line_too_long"});
          });
    }
  }
  // Ask for more only when what has come is used up: otherwise the window is full.
  if (!has_line && !ended_ && open_.size() < window && resume_)
    after.push_back(std::exchange(resume_, nullptr));
}

void BulkConsumer::start_line(std::uint64_t number, std::string text) {
  auto upload = upload_from_json_text(text);
  if (!upload) {
    auto refusal = to_response(upload.error(), request_->trace_id);
    settle(number, "",
           {refusal.status, nlohmann::json::parse(refusal.body), false, upload.error().code});
    return;
  }
  if (!upload->id) upload->id = runtime::make_document_id();
  submit(number, std::make_shared<Upload>(std::move(*upload)));
}

void BulkConsumer::submit(std::uint64_t number, std::shared_ptr<Upload> upload) {
  ingest_patiently(context_, request_, collection_of(*request_), upload, 0,
                   [self = shared_from_this(), number, upload](IngestAnswer answer) {
                     self->settle(number, *upload->id, std::move(answer));
                   });
}

void BulkConsumer::settle(std::uint64_t number, const std::string& id, IngestAnswer answer) {
  JsonWriter line;
  line.object().field("line", number);
  if (!id.empty()) line.field("id", id);
  line.field("status", answer.status);
  if (answer.status >= 400) line.key("problem").raw(answer.body.dump());
  line.end_object();
  std::vector<std::function<void()>> after;
  {
    std::lock_guard lock{mutex_};
    auto& slot = open_[number - answered_ - 1];
    slot.done = true;
    slot.answer = line.take() + "\n";
    ++(answer.status < 400 ? ok_ : failed_);
    flush();
    if (!aborted_) take_lines(after);
    flush();
  }
  for (auto& action : after) action();
}

void BulkConsumer::begin_answer() {
  Response head;
  head.content_type = "application/x-ndjson";
  out_ = start_.begin(std::move(head));
}

void BulkConsumer::flush() {
  std::string ready;
  while (!open_.empty() && open_.front().done) {
    ready += open_.front().answer;
    open_.pop_front();
    ++answered_;
  }
  if (aborted_ || finished_) return;
  bool over = ended_ && open_.empty() && buffer_.find('\n') == std::string::npos;
  if (over) {
    JsonWriter last;
    last.object().field("done", true).field("ok", ok_).field("failed", failed_).end_object();
    ready += last.take() + "\n";
  }
  if (ready.empty()) return;
  if (!out_) begin_answer();
  if (!out_->write(std::move(ready))) {
    aborted_ = true; // the client does not read its answers
    buffer_.clear();
    resume_ = nullptr;
    return;
  }
  if (over) {
    finished_ = true;
    out_->finish();
  }
}

void add_bulk_routes(std::vector<Route>& routes, const Context& context) {
  Route route;
  route.method = "POST";
  route.summary = "Add many documents: NDJSON lines in, NDJSON answers out";
  route.operation_id = "bulkDocuments";
  route.total = std::chrono::hours(6); // an import; the body's own progress deadline still holds
  route.stream = [context](std::shared_ptr<Request> request,
                           StreamStart start) -> std::shared_ptr<BodyConsumer> {
    if (!context->node->views->knows(collection_of(*request))) {
      start.responder.fulfil(
          error_response({runtime::Errc::not_found, "no such collection"}, request->trace_id));
      return nullptr;
    }
    auto mode = request->query_value("mode").value_or("sync");
    if (mode == "async") return start_bulk_job(context, std::move(request), std::move(start));
    if (mode != "sync") {
      start.responder.fulfil(problem(400, "bad_query", "mode must be sync or async",
                                     request->trace_id,
                                     {{"/query/mode", "must be sync or async"}}));
      return nullptr;
    }
    return std::make_shared<BulkConsumer>(context, std::move(request), std::move(start));
  };
  add_collection_route(routes, std::move(route), "/documents/_bulk");
}

} // namespace graphrag::gateway
