#include <cstdio>
#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include "actors/document/job_actor.hpp"
#include "gateway/client/api.hpp"
#include "gateway/main/fsck_compare.hpp"
#include "gateway/main/offline.hpp"
#include "gateway/main/offline_blobs.hpp"
#include "gateway/main/offline_folder.hpp"
#include "runtime/store/blobs/postgres_blobs.hpp"
#include "runtime/store/move/blob_copy.hpp"
#include "runtime/store/move/comparison.hpp"
#include "runtime/store/move/row_copy.hpp"
#include "runtime/store/open_store.hpp"

namespace graphrag {
namespace {

using nlohmann::json;
using runtime::Errc;
using runtime::Result;
using runtime::Status;
namespace move = runtime::move;

Result<std::unique_ptr<runtime::BlobStore>> open_target(const MoveOptions& options,
                                                        const std::string& database) {
  if (options.blobs == "store") {
    if (!options.blobs_values.empty())
      return runtime::fail(Errc::invalid_argument, "--set goes with --blobs-to s3://");
    return runtime::open_postgres_blobs({.url = database});
  }
  return open_s3(options.blobs, options.blobs_values);
}

Result<std::set<std::string>> named_blobs(runtime::Store& store) {
  auto rows = store.blobs();
  if (!rows) return tl::unexpected(rows.error());
  auto jobs = store.jobs(std::numeric_limits<std::int64_t>::max());
  if (!jobs) return tl::unexpected(jobs.error());
  std::set<std::string> named(rows->begin(), rows->end());
  for (const auto& job : *jobs)
    if (auto input = document::input_blob(job); !input.empty()) named.insert(std::move(input));
  return named;
}

class Move {
public:
  Move(const MoveOptions& options, std::unique_ptr<runtime::DataDir> dir)
      : options_(options), dir_(std::move(dir)) {}

  Status run() {
    for (auto step : {&Move::open_source, &Move::open_target_side, &Move::look_at_target,
                      &Move::copy, &Move::compare, &Move::compare_facts})
      if (auto ok = (this->*step)(); !ok) return ok;
    return {};
  }

  int print() const {
    options_.json ? print_json() : print_lines();
    return findings_.empty() ? client::exit_ok : client::exit_findings;
  }

private:
  Status open_source() {
    auto store = runtime::open_sqlite_store({dir_->file("graphrag.db"), 2, 0});
    if (!store) return tl::unexpected(store.error());
    source_ = std::move(*store);
    auto blobs = runtime::open_folder_blobs(dir_->file("blobs"));
    if (!blobs) return tl::unexpected(blobs.error());
    source_blobs_ = std::move(*blobs);
    auto named = named_blobs(*source_);
    if (!named) return tl::unexpected(named.error());
    named_ = std::move(*named);
    return {};
  }

  Status open_target_side() {
    const runtime::StoreAddress address{options_.url, options_.password_file};
    auto url = runtime::database_url(address);
    if (!url) return tl::unexpected(url.error());
    database_ = std::move(*url);
    auto store = runtime::open_store(address);
    if (!store) return tl::unexpected(store.error());
    target_ = std::move(*store);
    auto blobs = open_target(options_, database_);
    if (!blobs) return tl::unexpected(blobs.error());
    target_blobs_ = std::move(*blobs);
    return {};
  }

  // A target that has rows may be what an earlier run finished; the comparison tells.
  Status look_at_target() {
    auto empty = move::is_empty(database_);
    if (!empty) return tl::unexpected(empty.error());
    there_already_ = !*empty;
    if (*empty) return {};
    auto here = source_->last_seq(), there = target_->last_seq();
    if (!here) return tl::unexpected(here.error());
    if (!there) return tl::unexpected(there.error());
    if (*here == *there) return {};
    return runtime::fail(Errc::conflict,
                         "the database is not empty, and not a copy of this store as it is now");
  }

  // Originals first: no row may name one that is not there.
  Status copy() {
    if (there_already_) return {};
    auto blobs = move::copy_blobs(named_, *source_blobs_, *target_blobs_);
    if (!blobs) return tl::unexpected(blobs.error());
    blobs_ = *blobs;
    auto rows = move::copy_rows(dir_->file("graphrag.db"), database_);
    if (!rows) return tl::unexpected(rows.error());
    rows_ = rows->rows;
    return {};
  }

