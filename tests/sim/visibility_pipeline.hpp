#pragma once
// The simulated node: requests, the writer that batches their operations, document workers, and the
// messages to the view. Everything here is memory; stopping the node is destroying the object. Work
// is done in small steps, chosen from outside, so that anything can happen between any two.
#include <deque>
#include <map>
#include <random>

#include "tests/sim/visibility_view.hpp"

namespace graphrag::visibility {

using Random = std::mt19937_64;
inline std::uint32_t below(Random& random, std::uint32_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}

enum class Kind : std::uint8_t { put_direct, put_queued, patch, remove, retry, cancel };

struct Request {
  int id = 0;
  Kind kind = Kind::put_direct;
  std::string document;
  Tag tag = 0; // of the content, or of the title for a patch
  bool wait_until_searchable = true;
  std::uint64_t deadline = 0;
};

// How a request ended.
enum class Answer : std::uint8_t {
  searchable, // durable, and every later query sees it
  durable,    // durable; seen later, or failed with a reason
  refused,    // changed nothing
  unknown,    // it may or may not have happened, now or a little later
};

struct Ended {
  Request request;
  Answer answer;
  std::uint64_t seq = 0; // the consistency token, when one is known
};

class Pipeline {
public:
  Pipeline(runtime::Store& store, Bugs bugs) : store_(store), bugs_(bugs), view_(store, bugs) {}

  void submit(Request request);
  // Does one thing that can be done now. With `calm`, messages are neither lost nor doubled.
  void step(Random& random, bool calm);
  // Time passes: requests whose deadline has come are answered with what is known.
  void tick(std::uint64_t now);
  // The view does nothing and loses its messages for so many steps.
  void stall_view(std::uint32_t steps) { stalled_ = steps; }
  std::vector<Ended> take_ended() { return std::exchange(ended_, {}); }
  std::vector<Request> open_requests() const;
  const View& view() const { return view_; }
  // A parse has brought the process down; only destroying the object is allowed now.
  std::optional<Tag> crashed() const { return crashed_; }
  bool idle() const { return queue_.empty() && requests_.empty() && workers_.empty(); }

private:
  enum class Stage : std::uint8_t { waiting_for_write, waiting_for_view, parse, analyse };
  struct Running { // a request
    Request request;
    Stage stage = Stage::waiting_for_write;
    bool durable = false;
    runtime::WriteResult result;
  };
  struct Worker { // of one accepted version
    runtime::DocumentRecord record;
    Stage stage = Stage::waiting_for_write;
    std::size_t next_operation = 0; // 0 claim, 1 commit
  };
  struct PendingWrite {
    runtime::WriteOp op;
    int request = 0; // one of the two
    int worker = 0;
  };

  runtime::WriteOp operation_of(const Request& request) const;
  void end(int id, Answer answer);
  void write_batch(Random& random);
  void written(const PendingWrite& write, const runtime::WriteResult& result);
  void written_request(int id, const runtime::WriteResult& result);
  void written_worker(int id, const runtime::WriteResult& result);
  void failed(const PendingWrite& write, const runtime::Error& error);
  void tell_view(const runtime::WriteSummary& summary, const std::vector<PendingWrite>& batch);
  void deliver(Random& random, bool calm);
  void start_worker();
  void step_worker(Random& random);
  void step_request(Random& random);

  runtime::Store& store_;
  Bugs bugs_;
  View view_;
  std::deque<PendingWrite> queue_;
  std::vector<Hint> wire_;
  std::map<int, Running> requests_;
  std::map<int, Worker> workers_;
  int next_worker_ = 1;
  std::vector<Ended> ended_;
  std::optional<Tag> crashed_;
  std::uint32_t stalled_ = 0;
};

} // namespace graphrag::visibility
