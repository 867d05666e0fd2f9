#pragma once
// Mutual TLS 1.3 for the link. A node has a certificate for its own name, good for both directions,
// and trusts one CA that signs for nothing else. The files are looked at again at every new
// connection, so a rotation needs no restart; connections that stand keep what they were made with.
#include <memory>
#include <string>

#include "runtime/error.hpp"

namespace graphrag::cluster {

class WireMaker;

struct TlsFiles { // PEM; may be symbolic links that are swapped
  std::string ca;
  std::string certificate; // the chain, the node's own first
  std::string key;
};

// Errors: invalid_argument, with what is wrong with which file. Later, a set of files that cannot
// be used is logged once and the set before it stays in use.
runtime::Result<std::shared_ptr<WireMaker>> make_tls_wires(TlsFiles files);

} // namespace graphrag::cluster
