#pragma once
// What is not well in a cluster, told from a member's answer at /api/v1/admin/cluster. Pure.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace graphrag::client {

// One sentence for each thing that is not well, safe for a terminal; none: all is well. Well is:
// the member that answered is ready, has a quorum and hears the database; everybody is up and
// reached; every shard is served by `replicas` members, with nothing under way, and no shard is
// without room. Only the planner knows of room. What an older server does not say is not judged.
std::vector<std::string> cluster_findings(const nlohmann::json& status);

} // namespace graphrag::client
