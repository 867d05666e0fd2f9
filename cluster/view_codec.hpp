#pragma once
// A view as bytes: msgpack with a wire version, as it stands in the database's row. Decoding
// believes nothing: wrong types, unsorted or doubled members, owners who are no members, or sizes
// beyond the bounds are `corrupt`; another wire version is `invalid_argument`.
#include <string>
#include <string_view>

#include "cluster/cluster_view.hpp"
#include "runtime/error.hpp"

namespace graphrag::cluster {

inline constexpr std::uint32_t view_wire_version = 1;
inline constexpr std::size_t max_members = 256;
inline constexpr std::size_t max_address_bytes = 256;
inline constexpr std::size_t max_view_bytes = 128 * 1024;

std::string encode_view(const ClusterView& view);
runtime::Result<ClusterView> decode_view(std::string_view bytes);

} // namespace graphrag::cluster
