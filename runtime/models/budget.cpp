#include "runtime/models/budget.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "runtime/models/strict_json.hpp"

namespace graphrag::runtime::models {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

bool over(std::int64_t spent, std::int64_t more, std::optional<std::int64_t> limit) {
  return limit && add(spent, more) > *limit;
}

} // namespace

Budget::Reservation::Reservation(Reservation&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), collection_(std::move(other.collection_)),
      day_(other.day_), held_(other.held_) {}

Budget::Reservation& Budget::Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  settle({});
  budget_ = std::exchange(other.budget_, nullptr);
  collection_ = std::move(other.collection_);
  day_ = other.day_;
  held_ = other.held_;
  return *this;
}

void Budget::Reservation::settle(const Spend& spent) noexcept {
  auto* budget = std::exchange(budget_, nullptr);
  if (!budget) return;
  std::lock_guard lock{budget->mutex_};
  const auto found = budget->spent_.find(collection_);
  if (budget->day_ != day_ || found == budget->spent_.end()) return; // that day is over
  auto& now = found->second;
  now.tokens = add(std::max<std::int64_t>(0, now.tokens - held_.tokens), spent.tokens);
  now.micros = add(std::max<std::int64_t>(0, now.micros - held_.micros), spent.micros);
}

void Budget::set_limits(const std::string& collection, BudgetLimits limits) {
  std::lock_guard lock{mutex_};
  own_limits_[collection] = limits;
}

// A clock that is set back over midnight does not bring a spent budget back; one that was wrong by
// more than a day does not freeze it.
void Budget::turn_to(std::int64_t wall_ms) {
  const auto day = wall_ms / day_ms;
  if (day == day_ || day == day_ - 1) return;
  day_ = day;
  spent_.clear();
}

Result<Budget::Reservation> Budget::reserve(const std::string& collection, const Spend& most,
                                            std::int64_t wall_ms) {
  std::lock_guard lock{mutex_};
  turn_to(wall_ms);
  const auto own = own_limits_.find(collection);
  const auto& limits = own == own_limits_.end() ? limits_ : own->second;
  const auto known = spent_.find(collection);
  const auto now = known == spent_.end() ? Spend{} : known->second;
  if (over(now.tokens, most.tokens, limits.tokens))
    return fail(Errc::overloaded, "the collection's tokens for models are spent for today");
  if (over(now.micros, most.micros, limits.micros))
    return fail(Errc::overloaded, "the collection's money for models is spent for today");
  spent_[collection] = now + most;
  Reservation reservation;
  reservation.budget_ = this;
  reservation.collection_ = collection;
  reservation.day_ = day_;
  reservation.held_ = most;
  return reservation;
}

Spend Budget::spent(const std::string& collection, std::int64_t wall_ms) {
  std::lock_guard lock{mutex_};
  turn_to(wall_ms);
  const auto found = spent_.find(collection);
  return found == spent_.end() ? Spend{} : found->second;
}

std::string Budget::to_json() const {
  nlohmann::json spent = nlohmann::json::object();
  std::lock_guard lock{mutex_};
  for (const auto& [collection, sum] : spent_)
    spent[collection] = {{"tokens", sum.tokens}, {"micros", sum.micros}};
  return to_text({{"version", 1}, {"day", day_}, {"spent", std::move(spent)}});
}

Status Budget::from_json(std::string_view text) {
  const auto bad = fail(Errc::corrupt, "the kept state of the budget cannot be read");
  const auto json = parse_strict(text);
  if (!json || count_member(*json, "version") != 1) return bad;
  const auto day = count_member(*json, "day");
  const auto* all = member(*json, "spent");
  if (!day || !all || !all->is_object()) return bad;
  std::map<std::string, Spend> spent;
  for (const auto& [collection, sum] : all->items()) {
    const auto tokens = count_member(sum, "tokens"), micros = count_member(sum, "micros");
    if (!tokens || !micros) return bad;
    spent[collection] = {*tokens, *micros};
  }
  std::lock_guard lock{mutex_};
  day_ = *day;
  spent_ = std::move(spent);
  return {};
}

} // namespace graphrag::runtime::models
