#pragma once
// What a collection may spend on models in a day (UTC): reserved before a call, settled after it.
// Thread-safe, in memory; the caller keeps to_json() durably and gives it back at the next start.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/error.hpp"
#include "runtime/models/spend.hpp"

namespace graphrag::runtime::models {

struct BudgetLimits { // of one collection and day; nothing: no limit
  std::optional<std::int64_t> tokens, micros;
};

class Budget {
public:
  explicit Budget(BudgetLimits limits = {}) : limits_(limits) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // A part of the budget that one call holds. Gives all of it back when it goes away unsettled.
  // Must not outlive its budget.
  class Reservation {
  public:
    Reservation() = default; // of nothing
    Reservation(Reservation&& other) noexcept;
    Reservation& operator=(Reservation&& other) noexcept;
    ~Reservation() { settle({}); }
    // What the call has really spent, which may be more than was reserved: it is counted, and the
    // next call is refused. Counts for the day of the reservation. Only the first call counts.
    void settle(const Spend& spent) noexcept;

  private:
    friend class Budget;
    Budget* budget_ = nullptr;
    std::string collection_;
    std::int64_t day_ = 0;
    Spend held_;
  };

  // Limits of one collection instead of the common ones.
  void set_limits(const std::string& collection, BudgetLimits limits);
  // Errors: `overloaded` when the day's budget does not have that much left. `wall_ms` is Unix
  // time.
  Result<Reservation> reserve(const std::string& collection, const Spend& most,
                              std::int64_t wall_ms);
  // Spent and reserved by this collection today.
  Spend spent(const std::string& collection, std::int64_t wall_ms);

  // Reservations count as spent: a crash does not make them free.
  std::string to_json() const;
  // Takes the place of what is counted. `corrupt` when it is not what to_json() gave; then nothing
  // has changed.
  Status from_json(std::string_view text);

private:
  void turn_to(std::int64_t wall_ms);

  mutable std::mutex mutex_;
  BudgetLimits limits_;
  std::map<std::string, BudgetLimits> own_limits_;
  std::int64_t day_ = 0; // since 1970
  std::map<std::string, Spend> spent_;
};

} // namespace graphrag::runtime::models
