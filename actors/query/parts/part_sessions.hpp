#pragma once
// The answering side of questions over parts of a collection: bytes come in, bytes go out, whoever
// carries them. A session begins with a question's first round and ends when the asker releases it,
// after an error, or when the question's time is up.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "actors/query/parts/part_session.hpp"
#include "runtime/clock.hpp"

namespace graphrag::query::parts {

struct SessionLimits {
  std::size_t sessions = 256;                // beyond it openings are refused as overloaded
  std::chrono::milliseconds longest{60'000}; // however much time the asker says is left
};

// Thread-safe; several questions are answered at once, rounds of one question one by one.
class PartSessions {
public:
  // The index of a collection, or null when there is none here.
  using Find = std::function<std::shared_ptr<const chunk::CollectionIndex>(const std::string&)>;
  PartSessions(Find find, std::shared_ptr<const runtime::Clock> clock, SessionLimits limits = {});

  // Answers one request; whatever is wrong is an answer too.
  std::string serve(std::string_view request);
  // Ends the sessions whose time is up. serve() does so too whenever it needs a place.
  void sweep();
  std::size_t size() const;

private:
  struct Held {
    std::mutex mutex; // one round at a time
    std::unique_ptr<PartSession> session;
    runtime::SteadyTime ends;
  };
  runtime::Result<Response> answer(const Request& request);
  runtime::Result<std::shared_ptr<Held>> open(std::uint64_t id, const Opening& opening);
  std::shared_ptr<Held> find(std::uint64_t id);
  void release(std::uint64_t id);
  void sweep_locked();

  const Find find_;
  const std::shared_ptr<const runtime::Clock> clock_;
  const SessionLimits limits_;
  mutable std::mutex mutex_; // of what is below
  std::unordered_map<std::uint64_t, std::shared_ptr<Held>> sessions_;
};

// The collection and the sequence number that a request wants to see, if it opens a session; so
// that who carries it can wait for that number first.
struct Wanted {
  std::string collection;
  std::vector<std::uint32_t> shards;
  std::uint64_t after = 0;
};
std::optional<Wanted> wanted_by(std::string_view request);

} // namespace graphrag::query::parts
