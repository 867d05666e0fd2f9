#include "tests/support/client_history.hpp"

#include <array>
#include <ctime>

#include <nlohmann/json.hpp>

namespace graphrag::test {
namespace {

using SystemClock = std::chrono::system_clock;

std::string text_of(SystemClock::time_point time) {
  const auto seconds = SystemClock::to_time_t(time);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
  auto fraction = std::to_string(milliseconds + 1000).substr(1);
  return text.data() + fraction + "Z";
}

std::string dump(const nlohmann::ordered_json& line) {
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

void ClientHistory::note(const HeardAnswer& answer) {
  write(dump({{"at", text_of(answer.asked)},
              {"ms", answer.milliseconds},
              {"client", answer.client},
              {"request", answer.request},
              {"about", answer.about},
              {"gateway", answer.gateway},
              {"again", answer.again},
              {"status", answer.status},
              {"heard", answer.heard}}));
}

void ClientHistory::note(const std::string& event) {
  write(dump({{"at", text_of(SystemClock::now())}, {"event", event}}));
}

void ClientHistory::write(const std::string& line) {
  const std::lock_guard lock{mutex_};
  out_ << line << '\n';
}

void ClientHistory::flush() {
  const std::lock_guard lock{mutex_};
  out_.flush();
}

} // namespace graphrag::test
