#pragma once
// Messages to the followers of the log (chunk and entity actors).
#include <memory>

#include <caf/all.hpp>

#include "actors/chunk/follower.hpp"

namespace graphrag::chunk {

// What a commit changed: a hint, sent by the commit actor to every follower.
using LogBatchPtr = std::shared_ptr<const LogBatch>;

// To itself: look whether a hint was lost.
using poll_atom = caf::atom_constant<caf::atom("poll")>;
inline constexpr auto poll_interval = std::chrono::milliseconds(200);

} // namespace graphrag::chunk

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::chunk::LogBatchPtr)
