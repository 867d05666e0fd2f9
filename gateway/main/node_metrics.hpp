#pragma once
// Metrics of the store's backlog and of the indexes, read at scrape time.
#include <memory>

#include "actors/node_parts.hpp"

namespace graphrag {

void export_node_metrics(const NodePartsPtr& parts);

} // namespace graphrag
