#include "actors/entity/community_view.hpp"

#include <algorithm>
#include <chrono>

#include "actors/entity/community_builder.hpp"
#include "observability/metrics.hpp"

namespace graphrag::entity {
namespace {

constexpr std::size_t documents_per_step = 512;
constexpr std::size_t summaries_per_step = 64;
constexpr std::size_t publish_after = 4096; // documents, and half of the collection on top

struct Probe {
  prometheus::Histogram& seconds = observability::histogram(
      "graphrag_community_update_seconds",
      "Time to bring communities up to date after a batch of documents, summaries not included.",
      {.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10});
  prometheus::Counter& rebuilds = observability::counter(
      "graphrag_community_rebuilds_total", "How often a collection was grouped anew.");
};
Probe& probe() {
  static Probe instance;
  return instance;
}

} // namespace

CommunityView::CommunityView()
    : snapshot_(std::make_shared<CommunitySnapshot>()),
      builder_(std::make_unique<CommunityBuilder>()) {}
CommunityView::~CommunityView() = default;

void CommunityView::note(const std::string& id, const DocumentPtr& before, const DocumentPtr& after,
                         std::uint64_t seq) {
  std::lock_guard lock{mutex_};
  const auto [entry, fresh] = queue_.try_emplace(id, DocumentStep{before, after, seq});
  if (fresh) {
    ++progress_.queued;
    return;
  }
  entry->second.after = after;
  entry->second.seq = seq;
  if (entry->second.before != after) return;
  queue_.erase(entry); // back to what the communities know
  --progress_.queued;
}

void CommunityView::take(std::unordered_map<std::string, DocumentStep>& batch,
                         std::uint64_t shown) {
  std::lock_guard lock{mutex_};
  for (auto at = queue_.begin(); at != queue_.end() && batch.size() < documents_per_step;) {
    const auto next = std::next(at);
    if (at->second.seq <= shown) batch.insert(queue_.extract(at));
    at = next;
  }
}

bool CommunityView::has_to_publish() const {
  std::lock_guard lock{mutex_};
  return queue_.empty() || unpublished_ >= publish_after + builder_->documents() / 2;
}

CommunityWork CommunityView::step(const chunk::ReadView& view, const NameDirectory& names,
                                  std::uint64_t shown) {
  if (!summarising_) {
    std::unordered_map<std::string, DocumentStep> batch;
    take(batch, shown);
    if (batch.empty()) {
      summarising_ = unpublished_ > 0 && has_to_publish();
      if (summarising_) return CommunityWork::more;
      return current() ? CommunityWork::none : CommunityWork::later;
    }
    unpublished_ += batch.size();
    const auto begin = std::chrono::steady_clock::now();
    const auto rebuilt = builder_->rebuilds();
    for (const auto& [id, step] : batch) builder_->replace(step.before.get(), step.after.get());
    builder_->regroup();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    probe().seconds.Observe(took.count());
    probe().rebuilds.Increment(static_cast<double>(builder_->rebuilds() - rebuilt));
    summarising_ = has_to_publish();
    return CommunityWork::more;
  }
  if (builder_->summarise(view, names, summaries_per_step) > 0) return CommunityWork::more;
  auto snapshot = builder_->publish();
  const auto bytes = builder_->bytes();
  summarising_ = false;
  std::lock_guard lock{mutex_};
  snapshot_.swap(snapshot);
  progress_.queued -= unpublished_;
  progress_.rebuilt = builder_->rebuilds();
  progress_.bytes = bytes;
  unpublished_ = 0;
  return progress_.queued > 0 ? CommunityWork::more : CommunityWork::none;
}

CommunitySnapshotPtr CommunityView::snapshot() const {
  std::lock_guard lock{mutex_};
  return snapshot_;
}

CommunityProgress CommunityView::progress() const {
  std::lock_guard lock{mutex_};
  return progress_;
}

} // namespace graphrag::entity
