// Blobs in S3 when the server misbehaves, and what only S3 has: parts, styles of addresses, keys.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>

#include <gmock/gmock.h>

#include "runtime/store/blobs/s3_blobs.hpp"
#include "runtime/store/blobs/s3_credentials.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/fake_s3.hpp"

namespace graphrag::runtime {
namespace {

using namespace std::chrono_literals;
using test::FakeS3;
using test::StubConnection;
using test::StubRequest;

constexpr std::size_t part = s3::part_bytes;

std::string many_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2'654'435'761U >> 13);
  return bytes;
}

bool is_put(const StubRequest& request) { return request.method == "PUT"; }
bool is_completion(const StubRequest& request) {
  return request.method == "POST" && request.target.find("uploadId=") != std::string::npos;
}
bool is_ranged(const StubRequest& request) { return request.headers.contains("range"); }

class S3Blobs : public testing::Test {
protected:
  // No thread sleeps; what it would have slept is written down.
  S3Parts parts() {
    S3Parts out;
    out.sleep = [this](std::chrono::milliseconds time) {
      std::lock_guard lock{mutex_};
      waits_.push_back(time);
    };
    out.jitter = [] { return 1.0; };
    return out;
  }
  std::unique_ptr<BlobStore> open() { return open(bucket_.options()); }
  std::unique_ptr<BlobStore> open(const S3Options& options) {
    return value_of(open_s3_blobs(options, parts()));
  }
  // The first `times` requests that `which` holds for are answered by `answer`.
  void fail_first(int times, std::function<bool(const StubRequest&)> which,
                  std::function<void(const StubRequest&, StubConnection&)> answer) {
    std::lock_guard lock{mutex_};
    fault_ = [left = std::make_shared<std::atomic<int>>(times), which = std::move(which),
              answer = std::move(answer)](const auto& request, auto& connection) {
      if (!which(request) || (*left)-- <= 0) return false;
      answer(request, connection);
      return true;
    };
  }
  void always(std::function<bool(const StubRequest&)> which,
              std::function<void(const StubRequest&, StubConnection&)> answer) {
    fail_first(1'000'000, std::move(which), std::move(answer));
  }
  std::string name_of(const std::string& key) const { return "some/folder/" + key; }
  std::size_t count(const std::string& method) const {
    const auto all = bucket_.requests();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](auto& r) { return r.method == method; }));
  }

  std::mutex mutex_;
  FakeS3::Fault fault_;
  std::vector<std::chrono::milliseconds> waits_;
  FakeS3 bucket_{[this](const auto& request, auto& connection) {
    FakeS3::Fault fault;
    {
      std::lock_guard lock{mutex_};
      fault = fault_;
    }
    return fault && fault(request, connection);
  }};
};

TEST_F(S3Blobs, LargeBlobsGoAndComeInPartsOfEightMebibytes) {
  auto blobs = open();
  for (auto size : {part, part + 1, 2 * part + 5}) {
    const auto before = count("POST");
    const auto bytes = many_bytes(size);
    const auto key = value_of(blobs->put(bytes));
    EXPECT_EQ(count("POST") - before, size > part ? 2U : 0U) << "begun and completed";
    EXPECT_EQ(bucket_.objects[name_of(key)].bytes, bytes);
    EXPECT_EQ(value_of(blobs->get(key)), bytes);
  }
  for (const auto& request : bucket_.requests()) EXPECT_LE(request.body.size(), part);
  EXPECT_TRUE(bucket_.uploads.empty());
}

TEST_F(S3Blobs, AddressesByHostAndByPath) {
  http::ClientOptions client;
  client.lookup = [](const std::string&) { return std::vector<std::string>{"127.0.0.1"}; };
  auto options = bucket_.options();
  options.path_style = false;
  options.endpoint.replace(options.endpoint.find("127.0.0.1"), 9, "s3.test");
  auto with = parts();
  with.client = value_of(http::Client::make(client));
  auto blobs = value_of(open_s3_blobs(options, with));
  const auto key = value_of(blobs->put("bytes"));
  const auto last = bucket_.requests().back();
  EXPECT_EQ(last.target, "/some/folder/" + key);
  EXPECT_TRUE(last.headers.at("host").starts_with("test-bucket.s3.test:"));
  EXPECT_EQ(value_of(open()->get(key)), "bytes");
}

