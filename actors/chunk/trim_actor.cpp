#include "actors/chunk/trim_actor.hpp"

#include <algorithm>

#include "observability/log.hpp"
#include "runtime/actor/promise.hpp"

namespace graphrag::chunk {
namespace {

using tick_atom = caf::atom_constant<caf::atom("tick")>;
using ended_atom = caf::atom_constant<caf::atom("ended")>;

constexpr auto trim_interval = std::chrono::minutes(1);

} // namespace

caf::behavior TrimActor::make_behavior() {
  delayed_send(this, trim_interval, tick_atom::value);
  return {
      [this](tick_atom) {
        look();
        delayed_send(this, trim_interval, tick_atom::value);
      },
      [this](trim_atom) { look(); },
      [this](ended_atom, std::uint64_t number) { ended(number); },
  };
}

void TrimActor::look() {
  rule_.said(node_->clock->now(), left_behind_());
  const auto number = rule_.may_go();
  if (busy_ || number <= trimmed_) return;
  busy_ = true;
  runtime::Promise<void> done{
      [self = caf::actor_cast<caf::actor>(this), number](const runtime::Result<void>& status) {
        if (!status)
          observability::log_warn("deletions cannot be forgotten; tried again",
                                  {{"error.code", runtime::to_string(status.error().code)},
                                   {"error.message", status.error().detail}});
        caf::anon_send(self, ended_atom::value, status ? number : std::uint64_t{0});
      }};
  node_->io->submit(
      [done, number, store = node_->store] { done.fulfil(store->trim_changes(number)); });
}

void TrimActor::ended(std::uint64_t number) {
  busy_ = false;
  trimmed_ = std::max(trimmed_, number);
}

} // namespace graphrag::chunk
