#include "runtime/store/blobs/s3_credentials.hpp"

#include "runtime/store/files.hpp"

namespace graphrag::runtime {
namespace {

Status read_into(std::string& into, const std::string& file) {
  auto text = files::read_all(file);
  if (!text) return fail(Errc::invalid_argument, "keys for S3: cannot read " + file);
  constexpr auto space = " \t\r\n";
  const auto begin = text->find_first_not_of(space);
  if (begin == std::string::npos)
    return fail(Errc::invalid_argument, "keys for S3: there is nothing in " + file);
  into = text->substr(begin, text->find_last_not_of(space) + 1 - begin);
  return {};
}

} // namespace

Result<S3Credentials> find_s3_credentials(const S3KeyFiles& files,
                                          const std::function<const char*(const char*)>& variable) {
  S3Credentials out;
  const auto value = [&](const char* name) {
    const auto* text = variable(name);
    return std::string{text ? text : ""};
  };
  if (files.access_key.empty()) {
    out = {value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"), value("AWS_SESSION_TOKEN")};
    if (out.access_key.empty() || out.secret_key.empty())
      return fail(Errc::invalid_argument,
                  "keys for S3: no file is named for them, and AWS_ACCESS_KEY_ID and "
                  "AWS_SECRET_ACCESS_KEY are not both set");
    return out;
  }
  if (files.secret_key.empty())
    return fail(Errc::invalid_argument, "keys for S3: a file for the secret key is needed too");
  auto ok = read_into(out.access_key, files.access_key);
  if (ok) ok = read_into(out.secret_key, files.secret_key);
  if (ok && !files.session_token.empty()) ok = read_into(out.session_token, files.session_token);
  if (!ok) return tl::unexpected(ok.error());
  return out;
}

} // namespace graphrag::runtime
