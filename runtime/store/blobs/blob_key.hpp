#pragma once
// Keys of blobs: 16 hex digits at random (unique per put) and the 32 of xxh3_128 over the bytes, so
// that a key also proves what it names. Files stay plain, readable by any tool.
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace graphrag::runtime {

std::string make_blob_key(std::string_view bytes);
bool valid_blob_key(std::string_view key) noexcept; // also keeps paths inside the folder
// What put_as() refuses.
Status check_blob_key(std::string_view key, std::string_view bytes);
bool blob_matches_key(std::string_view key, std::string_view bytes) noexcept;

} // namespace graphrag::runtime
