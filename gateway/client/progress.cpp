#include "gateway/client/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "gateway/client/text.hpp"

namespace graphrag::client {
namespace {

using Steady = std::chrono::steady_clock;
constexpr auto bar_pause = std::chrono::milliseconds(100);
constexpr auto plain_pause = std::chrono::seconds(2);
constexpr std::size_t bar_width = 30;

} // namespace

ProgressStyle progress_style(bool quiet) {
  if (quiet) return ProgressStyle::quiet;
  const char* term = std::getenv("TERM");
  bool dumb = term == nullptr || std::strcmp(term, "dumb") == 0;
  return ::isatty(STDERR_FILENO) == 1 && !dumb ? ProgressStyle::bar : ProgressStyle::plain;
}

Progress::Progress(ProgressStyle style, std::string what, std::uint64_t total)
    : style_(style), what_(std::move(what)), total_(total), begin_(Steady::now()), last_(begin_) {}

Progress::~Progress() { wipe(); }

void Progress::update(std::uint64_t done, const std::string& note) {
  std::lock_guard lock{mutex_};
  auto now = Steady::now();
  bool last = done >= total_;
  auto pause = style_ == ProgressStyle::bar ? Steady::duration{bar_pause} : plain_pause;
  if (style_ == ProgressStyle::quiet || (!last && now - last_ < pause)) return;
  last_ = now;
  draw(done, note);
}

void Progress::draw(std::uint64_t done, const std::string& note) {
  auto text = what_ + " " + std::to_string(done) + "/" + std::to_string(total_);
  if (!note.empty()) text += ", " + note;
  auto seconds = std::chrono::duration<double>(last_ - begin_).count();
  if (done > 0 && done < total_ && seconds > 1)
    text +=
        ", " +
        human_seconds(seconds / static_cast<double>(done) * static_cast<double>(total_ - done)) +
        " left";
  if (style_ == ProgressStyle::plain) {
    std::fprintf(stderr, "%s\n", text.c_str());
    return;
  }
  auto filled =
      total_ == 0 ? bar_width : std::min<std::size_t>(bar_width, done * bar_width / total_);
  std::fprintf(stderr, "\r\033[K[%s%s] %s", std::string(filled, '#').c_str(),
               std::string(bar_width - filled, '.').c_str(), text.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::line(const std::string& text) {
  std::lock_guard lock{mutex_};
  if (style_ == ProgressStyle::quiet) return;
  wipe();
  std::fprintf(stderr, "%s\n", text.c_str());
}

void Progress::wipe() {
  if (drawn_) std::fprintf(stderr, "\r\033[K");
  drawn_ = false;
}

} // namespace graphrag::client
