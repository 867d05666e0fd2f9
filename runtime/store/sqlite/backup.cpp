// Online backup: one consistent copy, made beside running writes.
#include <filesystem>
#include <sqlite3.h>

#include "runtime/store/files.hpp"
#include "runtime/store/sqlite/sqlite_store.hpp"

namespace graphrag::runtime::sqlite {
namespace {

// One step copies everything as of one point in time; WAL lets writers go on meanwhile.
Status copy(Connection& from, Connection& to) {
  auto* backup = sqlite3_backup_init(to.raw(), "main", from.raw(), "main");
  if (backup) {
    sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
  }
  to.fail_with(sqlite3_errcode(to.raw()));
  // A plain file that needs nothing beside it; the store turns the WAL on again when it opens it.
  to.exec("PRAGMA journal_mode = DELETE");
  if (auto error = to.take_error()) return tl::unexpected(std::move(*error));
  return {};
}

Status copy_to(const std::string& source, const std::string& target) {
  auto from = open_reader(source);
  if (!from) return tl::unexpected(from.error());
  auto to = Connection::open(target, Access::read_write);
  if (!to) return tl::unexpected(to.error());
  return copy(**from, **to);
}

} // namespace

Status SqliteStore::backup_to(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(file, error)) return fail(Errc::already_exists, file + " exists");
  auto partial = file + ".partial";
  fs::remove(partial, error);
  auto ok = copy_to(file_, partial);
  if (ok) ok = files::rename(partial, file);
  if (!ok) {
    fs::remove(partial, error);
    return ok;
  }
  auto folder = fs::path(file).parent_path().string();
  return files::sync_folder(folder.empty() ? "." : folder);
}

} // namespace graphrag::runtime::sqlite
