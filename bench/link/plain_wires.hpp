#pragma once
// Wires without TLS, to see what TLS costs. They prove nothing of who is there: for measuring only.
#include <memory>

namespace graphrag::cluster {
class WireMaker;
}

namespace graphrag::bench {

std::shared_ptr<cluster::WireMaker> make_plain_wires();

} // namespace graphrag::bench
