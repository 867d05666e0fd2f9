// The network that tests of clusters use does what it says.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "tests/support/eventually.hpp"
#include "tests/support/test_network.hpp"

namespace graphrag::test {
namespace {

using std::chrono::milliseconds;
constexpr unsigned short port = 4000;

// A socket for datagrams at a place.
class Talker {
public:
  Talker(const TestNetwork& network, std::size_t place) {
    const InNamespace there{network.place(place)};
    fd_.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto own = at(place);
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
      throw std::runtime_error("no socket at place " + std::to_string(place));
  }
  void tell(std::size_t place, const std::string& text) const {
    const auto to = at(place);
    EXPECT_EQ(::sendto(fd_.get(), text.data(), text.size(), 0,
                       reinterpret_cast<const sockaddr*>(&to), sizeof to),
              static_cast<ssize_t>(text.size()));
  }
  std::string heard() const { // nothing: nobody said anything
    char text[100];
    const auto size = ::recv(fd_.get(), text, sizeof text, 0);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : "";
  }
  bool hears(const std::string& text) const {
    return eventually([&] { return heard() == text; }, std::chrono::seconds(20));
  }

private:
  static sockaddr_in at(std::size_t place) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, TestNetwork::address(place).c_str(), &out.sin_addr);
    return out;
  }
  runtime::UniqueFd fd_;
};

class TestNetworkTest : public ::testing::Test {
protected:
  void SetUp() override {
    if (const auto why = TestNetwork::why_not(); !why.empty()) GTEST_SKIP() << why;
    network = std::make_unique<TestNetwork>(3);
    for (std::size_t i = 0; i < 3; ++i) talkers.push_back(std::make_unique<Talker>(*network, i));
  }
  std::unique_ptr<TestNetwork> network;
  std::vector<std::unique_ptr<Talker>> talkers;
};

TEST_F(TestNetworkTest, CarriesWhatIsSaidBetweenAllPlaces) {
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 3; ++b) {
      talkers[a]->tell(b, "from " + std::to_string(a));
      EXPECT_TRUE(talkers[b]->hears("from " + std::to_string(a))) << a << " to " << b;
    }
  EXPECT_EQ(network->counted(0, 1).passed, 1U);
  EXPECT_EQ(network->counted(0, 1).cut, 0U);
}

TEST_F(TestNetworkTest, CutsOneDirectionAndHeals) {
  network->set(0, 1, {.cut = true});
  talkers[0]->tell(1, "nobody hears this");
  talkers[1]->tell(0, "the other way");
  talkers[0]->tell(2, "another line");
  EXPECT_TRUE(talkers[0]->hears("the other way"));
  EXPECT_TRUE(talkers[2]->hears("another line"));
  EXPECT_TRUE(eventually([&] { return network->counted(0, 1).cut == 1; }));
  network->heal();
  talkers[0]->tell(1, "again");
  EXPECT_TRUE(talkers[1]->hears("again")) << "and nothing before it";
}

TEST_F(TestNetworkTest, DelaysInOrderAndLosesItsShare) {
  network->set(0, 1, {.delay = milliseconds{50}, .jitter = milliseconds{40}});
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) talkers[0]->tell(1, std::to_string(i));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(talkers[1]->hears(std::to_string(i)));
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds{10});
  EXPECT_EQ(network->counted(0, 1).delayed, 20U);
  network->set(0, 1, {.loss = 0.5});
  for (int i = 0; i < 200; ++i) talkers[0]->tell(1, "x");
  EXPECT_TRUE(eventually([&] {
    const auto now = network->counted(0, 1);
    return now.passed + now.lost == 220;
  }));
  const auto lost = network->counted(0, 1).lost;
  EXPECT_GT(lost, 50U);
  EXPECT_LT(lost, 150U);
}

} // namespace
} // namespace graphrag::test
