// kill -9 in the middle of writing: every acknowledged batch is there afterwards, none is there in
// part. A child writes batches and reports each acknowledged one through a pipe.
#include <csignal>
#include <poll.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

constexpr int shared_documents = 3;

std::size_t batch_size(int number) { return 1 + static_cast<std::size_t>(number * 7 % 23); }

// Batch `number`: documents of its own, documents that every batch replaces, and the deletion of
// one of the batch before.
std::vector<WriteOp> batch_of(int number) {
  std::vector<WriteOp> ops;
  auto text = std::string(500 + number % 900, 'x') + " " + std::to_string(number);
  for (std::size_t i = 0; i < batch_size(number); ++i)
    ops.push_back(commit_of(std::to_string(number) + "-" + std::to_string(i), text));
  for (int i = 0; i < shared_documents; ++i)
    ops.push_back(commit_of("shared-" + std::to_string(i), text));
  ops.push_back(DeleteOp{key_of(std::to_string(number - 1) + "-0")});
  return ops;
}

[[noreturn]] void write_until_killed(const std::string& file, int first, int pipe) {
  SqliteOptions options;
  options.file = file;
  auto store = open_sqlite_store(options);
  if (!store) ::_exit(1);
  for (int number = first;; ++number) {
    if (!(*store)->write(batch_of(number))) ::_exit(2);
    if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(3);
  }
}

// Kills the child after `acknowledged` batches and a little more; returns the last batch it
// acknowledged, or first - 1.
int run_and_kill(const std::string& file, int first, int acknowledged, int microseconds) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(file, first, ends[1]);
  }
  ::close(ends[1]);
  int last = first - 1, number = 0;
  while (last < first + acknowledged - 1 && ::read(ends[0], &number, sizeof number) > 0)
    last = number;
  timespec rest{0, microseconds * 1000L};
  ::ppoll(nullptr, 0, &rest, nullptr);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  while (::read(ends[0], &number, sizeof number) > 0) last = number;
  ::close(ends[0]);
  return last;
}

// How many documents of its own a batch still has, and how many of the shared ones say its number.
bool whole_batch(Store& store, int number, bool followed) {
  std::size_t own = 0;
  for (std::size_t i = 0; i < batch_size(number); ++i)
    own += store.content(key_of(std::to_string(number) + "-" + std::to_string(i))).has_value();
  EXPECT_TRUE(own == 0 || own == batch_size(number) - (followed ? 1 : 0))
      << own << " of batch " << number;
  return own != 0 || (followed && batch_size(number) == 1);
}

TEST(SqliteCrash, AcknowledgedBatchesSurviveAKillAndNoneIsHalf) {
  constexpr unsigned seed = 20240607;
  std::mt19937 random(seed);
  std::unique_ptr<TemporaryFolder> folder;
  int next = 1, kills_after_writes = 0;
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    if (round % 5 == 0) { // also kill while the file is being made
      folder = std::make_unique<TemporaryFolder>();
      next = 1;
    }
    auto file = folder->file("store.db");
    int acknowledged = static_cast<int>(random() % (round % 5 == 0 ? 2 : 8));
    int last = run_and_kill(file, next, acknowledged, static_cast<int>(random() % 8000));
    kills_after_writes += last >= next;

    SqliteOptions options;
    options.file = file;
    auto opened = open_sqlite_store(options);
    ASSERT_TRUE(opened) << opened.error().detail;
    auto& store = **opened;
    // One batch more may have been committed without its acknowledgement getting out.
    int newest = whole_batch(store, last + 1, false) ? last + 1 : last;
    EXPECT_FALSE(whole_batch(store, newest + 1, false));
    for (int number = 1; number <= newest; ++number)
      EXPECT_TRUE(whole_batch(store, number, number < newest)) << "batch " << number << " is lost";
    for (int i = 0; i < shared_documents && newest > 0; ++i) {
      auto content = store.content(key_of("shared-" + std::to_string(i)));
      ASSERT_TRUE(content) << content.error().detail;
      EXPECT_TRUE(content->text.ends_with(" " + std::to_string(newest)));
    }
    EXPECT_EQ(*store.last_seq(), static_cast<std::uint64_t>(newest));
    EXPECT_EQ(value_of(store.check()), std::vector<std::string>{});
    next = newest + 1;
  }
  EXPECT_GE(kills_after_writes, 10) << "too few kills hit a writing store to say anything";
}

} // namespace
} // namespace graphrag::runtime
