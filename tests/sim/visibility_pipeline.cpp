#include "tests/sim/visibility_pipeline.hpp"

#include <algorithm>

namespace graphrag::visibility {

using runtime::DocumentState;
using runtime::Errc;

namespace {

constexpr std::uint32_t attempts_allowed = 3;
constexpr std::size_t workers_at_once = 2;
constexpr std::uint32_t batch_limit = 3;

runtime::DocumentKey key_of(const std::string& document) { return {"default", document}; }

// Which document an operation is about.
struct DocumentOf {
  std::string operator()(const runtime::AcceptOp& op) const { return op.input.key.id; }
  std::string operator()(const runtime::CommitOp& op) const { return op.input.key.id; }
  template <class Op>
  std::string operator()(const Op& op) const {
    if constexpr (requires { op.key.id; }) return op.key.id;
    return {};
  }
};
std::string document_of(const runtime::WriteOp& op) { return std::visit(DocumentOf{}, op); }

template <class Map>
int any_key(const Map& map, Random& random) {
  return std::next(map.begin(), below(random, static_cast<std::uint32_t>(map.size())))->first;
}

} // namespace

// ---- requests

runtime::WriteOp Pipeline::operation_of(const Request& request) const {
  auto key = key_of(request.document);
  switch (request.kind) {
  case Kind::put_direct:
    return analysed(input_of(request.document, request.tag), request.tag);
  case Kind::put_queued:
    return runtime::AcceptOp{input_of(request.document, request.tag)};
  case Kind::patch:
    return runtime::PatchOp{key, "patch " + std::to_string(request.tag), std::nullopt,
                            std::nullopt};
  case Kind::remove:
    return runtime::DeleteOp{key, std::nullopt};
  case Kind::retry:
    return runtime::RetryOp{key};
  case Kind::cancel:
    return runtime::CancelOp{key};
  }
  return runtime::DeleteOp{key, std::nullopt};
}

void Pipeline::submit(Request request) {
  int id = request.id;
  queue_.push_back({operation_of(request), id, 0});
  requests_[id] = Running{std::move(request), Stage::waiting_for_write, false, {}};
  if (bugs_.ack_before_commit) end(id, Answer::durable);
}

void Pipeline::end(int id, Answer answer) {
  auto found = requests_.find(id);
  if (found == requests_.end()) return; // answered at its deadline
  ended_.push_back({found->second.request, answer, found->second.result.seq});
  requests_.erase(found);
}

std::vector<Request> Pipeline::open_requests() const {
  std::vector<Request> out;
  for (const auto& [id, running] : requests_) out.push_back(running.request);
  return out;
}

void Pipeline::tick(std::uint64_t now) {
  std::vector<int> late;
  for (const auto& [id, running] : requests_)
    if (running.request.deadline <= now) late.push_back(id);
  for (int id : late) end(id, requests_[id].durable ? Answer::durable : Answer::unknown);
}

// A request that waits for the view: is what it wrote seen by every query from now on?
void Pipeline::step_request(Random& random) {
  int id = any_key(requests_, random);
  auto& running = requests_[id];
  if (running.stage != Stage::waiting_for_view || !view_.ready()) return;
  if (running.result.seq != 0) {
    if (view_.applied() >= running.result.seq) end(id, Answer::searchable);
    return;
  }
  auto record = store_.document(key_of(running.request.document));
  if (!record) return;
  if (record->live_version >= running.result.version && view_.applied() >= record->seq)
    return end(id, Answer::searchable);
  bool over = record->state == DocumentState::failed || record->state == DocumentState::canceled;
  if (over) end(id, Answer::durable);
}

// ---- the writer

void Pipeline::write_batch(Random& random) {
  std::vector<PendingWrite> batch;
  std::vector<runtime::WriteOp> ops;
  for (auto wanted = 1 + below(random, batch_limit); wanted > 0 && !queue_.empty(); --wanted) {
    ops.push_back(queue_.front().op);
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  auto summary = store_.write(ops);
  if (!summary) {
    for (const auto& write : batch) failed(write, summary.error());
    return;
  }
  tell_view(*summary, batch);
  for (std::size_t i = 0; i < batch.size(); ++i) written(batch[i], summary->results[i]);
}

// The whole batch failed. A worker tries again; a client is told that nobody knows.
void Pipeline::failed(const PendingWrite& write, const runtime::Error& error) {
  if (write.worker != 0) return queue_.push_back(write);
  end(write.request, error.code == Errc::no_space ? Answer::refused : Answer::unknown);
}

void Pipeline::written(const PendingWrite& write, const runtime::WriteResult& result) {
  if (write.worker != 0) return written_worker(write.worker, result);
  written_request(write.request, result);
}

void Pipeline::written_request(int id, const runtime::WriteResult& result) {
  if (result.error) return end(id, Answer::refused);
  auto found = requests_.find(id);
  if (found == requests_.end()) return;
  auto& running = found->second;
  running.durable = true;
  running.result = result;
  running.stage = Stage::waiting_for_view;
  bool waits = running.request.wait_until_searchable &&
               (result.seq != 0 || running.request.kind == Kind::put_queued);
  if (!waits) end(id, Answer::durable);
}

void Pipeline::written_worker(int id, const runtime::WriteResult& result) {
  auto found = workers_.find(id);
  bool done = result.error || found->second.next_operation != 0;
  if (done) {
    workers_.erase(found); // committed, failed for good, or fenced: somebody else's work now
  } else {
    found->second.record.epoch = result.epoch;
    found->second.stage = Stage::parse;
  }
}

// The content of a message is that of the committed row, read back: a patch may have changed the
// title of an accepted version meanwhile.
void Pipeline::tell_view(const runtime::WriteSummary& summary,
                         const std::vector<PendingWrite>& batch) {
  if (summary.seq == summary.previous_seq) return;
  Hint hint{summary.previous_seq, summary.seq, {}};
  std::map<std::string, bool> named;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (summary.results[i].seq == 0) continue;
    auto id = document_of(batch[i].op);
    if (std::exchange(named[id], true)) continue;
    auto content = store_.content(key_of(id));
    if (!content && content.error().code != Errc::not_found) return; // no message: the tail tells
    hint.changes.push_back({id, content ? live_document(*content) : nullptr});
  }
  wire_.push_back(std::move(hint));
}

void Pipeline::deliver(Random& random, bool calm) {
  auto at = wire_.begin() + below(random, static_cast<std::uint32_t>(wire_.size()));
  auto fate = calm ? 9 : below(random, 10);
  if (fate != 0) view_.take(*at); // 0: lost
  if (fate != 1) wire_.erase(at); // 1: it will come again
}

// ---- document workers

void Pipeline::start_worker() {
  if (workers_.size() >= workers_at_once) return;
  auto free = store_.claimable(10, 10);
  if (!free) return;
  for (const auto& one : *free) {
    auto same = [&](const auto& entry) {
      return entry.second.record.key == one.key && entry.second.record.epoch == one.epoch;
    };
    if (std::ranges::any_of(workers_, same)) continue;
    auto found = store_.document(one.key);
    if (!found || found->epoch != one.epoch) continue;
    auto& record = *found;
    int id = next_worker_++;
    if (record.attempts >= attempts_allowed) {
      runtime::DocumentError error{"crash_loop", "the work on it never came to an end", true};
      queue_.push_back({runtime::FailOp{record.key, record.epoch, error}, 0, id});
      workers_[id] = Worker{std::move(record), Stage::waiting_for_write, 1};
    } else {
      queue_.push_back({runtime::ClaimOp{record.key, record.epoch, "this node"}, 0, id});
      workers_[id] = Worker{std::move(record), Stage::waiting_for_write, 0};
    }
    return;
  }
}

void Pipeline::step_worker(Random& random) {
  int id = any_key(workers_, random);
  auto& worker = workers_[id];
  auto tag = tag_of_hash(worker.record.content_hash);
  if (worker.stage == Stage::parse) {
    if (poisonous(tag)) {
      crashed_ = tag;
      return;
    }
    worker.stage = Stage::analyse;
  } else if (worker.stage == Stage::analyse) {
    auto op = analysed(input_of(worker.record.key.id, tag), tag);
    op.claim = worker.record.epoch;
    worker.stage = Stage::waiting_for_write;
    worker.next_operation = 1;
    queue_.push_back({std::move(op), 0, id});
  }
}

// ---- one step of anything

void Pipeline::step(Random& random, bool calm) {
  if (stalled_ != 0) {
    --stalled_;
    wire_.clear();
  }
  switch (below(random, 6)) {
  case 0:
    if (stalled_ == 0) view_.step();
    return;
  case 1:
    if (!queue_.empty()) write_batch(random);
    return;
  case 2:
    if (!wire_.empty()) deliver(random, calm);
    return;
  case 3:
    return start_worker();
  case 4:
    if (!workers_.empty()) step_worker(random);
    return;
  default:
    if (!requests_.empty()) step_request(random);
  }
}

} // namespace graphrag::visibility
