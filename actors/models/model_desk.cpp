#include "actors/models/model_desk.hpp"

#include "runtime/content_hash.hpp"

namespace graphrag {

std::string embedding_model_hash(const std::string& url, const std::string& name,
                                 std::uint32_t dimension, const TextPrefixes& prefixes) {
  auto identity = "endpoint\n" + url + "\n" + name + "\n" + std::to_string(dimension);
  // Without prefixes the hash is that of the time before there were any.
  if (!prefixes.question.empty() || !prefixes.passage.empty())
    identity += "\n" + std::to_string(prefixes.question.size()) + "\n" + prefixes.question +
                prefixes.passage;
  return runtime::content_hash(identity);
}

bool ModelDesk::submit(ModelWork work, Call call) const {
  if (!does(work)) return false;
  return line(work)->submit([port = port_, call = std::move(call)] { call(*port); });
}

} // namespace graphrag
