#include "gateway/main/serve.hpp"

#include <cstdio>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/main/node.hpp"
#include "observability/log.hpp"
#include "runtime/lifecycle.hpp"

namespace graphrag {
namespace {

int report(const runtime::Error& error) {
  observability::log_error("cannot start", {{"error.code", runtime::to_string(error.code)},
                                            {"error.message", error.detail}});
  std::fprintf(stderr, "graphrag: %s\n", error.detail.c_str());
  return 1;
}

} // namespace

int serve(const runtime::ConfigSources& sources) {
  auto loaded = runtime::load_config(sources);
  if (!loaded) {
    for (const auto& problem : loaded.error())
      std::fprintf(stderr, "%s\n", to_string(problem).c_str());
    return 2;
  }
  const auto& config = *loaded;
  ::umask(077); // documents are nobody else's to read
  observability::configure_log(config.log);
  // Before any other thread exists: they all inherit the blocked signals.
  runtime::LifecycleOptions options;
  options.stop_deadline = config.drain_deadline + std::chrono::seconds(2);
  auto lifecycle = runtime::Lifecycle::start(options);
  if (!lifecycle) return report(lifecycle.error());
  auto node = Node::start(config);
  if (!node) return report(node.error());
  (*node)->on_give_up([&] { (*lifecycle)->request_stop(); });
  std::printf(
      "listening on http://%s (admin http://%s)\n",
      to_string(runtime::ListenAddress{config.listen.host, (*node)->port()}).c_str(),
      to_string(runtime::ListenAddress{config.admin_listen.host, (*node)->admin_port()}).c_str());
  std::fflush(stdout);
  (*lifecycle)->wait_for_stop();
  observability::log_info("stopping", {{"graphrag.drain_ms",
                                        static_cast<std::int64_t>(config.drain_deadline.count())}});
  bool clean = (*node)->stop(config.drain_deadline);
  observability::log_info("stopped", {{"graphrag.clean", clean}});
  // Not exit(): CAF's teardown may wait for ever on a leaked handle, and all that matters is
  // flushed.
  std::fflush(nullptr);
  _exit((*node)->gave_up() || !clean ? 1 : 0);
}

} // namespace graphrag
