#include "runtime/error.hpp"

namespace graphrag::runtime {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
  case Errc::not_found:
    return "not_found";
  case Errc::already_exists:
    return "already_exists";
  case Errc::precondition_failed:
    return "precondition_failed";
  case Errc::stale_epoch:
    return "stale_epoch";
  case Errc::conflict:
    return "conflict";
  case Errc::invalid_argument:
    return "invalid_argument";
  case Errc::no_space:
    return "no_space";
  case Errc::unavailable:
    return "unavailable";
  case Errc::timeout:
    return "timeout";
  case Errc::overloaded:
    return "overloaded";
  case Errc::canceled:
    return "canceled";
  case Errc::lost:
    return "lost";
  case Errc::corrupt:
    return "corrupt";
  case Errc::io:
    return "io";
  }
  return "unknown";
}

} // namespace graphrag::runtime
