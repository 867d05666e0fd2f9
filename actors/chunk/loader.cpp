#include "actors/chunk/loader.hpp"

#include <condition_variable>
#include <deque>
#include <thread>

#include "actors/chunk/follower.hpp"

namespace graphrag::chunk {
namespace {

constexpr std::size_t batch_size = 256;
constexpr std::size_t max_waiting_batches = 8;

struct Batch {
  std::shared_ptr<CollectionIndex> index;
  std::uint32_t shard = 0;
  std::vector<DocumentChange> changes;
};

// Applies batches in order on its own thread; at most a few wait.
class Applier {
public:
  explicit Applier(std::uint64_t seq) : seq_(seq), thread_([this] { run(); }) {}
  ~Applier() { finish(); }
  void add(Batch batch) {
    std::unique_lock lock{mutex_};
    room_.wait(lock, [&] { return waiting_.size() < max_waiting_batches; });
    waiting_.push_back(std::move(batch));
    work_.notify_one();
  }
  void finish() {
    {
      std::lock_guard lock{mutex_};
      over_ = true;
      work_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

private:
  void run() {
    std::unique_lock lock{mutex_};
    while (true) {
      work_.wait(lock, [&] { return over_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      auto batch = std::move(waiting_.front());
      waiting_.pop_front();
      room_.notify_one();
      lock.unlock();
      batch.index->apply(batch.shard, seq_, batch.changes);
      lock.lock();
    }
  }
  std::uint64_t seq_;
  std::mutex mutex_;
  std::condition_variable work_, room_;
  std::deque<Batch> waiting_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace

runtime::Result<LoadReport> load_views(runtime::Store& store, Views& views) {
  auto started = std::chrono::steady_clock::now();
  auto seq = store.last_seq();
  if (!seq) return tl::unexpected(seq.error());
  auto collections = store.collections();
  if (!collections) return tl::unexpected(collections.error());
  for (const auto& collection : *collections) views.ensure(collection.name, *seq);

  LoadReport report;
  report.seq = *seq;
  std::vector<std::unique_ptr<Applier>> appliers;
  auto threads =
      std::min<std::uint32_t>(views.shards(), std::max(1U, std::thread::hardware_concurrency()));
  for (std::uint32_t i = 0; i < threads; ++i) appliers.push_back(std::make_unique<Applier>(*seq));

  std::string current;
  CollectionViews target;
  std::vector<std::vector<DocumentChange>> waiting(views.shards());
  auto hand_over = [&](std::uint32_t shard) {
    if (waiting[shard].empty()) return;
    appliers[shard % threads]->add({target.index, shard, std::exchange(waiting[shard], {})});
  };
  std::optional<runtime::Error> broken;
  auto scanned = store.scan_live([&](runtime::DocumentContent&& content) {
    if (!target.index || content.record.key.collection != current) {
      for (std::uint32_t shard = 0; shard < views.shards(); ++shard) hand_over(shard);
      current = content.record.key.collection;
      target = views.ensure(current, *seq);
    }
    auto live = to_live(std::move(content));
    if (!live) {
      broken = runtime::Error{runtime::Errc::corrupt, "stored facts of a document in collection " +
                                                          current + " cannot be read; run fsck"};
      return false;
    }
    ++report.documents;
    report.chunks += live->chunk_ids.size();
    target.entities->set_document(live->id, live);
    auto shard = target.index->shard_of(live->id);
    waiting[shard].push_back({live->id, live});
    if (waiting[shard].size() >= batch_size) hand_over(shard);
    return true;
  });
  if (!scanned) return tl::unexpected(scanned.error());
  if (broken) return tl::unexpected(*broken);
  for (std::uint32_t shard = 0; shard < views.shards(); ++shard) hand_over(shard);
  for (auto& applier : appliers) applier->finish();
  for (std::uint32_t follower = 0; follower <= views.shards(); ++follower)
    views.board().advance(follower, {*seq, *seq});
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return report;
}

} // namespace graphrag::chunk
