// Opening a store by its URL: what is refused, where the password comes from, and that no message
// shows it.
#include <fstream>

#include "runtime/store/open_store.hpp"
#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::runtime {
namespace {

class OpenStore : public testing::Test {
protected:
  std::string file_with(const std::string& text) {
    auto path = folder_.file("password");
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  TemporaryFolder folder_;
};

TEST_F(OpenStore, AnAddressOfAnythingElseIsRefused) {
  for (const char* url : {"", "mysql://db/x", "postgresql:/db", "host=db dbname=x", "/var/lib/x",
                          "http://secret@db", "POSTGRESQL://db/x"}) {
    auto opened = open_store({.url = url});
    ASSERT_FALSE(opened) << url;
    EXPECT_EQ(opened.error().code, Errc::invalid_argument) << url;
    EXPECT_NE(opened.error().detail.find("postgresql://"), std::string::npos);
    EXPECT_EQ(opened.error().detail.find("secret"), std::string::npos);
  }
}

TEST_F(OpenStore, APasswordThatIsNotEncodedIsNotShown) {
  for (const char* url :
       {"postgresql://user:sec@ret@db/x", "postgresql://user:sec/ret@db/x",
        "postgresql://user:12/ret@db/x", "postgresql://user@db/x?sslmode=require&sec=ret",
        "postgresql://user:sec%zzret@db/x", "postgresql://user:sec[ret@db/x?[",
        "postgresql://user@db:ret/x", "postgresql://user:p@db/x?password"}) {
    auto opened = open_store({.url = url});
    ASSERT_FALSE(opened) << url;
    EXPECT_EQ(opened.error().code, Errc::invalid_argument) << url << ": " << opened.error().detail;
    EXPECT_EQ(opened.error().detail.find("ret@"), std::string::npos) << opened.error().detail;
    EXPECT_EQ(opened.error().detail.find("sec"), std::string::npos) << opened.error().detail;
  }
}

TEST_F(OpenStore, ThePasswordIsTheFirstLineOfItsFile) {
  auto file = file_with("a b%&=?\"'\\\xC3\xA9\nsecond line\n");
  auto url = database_url({.url = "postgres://user@db/x", .password_file = file});
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_EQ(*url, "postgres://user@db/x?password=%61%20%62%25%26%3D%3F%22%27%5C%C3%A9");
  url = database_url({.url = "postgresql:///x?host=/run&user=u", .password_file = file_with("p")});
  EXPECT_EQ(*url, "postgresql:///x?host=/run&user=u&password=%70");
}

TEST_F(OpenStore, AFileWithoutAPasswordIsRefused) {
  for (const auto& text : {std::string(), std::string("\nx"), std::string("a\0b", 3)})
    EXPECT_EQ(database_url({"postgresql://db/x", file_with(text)}).error().code,
              Errc::invalid_argument);
  auto missing = database_url({"postgresql://db/x", folder_.file("none")});
  EXPECT_EQ(missing.error().code, Errc::invalid_argument);
  EXPECT_NE(missing.error().detail.find("none"), std::string::npos) << "it says which";
  auto twice = database_url({"postgresql://u:p@db/x", file_with("p")});
  EXPECT_EQ(twice.error().code, Errc::invalid_argument);
}

TEST_F(OpenStore, BothSchemesGiveTheStore) {
  SKIP_WITHOUT_POSTGRES();
  EmptyDatabase database;
  auto url = database.url();
  auto store = open_store({.url = url});
  ASSERT_TRUE(store) << store.error().detail;
  std::vector<WriteOp> ops{commit_of("a", "text")};
  EXPECT_TRUE((*store)->write(ops));
  auto again = open_store({.url = "postgres" + url.substr(url.find(':'))});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(value_of((*again)->last_seq()), 1U);
}

TEST_F(OpenStore, AServerAsksForThePasswordOfTheFile) {
  SKIP_WITHOUT_POSTGRES();
  test::PostgresServer server;
  server.sql("CREATE ROLE named LOGIN PASSWORD 's3cr t/@'");
  server.sql("GRANT ALL ON SCHEMA public TO named");
  std::ofstream(server.folder() + "/data/pg_hba.conf")
      << "local all postgres trust\nlocal all named scram-sha-256\n";
  server.sql("SELECT pg_reload_conf()");
  StoreAddress address{"postgresql:///postgres?host=" + server.folder() + "&user=named", ""};
  address.password_file = file_with("s3cr t/@\n");
  auto store = open_store(address);
  ASSERT_TRUE(store) << store.error().detail;
  address.password_file = file_with("wr0ng");
  auto wrong = open_store(address);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::unavailable);
  EXPECT_EQ(wrong.error().detail.find("wr0ng"), std::string::npos) << wrong.error().detail;
}

} // namespace
} // namespace graphrag::runtime
