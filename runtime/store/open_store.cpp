#include "runtime/store/open_store.hpp"

#include <postgresql/libpq-fe.h>

#include "runtime/store/files.hpp"
#include "runtime/store/postgres/postgres_store.hpp"

namespace graphrag::runtime {
namespace {

struct Parts {
  bool has_password = false;
};

// Nothing when libpq cannot read it, or when it reads a password that is not encoded as something
// else: a '@' or a '/' in one ends it, and the rest lands in the host, the port or the database. It
// would be shown in libpq's messages then, which are not passed on here for the same reason.
std::optional<Parts> parts_of(const std::string& url) {
  struct Free {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
  };
  std::unique_ptr<PQconninfoOption, Free> options(PQconninfoParse(url.c_str(), nullptr));
  if (!options) return std::nullopt;
  Parts parts;
  for (auto* option = options.get(); option->keyword; ++option) {
    if (!option->val) continue;
    std::string_view keyword = option->keyword;
    std::string_view value = option->val;
    if (keyword == "password") parts.has_password = true;
    if ((keyword == "host" || keyword == "dbname") && value.find('@') != value.npos)
      return std::nullopt;
    if (keyword == "port" && value.find_first_not_of("0123456789,") != value.npos)
      return std::nullopt;
  }
  return parts;
}

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

Result<std::string> password_in(const std::string& file) {
  auto text = files::read_all(file);
  if (!text) return fail(Errc::invalid_argument, "the password's file: " + text.error().detail);
  auto line = text->substr(0, text->find_first_of("\r\n"));
  if (line.empty() || line.find('\0') != std::string::npos)
    return fail(Errc::invalid_argument, "the first line of " + file + " is no password");
  return line;
}

} // namespace

Result<std::string> database_url(const StoreAddress& address) {
  const auto& url = address.url;
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
    return fail(Errc::invalid_argument,
                "the store's URL must begin with postgresql:// or postgres://");
  auto parts = parts_of(url);
  if (!parts)
    return fail(Errc::invalid_argument,
                "the store's URL is not of the form postgresql://user:password@host:port/database; "
                "other characters than letters and digits of a password are written as %XX");
  if (address.password_file.empty()) return url;
  if (parts->has_password)
    return fail(Errc::invalid_argument,
                "the store's password is given twice: in its URL and in a file");
  auto password = password_in(address.password_file);
  if (!password) return password;
  auto mark = url.find('?') == std::string::npos ? "?" : "&";
  return url + mark + "password=" + percent_encoded(*password);
}

Result<std::unique_ptr<Store>> open_store(const StoreAddress& address,
                                          std::shared_ptr<const Clock> clock) {
  auto url = database_url(address);
  if (!url) return tl::unexpected(url.error());
  PostgresOptions options;
  options.url = std::move(*url);
  options.clock = std::move(clock);
  return open_postgres_store(options);
}

} // namespace graphrag::runtime
