#pragma once
// A budget whose spending outlives the process: one small file, replaced whole.
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/models/budget.hpp"

namespace graphrag::runtime::models {

class KeptBudget {
public:
  // Takes over what the file says; begins at nothing when there is none. corrupt when it cannot be
  // understood.
  static Result<std::shared_ptr<KeptBudget>> open(std::string file, BudgetLimits limits);
  const std::shared_ptr<Budget>& budget() const noexcept { return budget_; }
  // What was spent and reserved before this call is durable when it returns. Thread-safe; blocks;
  // calls that wait for one another share one write.
  Status save();

private:
  KeptBudget(std::string file, BudgetLimits limits);
  std::string file_;
  std::shared_ptr<Budget> budget_;
  std::atomic<std::uint64_t> asked_{0};
  std::mutex saving_;
  std::uint64_t saved_ = 0; // the last call of save() that the file covers
};

} // namespace graphrag::runtime::models
