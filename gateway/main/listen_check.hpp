#pragma once
// Whether a node could listen, before it makes a folder or loads anything.
#include "runtime/config/config.hpp"
#include "runtime/error.hpp"

namespace graphrag {

// Tries each address that the configuration names, the link's too where there is a cluster. Leaves
// nothing bound, so a later bind may still fail. Errors: already_exists ("cannot listen on ...:
// Address already in use"), invalid_argument (not permitted, no address), io.
runtime::Status can_listen(const runtime::Config& config);

} // namespace graphrag
