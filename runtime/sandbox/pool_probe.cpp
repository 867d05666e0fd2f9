#include "runtime/sandbox/pool_probe.hpp"

namespace graphrag::runtime::sandbox {

using observability::counter;
using observability::gauge;

PoolProbe::PoolProbe()
    : queued_(gauge("graphrag_parser_queued", "Documents that wait for a parser's child.")),
      refused_(counter("graphrag_parser_refused_total",
                       "Documents refused because the parsers' queue was at its bound.")),
      failed_starts_(counter("graphrag_parser_failed_starts_total",
                             "Parser's children that ended before they were ready.")),
      seconds_(observability::histogram("graphrag_parser_seconds",
                                        "Time of one document in a parser's child.",
                                        observability::duration_buckets())) {
  const char* names[] = {"starting", "idle", "busy", "ending"};
  for (std::size_t i = 0; i < 4; ++i)
    children_[i] =
        &gauge("graphrag_parser_children", "Parser's children by state.", {{"state", names[i]}});
}

void PoolProbe::finished(const ParserOutcome& outcome, const std::string& format) {
  counter("graphrag_parser_outcomes_total", "Documents given to parser's children, by outcome.",
          {{"outcome", std::string(to_string(outcome.kind))},
           {"format", format.empty() ? "other" : format}})
      .Increment();
  seconds_.Observe(std::chrono::duration<double>(outcome.took).count());
}

} // namespace graphrag::runtime::sandbox
