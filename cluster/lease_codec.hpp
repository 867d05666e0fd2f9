#pragma once
// What a member says in its row, as bytes: msgpack with a wire version. Its name, its lease's end
// and what it needs of the log are columns of the row: no field can be added here, since nodes of
// the release before would take the row for corrupt. Decoding believes nothing: `corrupt` as in
// view_codec.hpp.
#include <string>
#include <string_view>

#include "cluster/lease_table.hpp"
#include "runtime/error.hpp"

namespace graphrag::cluster {

inline constexpr std::uint32_t lease_wire_version = 1;
inline constexpr std::size_t max_lease_bytes = 16 * 1024;

std::string encode_lease(const Lease& lease);
// Without the node, the end and needed_after, which are the caller's to fill in.
runtime::Result<Lease> decode_lease(std::string_view bytes);

} // namespace graphrag::cluster
