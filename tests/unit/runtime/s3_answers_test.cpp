#include "runtime/store/blobs/s3_answers.hpp"

#include <gtest/gtest.h>

namespace graphrag::runtime::s3 {
namespace {

TEST(S3Answers, AListOfObjects) {
  const auto page = parse_listing(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
 <IsTruncated>true</IsTruncated><NextContinuationToken>a+b&amp;c=</NextContinuationToken>
 <Contents><Key>p/a&amp;b</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified></Contents>
 <Contents><Key>c</Key><LastModified>1970-01-01T00:00:09Z</LastModified><Size>5</Size></Contents>
</ListBucketResult>)");
  ASSERT_TRUE(page) << page.error().detail;
  ASSERT_EQ(page->objects.size(), 2U);
  EXPECT_EQ(page->objects[0].name, "p/a&b");
  EXPECT_EQ(page->objects[0].modified, 1'255'369'830);
  EXPECT_EQ(page->objects[1].modified, 9);
  EXPECT_EQ(page->next, "a+b&c=");
  EXPECT_TRUE(parse_listing("<ListBucketResult/>")->objects.empty()) << "no namespace, no objects";
}

TEST(S3Answers, AListThatIsNotWholeIsAnError) {
  const std::string time = "<LastModified>1970-01-01T00:00:09Z</LastModified>";
  for (const auto& content :
       {std::string{"<Contents><Key>k</Key></Contents>"}, "<Contents>" + time + "</Contents>",
        std::string{"<Contents><Key>k</Key><LastModified>now</LastModified></Contents>"},
        std::string{"<IsTruncated>true</IsTruncated>"}})
    EXPECT_FALSE(parse_listing("<ListBucketResult>" + content + "</ListBucketResult>")) << content;
}

TEST(S3Answers, WhatIsNoAnswerIsAnError) {
  for (const auto* text : {"", "garbage", "<html><body>Bad gateway</body></html>",
                           "<ListBucketResult>", "<ListBucketResult></Other>", "\xff\xfe<\0"}) {
    EXPECT_FALSE(parse_listing(text)) << text;
    EXPECT_FALSE(parse_uploads(text)) << text;
    EXPECT_FALSE(parse_upload_id(text)) << text;
    EXPECT_FALSE(parse_completed(text)) << text;
    EXPECT_EQ(parse_refusal(text).code, "") << text;
  }
}

TEST(S3Answers, EntitiesOfOnesOwnAreRefused) {
  EXPECT_FALSE(parse_upload_id(
      R"(<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<InitiateMultipartUploadResult><UploadId>&e;</UploadId></InitiateMultipartUploadResult>)"));
  EXPECT_FALSE(parse_upload_id(
      "<InitiateMultipartUploadResult><UploadId>&e;</UploadId></InitiateMultipartUploadResult>"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_FALSE(parse_listing(deep));
}

TEST(S3Answers, ADocumentTypeInAnotherEncodingIsRefusedToo) {
  const std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-16LE\"?><!DOCTYPE r [<!ENTITY e \"v\">]>"
      "<InitiateMultipartUploadResult><UploadId>&e;</UploadId></InitiateMultipartUploadResult>";
  std::string wide = "\xff\xfe";
  for (const char c : text) wide += {c, '\0'};
  EXPECT_FALSE(parse_upload_id(wide));
}

TEST(S3Answers, ARefusalTellsItsCodeAndNothingThatWasSigned) {
  const auto refusal =
      parse_refusal("<Error><Code>AuthorizationHeaderMalformed</Code><Message>token: abc</Message>"
                    "<Region>eu-west-3</Region></Error>");
  EXPECT_EQ(refusal.code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(refusal.region, "eu-west-3");
  EXPECT_EQ(parse_refusal("<Error><Code>two words\n</Code></Error>").code, "");
}

TEST(S3Answers, Uploads) {
  const auto page = parse_uploads(
      "<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>u</UploadId>"
      "<Initiated>1970-01-01T00:01:00.5Z</Initiated></Upload><IsTruncated>true</IsTruncated>"
      "<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>"
      "</ListMultipartUploadsResult>");
  ASSERT_TRUE(page) << page.error().detail;
  ASSERT_EQ(page->uploads.size(), 1U);
  EXPECT_EQ(page->uploads[0].initiated, 60);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->next_name + page->next_id, "ku");
}

TEST(S3Answers, CompletingAnUpload) {
  EXPECT_EQ(*parse_upload_id("<InitiateMultipartUploadResult><UploadId>u&amp;1</UploadId>"
                             "</InitiateMultipartUploadResult>"),
            "u&1");
  EXPECT_EQ(*parse_completed("<CompleteMultipartUploadResult><ETag>&quot;e-2&quot;</ETag>"
                             "</CompleteMultipartUploadResult>"),
            "e-2");
  EXPECT_TRUE(parse_completed("\n \n<?xml version=\"1.0\"?>\n \n<CompleteMultipartUploadResult/>"))
      << "white space keeps the connection alive";
  const auto request = complete_request({"one", "two"});
  EXPECT_NE(request.find("<Part><PartNumber>2</PartNumber><ETag>&quot;two&quot;</ETag></Part>"),
            std::string::npos)
      << request;
}

TEST(S3Answers, Times) {
  EXPECT_EQ(parse_http_date("Mon, 12 Oct 2009 17:50:30 GMT"), 1'255'369'830);
  EXPECT_FALSE(parse_http_date("Mon, 12 Oct 2009 17:50:30 +0200"));
  EXPECT_FALSE(parse_iso_time("2009-10-12T17:50:30+02:00"));
  EXPECT_FALSE(parse_iso_time("2009-10-12T17:50:30.xZ"));
  EXPECT_FALSE(parse_iso_time(""));
}

} // namespace
} // namespace graphrag::runtime::s3
