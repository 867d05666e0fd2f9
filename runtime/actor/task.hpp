#pragma once
// A closure as a message: runs once, as a step of the actor that receives it. Whatever it owes it
// holds as a Promise: a task that never runs (its actor was killed) answers `lost` when it goes
// away.
#include <functional>
#include <memory>

#include <caf/all.hpp>

namespace graphrag::runtime {

using Task = std::shared_ptr<std::function<void()>>;

} // namespace graphrag::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::runtime::Task)