TEST_F(S3Blobs, HttpsWithAnAuthorityOfOnesOwn) {
  const test::StubAuthority authority;
  TemporaryFolder folder;
  std::ofstream(folder.file("ca.pem")) << authority.certificate_pem();
  FakeS3 bucket{{}, authority.issue("IP:127.0.0.1")};
  auto options = bucket.options();
  EXPECT_EQ(open_s3_blobs(options, parts()).error().code, Errc::invalid_argument) << "not trusted";
  options.ca_file = folder.file("ca.pem");
  auto blobs = open(options);
  EXPECT_EQ(value_of(blobs->get(value_of(blobs->put("bytes")))), "bytes");
}

TEST_F(S3Blobs, TheTokenOfTemporaryKeysIsSentAndSigned) {
  auto options = bucket_.options();
  options.session_token = "a-token";
  open(options);
  const auto request = bucket_.requests().back();
  EXPECT_EQ(request.headers.at("x-amz-security-token"), "a-token");
  EXPECT_NE(request.headers.at("authorization").find("x-amz-security-token"), std::string::npos);
}

TEST_F(S3Blobs, OtherThingsInTheBucketAreLeftAlone) {
  auto blobs = open();
  const auto key = value_of(blobs->put("bytes"));
  const std::vector<std::string> foreign{name_of("README"), name_of("deeper/" + key), key,
                                         "some/folder2/" + key};
  for (const auto& name : foreign) bucket_.objects[name] = {};
  bucket_.uploads["foreign"] = {"other/" + key, "", 0, {}};
  EXPECT_EQ(value_of(blobs->list()), std::vector<std::string>{key});
  EXPECT_EQ(value_of(blobs->sweep(0s, [](auto&) { return false; })), 1U);
  EXPECT_EQ(bucket_.objects.size(), foreign.size());
  EXPECT_EQ(bucket_.uploads.size(), 1U);
}

TEST_F(S3Blobs, ListsAndSweepsOfManyPages) {
  bucket_.page = 3;
  auto blobs = open();
  std::vector<std::string> keys;
  for (int i = 0; i < 10; ++i) keys.push_back(value_of(blobs->put(std::to_string(i))));
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(value_of(blobs->list()), keys);
  EXPECT_EQ(value_of(blobs->sweep(0s, [&](auto& key) { return key == keys[4]; })), 9U);
  EXPECT_EQ(value_of(blobs->list()), std::vector<std::string>{keys[4]});
}

TEST_F(S3Blobs, ASweepEndsOldUploads) {
  bucket_.page = 2;
  auto blobs = open();
  const auto now = std::time(nullptr);
  for (int i = 0; i < 5; ++i)
    bucket_.uploads["old " + std::to_string(i)] = {
        name_of(std::string(48, 'a')), "", now - 7200, {}};
  bucket_.uploads["young"] = {name_of(std::string(48, 'b')), "", now, {}};
  EXPECT_EQ(value_of(blobs->sweep(1h, [](auto&) { return true; })), 5U);
  EXPECT_EQ(bucket_.uploads.size(), 1U);
}

TEST_F(S3Blobs, ServersWithoutAListOfUploadsAreSweptToo) {
  auto blobs = open();
  EXPECT_TRUE(blobs->put("bytes"));
  always([](const auto& request) { return request.target.find("uploads=") != std::string::npos; },
         [](const auto&, auto& connection) {
           connection.reply(501, test::s3_error("NotImplemented"));
         });
  EXPECT_EQ(value_of(blobs->sweep(0s, [](auto&) { return false; })), 1U);
}

TEST_F(S3Blobs, ChangedBytesAreCorrupt) {
  auto blobs = open();
  const auto changed = value_of(blobs->put("some bytes")), cut = value_of(blobs->put("some bytes")),
             marked = value_of(blobs->put("some bytes")),
             emptied = value_of(blobs->put("some bytes"));
  bucket_.objects[name_of(changed)].bytes = "some bytez";
  bucket_.objects[name_of(cut)].bytes = "some";
  bucket_.objects[name_of(emptied)].bytes = "";
  bucket_.objects[name_of(marked)].sha256 = std::string(64, '0');
  EXPECT_EQ(blobs->get(changed).error().code, Errc::corrupt);
  EXPECT_EQ(blobs->get(cut).error().code, Errc::corrupt);
  EXPECT_EQ(blobs->get(marked).error().code, Errc::corrupt);
  EXPECT_EQ(blobs->get(emptied).error().code, Errc::corrupt);
}

