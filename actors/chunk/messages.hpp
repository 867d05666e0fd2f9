#pragma once
// Messages to the followers of the log (chunk and entity actors).
#include <memory>

#include <caf/all.hpp>

#include "actors/chunk/follower.hpp"

namespace graphrag::chunk {

// What a commit changed: a hint, sent by the commit actor to every follower.
using LogBatchPtr = std::shared_ptr<const LogBatch>;

// The log has a number that another node gave it: read at once.
using log_grew_atom = caf::atom_constant<caf::atom("loggrew")>;

// A loader has published a group of collections: catch up with it.
using adopt_atom = caf::atom_constant<caf::atom("adopt")>;

// To itself: look whether a hint was lost.
using poll_atom = caf::atom_constant<caf::atom("poll")>;
inline constexpr auto poll_interval = std::chrono::milliseconds(200);

} // namespace graphrag::chunk

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::chunk::LogBatchPtr)
