#include "runtime/store/faulty_store.hpp"

#include <optional>

namespace graphrag::runtime {

void FaultyStore::fail_writes(Errc code, FaultPoint point, unsigned times) {
  std::lock_guard lock(mutex_);
  write_plans_.insert(write_plans_.end(), times, Plan{code, point});
}

void FaultyStore::fail_reads(Errc code, unsigned times) {
  std::lock_guard lock(mutex_);
  read_plans_.insert(read_plans_.end(), times, code);
}

void FaultyStore::set_full(bool full) {
  std::lock_guard lock(mutex_);
  full_ = full;
}

void FaultyStore::set_write_hook(std::function<void(std::span<const WriteOp>)> hook) {
  std::lock_guard lock(mutex_);
  write_hook_ = std::move(hook);
}

void FaultyStore::set_read_hook(std::function<void()> hook) {
  std::lock_guard lock(mutex_);
  read_hook_ = std::move(hook);
}

std::uint64_t FaultyStore::writes() const {
  std::lock_guard lock(mutex_);
  return writes_;
}

Result<WriteSummary> FaultyStore::write(std::span<const WriteOp> ops) {
  std::optional<Plan> plan;
  std::function<void(std::span<const WriteOp>)> hook;
  {
    std::lock_guard lock(mutex_);
    ++writes_;
    hook = write_hook_;
    if (full_) {
      plan = Plan{Errc::no_space, FaultPoint::before_commit};
    } else if (!write_plans_.empty()) {
      plan = write_plans_.front();
      write_plans_.pop_front();
    }
  }
  if (hook) hook(ops);
  if (plan && plan->point == FaultPoint::before_commit)
    return fail(plan->code, "injected before the commit");
  auto summary = inner_->write(ops);
  if (plan) return fail(plan->code, "injected after the commit");
  return summary;
}

Status FaultyStore::before_read() {
  std::function<void()> hook;
  std::optional<Errc> code;
  {
    std::lock_guard lock(mutex_);
    hook = read_hook_;
    if (!read_plans_.empty()) {
      code = read_plans_.front();
      read_plans_.pop_front();
    }
  }
  if (hook) hook();
  if (code) return fail(*code, "injected");
  return {};
}

Result<DocumentRecord> FaultyStore::document(const DocumentKey& key) {
  return read([&] { return inner_->document(key); });
}

Result<DocumentContent> FaultyStore::content(const DocumentKey& key) {
  return read([&] { return inner_->content(key); });
}

Result<std::vector<DocumentContent>> FaultyStore::contents(std::span<const DocumentKey> keys) {
  return read([&] { return inner_->contents(keys); });
}

Result<std::vector<CollectionRecord>> FaultyStore::collections() {
  return read([&] { return inner_->collections(); });
}

Result<ListPage> FaultyStore::list(const ListRequest& request) {
  return read([&] { return inner_->list(request); });
}

Result<DocumentRecord> FaultyStore::find_upload(std::string_view collection,
                                                std::string_view filename,
                                                std::string_view content_hash) {
  return read([&] { return inner_->find_upload(collection, filename, content_hash); });
}

Result<DocumentKey> FaultyStore::chunk_owner(std::string_view collection,
                                             std::string_view chunk_id) {
  return read([&] { return inner_->chunk_owner(collection, chunk_id); });
}

Result<std::uint64_t> FaultyStore::last_seq() {
  return read([&] { return inner_->last_seq(); });
}

Result<std::uint64_t> FaultyStore::scan_live(const std::string& collection,
                                             const std::function<bool(DocumentContent&&)>& each) {
  return read([&] { return inner_->scan_live(collection, each); });
}

Result<std::vector<Change>> FaultyStore::changes_after(std::uint64_t seq, std::size_t limit) {
  return read([&] { return inner_->changes_after(seq, limit); });
}

Status FaultyStore::trim_changes(std::uint64_t seq) { return inner_->trim_changes(seq); }

Result<std::vector<Claimable>> FaultyStore::claimable(std::size_t per_collection, std::size_t limit,
                                                      std::span<const std::string> busy) {
  return read([&] { return inner_->claimable(per_collection, limit, busy); });
}

Result<std::vector<Backlog>> FaultyStore::backlog() {
  return read([&] { return inner_->backlog(); });
}

Result<JobRecord> FaultyStore::job(std::string_view id) {
  return read([&] { return inner_->job(id); });
}

Result<std::vector<JobRecord>> FaultyStore::jobs(std::size_t limit) {
  return read([&] { return inner_->jobs(limit); });
}

Result<RememberedReply> FaultyStore::remembered(std::string_view collection, std::string_view key,
                                                std::int64_t now_ms) {
  return read([&] { return inner_->remembered(collection, key, now_ms); });
}

Result<std::vector<ModelRecord>> FaultyStore::models() {
  return read([&] { return inner_->models(); });
}

Result<std::vector<LackingVectors>>
FaultyStore::lacking_vectors(std::string_view model, std::uint64_t seq, std::size_t limit) {
  return read([&] { return inner_->lacking_vectors(model, seq, limit); });
}

Result<std::uint64_t> FaultyStore::count_lacking_vectors(std::string_view model) {
  return read([&] { return inner_->count_lacking_vectors(model); });
}

Result<std::vector<Verdict>> FaultyStore::verdicts(std::string_view collection) {
  return read([&] { return inner_->verdicts(collection); });
}

Result<std::vector<std::string>> FaultyStore::blobs() {
  return read([&] { return inner_->blobs(); });
}

Result<std::vector<std::string>> FaultyStore::check() {
  return read([&] { return inner_->check(); });
}

Status FaultyStore::backup_to(const std::string& file) { return inner_->backup_to(file); }

} // namespace graphrag::runtime
