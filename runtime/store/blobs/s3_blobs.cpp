#include "runtime/store/blobs/s3_blobs.hpp"

#include <algorithm>
#include <charconv>

#include "observability/log.hpp"
#include "runtime/content_hash.hpp"
#include "runtime/store/blobs/blob_key.hpp"
#include "runtime/store/blobs/s3_upload.hpp"

namespace graphrag::runtime {
namespace s3 {
namespace {

constexpr std::uint64_t largest_blob = 10'000ULL * part_bytes;
constexpr std::size_t most_reserved = 1U << 30; // the rest only as it comes

struct Range {
  std::uint64_t first = 0, last = 0, total = 0;
};

// "bytes 0-99/1234"
std::optional<Range> parse_range(std::string_view text) {
  if (!text.starts_with("bytes ")) return std::nullopt;
  text.remove_prefix(6);
  Range out;
  const auto number = [&](std::uint64_t& into, std::string_view after) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.starts_with(after)) return false;
    text.remove_prefix(after.size());
    return true;
  };
  if (!number(out.first, "-") || !number(out.last, "/") || !number(out.total, "")) return {};
  if (!text.empty() || out.first > out.last || out.last >= out.total) return std::nullopt;
  return out;
}

class S3Blobs final : public BlobStore {
public:
  S3Blobs(std::unique_ptr<Session> session, std::string prefix)
      : session_(std::move(session)), prefix_(std::move(prefix)) {
    if (!prefix_.empty() && !prefix_.ends_with('/')) prefix_ += '/';
  }

  Status ask_once() const {
    auto page = list_page("", "1");
    if (page) return {};
    const auto code = page.error().code == Errc::io ? Errc::invalid_argument : page.error().code;
    return fail(code, "blobs in S3: " + page.error().detail);
  }

  Result<std::string> put(std::string_view bytes) override {
    auto key = make_blob_key(bytes);
    if (auto ok = put_object(*session_, prefix_ + key, bytes); !ok)
      return tl::unexpected(ok.error());
    return key;
  }

  Status put_as(std::string_view key, std::string_view bytes) override {
    if (auto ok = check_blob_key(key, bytes); !ok) return ok;
    return put_object(*session_, prefix_ + std::string{key}, bytes);
  }

  Result<std::string> get(std::string_view key) override {
    if (!valid_blob_key(key)) return fail(Errc::not_found, "no such blob");
    std::string bytes;
    std::string sha256; // as the object's metadata has it
    for (std::uint64_t total = 1; bytes.size() < total;) {
      auto answer = read_part(key, bytes.size());
      if (!answer) return tl::unexpected(answer.error());
      const auto& response = answer->response;
      if (bytes.empty()) sha256 = response.header("x-amz-meta-sha256").value_or("");
      if (response.status == 206) {
        const auto range = parse_range(response.header("content-range").value_or(""));
        if (!range || range->first != bytes.size() || range->total > largest_blob ||
            range->last - range->first + 1 != response.body.size() ||
            (total != 1 && range->total != total))
          return garbled();
        total = range->total;
      } else if (bytes.empty()) {
        total = response.body.size(); // the server does not know ranges, or the blob is empty
      } else {
        return garbled();
      }
      if (bytes.empty()) bytes.reserve(std::min<std::uint64_t>(total, most_reserved));
      bytes += response.body;
    }
    if (!blob_matches_key(key, bytes))
      return fail(Errc::corrupt, "the blob's bytes do not match its key");
    if (!sha256.empty() && sha256 != content_hash(bytes))
      return fail(Errc::corrupt, "the blob's bytes do not match its SHA-256");
    return bytes;
  }

  Status remove(std::string_view key) override {
    if (!valid_blob_key(key)) return {};
    return remove_object(*session_, prefix_ + std::string{key});
  }

  Result<std::vector<std::string>> list() override {
    std::vector<std::string> keys;
    auto ok = each_page([&](const Page& page) -> Status {
      for (const auto& object : page.listing.objects)
        if (ours(object.name)) keys.push_back(object.name.substr(prefix_.size()));
      return {};
    });
    if (!ok) return tl::unexpected(ok.error());
    return keys;
  }

  Result<std::size_t> sweep(std::chrono::seconds min_age,
                            const std::function<bool(const std::string&)>& named) override {
    std::size_t removed = 0;
    auto ok = each_page([&](const Page& page) -> Status {
      for (const auto& object : page.listing.objects) {
        if (!ours(object.name) || object.modified > page.now - min_age.count()) continue;
        if (named(object.name.substr(prefix_.size()))) continue;
        if (auto gone = remove_object(*session_, object.name); !gone) return gone;
        ++removed;
      }
      return {};
    });
    if (ok) ok = sweep_uploads(min_age, removed);
    if (!ok) return tl::unexpected(ok.error());
    return removed;
  }

private:
  struct Page {
    Listing listing;
    std::int64_t now = 0; // at the server
  };

