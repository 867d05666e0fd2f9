#include "actors/document/document_actor.hpp"

#include "actors/chunk/analyse.hpp"
#include "actors/document/backlog.hpp"
#include "actors/document/commit_actor.hpp"
#include "actors/document/formats/parse.hpp"
#include "actors/document/formats/sniff.hpp"
#include "actors/document/plain_document.hpp"
#include "actors/document/progress.hpp"
#include "actors/document/sandboxed_parser.hpp"

namespace graphrag::document {
namespace {
constexpr std::size_t small_text_bytes = 256 * 1024; // parsed on the actor's own thread

const char* stage_name(Step step) {
  switch (step) {
  case Step::parse:
    return "parsing";
  case Step::analyse:
    return "analysing";
  case Step::commit:
  case Step::fail:
  case Step::wait_visible:
    return "committing";
  default:
    return "starting";
  }
}

// A text that came as JSON and was accepted as a blob before the work: it is text whatever it looks
// like. Files always have a name.
bool is_file(const IngestJob& job) {
  return job.is_file && !(job.input.filename.empty() && job.input.mime == "text/plain");
}

IngestPlan plan_of(const IngestJob& job) {
  return {is_file(job), job.accept_first, job.resumed.has_value(),
          job.resumed ? job.resumed->attempts : 0, job.open_attempt->exchange(0) != 0};
}

} // namespace

DocumentActor::DocumentActor(caf::actor_config& config, runtime::ActorIdentity identity,
                             NodePartsPtr node, IngestJobPtr job)
    : MeteredActor(config, std::move(identity)), node_(std::move(node)), job_(std::move(job)),
      machine_(plan_of(*job_)) {
  if (job_->resumed) epoch_ = job_->resumed->epoch;
}

caf::behavior DocumentActor::make_behavior() {
  run(machine_.first());
  return {
      [](const runtime::Task& step) { (*step)(); },
  };
}

void DocumentActor::on_exit() {
  // The object may outlive its end by whoever holds a handle; what it owes must not.
  if (job_ && machine_.accepted()) node_->progress->clear(job_->input.key);
  job_.reset();
  live_.reset();
  if (extraction_) extraction_->cancel();
}

template <class T>
std::function<void(T)> DocumentActor::here(std::function<void(T)> then) {
  // The handle keeps this actor's memory; a closure that arrives after its end is dropped unrun.
  return [self = caf::actor_cast<caf::actor>(this), then = std::move(then)](T value) {
    auto shared = std::make_shared<T>(std::move(value));
    caf::anon_send(self, std::make_shared<std::function<void()>>(
                             [then, shared] { then(std::move(*shared)); }));
  };
}

void DocumentActor::run(Step step) {
  if (machine_.accepted()) node_->progress->set(job_->input.key, stage_name(step));
  switch (step) {
  case Step::put_blob:
    return put_blob();
  case Step::accept:
    return write(step, runtime::AcceptOp{job_->input, node_->peers->self()});
  case Step::start_attempt:
    return write(step, runtime::ClaimOp{job_->input.key, epoch_, node_->peers->self()});
  case Step::load_blob:
    return load_blob();
  case Step::parse:
    return parse();
  case Step::analyse:
    return analyse();
  case Step::commit:
    return commit();
  case Step::fail:
    return record_failure();
  case Step::wait_visible:
    return wait_visible();
  case Step::finish:
    return finish();
  }
}

StepResult DocumentActor::document_fault(std::string code, std::string detail, bool retryable) {
  report_.error = runtime::DocumentError{std::move(code), std::move(detail), retryable};
  return StepResult::bad_document;
}

StepResult DocumentActor::dependency_fault(const runtime::Error& error) {
  error_ = error;
  return error.code == runtime::Errc::stale_epoch ? StepResult::stale : StepResult::transient;
}

void DocumentActor::put_blob() {
  runtime::Promise<std::string> stored{
      here<runtime::Result<std::string>>([this](runtime::Result<std::string> key) {
        if (!key) return done(Step::put_blob, dependency_fault(key.error()));
        job_->input.blob = std::move(*key);
        done(Step::put_blob, StepResult::ok);
      })};
  node_->io->submit(
      [stored, job = job_, blobs = node_->blobs] { stored.fulfil(blobs->put(job->bytes)); });
}

void DocumentActor::load_blob() {
  runtime::Promise<std::string> loaded{
      here<runtime::Result<std::string>>([this](runtime::Result<std::string> bytes) {
        if (bytes) {
          job_->bytes = std::move(*bytes);
          return done(Step::load_blob, StepResult::ok);
        }
        bool gone = bytes.error().code == runtime::Errc::not_found ||
                    bytes.error().code == runtime::Errc::corrupt;
        done(Step::load_blob,
             gone ? document_fault("original_lost", "the original file can no longer be read")
                  : dependency_fault(bytes.error()));
      })};
  node_->io->submit(
      [loaded, key = job_->input.blob, blobs = node_->blobs] { loaded.fulfil(blobs->get(key)); });
}

void DocumentActor::parse() {
  auto sniffed = formats::sniff(job_->bytes, job_->input.filename, job_->input.mime);
  if (formats::trusted_in_process(sniffed.format) && job_->bytes.size() <= small_text_bytes)
    return parsed(formats::parse(job_->bytes, job_->input.filename, job_->input.mime));
  auto back = here<ParseReply>([this](ParseReply reply) {
    if (reply)
      parsed(std::move(*reply));
    else
      done(Step::parse, dependency_fault(reply.error()));
  });
  auto taken =
      node_->parser->submit(job_->bytes, job_->input.filename, job_->input.mime, std::move(back));
  if (!taken) done(Step::parse, dependency_fault(taken.error()));
}

void DocumentActor::parsed(Result<ParsedDocument> document) {
  if (!document) {
    bool retryable = document.error().code == Errc::parser_timeout ||
                     document.error().code == Errc::parser_memory;
    return done(Step::parse, document_fault(std::string{to_string(document.error().code)},
                                            std::move(document.error().detail), retryable));
  }
  parsed_ = std::move(*document);
  if (job_->input.title.empty()) job_->input.title = parsed_.title;
  job_->input.mime = parsed_.mime;
  done(Step::parse, StepResult::ok);
}

void DocumentActor::analyse() {
  if (!is_file(*job_)) {
    auto text = plain_document(job_->bytes);
    if (!text)
      return done(Step::analyse,
                  document_fault(std::string{to_string(text.error().code)}, text.error().detail));
    parsed_ = std::move(*text);
    job_->input.mime = parsed_.mime;
  }
  auto work = [parsed = std::make_shared<ParsedDocument>(std::move(parsed_)), job = job_] {
    auto live = std::make_shared<chunk::LiveDocument>();
    live->analysis = chunk::analyse(*parsed, job->input.title);
    live->text = std::move(parsed->text);
    for (std::uint32_t i = 0; i < live->analysis.chunks.size(); ++i)
      live->chunk_ids.push_back(runtime::chunk_id(job->input.key, job->input.content_hash, i));
    return live;
  };
  using Live = std::shared_ptr<chunk::LiveDocument>;
  runtime::Promise<Live> analysed{here<runtime::Result<Live>>([this](runtime::Result<Live> live) {
    if (!live) return done(Step::analyse, dependency_fault(live.error()));
    live_ = std::move(*live);
    node_->models->does(ModelWork::extraction) ? extract() : done(Step::analyse, StepResult::ok);
  })};
  node_->analysis->submit([analysed, work = std::move(work)] { analysed.fulfil(work()); });
}

// What a model finds besides; the document waits for it no longer than it may.
void DocumentActor::extract() {
  const auto again = here<runtime::Result<bool>>([this](runtime::Result<bool> known) {
    if (known && *known) { // the same text was read by a model before: the store keeps that
      model_facts_ = true;
      return done(Step::analyse, StepResult::ok);
    }
    extraction_ = std::make_shared<ModelExtraction>(job_->input.key.collection);
    extraction_->begin(*node_->models, *live_,
                       runtime::Promise<bool>{here<runtime::Result<bool>>(
                           [this](runtime::Result<bool>) { extracted(); })});
    delayed_send(this, node_->models->settings().extraction_time,
                 std::make_shared<std::function<void()>>([this] { extracted(); }));
  });
  const runtime::Promise<bool> looked{again};
  if (machine_.accepted()) return void(looked.fulfil(false)); // a new version in any case
  node_->io->submit([looked, job = job_, store = node_->store] {
    const auto content = store->content(job->input.key);
    looked.fulfil(content && model_read_before(*content, *job));
  });
}

void DocumentActor::extracted() {
  if (!extraction_) return; // the other of both: all came, or the time is over
  model_facts_ = std::exchange(extraction_, nullptr)->take(*live_);
  done(Step::analyse, StepResult::ok);
}

void DocumentActor::commit() {
  const auto& input = job_->input;
  auto& live = *live_;
  live.id = input.key.id;
  live.title = input.title;
  live.filename = input.filename;
  live.mime = input.mime;
  live.metadata = input.metadata;
  live.bytes = input.bytes;
  live.content_hash = input.content_hash;
  live.vector = job_->vector;
  live.read_by_model = model_facts_;
  runtime::CommitOp op;
  op.input = input;
  if (machine_.accepted()) op.claim = epoch_;
  op.text = live.text;
  op.analysis_version = chunk::analysis_version | (model_facts_ ? chunk::model_facts_version : 0);
  op.entity_count = live.analysis.entity_count;
  op.vector = job_->vector;
  for (std::size_t i = 0; i < live.analysis.chunks.size(); ++i) {
    const auto& chunk = live.analysis.chunks[i];
    op.chunks.push_back(
        {live.chunk_ids[i], chunk.index, chunk.start, chunk.end, chunk::pack(chunk)});
  }
  write(Step::commit, std::move(op), live_);
}

void DocumentActor::record_failure() {
  if (!report_.error) // only attempts lead here without one
    document_fault("crash_loop",
                   "the work on this document ended abnormally " + std::to_string(max_attempts) +
                       " times",
                   true);
  write(Step::fail, runtime::FailOp{job_->input.key, epoch_, *report_.error});
}

void DocumentActor::write(Step step, runtime::WriteOp op,
                          std::shared_ptr<chunk::LiveDocument> live) {
  auto write = std::make_shared<WriteJob>();
  write->ops.push_back(std::move(op));
  write->live.push_back(std::move(live));
  if (step == Step::accept || (step == Step::commit && !machine_.accepted()))
    write->ops.insert(write->ops.end(), job_->extra.begin(), job_->extra.end());
  write->done = runtime::Promise<WriteResults>{here<runtime::Result<WriteResults>>(
      [this, step](runtime::Result<WriteResults> results) { written(step, std::move(results)); })};
  node_->commit.send(std::move(write));
}

void DocumentActor::written(Step step, runtime::Result<WriteResults> results) {
  if (!results) return done(step, dependency_fault(results.error()));
  auto& result = results->front();
  if (result.error) return done(step, dependency_fault(*result.error));
  epoch_ = result.epoch;
  report_.outcome = result.outcome;
  report_.version = result.version;
  report_.seq = result.seq;
  report_.chunk_count = result.chunk_count;
  report_.entity_count = result.entity_count;
  report_.created_ms = result.created_ms;
  report_.updated_ms = result.updated_ms;
  if (!result.blob_to_drop.empty())
    node_->io->submit(
        [blobs = node_->blobs, key = result.blob_to_drop] { (void)blobs->remove(key); });
  if (result.outcome == runtime::Outcome::unchanged) {
    report_.state = result.live_version == result.version ? runtime::DocumentState::searchable
                                                          : runtime::DocumentState::queued;
    if (step == Step::accept) { // its blob was not needed
      node_->io->submit(
          [blobs = node_->blobs, key = job_->input.blob] { (void)blobs->remove(key); });
    }
    return done(step, StepResult::unchanged);
  }
  if (step == Step::accept) {
    node_->backlog->add(job_->input.key.collection);
    job_->accepted.fulfil(report_);
  }
  if (step == Step::fail) report_.state = runtime::DocumentState::failed;
  if (step == Step::commit) report_.state = runtime::DocumentState::searchable;
  if (step == Step::commit && !machine_.accepted()) report_.record = record_of(result);
  if ((step == Step::fail || step == Step::commit) && machine_.accepted())
    node_->backlog->remove(job_->input.key.collection);
  done(step, StepResult::ok);
}

runtime::DocumentRecord DocumentActor::record_of(const runtime::WriteResult& result) const {
  const auto& input = job_->input;
  runtime::DocumentRecord record;
  record.key = input.key;
  record.version = result.version;
  record.live_version = result.live_version;
  record.epoch = result.epoch;
  record.seq = result.seq;
  record.state = runtime::DocumentState::searchable;
  record.title = input.title;
  record.filename = input.filename;
  record.mime = input.mime;
  record.metadata = input.metadata;
  record.content_hash = input.content_hash;
  record.blob = input.blob;
  record.bytes = input.bytes;
  record.created_ms = result.created_ms;
  record.updated_ms = result.updated_ms;
  record.chunk_count = static_cast<std::uint32_t>(result.chunk_count);
  record.entity_count = static_cast<std::uint32_t>(result.entity_count);
  record.has_vector = !job_->vector.empty();
  return record;
}

void DocumentActor::wait_visible() {
  auto seq = report_.seq;
  if (seq == 0) return finish();
  runtime::Promise<std::uint64_t> shown{here<runtime::Result<std::uint64_t>>(
      [this](runtime::Result<std::uint64_t>) { done(Step::wait_visible, StepResult::ok); })};
  wait_ticket_ = node_->views->board().wait(
      seq, runtime::Promise<std::uint64_t>{
               [shown, seq, peers = node_->peers, collection = job_->input.key.collection](
                   const runtime::Result<std::uint64_t>& here) {
                 if (here) peers->when_shown(seq, collection, shown);
               }});
}

void DocumentActor::finish() {
  if (wait_ticket_ != 0) node_->views->board().cancel(wait_ticket_);
  if (machine_.accepted()) node_->progress->clear(job_->input.key);
  report_.title = job_->input.title;
  report_.mime = job_->input.mime;
  if (error_ && error_->code != runtime::Errc::stale_epoch && machine_.attempt_open())
    *job_->open_attempt = epoch_;
  bool settled = report_.error || report_.version != 0;
  if (settled && !error_)
    job_->done.fulfil(report_);
  else
    job_->done.fulfil(
        tl::unexpected(error_.value_or(runtime::Error{runtime::Errc::lost, "the work stopped"})));
  job_.reset();
  quit();
}

} // namespace graphrag::document
