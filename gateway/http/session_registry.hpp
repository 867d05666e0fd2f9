#pragma once
// The open connections of a listener: counts them against the limits, finds those whose deadline
// has come. Thread-safe.
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace graphrag::gateway {

class Session;

class SessionRegistry {
public:
  enum class Admission : std::uint8_t { admitted, full, client_full };
  // `client` is the unit of the limit per client. A limit of 0 does not limit.
  Admission admit(std::uint32_t limit, const std::string& client, std::uint32_t client_limit);
  // Gives back a place taken by admit() (also when no session was ever made).
  void leave(const std::string& client);

  bool add(const std::shared_ptr<Session>& session);
  void remove(Session* session);
  std::vector<std::shared_ptr<Session>> all() const;
  // All, and the registry owns none from now on: a session added later is refused (false).
  std::vector<std::shared_ptr<Session>> release();
  // Those that asked to be woken at or before `now` (nanoseconds of the steady clock).
  std::vector<std::shared_ptr<Session>> due(std::int64_t now) const;
  std::size_t count() const;

private:
  mutable std::mutex mutex_;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions_;
  std::unordered_map<std::string, std::uint32_t> clients_;
  std::size_t places_ = 0;
  bool released_ = false;
};

} // namespace graphrag::gateway
