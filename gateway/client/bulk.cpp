#include "gateway/client/bulk.hpp"

#include <atomic>
#include <mutex>
#include <thread>

#include <nlohmann/json.hpp>

#include "gateway/client/retry.hpp"

namespace graphrag::client {
namespace {

using nlohmann::json;
constexpr std::size_t piece_bytes = 64 * 1024;

class BulkLoad {
public:
  BulkLoad(const std::vector<std::string>& lines, const BulkOptions& options,
           const std::function<void(std::uint64_t)>& on_progress)
      : lines_(lines), options_(options), on_progress_(on_progress) {}

  BulkReport run() {
    auto begin = std::chrono::steady_clock::now();
    std::size_t connections = std::max<std::size_t>(1, options_.connections);
    std::vector<std::thread> threads;
    for (std::size_t c = 0; c < connections; ++c)
      threads.emplace_back([this, c, connections] {
        std::vector<std::size_t> mine; // interleaved: neighbours are alike in size
        for (std::size_t i = c; i < lines_.size(); i += connections) mine.push_back(i);
        load(std::move(mine));
      });
    for (auto& thread : threads) thread.join();
    report_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(report_);
  }

private:
  void load(std::vector<std::size_t> open) {
    for (unsigned attempt = 1; !open.empty(); ++attempt) {
      std::vector<std::size_t> again;
      auto status = once(open, again);
      if (again.empty()) return;
      if (attempt >= options_.attempts) {
        std::lock_guard lock{mutex_};
        report_.connection = status ? runtime::fail(runtime::Errc::overloaded,
                                                    "the server refused documents to the end")
                                    : status;
        return;
      }
      std::this_thread::sleep_for(retry_delay({}, attempt, std::nullopt, 0.5));
      open = std::move(again);
    }
  }

  // One request. What has no final answer afterwards is in `again`.
  runtime::Status once(const std::vector<std::size_t>& open, std::vector<std::size_t>& again) {
    auto client = open_client(options_.server);
    if (!client) {
      again = open;
      return tl::unexpected(client.error());
    }
    std::size_t sent = 0, answered = 0;
    StreamCall call;
    call.target = collection_path(options_.collection, "/documents/_bulk");
    call.content_type = "application/x-ndjson";
    auto begin = std::chrono::steady_clock::now();
    auto due = [&](std::size_t i) { // at a rate, each connection has its share
      return options_.rate <= 0 ||
             std::chrono::steady_clock::now() - begin >=
                 std::chrono::duration<double>(static_cast<double>(i * options_.connections) /
                                               options_.rate);
    };
    call.next_piece = [&]() -> std::optional<std::string> {
      if (sent == open.size()) return std::nullopt;
      std::string piece;
      while (sent < open.size() && piece.size() < piece_bytes && due(sent)) {
        piece += lines_[open[sent++]];
        piece.push_back('\n');
      }
      return piece;
    };
    bool done = false;
    call.on_line = [&](std::string_view line) {
      auto answer = json::parse(line, nullptr, false);
      if (!answer.is_object()) return false;
      if (answer.contains("done")) {
        done = true;
        return true;
      }
      if (answered >= open.size()) return false;
      if (!take(answer)) again.push_back(open[answered]);
      ++answered;
      return true;
    };
    auto reply = client->stream(call);
    for (; answered < open.size(); ++answered) again.push_back(open[answered]);
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->ok()) return runtime::fail(runtime::Errc::unavailable, in_words(*reply));
    if (!done) return runtime::fail(runtime::Errc::unavailable, "the answers ended early");
    return {};
  }

  // False when the line should be sent again.
  bool take(const json& answer) {
    auto status = answer.value("status", 0);
    if (is_transient(status)) return false;
    std::lock_guard lock{mutex_};
    if (status >= 200 && status < 300)
      ++report_.ok;
    else if (report_.failed++ == 0)
      report_.first_failure = answer.dump();
    if (on_progress_) on_progress_(report_.ok + report_.failed);
    return true;
  }

  const std::vector<std::string>& lines_;
  const BulkOptions& options_;
  const std::function<void(std::uint64_t)>& on_progress_;
  std::mutex mutex_;
  BulkReport report_;
};

} // namespace

BulkReport bulk_load(const std::vector<std::string>& lines, const BulkOptions& options,
                     const std::function<void(std::uint64_t)>& on_progress) {
  if (lines.empty()) return {};
  return BulkLoad{lines, options, on_progress}.run();
}

} // namespace graphrag::client
