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

// Builds one collection after the other, each shard's batches on the same thread.
class Builder {
public:
  Builder(std::uint32_t shards, std::uint64_t seq) : shards_(shards), seq_(seq), waiting_(shards) {
    const auto threads =
        std::min<std::uint32_t>(shards, std::max(1U, std::thread::hardware_concurrency()));
    for (std::uint32_t i = 0; i < threads; ++i) appliers_.push_back(std::make_unique<Applier>(seq));
  }
  runtime::Status add(runtime::Store& store, const std::string& collection,
                      const std::function<bool()>& go_on) {
    auto& views = out_.collections[collection];
    views.index = CollectionIndex::make(collection, shards_);
    views.entities = std::make_shared<entity::EntityView>();
    auto verdicts = store.verdicts(collection);
    if (!verdicts) return tl::unexpected(verdicts.error());
    views.entities->set_verdicts(*verdicts);
    enum class End { whole, broken, canceled } end = End::whole;
    auto scanned = store.scan_live(collection, [&](runtime::DocumentContent&& content) {
      if (auto live = to_live(std::move(content)))
        add(views, std::move(live));
      else
        end = End::broken;
      if (out_.report.documents % batch_size == 0 && !go_on()) end = End::canceled;
      return end == End::whole;
    });
    for (std::uint32_t shard = 0; shard < shards_; ++shard) hand_over(views, shard);
    if (!scanned) return tl::unexpected(scanned.error());
    if (end == End::canceled) return runtime::fail(runtime::Errc::canceled, "nobody waits for it");
    if (end == End::broken)
      return runtime::fail(runtime::Errc::corrupt, "stored facts of a document in collection " +
                                                       collection + " cannot be read; run fsck");
    return {};
  }
  LoadedCollections finish() {
    for (auto& applier : appliers_) applier->finish();
    out_.report.seq = seq_;
    return std::move(out_);
  }

private:
  void add(const CollectionViews& views, std::shared_ptr<LiveDocument> live) {
    ++out_.report.documents;
    out_.report.chunks += live->chunk_ids.size();
    auto facets = part_facets(*live);
    views.entities->set_document(live->id, live);
    const auto shard = views.index->shard_of(live->id);
    waiting_[shard].push_back({live->id, live, nullptr, std::move(facets)});
    if (waiting_[shard].size() >= batch_size) hand_over(views, shard);
  }
  void hand_over(const CollectionViews& views, std::uint32_t shard) {
    if (waiting_[shard].empty()) return;
    appliers_[shard % appliers_.size()]->add(
        {views.index, shard, std::exchange(waiting_[shard], {})});
  }

  std::uint32_t shards_;
  std::uint64_t seq_;
  std::vector<std::unique_ptr<Applier>> appliers_;
  std::vector<std::vector<DocumentChange>> waiting_;
  LoadedCollections out_;
};

} // namespace

runtime::Result<LoadedCollections>
load_collections(runtime::Store& store, std::uint32_t shards,
                 const std::function<bool(const std::string& collection)>& wanted,
                 const std::function<bool()>& go_on) {
  const auto started = std::chrono::steady_clock::now();
  auto seq = store.last_seq();
  if (!seq) return tl::unexpected(seq.error());
  auto collections = store.collections();
  if (!collections) return tl::unexpected(collections.error());
  Builder builder{shards, *seq};
  for (const auto& collection : *collections) {
    if (!wanted(collection.name)) continue;
    if (auto added = builder.add(store, collection.name, go_on); !added)
      return tl::unexpected(added.error());
  }
  auto out = builder.finish();
  out.report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return out;
}

runtime::Result<LoadReport> load_views(runtime::Store& store, Views& views) {
  auto loaded = load_collections(store, views.shards(), [](const std::string&) { return true; });
  if (!loaded) return tl::unexpected(loaded.error());
  const auto seq = loaded->report.seq;
  std::vector<CollectionMap> groups(views.groups());
  for (auto& [name, collection] : loaded->collections)
    groups[views.group_of(name)].emplace(name, std::move(collection));
  for (std::uint32_t group = 0; group < views.groups(); ++group) {
    views.begin(group, 1);
    views.publish(group, 1, seq, std::move(groups[group]));
  }
  for (std::uint32_t follower = 0; follower <= views.shards(); ++follower) {
    while (auto adoption = views.begin_adoption(follower))
      views.finish_adoption(follower, *adoption, true);
    views.board().advance(follower, {seq, seq});
  }
  return loaded->report;
}

} // namespace graphrag::chunk
