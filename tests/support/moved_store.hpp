#pragma once
// A data folder with some of everything that a store keeps, made by a server and by hand, for the
// tests of moving it.
#include <csignal>
#include <stdexcept>

#include <gtest/gtest.h>

#include "runtime/content_hash.hpp"
#include "runtime/store/blob.hpp"
#include "runtime/store/store.hpp"
#include "tests/support/http.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {

class MovedStore {
public:
  static constexpr int files = 12;
  static std::string report(int number) {
    return "# Report " + std::to_string(number) + "\n\nThe heron of Weir" + std::to_string(number) +
           " waits by the water.\n";
  }

  MovedStore() {
    {
      ServerProcess server{data()};
      HttpClient http{server.port()};
      fill(http);
      server.signal(SIGTERM);
      if (server.wait_for_exit(std::chrono::seconds(60)) != 0) throw std::runtime_error("no stop");
    }
    leave_work();
  }

  std::filesystem::path data() const { return folder_.path() / "data"; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  const std::string& token() const { return token_; } // of the last write

  std::unique_ptr<runtime::Store> store() const {
    return std::move(*runtime::open_sqlite_store({(data() / "graphrag.db").string(), 1, 0}));
  }
  std::unique_ptr<runtime::BlobStore> blobs() const {
    return std::move(*runtime::open_folder_blobs((data() / "blobs").string()));
  }

private:
  void fill(HttpClient& http) {
    const auto must = [](const HttpAnswer& answer, int status) {
      EXPECT_EQ(answer.status, status) << answer.body;
      return answer;
    };
    for (int i = 0; i < files; ++i) {
      std::string type;
      const auto body = multipart_file("report.md", report(i), type);
      must(http.request("PUT", "/api/v1/documents/file" + std::to_string(i), body,
                        {{"Content-Type", type}}),
           200);
    }
    must(http.request("PUT", "/api/v1/collections/library"), 201);
    for (int i = 0; i < 30; ++i)
      must(http.put("/api/v1/collections/library/documents/note" + std::to_string(i),
                    {{"text", "The Otter Club of Henley met " + std::to_string(i) + " times."},
                     {"metadata", {{"year", 1900 + i}}}}),
           200);
    must(http.request("PATCH", "/api/v1/collections/library/documents/note1",
                      R"({"title": "Of otters"})", {{"Content-Type", "application/json"}}),
         200);
    must(http.request("DELETE", "/api/v1/collections/library/documents/note2"), 204);
    must(http.request("POST", "/api/v1/documents", R"({"text": "Said once."})",
                      {{"Content-Type", "application/json"}, {"Idempotency-Key", "once"}}),
         200);
    const auto last = must(http.put("/api/v1/documents/last", {{"text", "The last word."}}), 200);
    token_ = last.json().value("consistency_token", "");
  }

  // A file and a job that were accepted, and what a person decided.
  void leave_work() {
    auto originals = blobs();
    const auto bytes = report(99);
    runtime::DocumentInput queued;
    queued.key = {"default", "queued"};
    queued.filename = "report.md";
    queued.content_hash = runtime::content_hash(bytes);
    queued.bytes = bytes.size();
    queued.blob = *originals->put(bytes);
    const auto lines = *originals->put("{\"id\":\"by-job\",\"text\":\"The mill of Marlow.\"}\n");
    const nlohmann::json work{{"input", {{"blob", lines}, {"offset", 0}, {"line", 0}}},
                              {"done", 0},
                              {"ok", 0},
                              {"failed", 0},
                              {"problems", nlohmann::json::array()},
                              {"created_ms", 1}};
    const std::vector<runtime::WriteOp> ops{
        runtime::AcceptOp{queued},
        runtime::SaveJobOp{"j-left", "library", "bulk", "queued", work.dump(), 1},
        runtime::SaveVerdictOp{"library", "henley", "otter club", false}};
    const auto written = store()->write(ops);
    if (!written) throw std::runtime_error(written.error().detail);
    for (const auto& result : written->results) EXPECT_FALSE(result.error);
  }

  TempDir folder_;
  std::string token_;
};

} // namespace graphrag::test
