#include "actors/query/parts/part_sessions.hpp"

#include <algorithm>

namespace graphrag::query::parts {

using runtime::Errc;
using runtime::fail;

PartSessions::PartSessions(Find find, std::shared_ptr<const runtime::Clock> clock,
                           SessionLimits limits)
    : find_(std::move(find)), clock_(std::move(clock)), limits_(limits) {}

std::string PartSessions::serve(std::string_view bytes) {
  const auto request = unpack_request(bytes);
  if (!request) return pack(request.error());
  const auto response = answer(*request);
  return response ? pack(*response) : pack(response.error());
}

runtime::Result<Response> PartSessions::answer(const Request& request) {
  if (request.release) {
    release(request.session);
    return Response{};
  }
  const auto id = request.session;
  auto held = find(id);
  if (request.opens) {
    if (held) return fail(Errc::conflict, "the session has begun already");
    auto opened = open(id, request.opening);
    if (!opened) return tl::unexpected(opened.error());
    held = std::move(*opened);
  }
  if (!held) return fail(Errc::lost, "the session has ended");
  std::lock_guard lock{held->mutex};
  auto response = held->session->answer(request);
  if (response) {
    response->session = id;
  } else {
    release(id); // nobody goes on after an error
  }
  return response;
}

runtime::Result<std::shared_ptr<PartSessions::Held>> PartSessions::open(std::uint64_t id,
                                                                        const Opening& opening) {
  const auto overloaded = [] { return fail(Errc::overloaded, "too many questions at once"); };
  {
    std::lock_guard lock{mutex_};
    if (sessions_.size() >= limits_.sessions) sweep_locked();
    if (sessions_.size() >= limits_.sessions) return overloaded();
  }
  auto index = find_(opening.collection);
  if (!index) return fail(Errc::not_found, "no such collection");
  auto session = PartSession::open(std::move(index), opening);
  if (!session) return tl::unexpected(session.error());
  auto held = std::make_shared<Held>();
  held->session = std::move(*session);
  const auto longest = static_cast<std::uint64_t>(limits_.longest.count());
  held->ends = clock_->now() + std::chrono::milliseconds{std::min(opening.left_ms, longest)};
  std::lock_guard lock{mutex_};
  if (sessions_.size() >= limits_.sessions) return overloaded();
  if (!sessions_.emplace(id, held).second)
    return fail(Errc::conflict, "the session has begun already");
  return held;
}

std::shared_ptr<PartSessions::Held> PartSessions::find(std::uint64_t id) {
  std::lock_guard lock{mutex_};
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return nullptr;
  if (found->second->ends > clock_->now()) return found->second;
  sessions_.erase(found);
  return nullptr;
}

void PartSessions::release(std::uint64_t id) {
  std::shared_ptr<Held> last; // freed outside of the lock
  std::lock_guard lock{mutex_};
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  last = std::move(found->second);
  sessions_.erase(found);
}

void PartSessions::sweep() {
  std::lock_guard lock{mutex_};
  sweep_locked();
}

void PartSessions::sweep_locked() {
  const auto now = clock_->now();
  std::erase_if(sessions_, [&](const auto& held) { return held.second->ends <= now; });
}

std::size_t PartSessions::size() const {
  std::lock_guard lock{mutex_};
  return sessions_.size();
}

std::optional<Wanted> wanted_by(std::string_view bytes) {
  auto request = unpack_request(bytes);
  if (!request || request->release || !request->opens) return std::nullopt;
  return Wanted{std::move(request->opening.collection), std::move(request->opening.shards),
                request->opening.after};
}

} // namespace graphrag::query::parts
