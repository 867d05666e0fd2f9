#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "cluster/link/frame.hpp"

namespace graphrag::cluster {
namespace {

using runtime::Envelope;
using runtime::Errc;

void feed(FrameReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = reader.room();
    const auto part = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), part);
    reader.filled(part);
    bytes.remove_prefix(part);
  }
}

Hello some_hello() { return {link_version, {3, 77}, 5, 99, 1024, "library"}; }

TEST(Frame, AHelloComesBackAsItWas) {
  std::string bytes;
  append_hello(bytes, FrameType::hello, some_hello());
  FrameReader reader;
  feed(reader, bytes);
  const auto frame = reader.next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->type, FrameType::hello);
  EXPECT_EQ((*frame)->bytes, bytes.size());
  const auto hello = read_hello((*frame)->payload);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->from, (NodeId{3, 77}));
  EXPECT_EQ(hello->to, 5U);
  EXPECT_EQ(hello->session, 99U);
  EXPECT_EQ(hello->window, 1024U);
  EXPECT_EQ(hello->cluster, "library");
}

TEST(Frame, TheWireFormatIsFixed) {
  std::string bytes;
  append_data(bytes, {0, 0, 0, 0x0102, "k", "body"});
  append_credit(bytes, 0x01020304);
  append_heartbeat(bytes);
  append_refusal(bytes, Refusal::twin);
  using namespace std::string_literals;
  EXPECT_EQ(bytes, "\0\0\0\x0F\x04\0\0\0\0\0\0\x01\x02\x01kbody"s
                   "\0\0\0\x05\x05\x01\x02\x03\x04"s
                   "\0\0\0\x01\x06"s
                   "\0\0\0\x02\x03\x06"s);
}

TEST(Frame, EnvelopesSurviveAnyCutting) {
  std::mt19937 random{7};
  std::string bytes;
  std::vector<std::string> bodies;
  for (int i = 0; i < 200; ++i) {
    bodies.emplace_back(random() % (i % 20 == 0 ? runtime::max_envelope_bytes : 300), 'a' + i % 26);
    append_data(bytes, {0, 0, 0, static_cast<std::uint64_t>(i), "kind", bodies.back()});
  }
  FrameReader reader;
  reader.set_limit(max_data_frame);
  std::size_t at = 0, seen = 0;
  while (at < bytes.size()) {
    const auto part = std::min<std::size_t>(bytes.size() - at, 1 + random() % 50'000);
    feed(reader, std::string_view{bytes}.substr(at, part));
    at += part;
    for (auto frame = reader.next(); frame && *frame; frame = reader.next()) {
      const auto envelope = read_data((*frame)->payload);
      ASSERT_TRUE(envelope);
      EXPECT_EQ(envelope->epoch, seen);
      ASSERT_EQ(envelope->body, bodies[seen]);
      ++seen;
    }
  }
  EXPECT_EQ(seen, bodies.size());
}

TEST(Frame, TheLargestEnvelopeFits) {
  std::string bytes;
  append_data(bytes, {0, 0, 0, 1, std::string(runtime::max_kind_bytes, 'k'),
                      std::string(runtime::max_envelope_bytes, 'b')});
  FrameReader reader;
  reader.set_limit(max_data_frame);
  feed(reader, bytes);
  const auto frame = reader.next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_TRUE(read_data((*frame)->payload));
}

TEST(Frame, AHugeLengthIsRefusedBeforeRoomIsMade) {
  FrameReader reader;
  reader.set_limit(max_data_frame);
  feed(reader, std::string_view{"\x40\0\0\0", 4});
  EXPECT_EQ(reader.next().error().code, Errc::corrupt);
  EXPECT_LE(reader.room().size(), FrameReader::read_bytes);
}

TEST(Frame, StrangersAreHeardOnlyBriefly) {
  std::string bytes;
  append_data(bytes, {0, 0, 0, 1, "k", std::string(max_hello_frame, 'x')});
  FrameReader reader;
  feed(reader, bytes);
  EXPECT_EQ(reader.next().error().code, Errc::corrupt);
}

TEST(Frame, GarbageIsCorruptOrWaitsForMore) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random{seed};
    std::string bytes(random() % 200, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    if (bytes.size() > 5 && seed % 2 == 0) { // a plausible frame with garbage in it
      bytes.replace(0, 3, 3, '\0');
      bytes[4] = static_cast<char>(1 + seed % 6);
    }
    FrameReader reader;
    feed(reader, bytes);
    for (auto frame = reader.next(); frame && *frame; frame = reader.next()) {
      (void)read_hello((*frame)->payload);
      (void)read_data((*frame)->payload);
      (void)read_credit((*frame)->payload);
      (void)read_refusal((*frame)->payload);
    }
  }
}

TEST(Frame, EveryHelloThatIsCutShortIsCorrupt) {
  std::string bytes;
  append_hello(bytes, FrameType::hello, some_hello());
  const auto payload = std::string_view{bytes}.substr(5);
  for (std::size_t size = 6; size < payload.size(); ++size)
    EXPECT_FALSE(read_hello(payload.substr(0, size))) << size;
  EXPECT_FALSE(read_hello(std::string{payload} + "x"));
}

} // namespace
} // namespace graphrag::cluster
