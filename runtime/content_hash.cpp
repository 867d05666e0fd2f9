#include "runtime/content_hash.hpp"

#include <memory>

#include <openssl/evp.h>

#include "runtime/check.hpp"
#include "runtime/hex.hpp"

namespace graphrag::runtime {

struct ContentHasher::Context {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(digest); }
};

ContentHasher::ContentHasher() : context_(std::make_unique<Context>()) {
  RUNTIME_CHECK(EVP_DigestInit_ex(context_->digest, EVP_sha256(), nullptr) == 1,
                "SHA-256 is not available");
}
ContentHasher::~ContentHasher() = default;

void ContentHasher::add(std::string_view bytes) {
  RUNTIME_CHECK(EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()) == 1,
                "SHA-256 is not available");
}

std::string ContentHasher::finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  RUNTIME_CHECK(EVP_DigestFinal_ex(context_->digest, digest, &length) == 1 && length == 32,
                "SHA-256 is not available");
  return to_hex({reinterpret_cast<const char*>(digest), length});
}

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
  return to_hex({reinterpret_cast<const char*>(digest), length});
}

} // namespace graphrag::runtime