TEST_F(S3Blobs, FailuresThatPassAreRetriedWithGrowingWaits) {
  auto blobs = open();
  fail_first(3, is_put, [](const auto& request, auto& connection) {
    if (request.number % 3 == 0) return connection.reply(500, "oops");
    if (request.number % 3 == 1) return connection.reply(503, test::s3_error("SlowDown"));
    connection.send("HTTP/1.1 200");
    connection.close();
  });
  const auto key = value_of(blobs->put("bytes"));
  EXPECT_EQ(value_of(blobs->get(key)), "bytes");
  EXPECT_EQ(waits_, (std::vector{100ms, 200ms, 400ms}));
}

TEST_F(S3Blobs, RetryAfterIsObeyed) {
  auto blobs = open();
  fail_first(1, is_put, [](const auto&, auto& connection) {
    connection.reply(429, "", "Retry-After: 3\r\n");
  });
  EXPECT_TRUE(blobs->put("bytes"));
  EXPECT_EQ(waits_, std::vector{3'000ms});
}

TEST_F(S3Blobs, AServerThatStaysAwayIsUnavailable) {
  auto blobs = open();
  always(is_put,
         [](const auto&, auto& connection) { connection.reply(503, test::s3_error("SlowDown")); });
  const auto put = blobs->put("bytes");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Errc::unavailable) << put.error().detail;
  EXPECT_EQ(count("PUT"), 7U);
  EXPECT_EQ(put.error().detail.find("secret"), std::string::npos);
}

TEST_F(S3Blobs, ATruncatedBodyIsReadAgain) {
  auto blobs = open();
  const auto bytes = many_bytes(part + 100);
  const auto key = value_of(blobs->put(bytes));
  fail_first(2, is_ranged, [](const auto&, auto& connection) {
    connection.send("HTTP/1.1 206 Partial\r\nContent-Length: 100\r\n"
                    "Content-Range: bytes 0-99/200\r\n\r\nonly a few");
    connection.close();
  });
  EXPECT_TRUE(value_of(blobs->get(key)) == bytes);
  EXPECT_EQ(waits_.size(), 2U);
}

TEST_F(S3Blobs, AnAnswerOfAnotherRangeIsNoBlob) {
  auto blobs = open();
  const auto key = value_of(blobs->put("bytes"));
  for (const auto* range : {"bytes 1-5/6", "bytes 0-5/6", "bytes 0-4/99999999999999999999",
                            "bytes 0-4/4", "bytes 0-4/*", ""}) {
    always(is_ranged, [range](const auto&, auto& connection) {
      connection.reply(206, "bytes", std::string{"Content-Range: "} + range + "\r\n");
    });
    EXPECT_EQ(blobs->get(key).error().code, Errc::io) << range;
  }
}

TEST_F(S3Blobs, AWrongETagIsNoticedAndTheObjectTakenBack) {
  auto blobs = open();
  always(is_put, [](const auto&, auto& connection) {
    connection.reply(200, "", "ETag: \"d41d8cd98f00b204e9800998ecf8427e\"\r\n");
  });
  EXPECT_EQ(blobs->put("bytes").error().code, Errc::corrupt);
  EXPECT_EQ(count("DELETE"), 1U);
  EXPECT_EQ(blobs->put(many_bytes(part + 1)).error().code, Errc::corrupt);
  EXPECT_TRUE(bucket_.uploads.empty()) << "aborted";
}

TEST_F(S3Blobs, WhereETagsAreNoMd5TheSizeIsAsked) {
  bucket_.foreign_etags = true;
  auto blobs = open();
  for (const auto size : {std::size_t{10}, part + 10}) {
    const auto bytes = many_bytes(size);
    EXPECT_TRUE(value_of(blobs->get(value_of(blobs->put(bytes)))) == bytes);
  }
  EXPECT_EQ(count("HEAD"), 2U);
  always([](const auto& request) { return request.method == "HEAD"; },
         [](const auto&, auto& connection) {
           connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
         });
  EXPECT_EQ(blobs->put(many_bytes(10)).error().code, Errc::corrupt);
}

TEST_F(S3Blobs, AFailedPartEndsTheUpload) {
  auto blobs = open();
  always(
      [](const auto& request) {
        return request.target.find("partNumber=2&") != request.target.npos;
      },
      [](const auto&, auto& connection) {
        connection.reply(403, test::s3_error("QuotaExceeded"));
      });
  EXPECT_EQ(blobs->put(many_bytes(part + 1)).error().code, Errc::no_space);
  EXPECT_TRUE(bucket_.uploads.empty());
  EXPECT_TRUE(bucket_.objects.empty());
}

TEST_F(S3Blobs, AnUploadWhoseCompletionWasNotAnsweredIsFound) {
  auto blobs = open();
  std::atomic<bool> done{false};
  // Completes it behind the client's back, and breaks the connection in place of the answer.
  always([&](const auto& request) { return is_completion(request) && !done.exchange(true); },
         [this](const auto&, auto& connection) {
           auto& [id, upload] = *bucket_.uploads.begin();
           FakeS3::Object whole{"", "\"e-2\"", upload.sha256, 1};
           for (const auto& [number, one] : upload.parts) whole.bytes += one.bytes;
           bucket_.objects[upload.name] = whole;
           bucket_.uploads.clear();
           connection.close();
         });
  const auto bytes = many_bytes(part + 1);
  EXPECT_TRUE(value_of(blobs->get(value_of(blobs->put(bytes)))) == bytes);
}

TEST_F(S3Blobs, ACompletionThatFailsAfterItsStatusIsAFailure) {
  auto blobs = open();
  always(is_completion, [](const auto&, auto& connection) {
    connection.reply(200, test::s3_error("InternalError"));
  });
  EXPECT_EQ(blobs->put(many_bytes(part + 1)).error().code, Errc::unavailable);
  EXPECT_TRUE(bucket_.uploads.empty());
}

TEST_F(S3Blobs, ASlowServerTimesOut) {
  auto options = bucket_.options();
  options.deadline = 300ms;
  always([](auto&) { return true; },
         [](const auto&, auto& connection) { connection.wait_until_left(); });
  EXPECT_EQ(open_s3_blobs(options, parts()).error().code, Errc::timeout);
}

TEST_F(S3Blobs, GarbageIsAnErrorAndNoEmptyList) {
  auto blobs = open();
  for (const auto* body :
       {"<html>Welcome</html>", "<ListBucketResult><Contents>", "", "\xff\xfe"}) {
    always([](const auto& request) { return request.method == "GET"; },
           [body](const auto&, auto& connection) { connection.reply(200, body); });
    EXPECT_EQ(blobs->list().error().code, Errc::io) << body;
    EXPECT_FALSE(blobs->sweep(0s, [](auto&) { return false; }));
  }
  always([](const auto& request) { return request.method == "GET"; },
         [](const auto&, auto& connection) {
           connection.reply(200, "<ListBucketResult><IsTruncated>true</IsTruncated>"
                                 "<NextContinuationToken>t</NextContinuationToken>"
                                 "</ListBucketResult>");
         });
  EXPECT_EQ(blobs->list().error().code, Errc::io) << "round in a circle";
}

TEST_F(S3Blobs, ARefusedReadIsNotAnAbsentBlob) {
  auto blobs = open();
  const auto key = value_of(blobs->put("bytes"));
  const auto code_for = [&](int status, const std::string& body) {
    always(is_ranged, [=](const auto&, auto& connection) { connection.reply(status, body); });
    return blobs->get(key).error().code;
  };
  EXPECT_EQ(code_for(404, test::s3_error("NoSuchBucket")), Errc::io);
  EXPECT_EQ(code_for(404, "<html>a proxy's page</html>"), Errc::io);
  EXPECT_EQ(code_for(403, test::s3_error("AccessDenied")), Errc::io);
  EXPECT_EQ(code_for(507, ""), Errc::no_space);
  EXPECT_EQ(code_for(404, test::s3_error("NoSuchKey")), Errc::not_found);
}

TEST_F(S3Blobs, OpeningSaysWhatIsWrong) {
  const auto said = [&](S3Options options) {
    const auto opened = open_s3_blobs(options, parts());
    if (opened) return std::string{"nothing"};
    EXPECT_EQ(opened.error().code, Errc::invalid_argument);
    return opened.error().detail;
  };
  const auto has = [](const char* words) { return testing::HasSubstr(words); };
  auto options = bucket_.options();
  EXPECT_EQ(said(options), "nothing");
  options.bucket = "another";
  EXPECT_THAT(said(options), has("there is no bucket another"));
  options = bucket_.options();
  options.secret_key = "guessed";
  EXPECT_THAT(said(options), has("does not accept the keys"));
  EXPECT_EQ(said(options).find("guessed"), std::string::npos);
  always([](auto&) { return true; },
         [](const auto&, auto& connection) {
           connection.reply(
               400, test::s3_error("AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"));
         });
  EXPECT_THAT(said(bucket_.options()), has("not in the region eu-test-1 but in eu-west-3"));
  always([](auto&) { return true; },
         [](const auto&, auto& connection) {
           connection.reply(301, "", "x-amz-bucket-region: eu-west-4\r\n");
         });
  EXPECT_THAT(said(bucket_.options()), has("but in eu-west-4"));
  always(
      [](auto&) { return true; },
      [](const auto&, auto& connection) { connection.reply(403, test::s3_error("AccessDenied")); });
  EXPECT_THAT(said(bucket_.options()), has("no right"));
}

TEST_F(S3Blobs, OptionsThatCannotBeRightAreRefused) {
  const auto refused = [&](auto change) {
    auto options = bucket_.options();
    change(options);
    const auto opened = open_s3_blobs(options, parts());
    return !opened && opened.error().code == Errc::invalid_argument;
  };
  EXPECT_TRUE(refused([](auto& o) { o.bucket = "a/b"; }));
  EXPECT_TRUE(refused([](auto& o) { o.bucket = ""; }));
  EXPECT_TRUE(refused([](auto& o) { o.prefix = "a/../b"; }));
  EXPECT_TRUE(refused([](auto& o) { o.prefix = "/a"; }));
  EXPECT_TRUE(refused([](auto& o) { o.prefix = "a b"; }));
  EXPECT_TRUE(refused([](auto& o) { o.region = ""; }));
  EXPECT_TRUE(refused([](auto& o) { o.endpoint = "ftp://host"; }));
  EXPECT_TRUE(refused([](auto& o) { o.secret_key = ""; }));
  EXPECT_TRUE(refused([](auto& o) { o.ca_file = "/no/such/file"; }));
  EXPECT_TRUE(bucket_.requests().empty());
}

TEST(S3Credentials, FromFilesElseFromTheEnvironment) {
  TemporaryFolder folder;
  std::ofstream(folder.file("id")) << " the-id\n";
  std::ofstream(folder.file("secret")) << "the-secret\n";
  std::ofstream(folder.file("empty")) << "\n";
  const std::map<std::string, const char*> set{{"AWS_ACCESS_KEY_ID", "env-id"},
                                               {"AWS_SECRET_ACCESS_KEY", "env-secret"},
                                               {"AWS_SESSION_TOKEN", "env-token"}};
  const auto environment = [&](const char* name) { return set.at(name); };
  const auto nothing = [](const char*) -> const char* { return nullptr; };
  auto found = value_of(find_s3_credentials({}, environment));
  EXPECT_EQ(found.access_key + found.secret_key + found.session_token, "env-idenv-secretenv-token");
  found =
      value_of(find_s3_credentials({folder.file("id"), folder.file("secret"), ""}, environment));
  EXPECT_EQ(found.access_key + found.secret_key + found.session_token, "the-idthe-secret");
  EXPECT_FALSE(find_s3_credentials({}, nothing));
  EXPECT_FALSE(find_s3_credentials({folder.file("id"), "", ""}, environment));
  EXPECT_FALSE(find_s3_credentials({folder.file("id"), folder.file("empty"), ""}, environment));
  EXPECT_FALSE(find_s3_credentials({folder.file("id"), folder.file("absent"), ""}, environment));
}

} // namespace
} // namespace graphrag::runtime
