#include "actors/document/intake_actor.hpp"

#include "actors/document/backlog.hpp"
#include "actors/document/document_actor.hpp"

namespace graphrag::document {
namespace {
constexpr auto look_interval = std::chrono::milliseconds(500);
constexpr auto longest_work = std::chrono::minutes(10); // of one document actor

// Queued documents that nobody works on, of all collections in turn; at most `room`. Those that are
// worked on here are still queued in the store.
runtime::Result<QueuedRecords> claimable(runtime::Store& store, std::size_t room,
                                         const std::set<runtime::DocumentKey>& busy,
                                         const std::vector<std::string>& others) {
  const auto limit = busy.size() + room;
  auto free = store.claimable(limit, limit, others);
  if (!free) return tl::unexpected(free.error());
  auto records = std::make_shared<std::vector<runtime::DocumentRecord>>();
  for (const auto& one : *free) {
    if (records->size() == room) break;
    if (busy.contains(one.key)) continue;
    auto record = store.document(one.key);
    if (!record && record.error().code == runtime::Errc::not_found) continue; // gone since
    if (!record) return tl::unexpected(record.error());
    if (record->epoch == one.epoch) records->push_back(std::move(*record));
  }
  return records;
}
} // namespace

IntakeActor::IntakeActor(caf::actor_config& config, runtime::ActorIdentity identity,
                         NodePartsPtr node, std::size_t workers)
    : MeteredActor(config, std::move(identity)), node_(std::move(node)), workers_(workers),
      children_(this, "document", this->identity().path + "/document") {}

caf::behavior IntakeActor::make_behavior() {
  set_down_handler([this](const caf::down_msg& message) { ended(message); });
  send(this, look_atom::value);
  return {
      [this](const IngestJobPtr& job) { start(job); },
      [this](const QueuedRecords& records) { resume(*records); },
      [this](look_atom) {
        end_overdue();
        look_for_queued();
        delayed_send(this, look_interval, look_atom::value);
      },
      [this](kill_one_atom) { children_.kill_one(); },
  };
}

void IntakeActor::start(const IngestJobPtr& job) {
  const auto& key = job->input.key;
  if (!busy_.insert(key).second) {
    // One actor per document at a time. Resumed work is dropped: the store still has it.
    if (!job->resumed) waiting_[key].push_back(job);
    return;
  }
  runtime::ActorIdentity identity{"document", "", this->identity().path + "/document"};
  auto child = spawn<DocumentActor>(std::move(identity), node_, job);
  running_.emplace(child.id(), Running{key, child, node_->clock->now(), job->open_attempt});
  children_.watch(child);
}

void IntakeActor::ended(const caf::down_msg& message) {
  children_.on_down(message);
  auto it = running_.find(message.source.id());
  if (it == running_.end()) return;
  auto key = std::move(it->second.key);
  if (const auto epoch = it->second.open_attempt->load(); epoch != 0)
    open_attempts_[key] = epoch;
  else
    open_attempts_.erase(key);
  running_.erase(it);
  busy_.erase(key);
  auto waiting = waiting_.find(key);
  if (waiting == waiting_.end()) return;
  auto next = std::move(waiting->second.front());
  waiting->second.erase(waiting->second.begin());
  if (waiting->second.empty()) waiting_.erase(waiting);
  start(next);
}

// One clock for all of them: a timer of their own would keep every document actor in memory until
// it is due, long after its end.
void IntakeActor::end_overdue() {
  auto now = node_->clock->now();
  for (const auto& [id, running] : running_)
    if (now - running.started > longest_work) send_exit(running.actor, caf::exit_reason::kill);
}

void IntakeActor::look_for_queued() {
  if (looking_ || busy_.size() >= workers_ || !node_->peers->works()) return;
  looking_ = true;
  runtime::Promise<QueuedRecords> found{[self = caf::actor_cast<caf::actor>(this)](
                                            runtime::Result<QueuedRecords> records) {
    caf::anon_send(self, records ? *records
                                 : std::make_shared<const std::vector<runtime::DocumentRecord>>());
  }};
  node_->io->submit([found, store = node_->store, peers = node_->peers, space = node_->space,
                     backlog = node_->backlog, room = workers_, busy = busy_] {
    // The counts drift when queued documents are deleted or canceled; the store puts them
    // right.
    if (auto counted = store->backlog()) backlog->reset(*counted);
    // Work that cannot be kept is not begun.
    if (auto kept = space->room_for(); !kept)
      return void(found.fulfil(tl::unexpected(kept.error())));
    found.fulfil(claimable(*store, room, busy, peers->others()));
  });
}

void IntakeActor::resume(const std::vector<runtime::DocumentRecord>& records) {
  looking_ = false;
  for (const auto& record : records) {
    if (busy_.size() >= workers_) return;
    if (busy_.contains(record.key)) continue;
    auto job = std::make_shared<IngestJob>();
    auto& input = job->input;
    input.key = record.key;
    input.title = record.title;
    input.filename = record.filename;
    input.mime = record.mime;
    input.metadata = record.metadata;
    input.content_hash = record.content_hash;
    input.blob = record.blob;
    input.bytes = record.bytes;
    job->is_file = true;
    job->resumed = record;
    auto open = open_attempts_.find(record.key);
    if (open != open_attempts_.end() && open->second == record.epoch)
      *job->open_attempt = record.epoch;
    start(job);
  }
}

} // namespace graphrag::document
