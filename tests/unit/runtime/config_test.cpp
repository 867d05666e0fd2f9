#include "runtime/config/config.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/config/key_table.hpp"

namespace graphrag::runtime {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class ConfigTest : public testing::Test {
protected:
  ConfigTest()
      : file_(testing::TempDir() + "graphrag_config_" + std::to_string(::getpid()) + ".yaml") {}
  ~ConfigTest() override { std::filesystem::remove(file_); }

  std::string write(const std::string& yaml) {
    std::ofstream(file_) << yaml;
    return file_;
  }
  Config loaded(const ConfigSources& sources) {
    auto config = load_config(sources);
    if (config) return *config;
    for (const auto& problem : config.error()) ADD_FAILURE() << to_string(problem);
    return {};
  }
  // The mistakes as lines, with the file's path shortened to FILE.
  std::vector<std::string> mistakes(const ConfigSources& sources) {
    std::vector<std::string> lines;
    const auto config = load_config(sources);
    if (config) return lines;
    for (const auto& problem : config.error()) {
      std::string line = to_string(problem);
      if (line.starts_with(file_)) line.replace(0, file_.size(), "FILE");
      lines.push_back(line);
    }
    return lines;
  }

  std::string file_;
};

TEST_F(ConfigTest, NothingGivenIsTheDefaultsWithThreadsFilledIn) {
  const Config config = loaded({});
  EXPECT_EQ(to_string(config.listen), "127.0.0.1:8000");
  EXPECT_EQ(to_string(config.admin_listen), "127.0.0.1:8001");
  EXPECT_GE(config.actor_threads, 1U);
  EXPECT_GE(config.http_threads, 1U);
  EXPECT_GT(config.parser.max_request, config.max_upload_bytes);
  EXPECT_EQ(config.source_of("server.listen"), "default");
}

TEST_F(ConfigTest, LaterSourcesWinAndAreRemembered) {
  const std::string file = write("server:\n  listen: 127.0.0.1:1\n  admin_listen: 127.0.0.1:2\n"
                                 "  max_upload: 1MiB\n");
  const Config config = loaded(
      {file,
       {{"GRAPHRAG_SERVER_LISTEN", "127.0.0.2:3"}, {"GRAPHRAG_SERVER_ADMIN_LISTEN", "[::1]:4"}},
       {{"listen", "localhost:5"}}});
  EXPECT_EQ(to_string(config.listen), "127.0.0.1:5");
  EXPECT_EQ(config.source_of("server.listen"), "--listen");
  EXPECT_EQ(to_string(config.admin_listen), "[::1]:4");
  EXPECT_EQ(config.source_of("server.admin_listen"), "GRAPHRAG_SERVER_ADMIN_LISTEN");
  EXPECT_EQ(config.max_upload_bytes, 1U << 20);
  EXPECT_EQ(config.source_of("server.max_upload"), file + ":4");
}

TEST_F(ConfigTest, FlagsGoByShortNameOrByKey) {
  const Config config = loaded({"", {}, {{"data", "/srv/资料 1"}, {"store.readers", "9"}}});
  EXPECT_EQ(config.data_dir, "/srv/资料 1");
  EXPECT_EQ(config.store_readers, 9U);
}

TEST_F(ConfigTest, NamesEveryMistakeAtOnce) {
  const std::string file = write("server:\n"
                                 "  listne: 127.0.0.1:1\n"
                                 "  max_upload: lots\n"
                                 "  idle_deadline: 30\n"
                                 "  max_connections:\n"
                                 "  max_header_count: [1, 2]\n"
                                 "  body_limit: 1MiB\n"
                                 "  body_limit: 2MiB\n"
                                 "sever:\n  listen: x\n"
                                 "listen: x\n"
                                 "log: debug\n");
  EXPECT_THAT(
      mistakes({file,
                {{"GRAPHRAG_NODE_SHARDS", "0"}, {"GRAPHRAG_NODE_SHARD", "1"}},
                {{"admin-listne", "x"}, {"log.level", "loud"}, {"node.roles", "gateway,cook"}}}),
      testing::UnorderedElementsAre(
          "FILE:2: server.listne: unknown key; did you mean server.listen?",
          "FILE:3: server.max_upload: 'lots' is not a size such as 64KiB, 256MiB or 2GiB",
          "FILE:4: server.idle_deadline: '30' is not a duration such as 500ms, 30s or 5m",
          "FILE:5: server.max_connections: has no value",
          "FILE:6: server.max_header_count: must be a single value",
          "FILE:8: server.body_limit: is given twice, first at " + file + ":7",
          "FILE:9: sever: unknown section; did you mean server?",
          "FILE:11: listen: unknown key; did you mean server.listen?",
          "FILE:12: log: is a section; its keys go below it",
          "GRAPHRAG_NODE_SHARDS: must be between 1 and 1024",
          "environment: GRAPHRAG_NODE_SHARD: unknown variable; did you mean GRAPHRAG_NODE_SHARDS?",
          "--set: admin-listne: unknown key; did you mean admin-listen?",
          "--set: log.level: 'loud' is none of debug, info, warn and error",
          "--set: node.roles: 'cook' is not a role; roles are gateway, shard and worker"));
}

TEST_F(ConfigTest, RefusesAddressesBeyondLoopback) {
  for (const char* address : {"0.0.0.0:8000", "192.168.1.5:8000", "[::]:8000", "128.0.0.1:80"}) {
    EXPECT_THAT(mistakes({"", {{"GRAPHRAG_SERVER_LISTEN", address}}, {}}),
                ElementsAre(HasSubstr("GRAPHRAG_SERVER_LISTEN: server.listen: ")));
    EXPECT_THAT(mistakes({"", {}, {{"admin-listen", address}}}),
                ElementsAre(HasSubstr("no authentication yet")));
  }
  EXPECT_TRUE(load_config({"", {}, {{"listen", "127.8.9.1:1"}, {"admin-listen", "[::1]:1"}}}));
}

TEST_F(ConfigTest, ChecksKeysAgainstEachOther) {
  EXPECT_THAT(mistakes({"", {}, {{"listen", "127.0.0.1:9"}, {"admin-listen", "localhost:9"}}}),
              ElementsAre(HasSubstr("must not be the same as server.listen")));
  EXPECT_TRUE(load_config({"", {}, {{"listen", "127.0.0.1:0"}, {"admin-listen", "127.0.0.1:0"}}}));
  EXPECT_THAT(mistakes({"", {}, {{"query.deadline", "2m"}}}),
              ElementsAre("--set: query.deadline: must not be more than query.max_deadline (1m)"));
  EXPECT_THAT(mistakes({"", {{"GRAPHRAG_PARSER_MEMORY", "4GiB"}}, {}}),
              ElementsAre(HasSubstr("must not be more than parser.address_space (1536MiB)")));
  EXPECT_THAT(mistakes({"", {}, {{"roles", "gateway"}}}), ElementsAre(HasSubstr("all roles")));
  EXPECT_THAT(mistakes({"", {}, {{"data", ""}}}), ElementsAre(HasSubstr("must name a folder")));
  // Not given by anyone, yet wrong because of another key: the source says so.
  EXPECT_THAT(mistakes({"", {}, {{"server.total_deadline", "100s"}}}),
              ElementsAre(HasSubstr("default: ingest.max_wait: must not be more than")));
}

TEST_F(ConfigTest, WhatIsMissingSaysWhoAskedForIt) {
  EXPECT_THAT(mistakes({"", {}, {{"reranking.url", "http://127.0.0.1:1"}}}),
              ElementsAre("--set: reranking.model: must be given with reranking.url"));
  EXPECT_THAT(mistakes({write("embedding:\n  url: http://127.0.0.1:1\n  model: m\n"), {}, {}}),
              ElementsAre("FILE:2: embedding.dimension: must be given with embedding.url"));
  EXPECT_THAT(mistakes({"",
                        {{"GRAPHRAG_CLUSTER_ID", "c"},
                         {"GRAPHRAG_CLUSTER_KEY", "k"},
                         {"GRAPHRAG_CLUSTER_CA", "ca"}},
                        {{"store.url", "postgresql://db"}, {"blobs.url", "store"}}}),
              ElementsAre(HasSubstr("GRAPHRAG_CLUSTER_ID: cluster.certificate: must name a file")));
}

TEST_F(ConfigTest, AKeyOfSetThatIsUnknownIsNamedWithTheNearest) {
  EXPECT_THAT(mistakes({"", {}, {{"server.listn", "1"}}}),
              ElementsAre("--set: server.listn: unknown key; did you mean server.listen?"));
  const auto config = loaded({"", {}, {{"listen", "127.0.0.1:1"}, {"store.readers", "3"}}});
  EXPECT_EQ(config.source_of("server.listen"), "--listen");
  EXPECT_EQ(config.source_of("store.readers"), "--set");
}

TEST_F(ConfigTest, ReadsRolesAsListOrText) {
  EXPECT_EQ(loaded({write("node:\n  roles: [gateway, shard, worker]\n"), {}, {}}).roles.size(), 3U);
  EXPECT_EQ(loaded({"", {}, {{"roles", "worker, shard , gateway"}}}).roles.size(), 3U);
}

TEST_F(ConfigTest, ToleratesWhatKubernetesAndTheClientPutIntoTheEnvironment) {
  loaded({"",
          {{"GRAPHRAG_API_SERVICE_HOST", "10.0.0.1"},
           {"GRAPHRAG_API_SERVICE_PORT", "80"},
           {"GRAPHRAG_API_SERVICE_PORT_HTTP", "80"},
           {"GRAPHRAG_API_PORT", "tcp://10.0.0.1:80"},
           {"GRAPHRAG_API_PORT_80_TCP", "tcp://10.0.0.1:80"},
           {"GRAPHRAG_API_PORT_80_TCP_ADDR", "10.0.0.1"},
           {"GRAPHRAG_URL", "http://127.0.0.1:8000"},
           {"GRAPHRAG_API_KEY", "k"}},
          {}});
}

TEST_F(ConfigTest, NamesAFileThatCannotBeReadOrIsNotYaml) {
  EXPECT_THAT(mistakes({"/nonexistent/graphrag.yaml", {}, {}}),
              ElementsAre("/nonexistent/graphrag.yaml: cannot be read"));
  EXPECT_THAT(mistakes({write("server:\n  listen: [\n"), {}, {}}),
              ElementsAre(HasSubstr("FILE:3: ")));
  EXPECT_THAT(mistakes({write("just words"), {}, {}}),
              ElementsAre(HasSubstr("must hold sections")));
  EXPECT_TRUE(load_config({write(""), {}, {}}));
  EXPECT_TRUE(load_config({write("# nothing\nserver:\n"), {}, {}}));
}

TEST_F(ConfigTest, PrintsWhatCanBeLoadedAgain) {
  const Config first = loaded({"",
                               {{"GRAPHRAG_LOG_FILE", "/var/log/a \"b\": #c.log"}},
                               {{"listen", "127.0.0.1:77"}, {"store.max_size", "3GiB"}}});
  const std::string yaml = first.effective_yaml();
  EXPECT_THAT(yaml, HasSubstr("server:\n  listen: \"127.0.0.1:77\"  # --listen\n"));
  const Config second = loaded({write(yaml), {}, {}});
  for (const auto& key : config_keys()) EXPECT_EQ(key.get(first), key.get(second)) << key.name;
}

TEST_F(ConfigTest, ShowsValuesWithTheirSource) {
  const auto json = loaded({"", {{"GRAPHRAG_QUERY_DEADLINE", "1500ms"}}, {}}).effective_json();
  EXPECT_EQ(json.size(), config_keys().size());
  EXPECT_EQ(json["query.deadline"]["value"], "1500ms");
  EXPECT_EQ(json["query.deadline"]["source"], "GRAPHRAG_QUERY_DEADLINE");
  EXPECT_EQ(json["ingest.wait"]["value"], "30s");
  EXPECT_EQ(json["ingest.wait"]["source"], "default");
}

TEST_F(ConfigTest, NeverShowsASecret) {
  Config config;
  config.data_dir = "hunter2";
  ConfigKey key = *find_config_key("node.data");
  EXPECT_EQ(shown_value(key, config), "hunter2");
  key.secret = true;
  EXPECT_EQ(shown_value(key, config), "********");
  config.data_dir.clear();
  EXPECT_EQ(shown_value(key, config), "");
}

TEST_F(ConfigTest, ReadsTheProcessEnvironment) {
  ASSERT_EQ(::setenv("GRAPHRAG_CACHE_TTL", "5s", 1), 0);
  EXPECT_THAT(graphrag_environment(), Contains(testing::Pair("GRAPHRAG_CACHE_TTL", "5s")));
  ::unsetenv("GRAPHRAG_CACHE_TTL");
}

TEST_F(ConfigTest, AnEndpointNeedsAModelAndItsVectorsADimension) {
  EXPECT_THAT(mistakes({{}, {}, {{"reranking.url", "http://h/v1"}}}),
              ElementsAre(HasSubstr("reranking.model")));
  EXPECT_THAT(mistakes({{}, {}, {{"embedding.url", "http://h/v1"}, {"embedding.model", "m"}}}),
              ElementsAre(HasSubstr("embedding.dimension")));
  const auto config = loaded({{},
                              {},
                              {{"embedding.url", "http://h/v1"},
                               {"embedding.model", "m"},
                               {"embedding.api_key", "sk-secret"},
                               {"embedding.dimension", "384"},
                               {"embedding.query_prefix", "query: "}}});
  EXPECT_EQ(config.embedding.url, "http://h/v1");
  EXPECT_EQ(config.embedding_dimension, 384U);
  EXPECT_EQ(config.embedding_query_prefix, "query: ") << "the blank belongs to it";
  EXPECT_EQ(config.embedding_passage_prefix, "");
  EXPECT_EQ(config.effective_yaml().find("sk-secret"), std::string::npos);
}

TEST_F(ConfigTest, AClusterNeedsWhatItsNodesShareAndCertificates) {
  EXPECT_THAT(mistakes({{}, {}, {{"cluster.id", "c"}}}),
              ElementsAre(HasSubstr("needs store.url"), HasSubstr("needs blobs.url"),
                          HasSubstr("cluster.certificate"), HasSubstr("cluster.key"),
                          HasSubstr("cluster.ca")));
  EXPECT_THAT(mistakes({{}, {}, {{"store.url", "postgresql://db/graphrag"}}}),
              ElementsAre(HasSubstr("needs cluster.id")));
  EXPECT_THAT(mistakes({{}, {}, {{"blobs.url", "store"}}}), ElementsAre(HasSubstr("store.url")));
  NamedValues well{{"cluster.id", "c"},    {"store.url", "postgresql://me:hunter2@db/graphrag"},
                   {"blobs.url", "store"}, {"cluster.certificate", "a"},
                   {"cluster.key", "b"},   {"cluster.ca", "c"}};
  const auto config = loaded({{}, {}, well});
  EXPECT_EQ(config.cluster.id, "c");
  EXPECT_EQ(config.effective_yaml().find("hunter2"), std::string::npos);
  well.emplace_back("cluster.ordinal", "first");
  well.emplace_back("cluster.peer_name", "graphrag");
  EXPECT_THAT(mistakes({{}, {}, well}),
              ElementsAre(HasSubstr("cluster.ordinal"), HasSubstr("cluster.peer_name")));
}

TEST_F(ConfigTest, AClusterRefusesAFolderOfBlobs) {
  NamedValues all{{"cluster.id", "c"},
                  {"store.url", "postgresql://db/graphrag"},
                  {"cluster.certificate", "a"},
                  {"cluster.key", "b"},
                  {"cluster.ca", "c"}};
  EXPECT_THAT(mistakes({{}, {}, all}), ElementsAre(HasSubstr("cannot share a folder")));
  all.emplace_back("blobs.url", "s3://bucket/graphrag");
  EXPECT_TRUE(loaded({{}, {}, all}).blobs.in_s3());
}

TEST_F(ConfigTest, BlobsInS3NameTheirPlaceAndTheirKeys) {
  auto config = loaded({{}, {}, {{"blobs.url", "s3://bucket/a/b"}}});
  EXPECT_EQ(config.blobs.bucket(), "bucket");
  EXPECT_EQ(config.blobs.prefix(), "a/b");
  EXPECT_FALSE(config.blobs.path_style) << "as AWS expects";
  EXPECT_EQ(loaded({{}, {}, {{"blobs.url", "s3://bucket"}}}).blobs.prefix(), "");
  config = loaded(
      {{}, {}, {{"blobs.url", "s3://bucket"}, {"blobs.endpoint", "https://minio.test:9000"}}});
  EXPECT_EQ(config.blobs.bucket(), "bucket");
  EXPECT_TRUE(config.blobs.path_style) << "as servers of one's own expect";
  // What is printed can be loaded again, in S3 or not.
  EXPECT_EQ(loaded({write(config.effective_yaml()), {}, {}}).blobs.url, "s3://bucket");
  EXPECT_EQ(loaded({write(loaded({}).effective_yaml()), {}, {}}).blobs.url, "");
}

TEST_F(ConfigTest, BlobsThatCannotBeRightNameTheKey) {
  const auto wrong = [&](NamedValues more) {
    more.emplace_back("blobs.url", "s3://bucket/p");
    return mistakes({{}, {}, more});
  };
  for (const auto* url : {"s3://", "s3:///p", "S3://bucket", "http://bucket", "folder"})
    EXPECT_THAT(mistakes({{}, {}, {{"blobs.url", url}}}),
                ElementsAre(HasSubstr("--set: blobs.url: ")))
        << url;
  EXPECT_THAT(wrong({{"blobs.access_key_file", "/a"}}),
              ElementsAre(HasSubstr("blobs.secret_key_file: must be given too")));
  EXPECT_THAT(wrong({{"blobs.secret_key_file", "/a"}}),
              ElementsAre(HasSubstr("blobs.access_key_file: must be given too")));
  EXPECT_THAT(wrong({{"blobs.session_token_file", "/a"}}),
              ElementsAre(HasSubstr("--set: blobs.session_token_file: needs")));
  EXPECT_THAT(wrong({{"blobs.endpoint", "minio.test:9000"}}),
              ElementsAre(HasSubstr("--set: blobs.endpoint: must begin with https://")));
  EXPECT_THAT(wrong({{"blobs.endpoint", "https://me:hunter2@minio.test"}}),
              ElementsAre(testing::AllOf(HasSubstr("--set: blobs.endpoint: must be an address"),
                                         testing::Not(HasSubstr("hunter2")))));
  EXPECT_THAT(wrong({{"blobs.endpoint", "http://minio.test"}, {"blobs.ca_file", "/ca.pem"}}),
              ElementsAre(HasSubstr("--set: blobs.ca_file: is of no use")));
  EXPECT_THAT(mistakes({{}, {}, {{"blobs.region", "eu-west-3"}, {"blobs.deadline", "5s"}}}),
              ElementsAre(HasSubstr("--set: blobs.region: is for original files in S3 only"),
                          HasSubstr("--set: blobs.deadline: is for original files in S3 only")));
}

} // namespace
} // namespace graphrag::runtime
