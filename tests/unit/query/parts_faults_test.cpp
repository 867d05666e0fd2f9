// What becomes of a question when parts fail, lag, forget or change under it.
#include <gtest/gtest.h>

#include "tests/unit/query/parts_fixture.hpp"

namespace graphrag::query::parts {
namespace {

using runtime::Errc;

Question question_of(const std::string& text, Mode mode = Mode::hybrid) {
  Question question;
  question.text = text;
  question.mode = mode;
  question.explain = true;
  return question;
}

constexpr auto about_a_film = "Where was the director of The Quiet River born?";

class PartFaults : public ::testing::Test {
protected:
  PartFaults() { world.fill(collection, 300, 150); }

  World world{21};
  SpreadCollection collection{6, {{0, 3}, {1, 2, 5}, {4}}};
  const Question question = question_of(about_a_film);
};

TEST_F(PartFaults, APartLostInAnyRoundEndsTheQuestionWithItsName) {
  const auto rounds = collection.ask_parts(question).rounds;
  ASSERT_EQ(rounds, 4U);
  std::size_t lost = 0;
  for (std::size_t round = 1; round <= rounds; ++round)
    for (std::size_t part = 0; part < 3; ++part) {
      bool met = false;
      collection.port.fault = [&](std::size_t now, std::size_t at, auto answer) {
        if (now != round || at != part) return answer;
        met = true;
        return runtime::Result<std::string>{runtime::fail(Errc::timeout, "no answer in time")};
      };
      const auto asked = collection.ask_parts(question);
      collection.port.fault = nullptr;
      if (!met) continue; // the last round asks only those whose passages are shown
      ++lost;
      ASSERT_TRUE(asked.broken);
      EXPECT_EQ(asked.broken->code, Errc::timeout);
      EXPECT_EQ(asked.broken->detail, "part n" + std::to_string(part) + ": no answer in time");
      EXPECT_EQ(asked.broken_part, part);
      EXPECT_EQ(asked.rounds, round) << "nothing is asked any more";
      EXPECT_TRUE(asked.result.hits.empty());
      for (const auto& node : collection.port.nodes) EXPECT_EQ(node->size(), 0U);
    }
  EXPECT_GE(lost, 3 * (rounds - 1) + 1);
  expect_equal(collection.ask_parts(question).result, collection.ask_whole(question));
}

TEST_F(PartFaults, ASessionThatWasForgottenEndsTheQuestion) {
  collection.port.before = [&](std::size_t round) {
    if (round == 3) collection.clock->advance(std::chrono::minutes(2));
  };
  const auto asked = collection.ask_parts(question);
  ASSERT_TRUE(asked.broken);
  EXPECT_EQ(asked.broken->code, Errc::lost);
  EXPECT_EQ(asked.rounds, 3U);
}

TEST_F(PartFaults, APartThatRefusesSaysWhy) {
  auto spread = collection.spread();
  spread.collection = "other";
  PartsView view{collection.port, *collection.clock, spread, collection.deadline()};
  EXPECT_TRUE(run(view, question).hits.empty());
  ASSERT_NE(view.broken(), nullptr);
  EXPECT_EQ(view.broken()->code, Errc::not_found);
}

TEST_F(PartFaults, AnotherPartsAnswerIsRefused) {
  std::string other;
  collection.port.fault = [&](std::size_t round, std::size_t part, auto answer) {
    if (round == 2 && part == 0) other = *answer;
    if (round == 2 && part == 1) answer = other;
    return answer;
  };
  const auto asked = collection.ask_parts(question);
  ASSERT_TRUE(asked.broken);
  EXPECT_EQ(asked.broken->code, Errc::corrupt);
  EXPECT_EQ(asked.broken_part, 1U);
}

// A question sees the documents that were there when it came, also those deleted while it is asked.
TEST_F(PartFaults, DocumentsDeletedBetweenRoundsAreStillSeen) {
  const auto whole = collection.ask_whole(question);
  ASSERT_GT(whole.hits.size(), 5U);
  for (std::size_t round = 2; round <= 4; ++round) {
    World again{21};
    SpreadCollection changed{6, {{0, 3}, {1, 2, 5}, {4}}};
    again.fill(changed, 300, 150);
    changed.port.before = [&](std::size_t now) {
      if (now != round) return;
      for (const auto& hit : whole.hits) changed.remove(hit.document_id);
      for (std::uint32_t i = 0; i < 6; ++i)
        for (const auto& index : changed.indexes) index->compact(i, 0);
    };
    const auto asked = changed.ask_parts(question);
    ASSERT_FALSE(asked.broken) << asked.broken->detail;
    std::set<std::string> expected, seen;
    for (const auto& hit : whole.hits) expected.insert(hit.document_id + hit.text + hit.metadata);
    for (const auto& hit : asked.result.hits)
      seen.insert(hit.document_id + hit.text + hit.metadata);
    if (round == 4) {
      EXPECT_EQ(seen, expected);
      expect_equal(asked.result, whole);
    }
    std::size_t same = 0;
    for (const auto& one : seen) same += expected.count(one);
    EXPECT_GE(same, expected.size() / 2) << "how many mention a name is counted as it is now";
    EXPECT_TRUE(changed.ask_parts(question).result.hits.empty() ||
                changed.ask_parts(question).result.hits[0].document_id !=
                    whole.hits[0].document_id);
  }
}

TEST_F(PartFaults, APartThatIsBehindIsSeen) {
  auto spread = collection.spread();
  spread.after = 1'000'000;
  PartsView view{collection.port, *collection.clock, spread, collection.deadline()};
  run(view, question);
  EXPECT_EQ(view.broken(), nullptr);
  EXPECT_LT(view.applied(), spread.after);
  EXPECT_GT(view.applied(), 0U);
}

class PartSessionsTest : public ::testing::Test {
protected:
  std::string opening(std::uint64_t left_ms, std::vector<std::uint32_t> shards = {0}) {
    Request request;
    request.opens = true;
    request.session = ++last;
    request.opening = {"c", std::move(shards), 7, left_ms, {}, {}, {}};
    return pack(request);
  }
  static std::string round_of(std::uint64_t session) {
    Request request;
    request.session = session;
    request.terms = {"word"};
    return pack(request);
  }

