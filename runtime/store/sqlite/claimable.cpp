// Queued documents for workers to choose from.
#include "runtime/store/rules/claim_rounds.hpp"
#include "runtime/store/sqlite/sqlite_store.hpp"

namespace graphrag::runtime::sqlite {

Result<std::vector<Claimable>> SqliteStore::claimable(std::size_t per_collection, std::size_t limit,
                                                      std::span<const std::string> busy) {
  return read([&](Connection& connection) -> Result<std::vector<Claimable>> {
    std::vector<Claimable> found;
    auto collections = connection.query("SELECT name FROM collections ORDER BY name");
    while (collections.next()) {
      auto name = collections.text(0);
      auto queued = connection.query(
          "SELECT id, epoch, updated_ms, owner FROM documents INDEXED BY documents_unfinished "
          "WHERE collection = ?1 AND state = 0 AND state <> 1 ORDER BY updated_ms, id",
          name);
      for (std::size_t taken = 0; taken < per_collection && queued.next();) {
        if (!is_free_of(queued.text(3), busy)) continue;
        found.push_back(
            {{name, queued.text(0)}, queued.number(1), queued.integer(2), queued.text(3)});
        ++taken;
      }
    }
    return in_rounds(std::move(found), limit);
  });
}

} // namespace graphrag::runtime::sqlite
