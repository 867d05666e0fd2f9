#include "gateway/http/session_registry.hpp"

#include "gateway/http/session.hpp"

namespace graphrag::gateway {

SessionRegistry::Admission SessionRegistry::admit(std::uint32_t limit, const std::string& client,
                                                  std::uint32_t client_limit) {
  std::lock_guard lock{mutex_};
  if (limit > 0 && places_ >= limit) return Admission::full;
  auto& of_client = clients_[client];
  if (client_limit > 0 && of_client >= client_limit) return Admission::client_full;
  ++of_client;
  ++places_;
  return Admission::admitted;
}

void SessionRegistry::leave(const std::string& client) {
  std::lock_guard lock{mutex_};
  --places_;
  const auto at = clients_.find(client);
  if (at != clients_.end() && --at->second == 0) clients_.erase(at);
}

bool SessionRegistry::add(const std::shared_ptr<Session>& session) {
  std::lock_guard lock{mutex_};
  if (released_) return false;
  sessions_.emplace(session.get(), session);
  return true;
}

std::vector<std::shared_ptr<Session>> SessionRegistry::release() {
  std::lock_guard lock{mutex_};
  released_ = true;
  std::vector<std::shared_ptr<Session>> out;
  for (auto& [key, session] : sessions_) out.push_back(std::move(session));
  sessions_.clear();
  return out;
}

void SessionRegistry::remove(Session* session) {
  std::shared_ptr<Session> last; // may be the last owner: ends outside the lock
  std::lock_guard lock{mutex_};
  const auto at = sessions_.find(session);
  if (at == sessions_.end()) return;
  last = std::move(at->second);
  sessions_.erase(at);
}

std::vector<std::shared_ptr<Session>> SessionRegistry::all() const {
  std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<Session>> out;
  out.reserve(sessions_.size());
  for (const auto& [key, session] : sessions_) out.push_back(session);
  return out;
}

std::vector<std::shared_ptr<Session>> SessionRegistry::due(std::int64_t now) const {
  std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<Session>> out;
  for (const auto& [key, session] : sessions_) {
    if (session->wake_at() <= now) out.push_back(session);
  }
  return out;
}

std::size_t SessionRegistry::count() const {
  std::lock_guard lock{mutex_};
  return places_;
}

} // namespace graphrag::gateway
