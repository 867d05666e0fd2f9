#include "gateway/main/node_metrics.hpp"

#include "actors/chunk/embedding/encoders.hpp"
#include "actors/document/backlog.hpp"
#include "observability/metrics.hpp"

namespace graphrag {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

struct Family {
  MetricFamily family;
  Family(std::string name, std::string help) {
    family.name = std::move(name);
    family.help = std::move(help);
    family.type = prometheus::MetricType::Gauge;
  }
  void add(double value, std::vector<ClientMetric::Label> labels = {}) {
    ClientMetric metric;
    metric.gauge.value = value;
    metric.label = std::move(labels);
    family.metric.push_back(std::move(metric));
  }
};

std::vector<MetricFamily> collect(const NodePartsPtr& parts) {
  Family backlog{"graphrag_ingest_backlog_documents",
                 "Accepted documents that wait for their work."};
  backlog.add(static_cast<double>(parts->backlog->total()));
  Family applied{"graphrag_view_applied_sequence",
                 "Sequence number that a follower of the store has applied."};
  Family vectors{"graphrag_vector_backlog_documents",
                 "Live documents without vectors of the active encoder, as last counted."};
  vectors.add(static_cast<double>(parts->encoders->backlog()));
  Family community_backlog{"graphrag_community_backlog_documents",
                           "Changed documents that communities do not show yet."};
  Family communities{"graphrag_communities", "Communities of entities that are shown."};
  Family community_bytes{"graphrag_community_bytes", "Estimated memory of communities."};
  std::map<std::uint32_t, std::size_t> by_level;
  entity::CommunityProgress grouped;
  auto& views = *parts->views;
  for (std::uint32_t i = 0; i < views.shards(); ++i)
    applied.add(static_cast<double>(views.board().progress(i).applied),
                {{"follower", "chunk-" + std::to_string(i)}});
  applied.add(static_cast<double>(views.board().progress(views.entity_follower()).applied),
              {{"follower", "entity"}});
  // Sums over collections: a collection is a tenant, and tenants are no metric labels.
  chunk::IndexStats sum;
  std::uint64_t collections = 0;
  for (const auto& name : views.names()) {
    auto found = views.find(name);
    if (!found.index) continue;
    auto stats = found.index->stats();
    ++collections;
    sum.documents += stats.documents;
    sum.chunks += stats.chunks;
    sum.dead_chunks += stats.dead_chunks;
    sum.terms += stats.terms;
    sum.names += stats.names;
    sum.bytes += stats.bytes;
    sum.vectors += stats.vectors;
    const auto& grouping = found.entities->communities();
    const auto progress = grouping.progress();
    grouped.queued += progress.queued;
    grouped.bytes += progress.bytes;
    for (const auto& placed : grouping.snapshot()->communities) ++by_level[placed.info->level];
  }
  Family counts{"graphrag_index_items", "What the indexes of this node hold."};
  counts.add(static_cast<double>(collections), {{"item", "collection"}});
  counts.add(static_cast<double>(sum.documents), {{"item", "document"}});
  counts.add(static_cast<double>(sum.chunks), {{"item", "chunk"}});
  counts.add(static_cast<double>(sum.dead_chunks), {{"item", "dead_chunk"}});
  counts.add(static_cast<double>(sum.terms), {{"item", "term"}});
  counts.add(static_cast<double>(sum.names), {{"item", "name"}});
  counts.add(static_cast<double>(sum.vectors), {{"item", "vector"}});
  Family bytes{"graphrag_index_bytes", "Estimated memory of the indexes of this node."};
  bytes.add(static_cast<double>(sum.bytes));
  community_backlog.add(static_cast<double>(grouped.queued));
  community_bytes.add(static_cast<double>(grouped.bytes));
  for (const auto& [level, count] : by_level)
    communities.add(static_cast<double>(count), {{"level", std::to_string(level)}});
  return {backlog.family, vectors.family,     applied.family,           counts.family,
          bytes.family,   communities.family, community_backlog.family, community_bytes.family};
}

} // namespace

void export_node_metrics(const NodePartsPtr& parts) {
  observability::add_collector([parts] { return collect(parts); });
}

} // namespace graphrag
