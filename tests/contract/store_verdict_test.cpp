// What people decided of names.
#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreVerdict : public StoreTest {
protected:
  std::vector<std::string> verdicts(const std::string& collection = "default") {
    std::vector<std::string> out;
    for (const auto& one : value_of(store_->verdicts(collection)))
      out.push_back(one.first + (one.same ? " = " : " / ") + one.second);
    return out;
  }
  using Lines = std::vector<std::string>;
};
OVER_ALL_STORES(StoreVerdict);

TEST_P(StoreVerdict, IsKeptByItsTwoNamesInAnyOrder) {
  EXPECT_EQ(done(SaveVerdictOp{"default", "ibm", "big blue", true}).seq, 1U);
  EXPECT_EQ(verdicts(), Lines{"big blue = ibm"});
  EXPECT_EQ(done(SaveVerdictOp{"default", "big blue", "ibm", true}).outcome, Outcome::unchanged);
  EXPECT_EQ(done(SaveVerdictOp{"default", "big blue", "ibm", false}).seq, 2U);
  reopen();
  EXPECT_EQ(verdicts(), Lines{"big blue / ibm"});
  auto changes = value_of(store_->changes_after(1, 10));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].kind, ChangeKind::verdicts);
  EXPECT_EQ(changes[0].key.collection, "default");
  EXPECT_EQ(changes[0].key.id, "");
}

TEST_P(StoreVerdict, IsForgotten) {
  EXPECT_EQ(done(SaveVerdictOp{"default", "a", "b", std::nullopt}).outcome, Outcome::unchanged);
  done(SaveVerdictOp{"default", "a", "b", true});
  EXPECT_EQ(done(SaveVerdictOp{"default", "a", "b", std::nullopt}).seq, 2U);
  EXPECT_TRUE(verdicts().empty());
}

TEST_P(StoreVerdict, BelongsToItsCollection) {
  EXPECT_EQ(refused(SaveVerdictOp{"c", "a", "b", true}), Errc::not_found);
  done(CreateCollectionOp{"c"});
  done(SaveVerdictOp{"c", "a", "b", true});
  EXPECT_TRUE(verdicts().empty());
  done(DropCollectionOp{"c"});
  done(CreateCollectionOp{"c"});
  EXPECT_TRUE(verdicts("c").empty());
  expect_no_findings();
}

TEST_P(StoreVerdict, NeedsTwoNames) {
  EXPECT_EQ(refused(SaveVerdictOp{"default", "a", "a", true}), Errc::invalid_argument);
  EXPECT_EQ(refused(SaveVerdictOp{"default", "", "a", true}), Errc::invalid_argument);
  EXPECT_EQ(refused(SaveVerdictOp{"default", "\xff", "a", true}), Errc::invalid_argument);
}

} // namespace
} // namespace graphrag::runtime
