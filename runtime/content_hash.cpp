#include "runtime/content_hash.hpp"

#include <memory>

#include <openssl/evp.h>

#include "runtime/check.hpp"

namespace graphrag::runtime {

std::string content_hash(std::string_view bytes) { return content_hash(bytes, {}); }

std::string content_hash(std::string_view first, std::string_view second) {
  thread_local std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                               EVP_MD_CTX_free};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  bool ok = EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1 &&
            EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1 &&
            EVP_DigestUpdate(context.get(), second.data(), second.size()) == 1 &&
            EVP_DigestFinal_ex(context.get(), digest, &length) == 1;
  RUNTIME_CHECK(ok && length == 32, "SHA-256 is not available");
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(64);
  for (unsigned i = 0; i < length; ++i) {
    out.push_back(digits[digest[i] >> 4]);
    out.push_back(digits[digest[i] & 15]);
  }
  return out;
}

} // namespace graphrag::runtime
