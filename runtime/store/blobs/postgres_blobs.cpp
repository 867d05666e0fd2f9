#include "runtime/store/blobs/postgres_blobs.hpp"

#include "runtime/store/blobs/blob_key.hpp"
#include "runtime/store/postgres/load.hpp"
#include "runtime/store/postgres/migrations.hpp"

namespace graphrag::runtime {
namespace postgres {
namespace {

constexpr std::size_t part_bytes = 1U << 20;
constexpr std::size_t parts_at_once = 4; // of a get
constexpr std::size_t most_parts = 1U << 14;
constexpr std::size_t swept_at_once = 256;

std::size_t parts_of(std::size_t bytes) { return (bytes + part_bytes - 1) / part_bytes; }

class PostgresBlobs final : public BlobStore {
public:
  explicit PostgresBlobs(const PostgresBlobOptions& options)
      : times_{options.statement, options.statement + std::chrono::seconds(5)},
        pool_(PoolOptions{.url = options.url,
                          .kept = options.connections,
                          .overflow = options.overflow,
                          .wait = options.wait,
                          .connecting = options.connecting}) {}

  Status prepare(Milliseconds deadline) { return migrate(pool_, deadline); }

  Result<std::string> put(std::string_view bytes) override {
    auto key = make_blob_key(bytes);
    if (auto ok = write(key, bytes); !ok) return tl::unexpected(ok.error());
    return key;
  }

  Status put_as(std::string_view key, std::string_view bytes) override {
    if (auto ok = check_blob_key(key, bytes); !ok) return ok;
    auto there = keys(Statement("SELECT key FROM blobs WHERE key = $1", key));
    if (!there) return tl::unexpected(there.error());
    if (!there->empty()) return {};
    return write(std::string(key), bytes);
  }

  // Parts never change, and the key proves the whole, so they need not be read in one transaction.
  Result<std::string> get(std::string_view key) override {
    if (!valid_blob_key(key)) return not_found();
    auto connection = pool_.borrow();
    if (!connection) return tl::unexpected(connection.error());
    std::string bytes;
    std::size_t parts = 1;
    for (std::size_t first = 0; first < parts; first += parts_at_once) {
      std::vector<Statement> flight;
      begin_reading(flight, times_);
      auto at = flight.size();
      flight.emplace_back("SELECT parts FROM blobs WHERE key = $1", key);
      flight.emplace_back("SELECT bytes FROM blob_parts WHERE key = $1 AND part >= $2 "
                          "AND part < $3 ORDER BY part",
                          key, first, first + parts_at_once);
      flight.emplace_back("COMMIT");
      auto answers = (*connection)->fly(flight, times_.flight);
      if (!answers) return failure_of(**connection);
      if ((*answers)[at].empty()) return not_found(); // or removed meanwhile
      parts = (*answers)[at][0].number(0);
      if (parts > most_parts) return fail(Errc::corrupt, "the blob's row has an impossible size");
      if (first == 0) bytes.reserve(parts * part_bytes);
      for (auto row : (*answers)[at + 1]) bytes += row.bytes(0);
    }
    if (!blob_matches_key(key, bytes))
      return fail(Errc::corrupt, "the blob's bytes do not match its key");
    return bytes;
  }

  Status remove(std::string_view key) override {
    if (!valid_blob_key(key)) return {};
    auto removed = remove_all({std::string(key)});
    if (!removed) return tl::unexpected(removed.error());
    return {};
  }

  Result<std::vector<std::string>> list() override {
    return keys(Statement("SELECT key FROM blobs ORDER BY key"));
  }

  Result<std::size_t> sweep(std::chrono::seconds min_age,
                            const std::function<bool(const std::string&)>& named) override {
    auto old = keys(Statement("SELECT key FROM blobs WHERE made_at <= "
                              "clock_timestamp() - $1 * interval '1 second' ORDER BY key",
                              min_age.count()));
    if (!old) return tl::unexpected(old.error());
    std::size_t removed = 0;
    std::vector<std::string> unnamed;
    for (auto key = old->begin(); key != old->end(); ++key) {
      if (!named(*key)) unnamed.push_back(std::move(*key));
      if (unnamed.size() < swept_at_once && std::next(key) != old->end()) continue;
      auto some = remove_all(unnamed);
      if (!some) return some;
      removed += *some;
      unnamed.clear();
    }
    return removed;
  }

private:
  static tl::unexpected<Error> not_found() { return fail(Errc::not_found, "no such blob"); }
  static tl::unexpected<Error> failure_of(const Connection& connection) {
    return tl::unexpected<Error>(connection.failure().error); // the lease rolls back
  }

  Status write(const std::string& key, std::string_view bytes) {
    auto connection = pool_.borrow();
    if (!connection) return tl::unexpected(connection.error());
    if (parts_of(bytes.size()) > most_parts)
      return fail(Errc::invalid_argument, "too large for a blob");
    std::vector<Statement> flight;
    begin_writing(flight, times_);
    for (std::size_t part = 0; part < parts_of(bytes.size()); ++part) {
      flight.emplace_back("INSERT INTO blob_parts(key, part, bytes) VALUES($1, $2, $3)", key, part,
                          Bytes{bytes.substr(part * part_bytes, part_bytes)});
      if (part + 1 == parts_of(bytes.size())) break; // goes with the commit
      if (!(*connection)->fly(flight, times_.flight)) return failure_of(**connection);
      flight.clear();
    }
    flight.emplace_back("INSERT INTO blobs(key, parts, made_at) VALUES($1, $2, clock_timestamp())",
                        key, parts_of(bytes.size()));
    flight.emplace_back("COMMIT");
    if (!(*connection)->fly(flight, times_.flight)) return failure_of(**connection);
    return {};
  }

  Result<std::vector<std::string>> keys(Statement question) {
    auto connection = pool_.borrow();
    if (!connection) return tl::unexpected(connection.error());
    std::vector<Statement> flight;
    begin_reading(flight, times_);
    auto at = flight.size();
    flight.push_back(std::move(question));
    flight.emplace_back("COMMIT");
    auto answers = (*connection)->fly(flight, times_.flight);
    if (!answers) return failure_of(**connection);
    std::vector<std::string> out;
    for (auto row : (*answers)[at]) out.push_back(row.text(0));
    return out;
  }

  Result<std::size_t> remove_all(const std::vector<std::string>& blobs) {
    if (blobs.empty()) return 0;
    auto connection = pool_.borrow();
    if (!connection) return tl::unexpected(connection.error());
    std::vector<Statement> flight;
    begin_writing(flight, times_);
    auto at = flight.size();
    flight.emplace_back("DELETE FROM blobs WHERE key = ANY($1)", array_of(ArrayOf::text, blobs));
    flight.emplace_back("DELETE FROM blob_parts WHERE key = ANY($1)",
                        array_of(ArrayOf::text, blobs));
    flight.emplace_back("COMMIT");
    auto answers = (*connection)->fly(flight, times_.flight);
    if (!answers) return failure_of(**connection);
    return static_cast<std::size_t>((*answers)[at].changed_rows());
  }

  Times times_;
  Pool pool_;
};

} // namespace
} // namespace postgres

Result<std::unique_ptr<BlobStore>> open_postgres_blobs(const PostgresBlobOptions& options) {
  auto blobs = std::make_unique<postgres::PostgresBlobs>(options);
  if (auto ok = blobs->prepare(options.migrating); !ok) return tl::unexpected(ok.error());
  return blobs;
}

} // namespace graphrag::runtime
