#pragma once
// What the backlog of vectors does when an endpoint fails: how long it is left alone, and who is
// set aside so that the others go on. Pure, under the caller's time; for one model. Nobody is set
// aside for good: endpoints are mended.
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"
#include "runtime/ids.hpp"

namespace graphrag {

class EndpointPatience {
public:
  // A document and its live version, or another piece of work by a name and a number.
  using Document = std::pair<runtime::DocumentKey, std::uint64_t>;

  static constexpr auto first_pause = std::chrono::seconds(1);
  static constexpr auto longest_pause = std::chrono::seconds(30);
  static constexpr auto document_aside = std::chrono::minutes(10);
  static constexpr auto collection_aside = std::chrono::seconds(30);
  static constexpr std::size_t max_aside = 1024;

  // A call for these documents, all of one collection, failed. The endpoint is away: nobody is
  // asked for a pause that doubles. It does not take the request (`invalid_argument`, `corrupt`):
  // besides, each of the documents is tried alone, and one that fails alone is set aside. It is
  // `overloaded`, which a spent budget is too: the collection is set aside.
  void failed(const runtime::Error& error, const std::vector<Document>& documents,
              runtime::SteadyTime now);
  void succeeded();

  runtime::SteadyTime again() const noexcept { return again_; } // nobody is asked before
  bool one_by_one() const noexcept { return alone_ > 0; }
  bool aside(const Document& document, runtime::SteadyTime now) const;

private:
  runtime::SteadyTime again_{};
  std::chrono::milliseconds pause_{0};
  std::size_t alone_ = 0;                             // documents that are still to be tried alone
  std::map<Document, runtime::SteadyTime> documents_; // set aside, until then
  std::map<std::string, runtime::SteadyTime> collections_; // the same
};

} // namespace graphrag
