#pragma once
// Proof, before any document is parsed, that the walls stand on this kernel.
#include "runtime/sandbox/parser_pool.hpp"

namespace graphrag::runtime::sandbox {

// Runs one child that tries what must fail. Error: unavailable, with what did not hold. Logs the
// protections in force, and as a warning those that the kernel does not have.
Result<ParserProtection> run_self_test(const ParserPoolOptions& options);

} // namespace graphrag::runtime::sandbox
