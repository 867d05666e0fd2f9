#include "runtime/actor/actor_meter.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "observability/metrics.hpp"
#include "runtime/check.hpp"

namespace graphrag::runtime {

namespace {

constexpr std::int64_t second = 1'000'000'000;

struct Meters {
  std::mutex mutex;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<ActorMeter>> all;

  std::vector<std::shared_ptr<ActorMeter>> list() {
    std::lock_guard lock{mutex};
    std::vector<std::shared_ptr<ActorMeter>> result;
    result.reserve(all.size());
    for (const auto& entry : all) result.push_back(entry.second);
    return result;
  }
};

// Actors may end while the process does, so this is never destroyed.
Meters& meters() {
  static auto& instance = *new Meters;
  return instance;
}

const std::vector<std::int64_t>& edges_in_nanoseconds() {
  static const auto edges = [] {
    std::vector<std::int64_t> result;
    for (double edge : observability::handling_buckets())
      result.push_back(static_cast<std::int64_t>(edge * 1e9 + 0.5));
    RUNTIME_CHECK(result.size() < ActorMeter::Handling::most_buckets, "too many handling buckets");
    return result;
  }();
  return edges;
}

} // namespace

void ActorMeter::join(MailboxMeter& mailbox) {
  std::lock_guard lock{mutex_};
  mailbox.next_ = first_;
  mailbox.previous_ = nullptr;
  if (first_) first_->previous_ = &mailbox;
  first_ = &mailbox;
  ++alive_;
}

void ActorMeter::leave(MailboxMeter& mailbox) {
  std::lock_guard lock{mutex_};
  (mailbox.previous_ ? mailbox.previous_->next_ : first_) = mailbox.next_;
  if (mailbox.next_) mailbox.next_->previous_ = mailbox.previous_;
  --alive_;
  handled_before_ += mailbox.handled();
}

bool ActorMeter::count_dead_letters(std::uint64_t count) noexcept {
  dead_letters_.fetch_add(count, std::memory_order_relaxed);
  const auto now = coarse_now();
  auto last = dead_letter_logged_at_.load(std::memory_order_relaxed);
  return now - last >= second && dead_letter_logged_at_.compare_exchange_strong(last, now);
}

void ActorMeter::observe(std::int64_t nanoseconds) noexcept {
  const auto& edges = edges_in_nanoseconds();
  const auto at = std::lower_bound(edges.begin(), edges.end(), nanoseconds) - edges.begin();
  handling_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  handling_nanoseconds_.fetch_add(nanoseconds, std::memory_order_relaxed);
}

void ActorMeter::add_handling(Handling& total) const {
  for (std::size_t i = 0; i < handling_.size(); ++i)
    total.counts[i] += handling_[i].load(std::memory_order_relaxed);
  total.sum_seconds +=
      static_cast<double>(handling_nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
}

ActorMeterReading ActorMeter::read() const {
  ActorMeterReading reading;
  reading.kind = kind_;
  reading.instance = instance_;
  reading.dead_letters = dead_letters_.load(std::memory_order_relaxed);
  const auto now = coarse_now();
  std::int64_t oldest = 0;
  std::lock_guard lock{mutex_};
  reading.alive = alive_;
  reading.handled = handled_before_;
  for (const auto* mailbox = first_; mailbox; mailbox = mailbox->next_) {
    reading.depth += mailbox->depth();
    reading.handled += mailbox->handled();
    oldest = std::max(oldest, mailbox->oldest_age(now));
  }
  reading.oldest_seconds = static_cast<double>(oldest) / 1e9;
  return reading;
}

std::shared_ptr<ActorMeter> meter_of(const std::string& kind, const std::string& instance) {
  std::lock_guard lock{meters().mutex};
  auto& meter = meters().all[{kind, instance}];
  if (!meter) meter = std::make_shared<ActorMeter>(kind, instance);
  return meter;
}

std::vector<ActorMeterReading> read_meters() {
  std::vector<ActorMeterReading> result;
  for (const auto& meter : meters().list()) result.push_back(meter->read());
  return result;
}

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric::Histogram to_histogram(const ActorMeter::Handling& handling) {
  const auto& edges = observability::handling_buckets();
  ClientMetric::Histogram result;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < edges.size(); ++i)
    result.bucket.push_back({count += handling.counts[i], edges[i]});
  result.sample_count = count + handling.counts[edges.size()];
  result.sample_sum = handling.sum_seconds;
  return result;
}

MetricFamily handling_family() {
  std::map<std::string, ActorMeter::Handling> by_kind;
  for (const auto& meter : meters().list()) meter->add_handling(by_kind[meter->kind()]);
  MetricFamily family{"graphrag_actor_handling_seconds",
                      "Time to handle one message; a sample of the messages (one in 16).",
                      MetricType::Histogram,
                      {}};
  for (const auto& [kind, handling] : by_kind) {
    ClientMetric metric;
    metric.label = {{"kind", kind}};
    metric.histogram = to_histogram(handling);
    family.metric.push_back(std::move(metric));
  }
  return family;
}

std::vector<MetricFamily> collect() {
  MetricFamily depth{"graphrag_actor_mailbox_depth",
                     "Messages waiting or being handled, in actors that are alive.",
                     MetricType::Gauge,
                     {}};
  MetricFamily oldest{"graphrag_actor_mailbox_oldest_seconds",
                      "Age of the oldest message not yet handled.",
                      MetricType::Gauge,
                      {}};
  MetricFamily alive{"graphrag_actor_alive", "Actors that are alive.", MetricType::Gauge, {}};
  MetricFamily handled{
      "graphrag_actor_handled_total", "Messages handled.", MetricType::Counter, {}};
  MetricFamily dead{"graphrag_actor_dead_letters_total",
                    "Messages to ended actors, left in their mailboxes, or without a handler.",
                    MetricType::Counter,
                    {}};
  for (const auto& reading : read_meters()) {
    auto gauge = [&reading](MetricFamily& family, double value) {
      ClientMetric metric;
      metric.label = {{"kind", reading.kind}, {"instance", reading.instance}};
      (family.type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
      family.metric.push_back(std::move(metric));
    };
    gauge(depth, static_cast<double>(reading.depth));
    gauge(oldest, reading.oldest_seconds);
    gauge(alive, static_cast<double>(reading.alive));
    gauge(handled, static_cast<double>(reading.handled));
    gauge(dead, static_cast<double>(reading.dead_letters));
  }
  return {std::move(depth),   std::move(oldest), std::move(alive),
          std::move(handled), std::move(dead),   handling_family()};
}

} // namespace

void export_actor_metrics() {
  static const bool once = (observability::add_collector(collect), true);
  static_cast<void>(once);
}

} // namespace graphrag::runtime