  Status compare() {
    auto before = move::contents_of(*source_);
    if (!before) return tl::unexpected(before.error());
    auto after = move::contents_of(*target_);
    if (!after) return tl::unexpected(after.error());
    before_ = std::move(*before);
    after_ = std::move(*after);
    for (const auto& [name, content] : before_.collections)
      if (!same(name)) findings_.push_back("collection " + name + " differs");
    for (const auto& [name, content] : after_.collections)
      if (!before_.collections.contains(name))
        findings_.push_back("collection " + name + " is in the database only");
    if (before_.rest != after_.rest || before_.last_seq != after_.last_seq)
      findings_.emplace_back("the log, the models or jobs of no collection differ");
    auto table = move::differing_table(dir_->file("graphrag.db"), database_);
    if (!table) return tl::unexpected(table.error());
    if (!table->empty()) findings_.push_back("the rows of " + *table + " differ");
    auto size = move::check_blobs(named_, *target_blobs_);
    if (size)
      blob_bytes_ = *size;
    else
      findings_.push_back(size.error().detail);
    auto damaged = target_->check();
    if (!damaged) return tl::unexpected(damaged.error());
    findings_.insert(findings_.end(), damaged->begin(), damaged->end());
    return {};
  }

  Status compare_facts() {
    if (!options_.compare) return {};
    FactComparer comparer{*target_blobs_};
    auto scanned = target_->scan_live([&](runtime::DocumentContent&& content) {
      const auto& key = content.record.key;
      if (auto difference = comparer.difference(content); !difference.empty())
        findings_.push_back(key.collection + "/" + key.id + ": " + difference);
      return true;
    });
    if (!scanned) return tl::unexpected(scanned.error());
    return {};
  }

  bool same(const std::string& name) const {
    const auto there = after_.collections.find(name);
    return there != after_.collections.end() && there->second == before_.collections.at(name);
  }

  void print_lines() const {
    for (const auto& [name, content] : before_.collections)
      std::printf("%s: %llu documents, %llu passages, %llu with vectors, %llu verdicts, %llu jobs, "
                  "sha256 %s: %s\n",
                  name.c_str(), static_cast<unsigned long long>(content.documents),
                  static_cast<unsigned long long>(content.chunks),
                  static_cast<unsigned long long>(content.vectors),
                  static_cast<unsigned long long>(content.verdicts),
                  static_cast<unsigned long long>(content.jobs),
                  content.digest.substr(0, 16).c_str(), same(name) ? "the same" : "DIFFERENT");
    std::printf("%zu files of %llu bytes, %zu of them copied now; log number %llu\n", named_.size(),
                static_cast<unsigned long long>(blob_bytes_), blobs_.copied,
                static_cast<unsigned long long>(before_.last_seq));
    for (const auto& finding : findings_) std::printf("%s\n", finding.c_str());
    if (!findings_.empty())
      std::printf("%zu findings: do not use the database\n", findings_.size());
    else
      std::printf("%s, and both sides are the same\n",
                  there_already_ ? "it was copied before" : "copied");
  }

  void print_json() const {
    auto collections = json::object();
    for (const auto& [name, content] : before_.collections)
      collections[name] = {{"documents", content.documents},
                           {"chunks", content.chunks},
                           {"vectors", content.vectors},
                           {"verdicts", content.verdicts},
                           {"jobs", content.jobs},
                           {"digest", content.digest},
                           {"same", same(name)}};
    const json out{{"collections", collections},      {"rows", rows_},
                   {"blobs", named_.size()},          {"blobs_copied", blobs_.copied},
                   {"blob_bytes", blob_bytes_},       {"last_seq", before_.last_seq},
                   {"copied_before", there_already_}, {"findings", findings_}};
    std::printf("%s\n", out.dump().c_str());
  }

  const MoveOptions& options_;
  std::unique_ptr<runtime::DataDir> dir_;
  std::unique_ptr<runtime::Store> source_, target_;
  std::unique_ptr<runtime::BlobStore> source_blobs_, target_blobs_;
  std::set<std::string> named_;
  std::string database_; // with its password
  bool there_already_ = false;
  move::CopiedBlobs blobs_;
  std::uint64_t rows_ = 0, blob_bytes_ = 0;
  move::Contents before_, after_;
  std::vector<std::string> findings_;
};

} // namespace

int migrate_store(const MoveOptions& options) {
  auto dir = open_with_store(options.data_dir);
  if (!dir) return refuse(dir.error());
  Move move{options, std::move(*dir)};
  if (auto ok = move.run(); !ok) {
    std::fprintf(stderr, "graphrag: %s\n", ok.error().detail.c_str());
    return ok.error().code == Errc::invalid_argument ? client::exit_usage : client::exit_findings;
  }
  return move.print();
}

} // namespace graphrag
