#include "cluster/node/node_status.hpp"

namespace graphrag::cluster {

const char* to_string(Phase phase) noexcept {
  switch (phase) {
  case Phase::waiting:
    return "waiting";
  case Phase::joining:
    return "joining";
  case Phase::up:
    return "up";
  case Phase::leaving:
    return "leaving";
  case Phase::left:
    return "left";
  case Phase::fenced:
    return "fenced";
  }
  return "unknown";
}

const char* to_string(MemberState state) noexcept {
  switch (state) {
  case MemberState::joining:
    return "joining";
  case MemberState::up:
    return "up";
  case MemberState::leaving:
    return "leaving";
  }
  return "unknown";
}

} // namespace graphrag::cluster