  bool ours(std::string_view name) const {
    return name.starts_with(prefix_) && valid_blob_key(name.substr(prefix_.size()));
  }

  tl::unexpected<Error> garbled() const {
    return fail(Errc::io, session_->where() + ": the server answered another range than asked for");
  }

  // Of the Date header, which leaves out the part of a second that times of objects may have.
  std::int64_t now_of(const http::Response& response) const {
    const auto date = parse_http_date(response.header("date").value_or(""));
    return date ? *date + 1 : session_->unix_seconds();
  }

  // An empty object has no first byte to begin a range with; its key tells that it is one.
  Result<Answer> read_part(std::string_view key, std::size_t first) const {
    Call call{.object = prefix_ + std::string{key}};
    if (!blob_matches_key(key, ""))
      call.headers = {{"range", "bytes=" + std::to_string(first) + "-" +
                                    std::to_string(first + part_bytes - 1)}};
    auto answer = session_->send(std::move(call));
    if (answer && answer->response.status == 416)
      return fail(Errc::corrupt, "the blob is shorter than it was");
    if (answer && !answer->ok()) return tl::unexpected(session_->error_of(*answer));
    return answer;
  }

  Result<Page> list_page(const std::string& token, const std::string& most = "1000") const {
    sigv4::Pairs query{{"list-type", "2"}, {"delimiter", "/"}, {"max-keys", most}};
    if (!prefix_.empty()) query.emplace_back("prefix", prefix_);
    if (!token.empty()) query.emplace_back("continuation-token", token);
    auto answer = session_->send({.query = std::move(query)});
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->ok()) return tl::unexpected(session_->error_of(*answer));
    auto listing = parse_listing(answer->response.body);
    if (!listing)
      return fail(listing.error().code, session_->where() + ": " + listing.error().detail);
    return Page{std::move(*listing), now_of(answer->response)};
  }

  Status each_page(const std::function<Status(const Page&)>& each) const {
    std::string token;
    do {
      auto page = list_page(token);
      if (!page) return tl::unexpected(page.error());
      if (auto ok = each(*page); !ok) return ok;
      if (!token.empty() && page->listing.next == token)
        return fail(Errc::io, session_->where() + ": the list of objects goes round in a circle");
      token = std::move(page->listing.next);
    } while (!token.empty());
    return {};
  }

  // Uploads that a crash left. Servers that cannot list them (501) have none that we could end.
  Status sweep_uploads(std::chrono::seconds min_age, std::size_t& removed) const {
    std::string name, id;
    for (;;) {
      sigv4::Pairs query{{"uploads", ""}};
      if (!prefix_.empty()) query.emplace_back("prefix", prefix_);
      if (!name.empty()) query.emplace_back("key-marker", name);
      if (!id.empty()) query.emplace_back("upload-id-marker", id);
      auto answer = session_->send({.query = std::move(query)});
      if (!answer) return tl::unexpected(answer.error());
      if (answer->response.status == 501) return {};
      if (!answer->ok()) return tl::unexpected(session_->error_of(*answer));
      auto page = parse_uploads(answer->response.body);
      if (!page) return fail(page.error().code, session_->where() + ": " + page.error().detail);
      for (const auto& upload : page->uploads) {
        if (!ours(upload.name) || upload.initiated > now_of(answer->response) - min_age.count())
          continue;
        if (auto ok = abort_upload(*session_, upload.name, upload.id); !ok) return ok;
        ++removed;
      }
      if (!page->more) return {};
      if (page->next_name.empty() || (page->next_name == name && page->next_id == id))
        return fail(Errc::io, session_->where() + ": the list of uploads goes round in a circle");
      name = std::move(page->next_name);
      id = std::move(page->next_id);
    }
  }

  const std::unique_ptr<Session> session_;
  std::string prefix_; // empty, or with a '/' at its end
};

} // namespace
} // namespace s3

Result<std::unique_ptr<BlobStore>> open_s3_blobs(const S3Options& options, S3Parts parts) {
  auto session = s3::Session::make(options, std::move(parts));
  if (!session) return tl::unexpected(session.error());
  auto blobs = std::make_unique<s3::S3Blobs>(std::move(*session), options.prefix);
  if (auto ok = blobs->ask_once(); !ok) {
    const bool away = ok.error().code == Errc::unavailable || ok.error().code == Errc::timeout;
    if (!away || !options.may_be_away) return tl::unexpected(ok.error());
    observability::log_warn("original files cannot be reached now",
                            {{"error.message", ok.error().detail}});
  }
  return blobs;
}

} // namespace graphrag::runtime
