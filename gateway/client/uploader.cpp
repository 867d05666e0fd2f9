#include "gateway/client/uploader.hpp"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include <nlohmann/json.hpp>

#include "gateway/client/text.hpp"

namespace graphrag::client {
namespace {

using nlohmann::json;
using Steady = std::chrono::steady_clock;

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  if (in.bad()) return std::nullopt;
  return bytes;
}

class Upload {
public:
  Upload(const std::vector<FoundFile>& files, const UploadOptions& options,
         const std::function<void(const UploadOutcome&)>& on_outcome)
      : files_(files), options_(options), on_outcome_(on_outcome), last_answer_(Steady::now()) {}

  UploadReport run() {
    std::vector<std::thread> threads;
    auto count = std::max<std::size_t>(1, std::min<std::size_t>(options_.in_flight, files_.size()));
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this, i] { work(i); });
    for (auto& thread : threads) thread.join();
    if (report_.unreachable)
      report_.reason += "; " + std::to_string(done()) + " of " + std::to_string(files_.size()) +
                        " files are stored, and the same command goes on with the rest";
    return std::move(report_);
  }

private:
  std::ptrdiff_t done() const {
    return std::ranges::count_if(report_.outcomes,
                                 [](const auto& one) { return one.fate != Fate::failed; });
  }
  bool stopped() const { return given_up_ || (options_.stop != nullptr && options_.stop->load()); }

  void work(std::size_t number) {
    std::minstd_rand random{static_cast<unsigned>(number + 1)};
    auto client = open_client(options_.server);
    if (!client) return give_up(client.error().detail);
    for (auto i = next_++; i < files_.size() && !stopped(); i = next_++) {
      auto outcome = upload(*client, files_[i], random);
      if (!outcome) continue;
      std::lock_guard lock{mutex_};
      on_outcome_(*outcome);
      report_.outcomes.push_back(std::move(*outcome));
    }
  }

  // Nothing when it was stopped before there was an answer.
  std::optional<UploadOutcome> upload(HttpClient& client, const FoundFile& file,
                                      std::minstd_rand& random) {
    UploadOutcome outcome;
    outcome.id = file.id;
    auto bytes = read_file(file.path);
    if (!bytes) {
      outcome.code = "unreadable";
      outcome.detail = "the file cannot be read";
      return outcome;
    }
    outcome.bytes = bytes->size();
    HttpCall call;
    call.method = "PUT";
    call.target = document_path(options_.collection, file.id);
    auto boundary = multipart_boundary(*bytes);
    call.content_type = "multipart/form-data; boundary=" + boundary;
    call.body = multipart_body(boundary, file.path.filename().string(), mime_of(file.path), *bytes);
    bytes.reset();
    call.deadline = std::chrono::minutes(6); // the server may wait until it is searchable
    auto reply = patiently(client, call, random);
    if (reply && reply->status == 202) {
      call = {};
      call.target = document_path(options_.collection, file.id);
      reply = until_settled(client, call, random);
    }
    if (!reply) return std::nullopt;
    judge(*reply, outcome);
    return outcome;
  }

  void judge(const HttpReply& reply, UploadOutcome& outcome) const {
    outcome.status = reply.status;
    if (!reply.ok()) {
      auto problem = problem_of(reply);
      outcome.code = problem.code.empty() ? "http_" + std::to_string(reply.status) : problem.code;
      outcome.detail = problem.detail;
      return;
    }
    auto document = json::parse(reply.body, nullptr, false);
    if (document.is_object() && document.value("state", std::string{}) == "failed") {
      auto error = document.value("error", json::object());
      outcome.code = error.value("code", std::string{"failed"});
      outcome.detail = error.value("detail", std::string{});
      return;
    }
    auto before = options_.known.find(outcome.id);
    bool same = document.is_object() && before != options_.known.end() &&
                document.value("version", std::uint64_t{0}) == before->second;
    outcome.fate = same ? Fate::unchanged : Fate::stored;
  }

  // Repeats through refusals and broken connections. Nothing when it was stopped.
  std::optional<HttpReply> patiently(HttpClient& client, const HttpCall& call,
                                     std::minstd_rand& random) {
    for (unsigned attempt = 1; !stopped(); ++attempt) {
      auto reply = client.send(call);
      if (reply && !is_transient(reply->status)) {
        note_answer();
        return std::move(*reply);
      }
      if (Steady::now() - last_answer_.load() > options_.retry.give_up_after) {
        if (reply) return std::move(*reply); // a refusal is this document's failure
        give_up(reply.error().detail);
        return std::nullopt;
      }
      note_silence(reply ? in_words(*reply) : reply.error().detail);
      auto jitter = std::uniform_real_distribution<>{0, 1}(random);
      pause(retry_delay(options_.retry, attempt,
                        reply ? reply->header("retry-after") : std::nullopt, jitter));
    }
    return std::nullopt;
  }

  void note_answer() {
    last_answer_ = Steady::now();
    if (!said_) return;
    std::lock_guard lock{mutex_};
    if (said_.exchange(false)) options_.say("the server takes documents again");
  }

  void note_silence(const std::string& why) {
    if (said_ || Steady::now() - last_answer_.load() < options_.say_after) return;
    std::lock_guard lock{mutex_};
    if (said_.exchange(true)) return;
    const auto patience = std::chrono::duration<double>(options_.retry.give_up_after).count();
    options_.say("no document gets through (" + why + "); trying again for up to " +
                 human_seconds(patience));
  }

  // Asks for the document until it is searchable or failed.
  std::optional<HttpReply> until_settled(HttpClient& client, const HttpCall& call,
                                         std::minstd_rand& random) {
    while (!stopped()) {
      auto reply = patiently(client, call, random);
      if (!reply || !reply->ok()) return reply;
      auto document = json::parse(reply->body, nullptr, false);
      auto state = document.is_object() ? document.value("state", std::string{}) : std::string{};
      if (state != "queued" && state != "processing") return reply;
      pause(std::chrono::milliseconds(500));
    }
    return std::nullopt;
  }

  void pause(std::chrono::milliseconds how_long) {
    auto end = Steady::now() + how_long;
    std::unique_lock lock{mutex_};
    while (!stopped() && Steady::now() < end)
      wake_.wait_until(lock, std::min(end, Steady::now() + std::chrono::milliseconds(100)));
  }

  void give_up(const std::string& reason) {
    std::lock_guard lock{mutex_};
    given_up_ = true;
    report_.unreachable = true;
    report_.reason = reason;
    wake_.notify_all();
  }

  const std::vector<FoundFile>& files_;
  const UploadOptions& options_;
  const std::function<void(const UploadOutcome&)>& on_outcome_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> given_up_{false}, said_{false}; // said_: that nothing gets through
  std::atomic<Steady::time_point> last_answer_; // of any upload: a sign that the server is there
  std::mutex mutex_;
  std::condition_variable wake_;
  UploadReport report_;
};

} // namespace

UploadReport upload_files(const std::vector<FoundFile>& files, const UploadOptions& options,
                          const std::function<void(const UploadOutcome&)>& on_outcome) {
  if (files.empty()) return {};
  return Upload{files, options, on_outcome}.run();
}

} // namespace graphrag::client
