// Listings: order, prefix, state, cursors, totals.
#include <algorithm>
#include <set>

#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreList : public StoreTest {
protected:
  using Ids = std::vector<std::string>;

  ListPage page(const ListRequest& request) {
    auto found = store_->list(request);
    EXPECT_TRUE(found) << found.error().detail;
    return found ? *found : ListPage{};
  }
  static Ids ids(const ListPage& page) {
    Ids out;
    for (const auto& record : page.items) out.push_back(record.key.id);
    return out;
  }
  // All pages of a listing, one after the other.
  Ids walk(ListRequest request) {
    Ids out;
    do {
      auto next = page(request);
      EXPECT_LE(next.items.size(), request.limit);
      for (const auto& id : ids(next)) out.push_back(id);
      request.after = next.next;
    } while (!request.after.empty() && out.size() < 1000);
    return out;
  }
  // a/1 .. a/3 live, b/1 queued, b/2 failed, b/3 canceled, c live; each a millisecond after the
  // one before, written in a mixed order.
  void fill() {
    for (const char* id : {"a/2", "c", "a/1", "b/3", "b/1", "a/3", "b/2"}) {
      clock_->advance(std::chrono::milliseconds(1));
      if (id[0] != 'b') {
        done(commit_of(id, id));
        continue;
      }
      auto epoch = done(accept_of(id, id)).epoch;
      if (id[2] == '2') done(FailOp{key_of(id), epoch, {"code", "detail"}});
      if (id[2] == '3') done(CancelOp{key_of(id)});
    }
  }
};
OVER_ALL_STORES(StoreList);

TEST_P(StoreList, ByIdInPages) {
  fill();
  auto first = page({.collection = "default", .limit = 3});
  EXPECT_EQ(ids(first), (Ids{"a/1", "a/2", "a/3"}));
  EXPECT_EQ(first.total, 7U);
  EXPECT_FALSE(first.next.empty());
  auto rest = page({.collection = "default", .after = first.next, .limit = 4});
  EXPECT_EQ(ids(rest), (Ids{"b/1", "b/2", "b/3", "c"}));
  EXPECT_TRUE(rest.next.empty()) << "a full last page has no next one";
  EXPECT_EQ(rest.total, 7U);
}

TEST_P(StoreList, RecordsAreWhole) {
  fill();
  auto item = page({.collection = "default", .prefix = "b/2"}).items.at(0);
  EXPECT_EQ(item.state, DocumentState::failed);
  EXPECT_EQ(item.error->code, "code");
  EXPECT_EQ(item.title, "Title of b/2");
}

TEST_P(StoreList, ByUpdateNewestFirst) {
  fill();
  ListRequest request{.collection = "default", .sort = SortOrder::updated_desc, .limit = 2};
  EXPECT_EQ(walk(request), (Ids{"b/2", "a/3", "b/1", "b/3", "a/1", "c", "a/2"}));
  done(PatchOp{key_of("c"), "New title", {}, {}});
  clock_->advance(std::chrono::milliseconds(1));
  done(PatchOp{key_of("a/1"), "New title", {}, {}});
  EXPECT_EQ(walk(request), (Ids{"a/1", "b/2", "c", "a/3", "b/1", "b/3", "a/2"}))
      << "c and b/2 share a stamp and are ordered by id";
}

TEST_P(StoreList, ByPrefix) {
  fill();
  for (auto sort : {SortOrder::id, SortOrder::updated_desc}) {
    auto found = page({.collection = "default", .prefix = "a/", .sort = sort});
    EXPECT_EQ(found.items.size(), 3U);
    EXPECT_EQ(found.total, 3U);
  }
  EXPECT_EQ(page({.collection = "default", .prefix = "a/1"}).total, 1U);
  EXPECT_EQ(page({.collection = "default", .prefix = "zz"}).total, 0U);
  done(commit_of("\xF4\x8F\xBF\xBF", "the last code point"));
  EXPECT_EQ(page({.collection = "default"}).total, 8U);
  EXPECT_EQ(page({.collection = "default", .prefix = "\xF4\x8F\xBF\xBF"}).items.size(), 1U);
}

TEST_P(StoreList, ByState) {
  fill();
  for (auto sort : {SortOrder::id, SortOrder::updated_desc}) {
    auto of = [&](DocumentState state, const std::string& prefix = "") {
      auto found = page({.collection = "default", .prefix = prefix, .state = state, .sort = sort});
      EXPECT_EQ(found.total, found.items.size());
      auto out = ids(found);
      std::ranges::sort(out);
      return out;
    };
    EXPECT_EQ(of(DocumentState::searchable), (Ids{"a/1", "a/2", "a/3", "c"}));
    EXPECT_EQ(of(DocumentState::searchable, "a"), (Ids{"a/1", "a/2", "a/3"}));
    EXPECT_EQ(of(DocumentState::queued), Ids{"b/1"});
    EXPECT_EQ(of(DocumentState::failed), Ids{"b/2"});
    EXPECT_EQ(of(DocumentState::canceled), Ids{"b/3"});
    EXPECT_EQ(of(DocumentState::failed, "a"), Ids{});
  }
}

TEST_P(StoreList, PagesOfAStateInBothOrders) {
  for (int i = 0; i < 10; ++i) {
    clock_->advance(std::chrono::milliseconds(i % 2));
    done(accept_of("q" + std::to_string(i), "x"));
    done(commit_of("s" + std::to_string(i), "x"));
  }
  for (auto sort : {SortOrder::id, SortOrder::updated_desc})
    for (auto state : {DocumentState::queued, DocumentState::searchable}) {
      auto found = walk({.collection = "default", .state = state, .sort = sort, .limit = 3});
      std::set<std::string> distinct(found.begin(), found.end());
      EXPECT_EQ(found.size(), 10U);
      EXPECT_EQ(distinct.size(), 10U);
    }
}

TEST_P(StoreList, ACursorSurvivesDeletesAndARestart) {
  fill();
  for (auto sort : {SortOrder::id, SortOrder::updated_desc}) {
    auto first = page({.collection = "default", .sort = sort, .limit = 2});
    auto expected = ids(page({.collection = "default", .sort = sort, .after = first.next}));
    done(DeleteOp{first.items[1].key}); // the row the cursor points at
    reopen();
    auto rest = page({.collection = "default", .sort = sort, .after = first.next});
    EXPECT_EQ(ids(rest), expected);
  }
}

TEST_P(StoreList, AForeignCursorIsRefused) {
  fill();
  auto by_id = page({.collection = "default", .limit = 1}).next;
  auto code = [&](const std::string& after, SortOrder sort) {
    auto found = store_->list({.collection = "default", .sort = sort, .after = after});
    return found ? Errc::io : found.error().code;
  };
  EXPECT_EQ(code("garbage", SortOrder::id), Errc::invalid_argument);
  EXPECT_EQ(code("abc", SortOrder::id), Errc::invalid_argument);
  EXPECT_EQ(code("69", SortOrder::id), Errc::invalid_argument);
  EXPECT_EQ(code("7531", SortOrder::updated_desc), Errc::invalid_argument);
  EXPECT_EQ(code(by_id, SortOrder::updated_desc), Errc::invalid_argument);
}

TEST_P(StoreList, AnUnknownCollectionIsNotFound) {
  EXPECT_EQ(store_->list({"nowhere"}).error().code, Errc::not_found);
}

} // namespace
} // namespace graphrag::runtime
