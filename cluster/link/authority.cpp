#include "cluster/link/authority.hpp"

#include <cstdio>

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "cluster/identity.hpp"

namespace graphrag::cluster {
namespace {

namespace fs = std::filesystem;
using runtime::Errc;
using runtime::fail;

bool extend(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = ::X509_add_ext(certificate, extension, -1) == 1;
  ::X509_EXTENSION_free(extension);
  return added;
}

template <class Write>
runtime::Status write_file(const fs::path& path, Write write) {
  const fs::path next = path.string() + ".next";
  std::error_code ignored;
  fs::remove(next, ignored);
  const int descriptor = ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  std::FILE* file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "wb");
  if (file == nullptr) {
    if (descriptor >= 0) ::close(descriptor);
    return fail(Errc::io, "cannot write " + next.string());
  }
  const bool written = write(file) == 1;
  if ((std::fclose(file) != 0) | !written) return fail(Errc::io, "cannot write " + next.string());
  std::error_code failed;
  fs::rename(next, path, failed);
  if (failed) return fail(Errc::io, "cannot write " + path.string() + ": " + failed.message());
  return {};
}

} // namespace

Authority::Certificate Authority::fill(EVP_PKEY* key, const std::string& name, X509_NAME* issuer,
                                       std::chrono::seconds valid) {
  Certificate made{::X509_new()};
  if (!made || key == nullptr) return nullptr;
  ::X509_set_version(made.get(), 2);
  ::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(made.get()), random_number() >> 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(made.get()), -3600); // clocks may differ
  ::X509_gmtime_adj(::X509_getm_notAfter(made.get()), static_cast<long>(valid.count()));
  auto* subject = ::X509_get_subject_name(made.get());
  ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  ::X509_set_issuer_name(made.get(), issuer != nullptr ? issuer : subject);
  ::X509_set_pubkey(made.get(), key);
  return made;
}

runtime::Result<Authority> Authority::make(const std::string& name, std::chrono::seconds valid) {
  Authority out;
  out.key_.reset(EVP_EC_gen("P-256"));
  out.certificate_ = fill(out.key_.get(), name, nullptr, valid);
  auto* certificate = out.certificate_.get();
  if (certificate == nullptr || !extend(certificate, NID_basic_constraints, "critical,CA:TRUE") ||
      !extend(certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      ::X509_sign(certificate, out.key_.get(), ::EVP_sha256()) == 0)
    return fail(Errc::io, "an authority could not be made");
  return out;
}

runtime::Status Authority::issue(const fs::path& folder, const std::string& dns_name,
                                 std::chrono::seconds valid) const {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return fail(Errc::io, folder.string() + ": " + failed.message());
  const Key key{EVP_EC_gen("P-256")};
  const auto leaf = fill(key.get(), "a node", ::X509_get_subject_name(certificate_.get()), valid);
  if (!leaf || !extend(leaf.get(), NID_subject_alt_name, "DNS:" + dns_name) ||
      !extend(leaf.get(), NID_ext_key_usage, "serverAuth,clientAuth") ||
      ::X509_sign(leaf.get(), key_.get(), ::EVP_sha256()) == 0)
    return fail(Errc::invalid_argument, "no certificate could be made for " + dns_name);
  auto done = write_file(folder / "ca.pem", [&](std::FILE* file) {
    return ::PEM_write_X509(file, certificate_.get());
  });
  if (!done) return done;
  done = write_file(folder / "node.pem",
                    [&](std::FILE* file) { return ::PEM_write_X509(file, leaf.get()); });
  if (!done) return done;
  return write_file(folder / "node.key", [&](std::FILE* file) {
    return ::PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

} // namespace graphrag::cluster
