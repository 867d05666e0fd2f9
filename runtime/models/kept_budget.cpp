#include "runtime/models/kept_budget.hpp"

#include <filesystem>

#include "runtime/store/files.hpp"

namespace graphrag::runtime::models {

KeptBudget::KeptBudget(std::string file, BudgetLimits limits)
    : file_(std::move(file)), budget_(std::make_shared<Budget>(limits)) {}

Result<std::shared_ptr<KeptBudget>> KeptBudget::open(std::string file, BudgetLimits limits) {
  std::shared_ptr<KeptBudget> kept{new KeptBudget{std::move(file), limits}};
  auto text = files::read_all(kept->file_);
  if (!text && text.error().code == Errc::not_found) return kept;
  if (!text) return tl::unexpected(text.error());
  if (auto read = kept->budget_->from_json(*text); !read) return tl::unexpected(read.error());
  return kept;
}

Status KeptBudget::save() {
  const auto mine = ++asked_;
  std::lock_guard lock{saving_};
  if (saved_ >= mine) return {}; // the write before this one began later than this call
  const auto covered = asked_.load();
  const auto fresh = file_ + ".new";
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored); // of a process that ended while it wrote
  if (auto written = files::write_synced(fresh, budget_->to_json()); !written) return written;
  if (auto renamed = files::rename(fresh, file_); !renamed) return renamed;
  auto synced = files::sync_folder(std::filesystem::path{file_}.parent_path().string());
  if (synced) saved_ = covered;
  return synced;
}

} // namespace graphrag::runtime::models
