#pragma once
// A store by its URL. postgresql:// and postgres:// give the PostgreSQL adapter. No error and no
// log ever shows the URL: it may hold a password.
#include "runtime/store/store.hpp"

namespace graphrag::runtime {

struct StoreAddress {
  std::string url;
  // A file whose first line is the password; then the URL has none. Empty: none is needed, or it is
  // in the URL, or libpq finds it (PGPASSWORD, ~/.pgpass).
  std::string password_file;
};

// The address as libpq takes it, with the password: also for open_postgres_blobs and
// open_postgres_member_rows. invalid_argument says what is wrong with it; nothing is connected.
Result<std::string> database_url(const StoreAddress& address);

// invalid_argument for an address that is none; else as open_postgres_store, which see for what is
// the default: 20 connections and 30 more under load, waited for 30 s, replaced after an hour.
Result<std::unique_ptr<Store>> open_store(const StoreAddress& address,
                                          std::shared_ptr<const Clock> clock = nullptr);

} // namespace graphrag::runtime
