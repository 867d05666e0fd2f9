#include "gateway/main/peer_questions.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cluster/query_route.hpp"
#include "observability/metrics.hpp"

namespace graphrag {
namespace {

using cluster::Millis;
using runtime::SteadyTime;

constexpr const char* kind = "question";
constexpr std::size_t measured_every = 32; // answers
constexpr auto longest_wait_for_own_writes = std::chrono::milliseconds(250);

Millis millis(SteadyTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

prometheus::Counter& counted(const char* result) {
  return observability::counter("graphrag_peer_questions_total",
                                "Questions given to nodes that hold the collection.",
                                {{"result", result}});
}

} // namespace

void LateBound::heard(Millis took) {
  const std::lock_guard lock{mutex_};
  times_[heard_++ % times_.size()] = took;
  if (heard_ % measured_every != 0) return;
  auto sorted = times_;
  const auto count = std::min(heard_, times_.size());
  std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
  p99_ = sorted[count * 99 / 100];
}

// One question until its answer. Its steps may run on any thread, one at a time.
class PeerQuestions::Asked : public std::enable_shared_from_this<Asked> {
public:
  Asked(std::shared_ptr<PeerQuestions> owner, gateway::PeerQuestion question, std::uint32_t shard,
        SteadyTime deadline, runtime::Promise<gateway::Response> answer)
      : owner_(std::move(owner)), question_(std::move(question)),
        harmless_(gateway::is_harmless(question_)), shard_(shard), deadline_(deadline),
        answer_(std::move(answer)), timer_(owner_->io_),
        route_(owner_->member_.node().self(), ++owner_->last_id_, std::span{&shard_, 1},
               millis(deadline), harmless_ ? owner_->late_.p99() : never_late) {}

  void step() {
    std::vector<cluster::QueryRoute::Send> sends;
    bool too_late = false;
    {
      const std::lock_guard lock{mutex_};
      const auto now = millis(owner_->clock_->now());
      if (over_) return;
      if (!route_.done(now)) {
        sends = route_.next(now, *owner_->member_.node().view());
        timer_.expires_at(SteadyTime{std::chrono::milliseconds{std::max(now + 1, route_.wake())}});
        timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
          if (!error) self->step();
        });
      } else {
        too_late = over_ = true;
      }
    }
    for (const auto& send : sends) give(send);
    if (too_late) nobody();
  }

private:
  static constexpr Millis never_late = 3'600'000;

  void give(const cluster::QueryRoute::Send& send) {
    const auto began = owner_->clock_->now();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - began);
    const bool patient = began - asked_ < longest_wait_for_own_writes;
    owner_->member_.node().request(
        send.to, kind,
        gateway::to_bytes({question_.operation, patient ? question_.after : 0, question_.request},
                          left),
        deadline_,
        cluster::Answer{
            [self = shared_from_this(), send, began](runtime::Result<std::string> bytes) {
              // The link's thread is not for work on answers.
              boost::asio::post(self->owner_->io_, [self, send, began, bytes = std::move(bytes)] {
                self->heard(send, began, bytes);
              });
            }});
  }

  void heard(const cluster::QueryRoute::Send& send, SteadyTime began,
             const runtime::Result<std::string>& bytes) {
    auto came = bytes ? gateway::answer_of(*bytes) : std::nullopt;
    const auto now = owner_->clock_->now();
    const bool may_be_done = !harmless_ && !bytes && unclear(bytes.error().code);
    bool first = false;
    {
      const std::lock_guard lock{mutex_};
      // Too busy, and another one is at it already.
      const bool refused = !came || (came->response.status == 429 && route_.under_way() > 1);
      const std::span<const std::uint32_t> given{&shard_, refused ? 0U : 1U};
      const auto counts = route_.on_answer(millis(now), send.to, send.number, given);
      if (over_) return;
      first = !refused && counts.at(0);
      if (first || may_be_done) {
        over_ = true;
        timer_.cancel();
      }
    }
    if (may_be_done) return nobody();
    if (!first) {
      counted("refused").Increment();
      return step();
    }
    counted(send.number == 1 ? "answered" : "answered_by_another").Increment();
    owner_->late_.heard(millis(now) - millis(began));
    if (!harmless_) owner_->member_.wrote(came->seq);
    answer_.fulfil(std::move(came->response));
  }

  // Whether the peer may have done what it was asked.
  static bool unclear(runtime::Errc code) {
    return code == runtime::Errc::lost || code == runtime::Errc::timeout ||
           code == runtime::Errc::canceled;
  }
  void nobody() {
    counted("nobody").Increment();
    answer_.fulfil(runtime::fail(runtime::Errc::unavailable, "no holder answered in time"));
  }

  std::shared_ptr<PeerQuestions> owner_;
  gateway::PeerQuestion question_;
  bool harmless_;
  std::uint32_t shard_;
  SteadyTime deadline_, asked_ = owner_->clock_->now();
  runtime::Promise<gateway::Response> answer_;
  std::mutex mutex_;
  boost::asio::steady_timer timer_;
  cluster::QueryRoute route_;
  bool over_ = false;
};

void PeerQuestions::serve(const gateway::Context& context) {
  member_.node().handle(kind, [weak = std::weak_ptr<gateway::RouteContext>(context)](
                                  cluster::PeerCall call, cluster::Answer answer) {
    const auto alive = weak.lock();
    if (!alive) return;
    boost::asio::post(*alive->io, [alive, call = std::move(call), answer = std::move(answer)] {
      gateway::answer_peer(alive, call.body, answer);
    });
  });
}

void PeerQuestions::ask(gateway::PeerQuestion question, SteadyTime deadline,
                        runtime::Promise<gateway::Response> answer) {
  question.after = member_.last_written();
  const auto shard = member_.shard_of(gateway::collection_of(*question.request));
  std::make_shared<Asked>(shared_from_this(), std::move(question), shard, deadline,
                          std::move(answer))
      ->step();
}

} // namespace graphrag
