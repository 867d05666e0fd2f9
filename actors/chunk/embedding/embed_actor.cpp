#include "actors/chunk/embedding/embed_actor.hpp"

#include <algorithm>

#include "actors/chunk/embedding/model_rows.hpp"
#include "actors/document/commit_actor.hpp"
#include "observability/log.hpp"
#include "observability/metrics.hpp"
#include "runtime/thread_priority.hpp"

namespace graphrag::chunk {
namespace {

using look_atom = caf::atom_constant<caf::atom("look")>;
using part_atom = caf::atom_constant<caf::atom("part")>;
using retry_atom = caf::atom_constant<caf::atom("retry")>;

constexpr std::size_t passages_per_part = 16;  // some hundred milliseconds of one core
constexpr std::size_t passages_per_call = 32;  // of an endpoint
constexpr std::size_t max_rows_read = 1 << 16; // of documents that are set aside
constexpr std::size_t parts_per_thread = 2;
constexpr std::size_t max_skipped = 1024;
constexpr auto idle_look = std::chrono::milliseconds(500);
constexpr auto waiting_look = std::chrono::seconds(2); // looking past those set aside costs more
constexpr auto crowded_look = std::chrono::milliseconds(50); // the pool had no room
constexpr auto load_pause = std::chrono::seconds(30);        // after a model could not be loaded
constexpr auto shortest_count_pause = std::chrono::seconds(2);
constexpr int count_share = 50; // counting takes at most one part in so many of the time

struct Probe {
  prometheus::Counter& passages =
      observability::counter("graphrag_vectors_made_total", "Passages that got their vector.");
  prometheus::Counter& late = observability::counter(
      "graphrag_vectors_late_total",
      "Documents whose vectors came too late: they had changed or gone meanwhile.");
  prometheus::Histogram& seconds =
      observability::histogram("graphrag_vector_group_seconds",
                               "Time from reading a group of documents to having their vectors.",
                               {.05, .1, .25, .5, 1, 2.5, 5, 10, 30});
};
Probe& probe() {
  static Probe instance;
  return instance;
}

} // namespace

EmbedActor::EmbedActor(caf::actor_config& config, runtime::ActorIdentity identity,
                       NodePartsPtr node, std::size_t threads)
    : MeteredActor(config, std::move(identity)), node_(std::move(node)),
      threads_(std::max<std::size_t>(threads, 1)) {}

caf::behavior EmbedActor::make_behavior() {
  runtime::yield_to_questions(runtime::enrichment_nice);
  look_in({});
  return {
      [this](look_atom) {
        look_waits_ = false;
        look();
      },
      [this](models_changed_atom) {
        prune_ = true;
        look();
      },
      [this](part_atom, std::uint64_t round, std::uint64_t part, const PartAnswer& answer) {
        if (round != round_ || !group_) return;
        if (!*answer) failure_ = answer->error();
        if (*answer) parts_[part].reset();
        if (--open_parts_ > 0) return;
        failure_ ? round_failed() : next_round();
      },
      [this](retry_atom, std::uint64_t round) {
        if (round != round_ || !group_) return;
        count_backlog();
        retry();
      },
      [this](const WriteAnswer& answer) { written(*answer); },
  };
}

// At most one look waits, however many reasons there are for it.
void EmbedActor::look_in(std::chrono::milliseconds pause) {
  if (std::exchange(look_waits_, true)) return;
  delayed_send(this, pause, look_atom::value);
}

void EmbedActor::away(const runtime::Error& error) {
  observability::log_warn(
      "vectors wait for the store",
      {{"error.code", runtime::to_string(error.code)}, {"error.message", error.detail}});
  pause_on_dependency("store");
}

// The rows of the store as encoders in memory. A model that cannot be loaded is left out.
bool EmbedActor::load_models() {
  auto rows = node_->store->models();
  if (!rows) {
    away(rows.error());
    return false;
  }
  const auto& settings = node_->models->settings();
  const auto* endpoint = settings.embedding ? &*settings.embedding : nullptr;
  auto known = node_->encoders->all();
  for (auto& blob : dropped_blobs(*rows, known)) // killed before: a sweep finds it
    node_->io->submit([blobs = node_->blobs, blob] { (void)blobs->remove(blob); });
  const bool may_load = node_->clock->now() >= load_again_;
  const bool same = std::ranges::equal(known, *rows, [&](const auto& one, const auto& row) {
    return one.record.hash == row.hash && one.record.state == row.state &&
           (one.usable() || of_endpoint(row) || !may_load);
  });
  if (!same) {
    load_again_ = node_->clock->now() + load_pause;
    node_->encoders->set(load_rows(*rows, known, endpoint, *node_->blobs));
    count_again_ = {};
  }
  auto op = registration(*rows, endpoint, node_->clock->wall_ms());
  if (op) write({std::move(*op)});
  return !op;
}

void EmbedActor::look() {
  if (busy_ || !load_models()) return;
  count_backlog();
  const auto models = node_->encoders->all();
  std::set<std::string> lacking;
  for (const auto& model : models) { // the active one first
    if (!model.usable()) continue;
    const auto begun = begin(model);
    if (begun == Begun::busy) return;
    if (begun == Begun::waits) lacking.insert(model.record.hash);
  }
  for (const auto& model : models) {
    auto record = model.record;
    if (!model.usable() || record.state != runtime::ModelState::building ||
        lacking.contains(record.hash))
      continue;
    record.state = runtime::ModelState::active;
    observability::log_info("a model has vectors of everything and becomes the active one",
                            {{"graphrag.model", record.name}});
    prune_ = true;
    return write({runtime::SaveModelOp{std::move(record)}});
  }
  if (prune_) return write({runtime::PruneVectorsOp{}});
  look_in(lacking.empty() ? idle_look : waiting_look);
}

// The next documents of the store that lack vectors and may be tried now. `waits`: there are others
// that may not. False: the store is away.
bool EmbedActor::gather(const Encoders::Loaded& model,
                        std::vector<runtime::DocumentContent>& contents, bool& waits) {
  const auto now = node_->clock->now();
  std::size_t bytes = 0;
  const auto full = [&] {
    return EmbedGroup::full(contents.size(), bytes) ||
           (!model.encoder && patience_.one_by_one() && !contents.empty());
  };
  for (auto limit = EmbedGroup::max_documents + skipped_.size();; limit *= 8) {
    auto lacking = node_->store->lacking_vectors(model_, cursor_, limit);
    if (!lacking) {
      away(lacking.error());
      return false;
    }
    if (!lacking->empty()) cursor_ = lacking->front().seq - 1;
    for (const auto& one : *lacking) {
      const Document document{one.key, one.live_version};
      if (full()) return true;
      if (skipped_.contains(document)) continue;
      if (!node_->peers->enriches(one.key)) { // another node makes them
        waits = true;
        continue;
      }
      if (!model.encoder) {
        const bool aside = patience_.aside(document, now);
        waits |= aside;
        if (aside ||
            (!contents.empty() && contents.front().record.key.collection != one.key.collection))
          continue;
      }
      auto content = node_->store->content(one.key);
      if (!content) {
        if (content.error().code == runtime::Errc::not_found) continue; // gone since
        away(content.error());
        return false;
      }
      in_group_.emplace_back(content->record.key, content->record.live_version);
      bytes += content->text.size();
      contents.push_back(std::move(*content));
    }
    // Many that are set aside may stand before one that is not.
    if (!contents.empty() || lacking->size() < limit || limit * 8 > max_rows_read) return true;
  }
}

EmbedActor::Begun EmbedActor::begin(const Encoders::Loaded& model) {
  if (model_ != model.record.hash) {
    model_ = model.record.hash;
    cursor_ = 0;
    skipped_.clear();
  }
  if (!model.encoder && node_->clock->now() < patience_.again()) return Begun::waits;
  std::vector<runtime::DocumentContent> contents;
  in_group_.clear();
  bool waits = false;
  if (!gather(model, contents, waits)) return Begun::busy;
  if (contents.empty()) return waits ? Begun::waits : Begun::nothing;
  of_group_ = model;
  group_ = std::make_shared<EmbedGroup>(model_, model.record.dimension, std::move(contents));
  began_ = node_->clock->now();
  busy_ = true;
  next_round();
  return Begun::busy;
}

// Gives the pool the next passages, a part each; written when there are none left.
void EmbedActor::next_round() {
  ++round_;
  const auto& line = node_->models->lines()[static_cast<std::size_t>(ModelWork::passages)];
  const auto per_part = by_endpoint() ? passages_per_call : passages_per_part;
  const auto parts = by_endpoint() ? line->refs().size() : threads_ * parts_per_thread;
  auto passages = group_->next(parts * per_part);
  if (passages.empty()) {
    if (by_endpoint()) patience_.succeeded();
    probe().seconds.Observe(std::chrono::duration<double>(node_->clock->now() - began_).count());
    probe().passages.Increment(static_cast<double>(group_->passages()));
    return write(group_->finish());
  }
  // Parts of like lengths, so that none is the long one that the others wait for.
  std::ranges::sort(passages, {}, [](const auto& passage) { return passage.text.size(); });
  parts_.clear();
  for (std::size_t first = 0; first < passages.size(); first += per_part) {
    const auto last = std::min(first + per_part, passages.size());
    parts_.push_back(std::make_shared<EmbedPart>(
        std::make_move_iterator(passages.begin() + static_cast<std::ptrdiff_t>(first)),
        std::make_move_iterator(passages.begin() + static_cast<std::ptrdiff_t>(last))));
  }
  retry();
}

// Submits the parts of the round that have no vectors yet.
void EmbedActor::retry() {
  failure_.reset();
  open_parts_ = static_cast<std::size_t>(
      std::ranges::count_if(parts_, [](const auto& part) { return part != nullptr; }));
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (parts_[i]) submit(i);
}

void EmbedActor::submit(std::size_t number) {
  runtime::Promise<bool> done{[self = caf::actor_cast<caf::actor>(this), round = round_,
                               number](runtime::Result<bool> result) {
    caf::anon_send(self, part_atom::value, round, std::uint64_t{number},
                   std::make_shared<runtime::Result<bool>>(std::move(result)));
  }};
  // The group owns the places of the vectors. Refused, or stopped: the promise goes away with the
  // task and answers `lost`.
  if (!by_endpoint()) {
    node_->encoding->submit(
        [part = parts_[number], done, group = group_, encoder = of_group_->encoder, node = node_] {
          if (encode_part(*part, *encoder, node->models->stopping())) done.fulfil(true);
        });
    return;
  }
  runtime::models::CallContext context;
  context.collection = in_group_.front().first.collection;
  context.cancel = node_->models->stopping();
  node_->models->submit(ModelWork::passages, [part = parts_[number], done, group = group_, context,
                                              node = node_](const auto& port) {
    auto status = encode_part(*part, *node->models->settings().embedding, port, context);
    done.fulfil(status ? runtime::Result<bool>{true} : tl::unexpected(status.error()));
  });
}

void EmbedActor::round_failed() {
  using runtime::Errc;
  const auto error = *std::exchange(failure_, std::nullopt);
  if (error.code == Errc::lost) { // the pool's actor was killed: the group begins anew
    drop_group();
    return look_in(crowded_look);
  }
  const auto now = node_->clock->now();
  patience_.failed(error, in_group_, now);
  observability::log_warn("an endpoint made no vectors",
                          {{"graphrag.documents", static_cast<std::int64_t>(in_group_.size())},
                           {"error.code", runtime::to_string(error.code)},
                           {"error.message", error.detail}});
  const bool refused = error.code == Errc::overloaded || error.code == Errc::invalid_argument ||
                       error.code == Errc::corrupt;
  // Another model's documents must not wait with this one's.
  if (refused || node_->encoders->all().size() > 1) {
    drop_group();
    return look_in(crowded_look);
  }
  // It is away: what was made is kept, the rest is asked for again.
  delayed_send(this, patience_.again() - now, retry_atom::value, round_);
}

void EmbedActor::drop_group() {
  ++round_;
  group_.reset();
  of_group_.reset();
  parts_.clear();
  busy_ = false;
}

void EmbedActor::write(std::vector<runtime::WriteOp> ops) {
  busy_ = true;
  auto job = std::make_shared<document::WriteJob>();
  job->ops = std::move(ops);
  job->done = runtime::Promise<document::WriteResults>{
      [self = caf::actor_cast<caf::actor>(this)](runtime::Result<document::WriteResults> results) {
        caf::anon_send(
            self, std::make_shared<runtime::Result<document::WriteResults>>(std::move(results)));
      }};
  node_->commit.send(std::move(job));
}

void EmbedActor::written(const runtime::Result<std::vector<runtime::WriteResult>>& results) {
  const bool of_group = group_ != nullptr;
  drop_group();
  if (!results) {
    if (results.error().code == runtime::Errc::lost) // the commit actor was killed
      return look_in(crowded_look);
    return away(results.error());
  }
  for (std::size_t i = 0; i < results->size(); ++i) {
    const auto& result = (*results)[i];
    if (!of_group) {
      if (result.outcome == runtime::Outcome::unchanged) prune_ = false;
      continue;
    }
    if (!result.error) continue;
    probe().late.Increment();
    if (result.error->code != runtime::Errc::invalid_argument) continue; // it changed, or the model
    observability::log_warn("a document cannot have vectors",
                            {{"graphrag.collection", in_group_[i].first.collection},
                             {"graphrag.document", in_group_[i].first.id},
                             {"error.message", result.error->detail}});
    if (skipped_.size() < max_skipped) skipped_.insert(in_group_[i]);
  }
  look_in({});
}

void EmbedActor::count_backlog() {
  const auto now = node_->clock->now();
  if (now < count_again_) return;
  const auto active = node_->encoders->active();
  std::uint64_t lacking = 0;
  if (active) {
    auto counted = node_->store->count_lacking_vectors(active->record.hash);
    if (!counted) return; // the next read of the store says so
    lacking = *counted;
  }
  node_->encoders->set_backlog(lacking);
  const auto took = node_->clock->now() - now;
  count_again_ =
      now + std::max<std::chrono::steady_clock::duration>(shortest_count_pause, took * count_share);
}

} // namespace graphrag::chunk
