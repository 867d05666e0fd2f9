#pragma once
// A certificate authority for the nodes of one cluster, made for development and tests: a cluster
// in production has one of its own (docs/cluster-link.md). Its key is never written anywhere.
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "runtime/error.hpp"

namespace graphrag::cluster {

class Authority {
public:
  static runtime::Result<Authority> make(const std::string& name, std::chrono::seconds valid);

  // Writes ca.pem, node.pem and node.key (for its owner only) for a DNS name, each exchanged as a
  // whole. The folder is made when it is missing.
  runtime::Status issue(const std::filesystem::path& folder, const std::string& dns_name,
                        std::chrono::seconds valid) const;

private:
  struct Free {
    void operator()(EVP_PKEY* key) const noexcept { ::EVP_PKEY_free(key); }
    void operator()(X509* certificate) const noexcept { ::X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;
  Authority() = default;
  static Certificate fill(EVP_PKEY* key, const std::string& name, X509_NAME* issuer,
                          std::chrono::seconds valid);

  Key key_;
  Certificate certificate_;
};

} // namespace graphrag::cluster
