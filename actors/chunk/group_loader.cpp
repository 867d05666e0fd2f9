#include "actors/chunk/group_loader.hpp"

#include <algorithm>

#include "actors/chunk/loader.hpp"
#include "actors/chunk/messages.hpp"
#include "observability/log.hpp"

namespace graphrag::chunk {

namespace {

constexpr auto measure_again = std::chrono::seconds(2);

// A load that ends without its group, however it ends, was given up.
struct Owed {
  std::shared_ptr<Views> views;
  std::uint32_t group;
  std::uint64_t attempt;
  bool brought = false;
  ~Owed() {
    if (!brought) (void)views->let_go(group, attempt);
  }
};

} // namespace

void GroupLoader::load(std::uint32_t group, std::uint64_t attempt) {
  begun_at_[group] = views_->board().applied_everywhere();
  free(views_->begin(group, attempt));
  std::shared_ptr<Owed> owed{new Owed{views_, group, attempt}};
  (void)pool_->submit([self = shared_from_this(), owed] {
    owed->brought = self->bring(owed->group, owed->attempt);
  }); // refused: the driver asks again
}

std::uint64_t GroupLoader::needed_after() const {
  auto least = views_->board().applied_everywhere();
  for (std::uint32_t group = 0; group < views_->groups(); ++group) {
    const auto state = views_->group(group);
    if (state.attempt != 0 && !state.loaded) least = std::min(least, begun_at_[group]);
  }
  return least;
}

void GroupLoader::free(CollectionMap collections) {
  if (collections.empty()) return;
  auto last = std::make_shared<CollectionMap>(std::move(collections));
  (void)pool_->submit([last = std::move(last)] {}); // refused: freed here
}

bool GroupLoader::bring(std::uint32_t group, std::uint64_t attempt) {
  if (views_->group(group).attempt != attempt) return false;
  auto loaded = load_collections(
      *store_, views_->shards(),
      [&](const std::string& collection) { return views_->group_of(collection) == group; },
      [&] { return views_->group(group).attempt == attempt; });
  if (!loaded) {
    observability::log_warn("a group of collections cannot be read",
                            {{"cluster.shard", std::int64_t{group}},
                             {"error.code", runtime::to_string(loaded.error().code)},
                             {"error.message", loaded.error().detail}});
    return false;
  }
  const auto& report = loaded->report;
  if (report.documents > 0)
    observability::log_info("a group of collections is loaded",
                            {{"cluster.shard", std::int64_t{group}},
                             {"graphrag.documents", static_cast<std::int64_t>(report.documents)},
                             {"graphrag.chunks", static_cast<std::int64_t>(report.chunks)},
                             {"graphrag.seq", static_cast<std::int64_t>(report.seq)},
                             {"event.duration_seconds", report.seconds}});
  if (!views_->publish(group, attempt, report.seq, std::move(loaded->collections))) return false;
  stale_ = true;
  for (const auto& follower : followers_) follower.send(adopt_atom::value);
  return true;
}

std::uint64_t GroupLoader::bytes(std::uint32_t group) {
  const auto now = std::chrono::steady_clock::now();
  if (stale_.exchange(false) || now - measured_ > measure_again) {
    measured_ = now;
    std::ranges::fill(bytes_, 0);
    for (const auto& name : views_->names()) {
      const auto views = views_->find(name);
      if (!views.index) continue;
      bytes_[views_->group_of(name)] +=
          views.index->stats().bytes + views.entities->communities().progress().bytes;
    }
  }
  return bytes_[group];
}

} // namespace graphrag::chunk
