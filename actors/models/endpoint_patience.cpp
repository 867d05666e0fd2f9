#include "actors/models/endpoint_patience.hpp"

#include <algorithm>

namespace graphrag {

using runtime::Errc;

void EndpointPatience::failed(const runtime::Error& error, const std::vector<Document>& documents,
                              runtime::SteadyTime now) {
  std::erase_if(documents_, [&](const auto& entry) { return entry.second <= now; });
  std::erase_if(collections_, [&](const auto& entry) { return entry.second <= now; });
  if (documents.empty()) return;
  if (error.code == Errc::overloaded) {
    collections_[documents.front().first.collection] = now + collection_aside;
    return;
  }
  pause_ = std::clamp<std::chrono::milliseconds>(pause_ * 2, first_pause, longest_pause);
  again_ = now + pause_;
  if (error.code != Errc::invalid_argument && error.code != Errc::corrupt) return;
  if (documents.size() > 1)
    alone_ = documents.size();
  else if (documents_.size() < max_aside)
    documents_[documents.front()] = now + document_aside;
  if (documents.size() == 1 && alone_ > 0) --alone_;
}

void EndpointPatience::succeeded() {
  pause_ = std::chrono::milliseconds{0};
  if (alone_ > 0) --alone_;
}

bool EndpointPatience::aside(const Document& document, runtime::SteadyTime now) const {
  const auto until = [&](const auto& map, const auto& key) {
    const auto found = map.find(key);
    return found != map.end() && found->second > now;
  };
  return until(collections_, document.first.collection) || until(documents_, document);
}

} // namespace graphrag
