#include "runtime/store/blobs/sigv4.hpp"

#include <algorithm>
#include <ctime>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "runtime/check.hpp"
#include "runtime/content_hash.hpp"
#include "runtime/hex.hpp"

namespace graphrag::runtime::sigv4 {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string hmac(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  const auto* ok =
      ::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &length);
  RUNTIME_CHECK(ok != nullptr && length == 32, "HMAC-SHA-256 is not available");
  return {reinterpret_cast<const char*>(digest), length};
}

// Without spaces at its ends, and one in place of several.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool space = c == ' ' || c == '\t';
    if (space && (out.empty() || out.back() == ' ')) continue;
    out.push_back(space ? ' ' : c);
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Names in lower case and sorted, values trimmed; those of one name joined in their order.
Pairs canonical_headers(const Pairs& headers) {
  Pairs out;
  for (const auto& [name, value] : headers) {
    std::string low = name;
    for (char& c : low)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const auto same = std::find_if(out.begin(), out.end(), [&](auto& h) { return h.first == low; });
    if (same == out.end())
      out.emplace_back(std::move(low), trimmed(value));
    else
      same->second += "," + trimmed(value);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string names_of(const Pairs& headers) {
  std::string out;
  for (const auto& [name, value] : headers) out += (out.empty() ? "" : ";") + name;
  return out;
}

} // namespace

std::string uri_encoded(std::string_view text, bool keep_slash) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out.push_back(c);
      continue;
    }
    out.push_back('%');
    out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

std::string query_text(const Pairs& query) {
  Pairs encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(uri_encoded(name, false), uri_encoded(value, false));
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

std::string timestamp(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts)};
}

std::string canonical_request(const Request& request) {
  const auto headers = canonical_headers(request.headers);
  std::string out = request.method + "\n" + uri_encoded(request.path, true) + "\n" +
                    query_text(request.query) + "\n";
  for (const auto& [name, value] : headers) out += name + ":" + value + "\n";
  return out + "\n" + names_of(headers) + "\n" + request.payload_hash;
}

std::string authorization(const Request& request, const Signer& signer, std::string_view time) {
  const std::string date{time.substr(0, 8)};
  const auto scope = date + "/" + signer.region + "/" + signer.service + "/aws4_request";
  std::string to_sign{algorithm};
  for (const auto& line : {std::string{time}, scope, content_hash(canonical_request(request))})
    to_sign.append("\n").append(line);
  const auto key =
      hmac(hmac(hmac(hmac("AWS4" + signer.secret_key, date), signer.region), signer.service),
           "aws4_request");
  std::string out{algorithm};
  out.append(" Credential=").append(signer.access_key).append("/").append(scope);
  out.append(", SignedHeaders=").append(names_of(canonical_headers(request.headers)));
  return out.append(", Signature=").append(to_hex(hmac(key, to_sign)));
}

} // namespace graphrag::runtime::sigv4
