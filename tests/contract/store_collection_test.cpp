// Collections: made, dropped, counted; what a drop takes with it.
#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreCollection : public StoreTest {
protected:
  std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const auto& collection : value_of(store_->collections()))
      out.push_back(collection.name + ":" + std::to_string(collection.documents));
    return out;
  }
  std::vector<std::pair<ChangeKind, std::string>> changes(std::uint64_t seq = 0) {
    std::vector<std::pair<ChangeKind, std::string>> out;
    for (const auto& change : value_of(store_->changes_after(seq, 100)))
      out.emplace_back(change.kind, change.key.collection + "/" + change.key.id);
    return out;
  }
  using Names = std::vector<std::string>;
};
OVER_ALL_STORES(StoreCollection);

TEST_P(StoreCollection, DefaultIsThereFromTheStart) {
  EXPECT_EQ(names(), Names{"default:0"});
  EXPECT_EQ(*store_->last_seq(), 0U);
  EXPECT_TRUE(changes().empty());
}

TEST_P(StoreCollection, DefaultCannotBeDropped) {
  done(commit_of("a", "x"));
  EXPECT_EQ(refused(DropCollectionOp{"default"}), Errc::conflict);
  EXPECT_EQ(text("a"), "x");
}

TEST_P(StoreCollection, CreateIsVisibleAndIdempotent) {
  auto result = done(CreateCollectionOp{"news"});
  EXPECT_EQ(result.outcome, Outcome::created);
  EXPECT_EQ(result.seq, 1U);
  EXPECT_EQ(result.created_ms, clock_->wall_ms());
  EXPECT_EQ(done(CreateCollectionOp{"news"}).outcome, Outcome::unchanged);
  EXPECT_EQ(*store_->last_seq(), 1U);
  reopen();
  EXPECT_EQ(names(), (Names{"default:0", "news:0"}));
  EXPECT_EQ((*store_->collections())[1].created_ms, clock_->wall_ms());
  EXPECT_EQ(changes()[0], std::pair(ChangeKind::create_collection, std::string("news/")));
}

TEST_P(StoreCollection, NamesAreChecked) {
  EXPECT_EQ(refused(CreateCollectionOp{""}), Errc::invalid_argument);
  EXPECT_EQ(refused(CreateCollectionOp{"-x"}), Errc::invalid_argument);
  EXPECT_EQ(refused(CreateCollectionOp{"a/b"}), Errc::invalid_argument);
  EXPECT_EQ(refused(CreateCollectionOp{std::string(65, 'a')}), Errc::invalid_argument);
  done(CreateCollectionOp{std::string(64, 'a')});
}

TEST_P(StoreCollection, TheSameIdInTwoCollectionsIsTwoDocuments) {
  done(CreateCollectionOp{"news"});
  done(commit_of("a", "one"));
  done(commit_of("a", "two", "news"));
  EXPECT_EQ(text("a"), "one");
  EXPECT_EQ(text("a", "news"), "two");
  done(DeleteOp{{"news", "a"}});
  EXPECT_EQ(text("a"), "one");
  EXPECT_EQ(names(), (Names{"default:1", "news:0"}));
}

TEST_P(StoreCollection, CountsAreOfAllDocumentsInAnyState) {
  write_all({commit_of("a", "1"), accept_of("b", "2"), commit_of("a", "3")});
  EXPECT_EQ(names(), Names{"default:2"});
  write_all({DeleteOp{key_of("a")}, commit_of("c", "4"), DeleteOp{key_of("c")}});
  reopen();
  EXPECT_EQ(names(), Names{"default:1"});
  expect_no_findings();
}

TEST_P(StoreCollection, DropTakesEverythingAtOneNumber) {
  write_all({CreateCollectionOp{"news"}, CreateCollectionOp{"keep"}});
  auto with_vector = commit_of("a", "text", "news");
  with_vector.vector = {1, 2};
  write_all({with_vector, commit_of("b", "gone", "news"), accept_of("c", "queued", "news"),
             commit_of("a", "kept", "keep"), SaveJobOp{"j1", "news", "bulk", "running", "{}", 1},
             SaveJobOp{"j2", "keep", "bulk", "running", "{}", 1},
             RememberReplyOp{"news", "k", "f", 200, "body", 1'000'000'000}});
  write_all({DeleteOp{{"news", "b"}}});
  auto result = done(DropCollectionOp{"news"});
  EXPECT_EQ(result.seq, 4U);
  EXPECT_EQ(names(), (Names{"default:0", "keep:1"}));
  EXPECT_EQ(text("a", "news"), "not_found");
  EXPECT_FALSE(store_->document({"news", "c"}));
  EXPECT_EQ(store_->list({"news"}).error().code, Errc::not_found);
  EXPECT_EQ(store_->job("j1").error().code, Errc::not_found);
  EXPECT_TRUE(store_->job("j2"));
  EXPECT_EQ(store_->remembered("news", "k", 0).error().code, Errc::not_found);
  EXPECT_EQ(text("a", "keep"), "kept");
  EXPECT_EQ(changes(3), (decltype(changes()){{ChangeKind::drop_collection, "news/"}}));
  EXPECT_EQ(refused(DropCollectionOp{"news"}), Errc::not_found);
  EXPECT_EQ(refused(commit_of("a", "x", "news")), Errc::not_found);
  expect_no_findings();
}

TEST_P(StoreCollection, ACollectionMadeAgainIsEmptyAndKeepsItsDropAmongTheChanges) {
  done(CreateCollectionOp{"news"});
  done(commit_of("old", "x", "news"));
  write_all({DropCollectionOp{"news"}, CreateCollectionOp{"news"}, commit_of("new", "y", "news")});
  EXPECT_EQ(names(), (Names{"default:0", "news:1"}));
  EXPECT_EQ(text("old", "news"), "not_found");
  EXPECT_EQ(changes(), (decltype(changes()){{ChangeKind::drop_collection, "news/"},
                                            {ChangeKind::create_collection, "news/"},
                                            {ChangeKind::commit, "news/new"}}));
  ASSERT_TRUE(store_->trim_changes(*store_->last_seq()));
  EXPECT_EQ(changes().size(), 2U);
  expect_no_findings();
}

TEST_P(StoreCollection, ADropFencesWorkersOfTheOldCollection) {
  done(CreateCollectionOp{"news"});
  auto claim = done(accept_of("a", "x", "news")).epoch;
  done(DropCollectionOp{"news"});
  EXPECT_EQ(refused(claimed(commit_of("a", "x", "news"), claim)), Errc::not_found);
  done(CreateCollectionOp{"news"});
  ASSERT_TRUE(store_->trim_changes(*store_->last_seq()));
  EXPECT_EQ(refused(claimed(commit_of("a", "x", "news"), claim)), Errc::stale_epoch);
  auto again = done(accept_of("a", "x", "news"));
  EXPECT_GT(again.epoch, claim);
  EXPECT_EQ(again.version, 1U);
  done(DropCollectionOp{"news"});
  done(CreateCollectionOp{"news"});
  EXPECT_GT(done(accept_of("a", "x", "news")).epoch, again.epoch) << "over two drops too";
}

} // namespace
} // namespace graphrag::runtime
