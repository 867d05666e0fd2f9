#include "actors/document/job_actor.hpp"

#include <future>

#include "actors/chunk/filter.hpp"
#include "observability/log.hpp"

namespace graphrag::document {
namespace {

using nlohmann::json;
using step_atom = caf::atom_constant<caf::atom("step")>;
using look_atom = caf::atom_constant<caf::atom("look")>;
using prune_atom = caf::atom_constant<caf::atom("prune")>;
constexpr std::size_t lines_per_step = 256;
constexpr std::size_t kept_problems = 100;
constexpr std::size_t removals_per_write = 256;
constexpr auto look_interval = std::chrono::seconds(3); // for jobs that lost their owner
constexpr auto prune_interval = std::chrono::hours(1);
constexpr auto write_deadline = std::chrono::seconds(60);
constexpr auto removal_deadline = std::chrono::seconds(70); // more than Peers::when_gone takes
constexpr auto lines_deadline = std::chrono::minutes(5);

} // namespace

runtime::SaveJobOp make_job(const std::string& collection, const std::string& kind, json input,
                            std::int64_t now_ms) {
  auto id = "j" + runtime::make_document_id().substr(1);
  json body{{"input", std::move(input)}, {"done", 0},           {"ok", 0}, {"failed", 0},
            {"problems", json::array()}, {"created_ms", now_ms}};
  return {std::move(id), collection, kind, "queued", body.dump(), now_ms};
}

std::string input_blob(const runtime::JobRecord& job) {
  auto body = json::parse(job.body, nullptr, false);
  if (!body.is_object() || !body.contains("input") || !body["input"].is_object()) return {};
  return body["input"].value("blob", std::string{});
}

JobActor::JobActor(caf::actor_config& config, runtime::ActorIdentity identity, NodePartsPtr node,
                   IngestLine ingest_line)
    : MeteredActor(config, std::move(identity)), node_(std::move(node)),
      ingest_line_(std::move(ingest_line)) {}

caf::behavior JobActor::make_behavior() {
  look();
  delayed_send(this, look_interval, look_atom::value);
  return {
      [this](new_job_atom, const std::string& id) {
        queue_.push_back(id);
        if (!running_) step();
      },
      [this](step_atom) { step(); },
      [this](look_atom) { look_if_changed(); },
      [this](prune_atom) {
        prune();
        delayed_send(this, prune_interval, prune_atom::value);
      },
  };
}

// A job becomes free when its owner goes.
void JobActor::look_if_changed() {
  if (others_ != node_->peers->others()) look();
  delayed_send(this, look_interval, look_atom::value);
}

void JobActor::look() {
  auto others = node_->peers->others();
  auto jobs = node_->store->jobs(100'000);
  if (!jobs) return pause_on_dependency("store");
  const auto idle = queue_.empty() && !running_;
  for (auto it = jobs->rbegin(); it != jobs->rend(); ++it) { // oldest first
    if (it->state != "queued" && it->state != "running") {
      if (!pruning_) finished_.add(it->id, it->updated_ms);
      continue;
    }
    const bool other = std::find(others.begin(), others.end(), it->owner) != others.end();
    const bool known = (running_ && job_.id == it->id) ||
                       std::find(queue_.begin(), queue_.end(), it->id) != queue_.end();
    if (!other && !known && node_->peers->works()) queue_.push_back(it->id);
  }
  if (!std::exchange(pruning_, true)) send(this, prune_atom::value);
  if (idle && !queue_.empty()) send(this, step_atom::value);
  if (node_->peers->works()) others_ = std::move(others);
}

// Makes this node the owner of the job that was read.
bool JobActor::mine_to_run() {
  const auto& peers = *node_->peers;
  if (job_.owner == peers.self()) return true;
  const auto others = peers.others();
  if (std::find(others.begin(), others.end(), job_.owner) != others.end()) return false;
  auto claimed = write({runtime::ClaimJobOp{job_.id, job_.owner, peers.self()}});
  if (!claimed || claimed->front().error) {
    others_.reset(); // looked for again
    return false;
  }
  job_.owner = peers.self();
  return true;
}

void JobActor::step() {
  if (!running_) {
    if (queue_.empty()) return;
    auto id = std::move(queue_.front());
    queue_.pop_front();
    auto job = node_->store->job(id);
    if (!job) others_.reset(); // looked for again
    if (job) {
      job_ = std::move(*job);
      body_ = json::parse(job_.body, nullptr, false);
      running_ =
          body_.is_object() && (job_.state == "queued" || job_.state == "running") && mine_to_run();
    }
    if (!running_) return send(this, step_atom::value);
    job_.state = "running";
  }
  if (job_.kind == "delete_by_filter")
    delete_page();
  else if (job_.kind == "bulk")
    bulk_lines();
  else
    finish("failed",
           {{"code", "unknown_kind"}, {"detail", "this version does not know the job's kind"}});
  if (running_ || !queue_.empty()) send(this, step_atom::value);
}

runtime::Result<WriteResults> JobActor::write(std::vector<runtime::WriteOp> ops) {
  auto answer = std::make_shared<std::promise<runtime::Result<WriteResults>>>();
  auto job = std::make_shared<WriteJob>();
  job->ops = std::move(ops);
  job->done = runtime::Promise<WriteResults>{
      [answer](runtime::Result<WriteResults> r) { answer->set_value(std::move(r)); }};
  auto future = answer->get_future();
  node_->commit.send(std::move(job));
  if (future.wait_for(write_deadline) != std::future_status::ready)
    return runtime::fail(runtime::Errc::timeout, "the store did not answer");
  return future.get();
}

bool JobActor::save() {
  job_.updated_ms = node_->clock->wall_ms();
  auto saved = write({runtime::SaveJobOp{job_.id, job_.collection, job_.kind, job_.state,
                                         body_.dump(), job_.updated_ms, job_.owner}});
  if (saved && saved->front().error) { // another node thought that this one was gone
    observability::log_warn("a job has another owner now", {{"graphrag.job", job_.id}});
    running_ = false;
    return false;
  }
  if (saved) return true;
  observability::log_warn("a job waits for the store",
                          {{"graphrag.job", job_.id}, {"error.message", saved.error().detail}});
  running_ = false;
  queue_.clear();
  pause_on_dependency("store");
  return false;
}

void JobActor::finish(const std::string& state, json error) {
  job_.state = state;
  if (!error.is_null()) body_["error"] = std::move(error);
  auto blob = body_["input"].value("blob", std::string{});
  body_.erase("input");
  running_ = false;
  input_.clear();
  if (!save()) return;
  if (!blob.empty()) (void)node_->blobs->remove(blob);
  finished_.add(job_.id, job_.updated_ms);
  prune();
}

void JobActor::prune() {
  auto ids = finished_.due(node_->clock->wall_ms());
  while (!ids.empty()) {
    std::vector<runtime::WriteOp> ops;
    for (; !ids.empty() && ops.size() < removals_per_write; ids.pop_back())
      ops.push_back(runtime::RemoveJobOp{std::move(ids.back())});
    if (auto removed = write(std::move(ops)); !removed) {
      // They are found again at the next start of this actor.
      observability::log_warn("finished jobs could not be removed",
                              {{"error.message", removed.error().detail}});
      return;
    }
  }
}

void JobActor::delete_page() {
  auto& input = body_["input"];
  auto filter = chunk::parse_filter(input["filter"]);
  if (!filter) return finish("failed", {{"code", "bad_filter"}, {"detail", filter.error().detail}});
  runtime::ListRequest request{job_.collection,
                               "",
                               std::nullopt,
                               runtime::SortOrder::id,
                               input.value("cursor", std::string{}),
                               lines_per_step};
  auto page = node_->store->list(request);
  if (!page) {
    if (page.error().code == runtime::Errc::not_found)
      return finish("failed", {{"code", "not_found"}, {"detail", "the collection is gone"}});
    running_ = false;
    return pause_on_dependency("store");
  }
  std::vector<runtime::WriteOp> ops;
  for (const auto& record : page->items) {
    chunk::FilterSubject subject{record.key.id,   record.title,      record.filename,  record.mime,
                                 record.metadata, record.created_ms, record.updated_ms};
    if (chunk::matches(*filter, subject))
      ops.push_back(runtime::DeleteOp{record.key, record.version});
  }
  auto asked = ops.size();
  if (asked > 0) {
    auto results = write(std::move(ops));
    if (!results) {
      running_ = false;
      return pause_on_dependency("store");
    }
    std::uint64_t removed = 0, seq = 0, view = 0;
    for (const auto& result : *results) {
      if (result.error) continue; // replaced or removed meanwhile: no longer what the filter saw
      ++removed;
      seq = std::max(seq, result.seq);
      view = result.view_version;
      if (!result.blob_to_drop.empty()) (void)node_->blobs->remove(result.blob_to_drop);
    }
    if (seq > 0 && !gone_everywhere(seq, view)) return;
    body_["ok"] = body_["ok"].get<std::uint64_t>() + removed;
  }
  body_["done"] = body_["done"].get<std::uint64_t>() + page->items.size();
  if (page->next.empty()) return finish_when_seen();
  input["cursor"] = page->next;
  save();
}

// Whether no node shows any more what went with this number. Else this actor is being paused.
bool JobActor::gone_everywhere(std::uint64_t seq, std::uint64_t view) {
  auto gone = std::make_shared<std::promise<bool>>();
  auto future = gone->get_future();
  auto ticket = node_->views->board().wait(
      seq, runtime::Promise<std::uint64_t>{
               [gone, seq, view, peers = node_->peers,
                collection = job_.collection](const runtime::Result<std::uint64_t>& here) {
                 if (!here) return gone->set_value(false);
                 peers->when_gone(seq, view, collection,
                                  runtime::Promise<std::uint64_t>{
                                      [gone](const runtime::Result<std::uint64_t>& all) {
                                        gone->set_value(all.has_value());
                                      }});
               }});
  const bool answered = future.wait_for(removal_deadline) == std::future_status::ready;
  if (answered && future.get()) return true;
  if (!answered) node_->views->board().cancel(ticket);
  running_ = false;
  pause_on_dependency("views"); // the last page is repeated
  return false;
}

// A job is done when what it did is seen, also what it did before it came to this node.
void JobActor::finish_when_seen() {
  auto last = node_->store->last_seq();
  if (!last) {
    running_ = false;
    return pause_on_dependency("store");
  }
  if (gone_everywhere(*last, 0)) finish("done");
}

void JobActor::bulk_lines() {
  auto& input = body_["input"];
  if (input_.empty()) {
    auto bytes = node_->blobs->get(input.value("blob", std::string{}));
    if (!bytes) {
      const auto code = bytes.error().code;
      if (code == runtime::Errc::not_found || code == runtime::Errc::corrupt)
        return finish("failed", {{"code", "input_lost"}, {"detail", bytes.error().detail}});
      running_ = false; // looked for again, and other jobs go on meanwhile
      others_.reset();
      return;
    }
    input_ = std::move(*bytes);
  }
  struct Step {
    std::mutex mutex;
    std::vector<std::pair<std::uint64_t, json>> problems;
    std::size_t open = 0;
    std::promise<void> all;
  };
  auto state = std::make_shared<Step>();
  auto offset = input.value("offset", std::uint64_t{0});
  auto line_number = input.value("line", std::uint64_t{0});
  std::vector<std::pair<std::uint64_t, std::string>> lines;
  while (lines.size() < lines_per_step && offset < input_.size()) {
    auto end = std::min(input_.find('\n', offset), input_.size());
    auto line = input_.substr(offset, end - offset);
    offset = end + 1;
    if (line.find_first_not_of(" \t\r") != std::string::npos)
      lines.emplace_back(++line_number, std::move(line));
  }
  auto count = lines.size();
  state->open = count + 1;
  auto one_done = [state] {
    std::lock_guard lock{state->mutex};
    if (--state->open == 0) state->all.set_value();
  };
  for (auto& [number, text] : lines) {
    auto id = job_.id + "-" + std::to_string(number);
    ingest_line_(job_.collection, std::move(text), id,
                 [state, number = number, one_done](json problem) {
                   if (!problem.is_null()) {
                     std::lock_guard lock{state->mutex};
                     state->problems.emplace_back(number, std::move(problem));
                   }
                   one_done();
                 });
  }
  one_done();
  if (state->all.get_future().wait_for(lines_deadline) != std::future_status::ready) {
    running_ = false;
    return pause_on_dependency("ingestion"); // the step is repeated; what is in stays in
  }
  std::sort(state->problems.begin(), state->problems.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [number, problem] : state->problems)
    if (problem.value("status", 0) == 507) { // not the line's fault: the step is repeated
      running_ = false;
      return pause_on_dependency("disk");
    }
  body_["done"] = body_["done"].get<std::uint64_t>() + count;
  body_["failed"] = body_["failed"].get<std::uint64_t>() + state->problems.size();
  body_["ok"] = body_["ok"].get<std::uint64_t>() + count - state->problems.size();
  for (auto& [number, problem] : state->problems)
    if (body_["problems"].size() < kept_problems)
      body_["problems"].push_back({{"line", number}, {"problem", std::move(problem)}});
  input["offset"] = offset;
  input["line"] = line_number;
  if (offset >= input_.size()) return finish("done");
  save();
}

} // namespace graphrag::document
