#pragma once
// POST …/documents/_bulk: NDJSON in, NDJSON out. Lines are answered in their order, each when its
// document is searchable or refused; a bounded window of lines is in flight, and the body is read
// only as fast as they finish, so memory does not grow with the request.
#include <deque>
#include <memory>
#include <mutex>

#include "gateway/routes/ingest.hpp"

namespace graphrag::gateway {

// With ?mode=async: the whole body is made durable and answered 202 with a job (jobs.cpp).
std::shared_ptr<BodyConsumer> start_bulk_job(const Context& context,
                                             std::shared_ptr<Request> request, StreamStart start);

// One line of such a job: answers null, or the line's problem, once.
void ingest_job_line(const Context& context, const std::string& collection, const std::string& line,
                     const std::string& fallback_id, std::function<void(nlohmann::json)> answer);

class BulkConsumer final : public BodyConsumer, public std::enable_shared_from_this<BulkConsumer> {
public:
  static constexpr std::size_t window = 256; // lines in flight per request
  static constexpr std::size_t max_line_bytes = 16 * 1024 * 1024;

  BulkConsumer(Context context, std::shared_ptr<Request> request, StreamStart start)
      : context_(std::move(context)), request_(std::move(request)), start_(std::move(start)) {}

  void on_data(std::string_view piece, std::function<void()> resume) override;
  void on_end() override;
  void on_abort(std::string_view reason) override;

private:
  struct Line {
    bool done = false;
    std::string answer;
  };
  void take_lines(
      std::vector<std::function<void()>>& after); // from buffer_, within the window; lock held
  void start_line(std::uint64_t number, std::string text);
  void settle(std::uint64_t number, const std::string& id, IngestAnswer answer);
  void submit(std::uint64_t number, std::shared_ptr<Upload> upload);
  void flush();        // lock held
  void begin_answer(); // lock held

  Context context_;
  std::shared_ptr<Request> request_;
  StreamStart start_;
  std::shared_ptr<ResponseStream> out_;
  std::mutex mutex_;
  std::string buffer_;
  bool skipping_ = false; // within a line that was too long
  bool ended_ = false, aborted_ = false, finished_ = false;
  std::function<void()> resume_;
  std::deque<Line> open_;       // lines answered_+1 ..
  std::uint64_t answered_ = 0;  // lines whose answer was written
  std::uint64_t next_line_ = 1; // number of the next line
  std::uint64_t ok_ = 0, failed_ = 0;
};

} // namespace graphrag::gateway
