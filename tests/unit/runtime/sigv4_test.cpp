// The vectors that AWS publishes: those of S3's documentation (service s3, May 2013) and those of
// the test suite of Signature Version 4 (service "service", August 2015).
#include "runtime/store/blobs/sigv4.hpp"

#include <gtest/gtest.h>

#include "runtime/content_hash.hpp"

namespace graphrag::runtime::sigv4 {
namespace {

const std::string empty_hash = content_hash("");

std::string signature_of(const std::string& authorization) {
  return authorization.substr(authorization.rfind('=') + 1);
}

// The examples of S3 are about one bucket, one day and one key.
std::string s3_example(Request request) {
  constexpr auto time = "20130524T000000Z";
  request.headers.emplace_back("Host", "examplebucket.s3.amazonaws.com");
  request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
  request.headers.emplace_back("x-amz-date", time);
  return authorization(
      request, {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"},
      time);
}

std::string suite_example(Request request) {
  constexpr auto time = "20150830T123600Z";
  request.headers.emplace_back("Host", "example.amazonaws.com");
  request.headers.emplace_back("X-Amz-Date", time);
  request.payload_hash = empty_hash;
  return signature_of(authorization(
      request, {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service"},
      time));
}

TEST(SigV4, S3GetOfARange) {
  EXPECT_EQ(s3_example({"GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}, empty_hash}),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, S3PutWithANameToEncode) {
  Request put{
      "PUT",
      "/test$file.text",
      {},
      {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
      content_hash("Welcome to Amazon S3.")};
  EXPECT_EQ(signature_of(s3_example(put)),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, S3ParametersWithAndWithoutValues) {
  EXPECT_EQ(signature_of(s3_example({"GET", "/", {{"lifecycle", ""}}, {}, empty_hash})),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(
      signature_of(s3_example({"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, empty_hash})),
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, SuiteVanilla) {
  EXPECT_EQ(suite_example({"GET"}),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(suite_example({"POST"}),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST(SigV4, SuiteOrderOfParametersAndUtf8) {
  EXPECT_EQ(suite_example({"GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  EXPECT_EQ(suite_example({"GET", "/\u1234"}),
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
}

TEST(SigV4, SuiteValuesOfHeadersAreTrimmed) {
  EXPECT_EQ(suite_example(
                {"GET", "/", {}, {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}}),
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

TEST(SigV4, HeadersOfOneNameAreJoined) {
  const auto text =
      canonical_request({"GET", "/", {}, {{"b", "2"}, {"A", "1"}, {"B", "3"}}, "the-hash"});
  EXPECT_EQ(text, "GET\n/\n\na:1\nb:2,3\n\na;b\nthe-hash");
}

TEST(SigV4, EncodingAndTime) {
  EXPECT_EQ(uri_encoded("a b/~c+\xff", true), "a%20b/~c%2B%FF");
  EXPECT_EQ(uri_encoded("a/b=", false), "a%2Fb%3D");
  EXPECT_EQ(query_text({{"uploads", ""}, {"key", "a b"}}), "key=a%20b&uploads=");
  EXPECT_EQ(timestamp(1'369'353'600), "20130524T000000Z");
}

} // namespace
} // namespace graphrag::runtime::sigv4
