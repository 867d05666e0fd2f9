#include "actors/query/query_actor.hpp"

#include "actors/entity/written_summaries.hpp"
#include "actors/models/unit_vectors.hpp"
#include "actors/query/answer_cache.hpp"
#include "actors/query/encoder_knowledge.hpp"
#include "actors/query/global.hpp"
#include "actors/query/rerank.hpp"
#include "observability/log.hpp"
#include "observability/metrics.hpp"
#include "runtime/actor/task.hpp"
#include "runtime/models/model_port.hpp"

namespace graphrag::query {
namespace {

using run_atom = caf::atom_constant<caf::atom("run")>;
using late_atom = caf::atom_constant<caf::atom("late")>;
using patience_atom = caf::atom_constant<caf::atom("patience")>;

constexpr auto time_to_answer =
    std::chrono::milliseconds(20); // kept back from the deadline while waiting

prometheus::Counter& without(const std::string& part) {
  return observability::counter("graphrag_question_parts_missing_total",
                                "Questions answered without what an endpoint should have given.",
                                {{"part", part}});
}

} // namespace

QueryActor::QueryActor(caf::actor_config& config, runtime::ActorIdentity identity,
                       NodePartsPtr node, QueryJobPtr job)
    : MeteredActor(config, std::move(identity)), node_(std::move(node)), job_(std::move(job)) {}

caf::behavior QueryActor::make_behavior() {
  auto& board = node_->views->board();
  if (job_->after == 0 || board.applied_everywhere() >= job_->after) {
    send(this, run_atom::value);
  } else {
    auto left = job_->deadline - node_->clock->now() - time_to_answer;
    delayed_send(this, std::max(left, std::chrono::steady_clock::duration::zero()),
                 late_atom::value);
    wait_ticket_ = board.wait(
        job_->after, runtime::Promise<std::uint64_t>{[self = caf::actor_cast<caf::actor>(this)](
                                                         runtime::Result<std::uint64_t> seq) {
          if (seq) caf::anon_send(self, run_atom::value);
        }});
  }
  return {
      [this](run_atom) { begin(true); },
      [this](late_atom) { begin(false); },
      [](const runtime::Task& step) { (*step)(); },
      [this](patience_atom, std::uint64_t call) {
        if (call != call_ || !give_up_) return;
        ++call_;
        cancel_.request_stop();
        std::exchange(give_up_, {})({runtime::Errc::timeout, "no time is left to wait for it"});
      },
  };
}

// The object may outlive its end by whoever holds a handle; what it owes must not: the job's
// promise answers `lost` at once.
void QueryActor::on_exit() {
  cancel_.request_stop();
  give_up_ = {};
  job_.reset();
  view_.reset();
}

void QueryActor::begin(bool after_reached) {
  if (std::exchange(begun_, true)) return;
  if (wait_ticket_ != 0) node_->views->board().cancel(wait_ticket_);
  after_reached_ = after_reached;
  views_ = node_->views->find(job_->collection);
  if (!views_.index) {
    job_->done.fulfil(runtime::fail(runtime::Errc::not_found, "no such collection"));
    return quit();
  }
  encoder_ = node_->encoders->active();
  view_.emplace(views_.index->view());
  if (answered_from_cache()) return quit();
  encode();
}

bool QueryActor::answered_from_cache() {
  // Communities and verdicts on names change without the documents: such answers are not kept.
  const bool cached = node_->answers && after_reached_ && !job_->cache_key.empty() &&
                      job_->question.mode != Mode::global;
  if (!cached) return false;
  seen_ = view_->fingerprint();
  // Two models give two answers, though the documents are the same.
  fingerprint_ = (encoder_ ? encoder_->record.hash : std::string{}) + seen_;
  auto known = node_->answers->find(job_->collection, fingerprint_, job_->cache_key);
  if (known) job_->done.fulfil(std::move(*known));
  return known.has_value();
}

QueryActor::Clock::duration QueryActor::time_left() const {
  return job_->deadline - node_->clock->now() - time_to_answer;
}

template <class T>
void QueryActor::ask(ModelWork work, Clock::duration patience, Call<T> call,
                     std::function<void(runtime::Result<T>)> then) {
  const auto number = ++call_;
  cancel_ = {};
  give_up_ = [then](const runtime::Error& error) { then(tl::unexpected(error)); };
  runtime::models::CallContext context;
  context.collection = job_->collection;
  context.cancel = cancel_.get_token();
  // The handle keeps this actor's memory; an answer that arrives after its end is dropped unread.
  runtime::Promise<T> answer{[self = caf::actor_cast<caf::actor>(this), this, number,
                              then = std::move(then)](runtime::Result<T> given) {
    auto value = std::make_shared<runtime::Result<T>>(std::move(given));
    caf::anon_send(self, std::make_shared<std::function<void()>>([this, number, then, value] {
                     if (number != call_) return;
                     ++call_;
                     give_up_ = {};
                     then(std::move(*value));
                   }));
  }};
  node_->models->submit(work, [answer, context, call = std::move(call)](const auto& port) {
    if (!context.cancel.stop_requested()) answer.fulfil(call(port, context));
  }); // refused: the promise goes away with the call and answers `lost`
  delayed_send(this, std::max(patience, Clock::duration::zero()), patience_atom::value, number);
}

void QueryActor::lacks(const char* part, const runtime::Error& error) {
  lacking_.emplace_back(part);
  without(part).Increment();
  observability::log(observability::Level::debug, "a question goes on without a part",
                     {{"graphrag.part", part},
                      {"error.code", runtime::to_string(error.code)},
                      {"error.message", error.detail}});
}

void QueryActor::encode() {
  auto& question = job_->question;
  const bool wanted = question.mode == Mode::hybrid || question.mode == Mode::vector;
  if (!wanted || !question.vector.empty()) return search();
  if (!encoder_) {
    if (node_->models->settings().embedding)
      without_vector({runtime::Errc::unavailable, "the endpoint's vectors are not complete yet"});
    else if (!node_->encoders->wanted().empty())
      without_vector({runtime::Errc::unavailable, "the model's files are not loaded yet"});
    return search();
  }
  const auto& model = encoder_->record;
  if (encoder_->encoder) {
    // Asked for vectors alone, what there is is better than nothing.
    if (question.mode == Mode::hybrid && !knows_language(*encoder_->encoder, question.text))
      return search();
    use_vector(*node_->encoders->question(encoder_->encoder, question.text));
    return search();
  }
  if (const auto known = node_->encoders->remembered(model.hash, question.text)) {
    use_vector(*known);
    return search();
  }
  using Vectors = std::vector<runtime::models::Vector>;
  const auto& endpoint = *node_->models->settings().embedding;
  ask<Vectors>(
      ModelWork::questions, time_left() / 2, // the rest is for the search
      [text = endpoint.prefixes.question + question.text,
       timeout = endpoint.question_timeout](const auto& port, auto context) {
        context.timeout = timeout;
        return port.embed(context, {text});
      },
      [this](runtime::Result<Vectors> made) {
        const auto& record = encoder_->record;
        if (made) made = unit_vectors(std::move(*made), record.dimension);
        if (made) {
          auto vector = std::make_shared<const std::vector<float>>(std::move(made->front()));
          node_->encoders->remember(record.hash, job_->question.text, vector);
          use_vector(*vector);
        } else {
          without_vector(made.error());
        }
        search();
      });
}

void QueryActor::without_vector(const runtime::Error& error) {
  lacks("vector", error);
  // What remains of a question by meaning alone is its words.
  if (job_->question.mode == Mode::vector) job_->question.mode = Mode::keyword;
}

void QueryActor::use_vector(const std::vector<float>& vector) {
  job_->question.vector = vector;
  job_->question.vector_model = encoder_->record.hash;
}

void QueryActor::search() {
  const auto expired = [this] { return node_->clock->now() >= job_->deadline; };
  const auto& question = job_->question;
  if (question.mode == Mode::global) {
    const auto& communities = views_.entities->communities();
    const bool current = communities.current(); // asked first: the publication is no older
    const auto written = [this](const entity::CommunityInfo& info) {
      return node_->written->find(job_->collection, entity::summary_key(info));
    };
    result_ = run_global(*view_, *communities.snapshot(), views_.entities->names(), question,
                         expired, written);
    if (!current) lacking_.emplace_back("communities");
    return finish();
  }
  if (!question.rerank || !node_->models->does(ModelWork::reranking)) {
    result_ = query::run(*view_, question, expired);
    return finish();
  }
  const auto shown = node_->models->settings().reranked_passages;
  result_ = query::run(*view_, before_rerank(question, shown), expired);
  rerank();
}

void QueryActor::rerank() {
  auto texts = rerank_texts(result_.hits, node_->models->settings().reranked_passages);
  if (texts.size() < 2) {
    after_rerank(*view_, job_->question, result_);
    return finish();
  }
  using Scores = std::vector<double>;
  ask<Scores>(
      ModelWork::reranking, time_left(),
      [texts = std::move(texts), text = job_->question.text](
          const auto& port, const auto& context) { return port.rerank(context, text, texts); },
      [this](runtime::Result<Scores> scores) {
        if (scores)
          query::rerank(result_.hits, *scores);
        else
          lacks("reranking", scores.error());
        after_rerank(*view_, job_->question, result_);
        finish();
      });
}

void QueryActor::finish() {
  if (!after_reached_) lacking_.emplace_back("after");
  result_.partial |= !lacking_.empty();
  result_.missing.insert(result_.missing.end(), lacking_.begin(), lacking_.end());
  auto rendered = job_->render(result_);
  // Statistics of the collection are read while a writer may be counting, so an answer that was
  // made during a write is not kept.
  if (!fingerprint_.empty() && !result_.partial && views_.index->view().fingerprint() == seen_)
    node_->answers->keep(job_->collection, fingerprint_, job_->cache_key, rendered);
  job_->done.fulfil(std::move(rendered));
  quit();
}

} // namespace graphrag::query
