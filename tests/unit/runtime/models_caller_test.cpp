#include "runtime/models/endpoint_caller.hpp"

#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/models/answer_readers.hpp"
#include "runtime/models/vectors.hpp"
#include "tests/support/stub_model_server.hpp"

namespace graphrag::runtime::models {
namespace {

using namespace std::chrono_literals;
using test::StubConnection;
using test::StubModelServer;
using test::StubRequest;
using testing::HasSubstr;
using testing::Not;
using State = CircuitBreaker::State;

std::shared_ptr<http::Client> shared_client() {
  static const std::shared_ptr<http::Client> client = std::move(*http::Client::make());
  return client;
}

// A caller under a clock that only its own waits move.
class ModelCaller : public testing::Test {
protected:
  void start(StubModelServer::Script script) {
    server_ = std::make_unique<StubModelServer>(std::move(script));
    endpoint_.name = "stub";
    endpoint_.base_url = server_->url("/v1/");
    endpoint_.api_key = Secret{"sk-SECRET"};
    endpoint_.model = "m";
    endpoint_.retry = {.max_retries = 2, .first = 1s, .longest = 8s};
    endpoint_.breaker.consecutive_failures = 4;
    endpoint_.prices = {1'000'000, 0}; // one micro for each token of input
  }
  EndpointCaller& caller() {
    if (!caller_) {
      CallerParts parts{shared_client(), clock_, budget_};
      parts.sleep = [this](std::chrono::milliseconds time, std::stop_token cancel) {
        waits_.push_back(time);
        clock_->advance(time);
        if (on_sleep_) on_sleep_();
        return !cancel.stop_requested();
      };
      parts.jitter = [] { return 0.0; };
      parts.keep_budget = [this] {
        if (on_keep_) on_keep_();
      };
      caller_ = *EndpointCaller::make(endpoint_, parts);
    }
    return *caller_;
  }
  Status call() {
    WholeReader<EmbeddingAnswer> reader{
        [](const std::string& body) { return read_embeddings(body, 1, 0); }};
    return caller().call(context_, {Purpose::embed, "/embeddings", "{}", {100, 0}}, reader);
  }
  Errc error_of_call() {
    const auto status = call();
    EXPECT_FALSE(status);
    if (status) return Errc::not_found;
    EXPECT_THAT(status.error().detail, HasSubstr("stub: "));
    EXPECT_THAT(status.error().detail, Not(HasSubstr("SECRET")));
    return status.error().code;
  }
  std::int64_t tokens() { return budget_->spent("c", clock_->wall_ms()).tokens; }
  double calls(const std::string& outcome) {
    return observability::counter(
               "graphrag_model_calls_total", "Calls of models, by purpose and outcome.",
               {{"endpoint", endpoint_.name}, {"purpose", "embed"}, {"outcome", outcome}})
        .Value();
  }

  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  std::shared_ptr<Budget> budget_ = std::make_shared<Budget>(BudgetLimits{.tokens = 1000});
  std::vector<std::chrono::milliseconds> waits_;
  std::function<void()> on_sleep_, on_keep_;
  ModelEndpoint endpoint_;
  CallContext context_{"c", std::nullopt, {}};
  std::unique_ptr<StubModelServer> server_;
  std::shared_ptr<EndpointCaller> caller_;
};

TEST_F(ModelCaller, SendsTheKeyAndSettlesByTheUsage) {
  start([](const StubRequest&, StubConnection& c) { c.reply(200, test::embedding_body(1)); });
  const auto before = calls("ok");
  ASSERT_TRUE(call());
  const auto request = server_->requests().at(0);
  EXPECT_EQ(request.target, "/v1/embeddings");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer sk-SECRET");
  EXPECT_EQ(request.headers.at("content-type"), "application/json");
  EXPECT_EQ(budget_->spent("c", clock_->wall_ms()), (Spend{5, 5}));
  EXPECT_EQ(calls("ok"), before + 1);
}

TEST_F(ModelCaller, WithoutAKeySendsNone) {
  start([](const StubRequest&, StubConnection& c) { c.reply(200, test::embedding_body(1)); });
  endpoint_.api_key = {};
  ASSERT_TRUE(call());
  EXPECT_FALSE(server_->requests().at(0).headers.contains("authorization"));
}

TEST_F(ModelCaller, ChargesTheEstimateWhenTheUsageIsMissing) {
  start([](const StubRequest&, StubConnection& c) {
    c.reply(200, R"({"data":[{"index":0,"embedding":[1]}]})");
  });
  ASSERT_TRUE(call());
  EXPECT_EQ(tokens(), 100);
}

TEST_F(ModelCaller, WaitsAsLongAsTheServerAsks) {
  start([](const StubRequest& request, StubConnection& c) {
    if (request.number == 0) return c.reply(429, "slower", "Retry-After: 7\r\n");
    c.reply(200, test::embedding_body(1));
  });
  ASSERT_TRUE(call());
  EXPECT_EQ(waits_, (std::vector<std::chrono::milliseconds>{7s}));
  EXPECT_EQ(tokens(), 5) << "the refusal cost nothing";
}

TEST_F(ModelCaller, AWaitThatTheDeadlineDoesNotLeaveEndsTheCall) {
  start([](const StubRequest&, StubConnection& c) { c.reply(429, "", "Retry-After: 60\r\n"); });
  endpoint_.timeout = 60s;
  EXPECT_EQ(error_of_call(), Errc::overloaded);
  EXPECT_TRUE(waits_.empty());
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST_F(ModelCaller, RetriesWithBackoffAndThenGivesUp) {
  start([](const StubRequest&, StubConnection& c) { c.reply(503, "SECRET"); });
  EXPECT_EQ(error_of_call(), Errc::unavailable);
  EXPECT_EQ(waits_, (std::vector<std::chrono::milliseconds>{500ms, 1s}));
  EXPECT_EQ(server_->requests().size(), 3u);
  EXPECT_EQ(tokens(), 0);
}

TEST_F(ModelCaller, AnAnswerThatBreaksOffIsAskedForAgain) {
  start([](const StubRequest& request, StubConnection& c) {
    if (request.number == 0) {
      c.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"data\":[");
      return c.close();
    }
    c.reply(200, test::embedding_body(1));
  });
  ASSERT_TRUE(call());
  EXPECT_EQ(tokens(), 105) << "the broken answer cost the estimate";
}

TEST_F(ModelCaller, RefusalsAndInvalidAnswersAreNotRetried) {
  std::atomic<int> status{0};
  start([&](const StubRequest&, StubConnection& c) {
    c.reply(status == 0 ? 200 : status.load(), "<html>SECRET", "Location: /SECRET\r\n");
  });
  EXPECT_EQ(error_of_call(), Errc::corrupt);
  for (const int refusal : {400, 401, 403, 404, 422}) {
    status = refusal;
    EXPECT_EQ(error_of_call(), Errc::invalid_argument) << refusal;
  }
  status = 307;
  EXPECT_EQ(error_of_call(), Errc::io);
  EXPECT_EQ(server_->requests().size(), 7u);
  EXPECT_EQ(caller().breaker_state(), State::closed) << "it is there and answers";
}

TEST_F(ModelCaller, FailuresOpenTheBreakerAndAProbeClosesIt) {
  std::atomic<bool> broken{true};
  start([&](const StubRequest&, StubConnection& c) {
    if (broken) return c.reply(500, "");
    c.reply(200, test::embedding_body(1));
  });
  EXPECT_EQ(error_of_call(), Errc::unavailable); // three attempts
  EXPECT_EQ(caller().breaker_state(), State::closed);
  EXPECT_EQ(error_of_call(), Errc::unavailable); // the fourth opens it: no retry then
  EXPECT_EQ(server_->requests().size(), 4u);
  EXPECT_EQ(caller().breaker_state(), State::open);
  const auto refused = calls("breaker_open");
  EXPECT_EQ(error_of_call(), Errc::unavailable);
  EXPECT_EQ(server_->requests().size(), 4u) << "an open breaker sends nothing";
  EXPECT_EQ(calls("breaker_open"), refused + 1);
  EXPECT_EQ(observability::gauge("graphrag_model_breaker_state",
                                 "Circuit breaker: 0 closed, 1 half-open, 2 open.",
                                 {{"endpoint", "stub"}})
                .Value(),
            2);

  clock_->advance(endpoint_.breaker.open_for);
  EXPECT_EQ(error_of_call(), Errc::unavailable); // the probe fails, without a retry
  EXPECT_EQ(server_->requests().size(), 5u);
  EXPECT_EQ(caller().breaker_state(), State::open);

  broken = false;
  clock_->advance(endpoint_.breaker.open_for);
  EXPECT_TRUE(call());
  EXPECT_EQ(caller().breaker_state(), State::closed);
}

TEST_F(ModelCaller, ASpentBudgetSendsNothing) {
  start([](const StubRequest&, StubConnection& c) { c.reply(200, test::embedding_body(1)); });
  budget_->set_limits("c", {.tokens = 104});
  EXPECT_TRUE(call()); // reserves 100, spends 5
  EXPECT_EQ(error_of_call(), Errc::overloaded);
  EXPECT_EQ(server_->requests().size(), 1u);
  EXPECT_EQ(tokens(), 5);
  context_.collection = "other";
  EXPECT_TRUE(call());
  clock_->advance(24h);
  context_.collection = "c";
  EXPECT_TRUE(call());
}

TEST_F(ModelCaller, KeepsTheReservationBeforeTheEndpointHearsOfItAndTheCostBeforeTheAnswer) {
  start([](const StubRequest&, StubConnection& c) { c.reply(200, test::embedding_body(1)); });
  std::vector<std::pair<std::size_t, std::int64_t>> kept; // requests so far, tokens
  on_keep_ = [&] { kept.emplace_back(server_->requests().size(), tokens()); };
  ASSERT_TRUE(call());
  EXPECT_THAT(kept, testing::ElementsAre(std::pair{0u, 100}, std::pair{1u, 5}));
}

TEST_F(ModelCaller, ASilentServerTimesOut) {
  start([](const StubRequest&, StubConnection& c) { c.wait_until_left(); });
  context_.timeout = 150ms; // in the system's time: it is the connection's
  EXPECT_EQ(error_of_call(), Errc::timeout);
  EXPECT_EQ(tokens(), 100) << "it may have worked for us";
}

TEST_F(ModelCaller, CallsBeyondTheirPlacesWaitOrAreRefused) {
  std::promise<void> arrived, go;
  auto gone = go.get_future().share();
  start([&](const StubRequest& request, StubConnection& c) {
    if (request.number == 0) arrived.set_value();
    gone.wait();
    c.reply(200, test::embedding_body(1));
  });
  endpoint_.max_concurrent_calls = 1;
  endpoint_.max_waiting_calls = 0;
  caller();
  auto first = std::async(std::launch::async, [&] { return call(); });
  arrived.get_future().wait();
  EXPECT_EQ(error_of_call(), Errc::overloaded);
  go.set_value();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(call());
}

TEST_F(ModelCaller, CallsThatWaitedWhileTheBreakerOpenedAreNotSent) {
  std::promise<void> arrived, go;
  auto gone = go.get_future().share();
  start([&](const StubRequest& request, StubConnection& c) {
    if (request.number == 0) arrived.set_value();
    gone.wait();
    c.reply(500, "");
  });
  endpoint_.max_concurrent_calls = 1;
  endpoint_.retry.max_retries = 0;
  endpoint_.breaker.consecutive_failures = 1;
  caller();
  auto first = std::async(std::launch::async, [&] { return call().has_value(); });
  arrived.get_future().wait();
  auto second = std::async(std::launch::async, [&] { return call().has_value(); });
  go.set_value();
  EXPECT_FALSE(first.get());
  EXPECT_FALSE(second.get());
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST(CallSlots, AWaitingCallGetsTheFreedPlace) {
  CallSlots slots{1, 1};
  std::optional<CallSlots::Slot> held{std::move(*slots.enter(1s, {}))};
  EXPECT_EQ(slots.enter(1ms, {}).error().code, Errc::timeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(slots.enter(20s, stop.get_token()).error().code, Errc::canceled);
  auto waiting = std::async(std::launch::async, [&] { return slots.enter(20s, {}).has_value(); });
  held.reset();
  EXPECT_TRUE(waiting.get());
}

TEST_F(ModelCaller, CancelingEndsTheWaitBetweenAttempts) {
  start([](const StubRequest&, StubConnection& c) { c.reply(500, ""); });
  std::stop_source stop;
  context_.cancel = stop.get_token();
  on_sleep_ = [&] { stop.request_stop(); };
  EXPECT_EQ(error_of_call(), Errc::canceled);
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST(RealSleep, EndsWhenCanceled) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(real_sleep()(1h, stop.get_token()));
  EXPECT_TRUE(real_sleep()(1ms, {}));
}

TEST(MakeCaller, RefusesWhatCannotWork) {
  EXPECT_EQ(EndpointCaller::make({}, {shared_client()}).error().code, Errc::invalid_argument);
  ModelEndpoint endpoint;
  endpoint.name = "n";
  endpoint.base_url = "http://h/v1";
  endpoint.model = "m";
  EXPECT_TRUE(EndpointCaller::make(endpoint, {shared_client()}));
  EXPECT_EQ(EndpointCaller::make(endpoint, {}).error().code, Errc::invalid_argument);
}

} // namespace
} // namespace graphrag::runtime::models
