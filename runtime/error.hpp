#pragma once
// The error values of runtime/ and the Result type used by every room. Expected failures are
// values; a broken invariant is RUNTIME_CHECK (check.hpp).
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace graphrag::runtime {

enum class Errc : std::uint8_t {
  not_found,           // no such document, collection, blob, job ...
  already_exists,      // a create found its name taken
  precondition_failed, // If-Match named another version
  stale_epoch,         // a write carried an epoch that is no longer the newest: fenced
  conflict,            // the state of the thing does not allow the change
  invalid_argument,    // the caller's value cannot be used; detail says which
  no_space,            // the disk (or a budget) is full; heals when space returns
  unavailable,         // a dependency is away; retry later
  timeout,             // the deadline passed
  overloaded,          // a bounded queue is at its bound
  canceled,            // given up on purpose: shutdown, or the caller left
  lost,                // the actor that should have answered ended without an answer
  corrupt,             // stored bytes failed their check
  io,                  // any other failure of the operating system or the database
};

// Stable lower-case name, such as "not_found"; used in logs and as a problem code.
std::string_view to_string(Errc code) noexcept;

struct Error {
  Errc code;
  std::string detail; // for a person; never holds a secret or a document's text
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(Errc code, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}

} // namespace graphrag::runtime
