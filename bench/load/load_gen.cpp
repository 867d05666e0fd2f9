// Load generator: one thread, epoll. Open loop: requests have scheduled times, and latency counts
// from there, whether or not a connection was free (no coordinated omission). Closed loop: each
// connection asks again as soon as it has its answer. No body is sent twice.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <deque>
#include <fstream>
#include <memory>

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "bench/load/connection.hpp"
#include "bench/load/summary.hpp"
#include "gateway/client/url.hpp"

namespace graphrag::bench {
namespace {

using Steady = std::chrono::steady_clock;
using Time = Steady::time_point;

struct Options {
  std::string url = "http://127.0.0.1:8000", collection = "default", bodies, answers;
  double rate = 0, seconds = 10, warmup = 0, drain = 10;
  unsigned connections = 16;
  bool json = false;
};

double cpu_seconds() {
  ::rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const ::timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Document ids of the first ten results, as they stand in the answer (JSON-escaped).
std::string top_ten(std::string_view body) {
  constexpr std::string_view item = "{\"document_id\":\"";
  std::string out;
  auto at = body.find("\"results\":[");
  for (int i = 0; i < 10 && at != std::string_view::npos; ++i) {
    at = body.find(item, at);
    if (at == std::string_view::npos) break;
    at += item.size();
    auto end = at;
    while (end < body.size() && body[end] != '"') end += body[end] == '\\' ? 2 : 1;
    if (!out.empty()) out += ",";
    out.append("\"").append(body.substr(at, end - at)).append("\"");
  }
  return out;
}

class Generator {
public:
  Generator(Options options, client::Url url, std::vector<std::string> bodies)
      : options_(std::move(options)), url_(std::move(url)), bodies_(std::move(bodies)) {}
  ~Generator() {
    ::close(timer_);
    ::close(epoll_);
  }

  bool run() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    watch(timer_, EPOLLIN, ~0ULL);
    if (!options_.answers.empty()) answers_.open(options_.answers);
    for (unsigned i = 0; i < options_.connections; ++i) {
      slots_.push_back(std::make_unique<Slot>());
      if (!slots_.back()->connection.open(url_.host, url_.port)) return false;
      watch(slots_.back()->connection.fd(), EPOLLIN | EPOLLOUT | EPOLLET, i);
      idle_.push_back(i);
    }
    begin_ = Steady::now() + std::chrono::milliseconds(50);
    measure_from_ = after(options_.warmup);
    schedule_end_ = after(options_.warmup + options_.seconds);
    auto give_up = after(options_.warmup + options_.seconds + options_.drain);
    bool cpu_noted = false;
    double cpu = 0;
    while (true) {
      auto now = Steady::now();
      if (!cpu_noted && now >= measure_from_) {
        cpu_noted = true;
        cpu = cpu_seconds();
      }
      admit(now);
      if (in_flight_ == 0 && waiting_.empty() && nothing_to_come(now)) break;
      if (now >= give_up) break;
      wait(std::min(give_up, next_time(now)));
    }
    finish(cpu_seconds() - cpu);
    return true;
  }

  Summary summary;

private:
  struct Slot {
    Connection connection;
    Time scheduled;
    std::size_t body = 0;
  };

  Time after(double seconds) const {
    return begin_ +
           std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
  }
  bool open_loop() const { return options_.rate > 0; }
  Time arrival(std::size_t i) const { return after(static_cast<double>(i) / options_.rate); }
  bool nothing_to_come(Time now) const {
    if (next_ >= bodies_.size()) return true;
    return open_loop() ? arrival(next_) >= schedule_end_ : now >= schedule_end_;
  }
  Time next_time(Time now) const {
    if (nothing_to_come(now)) return Time::max();
    if (open_loop()) return arrival(next_);
    return idle_.empty() ? schedule_end_ : std::max(now, begin_);
  }

  void watch(int fd, std::uint32_t events, std::uint64_t tag) {
    ::epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  // Makes requests due, and gives them to connections that are free.
  void admit(Time now) {
    if (now < begin_) return;
    if (open_loop())
      while (!nothing_to_come(now) && arrival(next_) <= now) {
        waiting_.emplace_back(next_, arrival(next_));
        ++next_;
      }
    else
      while (waiting_.size() < idle_.size() && !nothing_to_come(now))
        waiting_.emplace_back(next_++, now);
    while (!waiting_.empty() && !idle_.empty()) {
      auto index = idle_.back();
      idle_.pop_back();
      auto& slot = *slots_[index];
      if (slot.connection.hung_up() && !reopen(index)) continue;
      std::tie(slot.body, slot.scheduled) = waiting_.front();
      waiting_.pop_front();
      ++in_flight_;
      slot.connection.start(request(bodies_[slot.body]));
      if (slot.connection.advance()) settle(index);
    }
  }

  std::string request(const std::string& body) const {
    return "POST " + url_.base + "/api/v1/collections/" +
           client::percent_encode(options_.collection) + "/query HTTP/1.1\r\nHost: " + url_.host +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  void wait(Time until) {
    ::itimerspec at{};
    auto since =
        std::chrono::duration_cast<std::chrono::nanoseconds>(until.time_since_epoch()).count();
    if (until != Time::max()) {
      at.it_value.tv_sec = since / 1'000'000'000;
      at.it_value.tv_nsec = std::max<long>(1, since % 1'000'000'000);
    }
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
    ::epoll_event events[256];
    int count = ::epoll_wait(epoll_, events, 256, 1000);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == ~0ULL) {
        std::uint64_t expirations = 0;
        if (::read(timer_, &expirations, sizeof expirations) < 0 && errno != EAGAIN) return;
        continue;
      }
      auto index = static_cast<unsigned>(events[i].data.u64);
      auto state = slots_[index]->connection.state();
      bool busy = state == Connection::State::writing || state == Connection::State::reading;
      if (busy && slots_[index]->connection.advance()) settle(index);
    }
  }

  void settle(unsigned index) {
    auto now = Steady::now();
    auto& slot = *slots_[index];
    --in_flight_;
    bool answered = slot.connection.state() != Connection::State::closed;
    if (slot.scheduled >= measure_from_) {
      if (answered) {
        const auto& reply = slot.connection.reply();
        ++summary.finished;
        ++summary.by_status[reply.status];
        summary.partial += reply.body.find("\"partial\":true") != std::string_view::npos;
        summary.latency_ms.push_back(
            std::chrono::duration<float, std::milli>(now - slot.scheduled).count());
        last_settled_ = now;
      } else {
        ++summary.broken;
      }
    }
    if (answered && answers_.is_open())
      answers_ << slot.body << "\t[" << top_ten(slot.connection.reply().body) << "]\n";
    if ((!answered || !slot.connection.reply().keep) && !reopen(index)) return;
    idle_.push_back(index);
  }

  // False: one connection fewer.
  bool reopen(unsigned index) {
    auto& connection = slots_[index]->connection;
    if (!connection.open(url_.host, url_.port)) return false;
    watch(connection.fd(), EPOLLIN | EPOLLOUT | EPOLLET, index);
    return true;
  }

  void finish(double cpu) {
    summary.open_loop = open_loop();
    summary.wanted_rate = options_.rate;
    // What never finished counts with the time that it has waited: leaving it out would flatter.
    auto stop = Steady::now();
    auto unfinished = [&](Time scheduled) {
      if (scheduled < measure_from_) return;
      ++summary.unfinished;
      summary.latency_ms.push_back(
          std::chrono::duration<float, std::milli>(stop - scheduled).count());
    };
    for (const auto& slot : slots_) {
      auto state = slot->connection.state();
      if (state == Connection::State::writing || state == Connection::State::reading)
        unfinished(slot->scheduled);
    }
    for (const auto& [body, scheduled] : waiting_) unfinished(scheduled);
    summary.generator_cpu_seconds = cpu;
    // The span in which work was offered, or as long as it took to get it done.
    auto end = std::max(last_settled_, std::min(schedule_end_, Steady::now()));
    summary.seconds = std::max(0.0, std::chrono::duration<double>(end - measure_from_).count());
  }

  Options options_;
  client::Url url_;
  std::vector<std::string> bodies_;
  int epoll_ = -1, timer_ = -1;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<unsigned> idle_;
  std::deque<std::pair<std::size_t, Time>> waiting_; // due, without a connection yet
  std::size_t next_ = 0, in_flight_ = 0;
  Time begin_, measure_from_, schedule_end_, last_settled_;
  std::ofstream answers_;
};

std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream in{path};
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Asks a running server questions and measures how it keeps up"};
  app.add_option("--url", options.url)->envname("GRAPHRAG_URL")->capture_default_str();
  app.add_option("--collection", options.collection)->capture_default_str();
  app.add_option("--bodies", options.bodies, "Bodies of queries, one JSON object a line")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--rate", options.rate, "Requests per second (open loop); 0 = closed loop")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Measured span")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--warmup", options.warmup, "Seconds before it, not measured")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--drain", options.drain, "Seconds to wait for the last answers")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--connections", options.connections)
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--answers", options.answers,
                 "Write 'line-number TAB [top ten ids]' for each answer");
  app.add_flag("--json", options.json);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto url = client::parse_url(options.url);
  auto bodies = read_lines(options.bodies);
  auto wanted = options.rate * (options.seconds + options.warmup);
  if (!url || bodies.empty() || wanted > static_cast<double>(bodies.size())) {
    std::fprintf(stderr, "%s\n",
                 !url ? url.error().detail.c_str()
                      : ("the run needs " + std::to_string(static_cast<std::uint64_t>(wanted)) +
                         " different bodies, there are " + std::to_string(bodies.size()))
                            .c_str());
    return 2;
  }
  Generator generator{options, *url, std::move(bodies)};
  if (!generator.run()) {
    std::fprintf(stderr, "%s cannot be reached\n", options.url.c_str());
    return 3;
  }
  auto errors = generator.summary.errors();
  print(std::move(generator.summary), options.json);
  return errors == 0 ? 0 : 1;
}

} // namespace
} // namespace graphrag::bench

int main(int argc, char** argv) { return graphrag::bench::run(argc, argv); }
