#include "runtime/actor/end_reason.hpp"

#include <utility>

#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace graphrag::runtime {

namespace {

constexpr auto our_category = caf::atom("graphrag");
constexpr auto exit_category = caf::atom("exit");
constexpr auto system_category = caf::atom("system");

enum class Code : std::uint8_t { crash = 1, dependency, gave_up };

caf::error make(Code code, std::string what) {
  return {static_cast<std::uint8_t>(code), our_category, caf::make_message(std::move(what))};
}

bool is(const caf::error& reason, Code code) {
  return reason && reason.category() == our_category &&
         reason.code() == static_cast<std::uint8_t>(code);
}

std::string context_of(const caf::error& reason) {
  const auto& context = reason.context();
  if (context.size() == 1 && context.match_element<std::string>(0))
    return context.get_as<std::string>(0);
  return {};
}

} // namespace

caf::error crash_reason(std::string what) { return make(Code::crash, std::move(what)); }
caf::error dependency_reason(std::string what) { return make(Code::dependency, std::move(what)); }
caf::error gave_up_reason(std::string what) { return make(Code::gave_up, std::move(what)); }

bool is_gave_up(const caf::error& reason) { return is(reason, Code::gave_up); }

EndKind kind_of_end(const caf::error& reason) {
  if (!reason) return EndKind::normal;
  if (reason == caf::exit_reason::user_shutdown) return EndKind::shutdown;
  // Nobody held a handle any more: it can have no work left.
  if (reason == caf::exit_reason::unreachable) return EndKind::normal;
  if (is(reason, Code::dependency)) return EndKind::dependency;
  return EndKind::abnormal;
}

std::string describe_end(const caf::error& reason) {
  if (!reason) return "normal";
  const auto context = context_of(reason);
  if (reason.category() == our_category) {
    switch (static_cast<Code>(reason.code())) {
    case Code::crash:
      return context;
    case Code::dependency:
      return "waits for " + context;
    case Code::gave_up:
      return "gave up: " + context;
    }
  }
  std::string text;
  if (reason.category() == exit_category)
    text = to_string(static_cast<caf::exit_reason>(reason.code()));
  else if (reason.category() == system_category)
    text = to_string(static_cast<caf::sec>(reason.code()));
  else
    text = to_string(reason.category()) + " error " + std::to_string(reason.code());
  return context.empty() ? text : text + ": " + context;
}

} // namespace graphrag::runtime
