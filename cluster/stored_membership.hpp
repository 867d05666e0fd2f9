#pragma once
// The MembershipStore on the rows of a store (runtime/store/member_rows.hpp): it codes bodies, and
// the rows do the rest. Calls end in the time that the rows were opened with, which should be
// Settings::database_timeout. `rows` may be shared, as far as its adapter is thread-safe.
#include <memory>

#include "cluster/membership_store.hpp"
#include "runtime/store/member_rows.hpp"

namespace graphrag::cluster {

std::unique_ptr<MembershipStore> make_stored_membership(std::shared_ptr<runtime::MemberRows> rows,
                                                        const Settings& settings);

} // namespace graphrag::cluster
