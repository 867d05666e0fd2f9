// A hostile parser: what each attempt ends in, and that the pool goes on as if nothing had been.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/sandbox_pool.hpp"

namespace graphrag::tests {
namespace {

using runtime::ParserOutcome;
using Kind = ParserOutcome::Kind;

class SandboxAttack : public testing::Test {
protected:
  static void SetUpTestSuite() {
    auto started = runtime::ParserPool::start(sandbox_options());
    ASSERT_TRUE(started) << started.error().detail;
    pool = std::move(*started).release();
  }
  static void TearDownTestSuite() {
    delete pool;
    pool = nullptr;
  }
  // Every attack is followed by an ordinary document.
  void TearDown() override { EXPECT_EQ(run(*pool, "echo still here").answer, "still here"); }

  static void expect_killed(const std::string& request, int signal) {
    const auto outcome = run(*pool, request);
    EXPECT_EQ(outcome.kind, Kind::crashed) << request << ": " << outcome.answer;
    EXPECT_EQ(outcome.signal, signal) << request << ": " << outcome.detail;
  }
  static void expect_forbidden(const std::string& request) { expect_killed(request, SIGSYS); }

  static runtime::ParserPool* pool;
};
runtime::ParserPool* SandboxAttack::pool = nullptr;

TEST_F(SandboxAttack, CrashesAreNamedBySignal) {
  expect_killed("segv", SIGSEGV);
  expect_killed("abort", SIGABRT);
  expect_killed("overflow", SIGSEGV);
}

TEST_F(SandboxAttack, EndingWithoutAnAnswerIsACrash) {
  const auto outcome = run(*pool, "exit 0");
  EXPECT_EQ(outcome.kind, Kind::crashed);
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(run(*pool, "exit 7").kind, Kind::crashed);
}

TEST_F(SandboxAttack, AnExceptionFailsTheJobWithoutItsText) {
  const auto outcome = run(*pool, "throw words of the document");
  EXPECT_EQ(outcome.kind, Kind::crashed);
  EXPECT_EQ(outcome.detail.find("words"), std::string::npos);
}

TEST_F(SandboxAttack, HangingEndsAtTheDeadline) {
  for (const char* way : {"spin", "sleep"}) {
    auto future = submit(*pool, way, std::chrono::milliseconds(200));
    const auto outcome = future.get();
    EXPECT_EQ(outcome.kind, Kind::timeout) << way;
    EXPECT_GE(outcome.took, std::chrono::milliseconds(200));
  }
}

TEST_F(SandboxAttack, MemoryIsBounded) {
  for (const char* way : {"swell", "swell_like_c"})
    EXPECT_EQ(run(*pool, way).kind, Kind::memory) << way;
}

#ifndef __SANITIZE_ADDRESS__ // which ends the process at such a request by itself
TEST_F(SandboxAttack, OneImpossibleAllocationIsMemoryToo) {
  EXPECT_EQ(run(*pool, "huge").kind, Kind::memory);
}
#endif

TEST_F(SandboxAttack, ForeignFilesCannotBeRead) {
  EXPECT_EQ(run(*pool, "read /etc/passwd").answer, "EACCES");
  EXPECT_EQ(run(*pool, "read /proc/self/environ").answer, "EACCES");
  EXPECT_EQ(run(*pool, "read /proc/" + std::to_string(::getpid()) + "/maps").answer, "EACCES");
  EXPECT_EQ(run(*pool, std::string("read ") + GRAPHRAG_SANDBOX_CHILD).answer, "EACCES");
  EXPECT_EQ(run(*pool, "list /").answer, "EACCES");
}

TEST_F(SandboxAttack, NothingCanBeWritten) {
  const auto file =
      std::filesystem::temp_directory_path() / ("graphrag_sandbox_" + std::to_string(::getpid()));
  std::ofstream(file) << "kept";
  expect_forbidden("write " + file.string() + "_new");
  expect_forbidden("append " + file.string());
  expect_forbidden("truncate " + file.string());
  expect_forbidden("unlink " + file.string());
  EXPECT_EQ(std::filesystem::file_size(file), 4U);
  EXPECT_FALSE(std::filesystem::exists(file.string() + "_new"));
  std::filesystem::remove(file);
}

TEST_F(SandboxAttack, NoSocketsNoProcessesNoThreads) {
  for (const char* attempt : {"socket", "local_socket", "exec /bin/true", "fork", "thread"})
    expect_forbidden(attempt);
}

TEST_F(SandboxAttack, NoOtherProcessCanBeTouched) {
  expect_forbidden("kill_parent " + std::to_string(::getpid()));
  expect_forbidden("ptrace");
}

TEST_F(SandboxAttack, TheWallsCannotBeTakenDown) {
  for (const char* attempt : {"raise_limit", "unshare", "executable_memory", "memfd"})
    expect_forbidden(attempt);
}

TEST_F(SandboxAttack, InheritsOnlyItsChannelAndLocale) {
  const int secret = ::dup(0); // not close-on-exec, as a careless library would leave it
  EXPECT_EQ(run(*pool, "descriptors").answer, "3 socket;");
  EXPECT_EQ(run(*pool, "environment").answer, "LC_ALL=C.UTF-8;TZ=UTC0;");
  ::close(secret);
}

TEST_F(SandboxAttack, FloodsAreCutOff) {
  EXPECT_EQ(run(*pool, "flood_channel").kind, Kind::crashed);
  EXPECT_EQ(run(*pool, "flood_stderr").answer, "flooded"); // into /dev/null
  EXPECT_EQ(run(*pool, "large " + std::to_string(65ULL << 20)).kind, Kind::answer_too_large);
}

TEST_F(SandboxAttack, ClosingTheChannelIsACrash) {
  EXPECT_EQ(run(*pool, "close_channel").kind, Kind::crashed);
}

TEST(SandboxWithoutLandlock, SeccompAloneStillRefusesFilesSocketsAndExec) {
  auto options = sandbox_options();
  options.use_landlock = false;
  auto pool = runtime::ParserPool::start(options);
  ASSERT_TRUE(pool) << pool.error().detail;
  EXPECT_EQ((*pool)->protection().landlock_abi, 0);
  EXPECT_EQ(run(**pool, "read /etc/passwd").answer, "EACCES");
  for (const char* attempt : {"socket", "exec /bin/true", "fork", "unlink /tmp/none"})
    EXPECT_EQ(run(**pool, attempt).signal, SIGSYS) << attempt;
  const auto none = "/tmp/graphrag_none-" + std::to_string(::getpid());
  EXPECT_EQ(run(**pool, "write " + none).answer, "EACCES");
  EXPECT_FALSE(std::filesystem::exists(none));
}

TEST(SandboxWithoutLandlock, CanBeRefused) {
  auto options = sandbox_options();
  options.use_landlock = false;
  options.require_landlock = true;
  const auto pool = runtime::ParserPool::start(options);
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, runtime::Errc::unavailable);
}

TEST(SandboxReadable, OnlyTheNamedFolderCanBeRead) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("graphrag_readable_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "map") << "12345";
  std::ofstream(folder.string() + ".secret") << "12345";
  auto options = sandbox_options();
  options.arguments.push_back(folder.string());
  auto pool = runtime::ParserPool::start(options);
  ASSERT_TRUE(pool) << pool.error().detail;
  const bool landlock = (*pool)->protection().landlock_abi > 0;
  EXPECT_EQ(run(**pool, "read " + (folder / "map").string()).answer,
            landlock ? "read 5" : "EACCES");
  EXPECT_EQ(run(**pool, "read " + folder.string() + ".secret").answer, "EACCES");
  EXPECT_EQ(run(**pool, "read " + folder.string() + "/../" + folder.filename().string() + ".secret")
                .answer,
            "EACCES");
  pool->reset();
  std::filesystem::remove_all(folder);
  std::filesystem::remove(folder.string() + ".secret");
}

} // namespace
} // namespace graphrag::tests
