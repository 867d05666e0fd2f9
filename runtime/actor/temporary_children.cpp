#include <utility>

#include "observability/log.hpp"
#include "observability/metrics.hpp"
#include "runtime/actor/end_reason.hpp"
#include "runtime/actor/supervisor.hpp"

namespace graphrag::runtime {

TemporaryChildren::TemporaryChildren(caf::event_based_actor* owner, std::string kind,
                                     std::string path)
    : owner_(owner), kind_(std::move(kind)), path_(std::move(path)) {}

void TemporaryChildren::watch(const caf::actor& child) {
  // CAF does not fold monitors: a second one would mean a second down message.
  if (alive_.emplace(child.id(), child).second) owner_->monitor(child);
}

bool TemporaryChildren::on_down(const caf::down_msg& message) {
  if (alive_.erase(message.source.id()) == 0) return false;
  if (kind_of_end(message.reason) == EndKind::normal ||
      kind_of_end(message.reason) == EndKind::shutdown)
    return true;
  observability::counter("graphrag_actor_failures_total",
                         "Abnormal ends of temporary actors, which are not restarted.",
                         {{"kind", kind_}})
      .Increment();
  observability::log_warn("A temporary actor failed.",
                          {{"graphrag.actor.path", path_},
                           {"graphrag.actor.kind", kind_},
                           {"event.reason", describe_end(message.reason)}});
  return true;
}

bool TemporaryChildren::kill_one() {
  if (alive_.empty()) return false;
  owner_->send_exit(alive_.begin()->second, caf::exit_reason::kill);
  return true;
}

} // namespace graphrag::runtime
