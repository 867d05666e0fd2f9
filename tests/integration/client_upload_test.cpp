// What uploads say of a server that does not answer.
#include <fstream>

#include <gmock/gmock.h>

#include "gateway/client/server_process.hpp"
#include "gateway/client/uploader.hpp"
#include "tests/integration/stub_server.hpp"

namespace graphrag::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ClientUpload : public testing::Test {
protected:
  ClientUpload() : folder(std::move(*client::TemporaryFolder::make())) {
    options.server.url = stub->url();
    options.in_flight = 1;
    options.retry.first = 1ms;
    options.say_after = 0ms;
    options.say = [this](const std::string& text) { said.push_back(text); };
  }
  void file(const std::string& name) {
    const auto path = folder.path() / name;
    std::ofstream{path} << "a text";
    files.push_back({name, path});
  }
  client::UploadReport upload(std::function<void()> after_each = [] {}) {
    return client::upload_files(files, options, [&](const auto&) { after_each(); });
  }
  std::unique_ptr<StubServer> stub = std::make_unique<StubServer>();
  client::TemporaryFolder folder;
  std::vector<client::FoundFile> files;
  client::UploadOptions options;
  std::vector<std::string> said;
};

TEST_F(ClientUpload, SaysOnceThatItWaitsAndOnceThatItIsOver) {
  file("a.txt");
  stub->faults.assign(4, StubServer::Fault::hang_up);
  const auto report = upload();
  EXPECT_FALSE(report.unreachable);
  ASSERT_EQ(report.outcomes.size(), 1U);
  EXPECT_EQ(report.outcomes[0].fate, client::Fate::stored);
  EXPECT_THAT(said, ElementsAre(StartsWith("no document gets through ("),
                                "the server takes documents again"));
}

TEST_F(ClientUpload, AMomentWithoutAnAnswerIsNotWorthAWord) {
  file("a.txt");
  options.say_after = 1h;
  stub->faults.assign(4, StubServer::Fault::hang_up);
  EXPECT_FALSE(upload().unreachable);
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(ClientUpload, GivenUpItTellsHowMuchIsStoredAndWhatToDo) {
  for (const char* name : {"a.txt", "b.txt", "c.txt"}) file(name);
  options.retry.give_up_after = 20ms;
  const auto report = upload([&] { stub.reset(); }); // after the first file there is no server
  EXPECT_TRUE(report.unreachable);
  EXPECT_THAT(report.reason, HasSubstr("; 1 of 3 files are stored, and the same command goes on"));
}

} // namespace
} // namespace graphrag::test
