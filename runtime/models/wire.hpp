#pragma once
// What the readers of answers share. Pure.
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "runtime/error.hpp"
#include "runtime/models/spend.hpp"

namespace graphrag::runtime::models {

// In models/, `corrupt` means one thing: an answer failed its checks and nothing of it is used. The
// detail begins with "invalid answer: " and never repeats the answer.
tl::unexpected<Error> invalid_answer(const std::string& why);

// The `usage` of an answer; nothing when it is absent or cannot be true (negative, above a
// billion).
std::optional<Usage> read_usage(const nlohmann::json& answer);

} // namespace graphrag::runtime::models