  std::uint64_t last = 0; // session
  std::shared_ptr<chunk::CollectionIndex> index = chunk::CollectionIndex::make("c", 2);
  std::shared_ptr<runtime::ManualClock> clock = std::make_shared<runtime::ManualClock>();
  PartSessions sessions{[this](const std::string& name) { return name == "c" ? index : nullptr; },
                        clock,
                        {3, std::chrono::seconds(30)}};
};

TEST_F(PartSessionsTest, AreBoundedInNumberAndInTime) {
  std::vector<std::uint64_t> open;
  for (int i = 0; i < 3; ++i) {
    const auto response = unpack_response(sessions.serve(opening(i == 0 ? 1000 : 1'000'000)));
    ASSERT_TRUE(response);
    open.push_back(response->session);
  }
  const auto refused = unpack_response(sessions.serve(opening(1000)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  clock->advance(std::chrono::seconds(1)); // the first one's question is over
  EXPECT_EQ(unpack_response(sessions.serve(round_of(open[0]))).error().code, Errc::lost);
  EXPECT_TRUE(unpack_response(sessions.serve(opening(1'000'000))));
  EXPECT_TRUE(unpack_response(sessions.serve(round_of(open[1]))));
  clock->advance(std::chrono::seconds(29)); // whatever they said is left
  sessions.sweep();
  EXPECT_EQ(sessions.size(), 1U);
  clock->advance(std::chrono::seconds(1));
  sessions.sweep();
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(PartSessionsTest, EndWhenReleasedAndAfterAnError) {
  auto session = unpack_response(sessions.serve(opening(1000)))->session;
  Request request;
  request.session = session;
  request.release = true;
  EXPECT_TRUE(unpack_response(sessions.serve(pack(request))));
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_TRUE(unpack_response(sessions.serve(pack(request)))) << "twice is no harm";
  request.release = false;
  request.session = unpack_response(sessions.serve(opening(1000)))->session;
  request.rows.add({0, 5});
  EXPECT_EQ(unpack_response(sessions.serve(pack(request))).error().code, Errc::invalid_argument);
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(PartSessionsTest, BeginOnce) {
  const auto first = opening(1000);
  EXPECT_TRUE(unpack_response(sessions.serve(first)));
  EXPECT_EQ(unpack_response(sessions.serve(first)).error().code, Errc::conflict);
  EXPECT_TRUE(unpack_response(sessions.serve(round_of(last))));
}

TEST_F(PartSessionsTest, RefuseShardsAndFiltersThatAreNone) {
  for (const auto& shards :
       std::vector<std::vector<std::uint32_t>>{{2}, {0, 0}, {0, 4'000'000'000}})
    EXPECT_EQ(unpack_response(sessions.serve(opening(1000, shards))).error().code,
              Errc::invalid_argument);
  Request request;
  request.opens = true;
  request.opening = {"c", {0}, 0, 1000, R"({"must":[{"key":""}]})", {}, {}};
  EXPECT_EQ(unpack_response(sessions.serve(pack(request))).error().code, Errc::corrupt);
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(PartSessionsTest, TellWhatAnOpeningWaitsFor) {
  const auto wanted = wanted_by(opening(1000));
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->collection, "c");
  EXPECT_EQ(wanted->after, 7U);
  EXPECT_FALSE(wanted_by(round_of(3)));
  EXPECT_FALSE(wanted_by("nonsense"));
}

} // namespace
} // namespace graphrag::query::parts
