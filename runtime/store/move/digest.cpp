#include "runtime/store/move/digest.hpp"

#include <openssl/evp.h>

#include "runtime/check.hpp"
#include "runtime/hex.hpp"

namespace graphrag::runtime::move {

void Digest::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Digest::Digest() : context_(EVP_MD_CTX_new()) {
  RUNTIME_CHECK(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1,
                "SHA-256 is not available");
}

void Digest::add(std::string_view bytes) {
  add(bytes.size());
  add_raw(bytes);
}

void Digest::add_raw(std::string_view bytes) {
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Digest::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(context_.get(), digest, &length);
  return to_hex({reinterpret_cast<const char*>(digest), length});
}

} // namespace graphrag::runtime::move
