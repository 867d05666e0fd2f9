#include "actors/entity/communities_actor.hpp"

#include <algorithm>

#include "actors/entity/community_sentences.hpp"
#include "actors/entity/written_summaries.hpp"
#include "actors/models/model_desk.hpp"
#include "observability/log.hpp"
#include "observability/metrics.hpp"
#include "runtime/actor/promise.hpp"
#include "runtime/actor/task.hpp"
#include "runtime/models/model_port.hpp"
#include "runtime/thread_priority.hpp"

namespace graphrag::entity {
namespace {

using look_atom = caf::atom_constant<caf::atom("look")>;
constexpr auto idle_look = std::chrono::milliseconds(500);
// After a publication a collection rests four times as long as it took, so that documents which
// come one by one share the work: measured 4 ms of processor for each of them without it.
constexpr auto least_rest = std::chrono::milliseconds(200);
constexpr auto longest_rest = std::chrono::seconds(10);
constexpr int rest_share = 4;
constexpr auto followers_come = std::chrono::milliseconds(10);
constexpr std::size_t least_sentences = 2; // a single one sums itself up

prometheus::Counter& summaries_written() {
  static auto& counter = observability::counter("graphrag_community_summaries_written_total",
                                                "Summaries of communities by a model.");
  return counter;
}

} // namespace

caf::behavior CommunitiesActor::make_behavior() {
  runtime::yield_to_questions(runtime::enrichment_nice);
  send(this, look_atom::value);
  return {[this](look_atom) { look(); }, [](const runtime::Task& step) { (*step)(); }};
}

std::optional<CommunitiesActor::Duration>
CommunitiesActor::step(const std::string& collection, const chunk::CollectionViews& views) {
  auto& communities = views.entities->communities();
  if (communities.current()) return std::nullopt;
  auto& pace = paces_[collection];
  const auto began = Steady::now();
  if (began < pace.again) return pace.again - began;
  const auto number = communities.snapshot()->number;
  const auto shown = node_->views->board().applied_everywhere(); // before the view is taken
  const auto left = communities.step(views.index->view(), views.entities->names(), shown);
  const auto now = Steady::now();
  pace.spent += now - began;
  if (communities.snapshot()->number != number) {
    const auto rest = std::clamp<Duration>(rest_share * pace.spent, least_rest, longest_rest);
    pace = {now + rest, {}};
    if (left != CommunityWork::none) return rest;
  }
  if (left == CommunityWork::none) return std::nullopt;
  return left == CommunityWork::later ? followers_come : Duration{};
}

// One step of every collection, so that none waits for a large one.
void CommunitiesActor::look() {
  Duration wait = idle_look;
  const auto names = node_->views->names();
  std::erase_if(paces_, [&](const auto& pace) { return !node_->views->find(pace.first).index; });
  const bool write = node_->models->does(ModelWork::summaries);
  if (write) node_->written->retain_collections(names);
  for (const auto& name : names) {
    const auto views = node_->views->find(name);
    if (!views.index) continue;
    if (const auto again = step(name, views)) wait = std::min(wait, *again);
    if (write) summarise(name, views);
  }
  if (wait == Duration::zero())
    send(this, look_atom::value);
  else
    delayed_send(this, wait, look_atom::value);
}

void CommunitiesActor::summarise(const std::string& collection,
                                 const chunk::CollectionViews& views) {
  const auto& line = node_->models->lines()[static_cast<std::size_t>(ModelWork::summaries)];
  const auto now = node_->clock->now();
  const auto snapshot = views.entities->communities().snapshot();
  if (snapshot->number == 0 || complete_[collection] == snapshot->number || now < patience_.again())
    return;
  bool complete = true;
  std::unordered_set<std::uint64_t> keys;
  std::optional<chunk::ReadView> view;
  for (const auto& placed : snapshot->communities) { // the large ones first
    const auto& info = *placed.info;
    if (info.members < node_->models->settings().summary_least_names ||
        info.sentences.size() < least_sentences)
      continue;
    const auto key = summary_key(info);
    keys.insert(key);
    if (node_->written->has(collection, key)) continue;
    complete = false;
    if (asked_.size() >= line->refs().size() || asked_.contains({collection, key}) ||
        patience_.aside({{collection, std::to_string(key)}, 0}, now))
      continue;
    if (!view) view.emplace(views.index->view());
    std::vector<std::string> sentences;
    for (const auto& live : live_sentences(*view, info.sentences, {}))
      sentences.emplace_back(
          view->chunk(live.ref).text.substr(live.span.start, live.span.end - live.span.start));
    if (sentences.size() == info.sentences.size()) submit(collection, key, std::move(sentences));
  }
  node_->written->retain(collection, keys);
  if (complete) complete_[collection] = snapshot->number;
}

void CommunitiesActor::submit(const std::string& collection, std::uint64_t key,
                              std::vector<std::string> sentences) {
  asked_.emplace(collection, key);
  runtime::Promise<bool> done{[self = caf::actor_cast<caf::actor>(this), this, collection,
                               key](const runtime::Result<bool>& result) {
    runtime::Status status;
    if (!result) status = tl::unexpected(result.error());
    caf::anon_send(self, std::make_shared<std::function<void()>>([this, collection, key, status] {
                     written(collection, key, status);
                   }));
  }};
  node_->models->submit(ModelWork::summaries, [node = node_, collection, key, done,
                                               sentences = std::move(sentences)](const auto& port) {
    runtime::models::CallContext context;
    context.collection = collection;
    auto text = port.summarise(context, sentences);
    if (!text) return void(done.fulfil(tl::unexpected(text.error())));
    node->written->keep(collection, key, std::move(*text));
    done.fulfil(true);
  }); // refused: the promise goes away with the call and answers `lost`
}

void CommunitiesActor::written(const std::string& collection, std::uint64_t key,
                               const runtime::Status& status) {
  asked_.erase({collection, key});
  if (status) {
    patience_.succeeded();
    summaries_written().Increment();
  } else {
    patience_.failed(status.error(), {{{collection, std::to_string(key)}, 0}}, node_->clock->now());
    observability::log_warn("a community keeps its sentences as its summary",
                            {{"error.code", runtime::to_string(status.error().code)},
                             {"error.message", status.error().detail}});
  }
  const auto views = node_->views->find(collection);
  if (views.index) summarise(collection, views);
}

} // namespace graphrag::entity
