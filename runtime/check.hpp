#pragma once
// RUNTIME_CHECK(condition, "what was broken"): an invariant of ours. It stays on in release
// builds; when it fails the process says why and aborts, since going on could lose data.
#include <cstdio>
#include <cstdlib>

#define RUNTIME_CHECK(condition, message)                                                          \
  do {                                                                                             \
    if (!(condition)) [[unlikely]] {                                                               \
      std::fprintf(stderr, "invariant broken at %s:%d: %s (%s)\n", __FILE__, __LINE__, message,    \
                   #condition);                                                                    \
      std::abort();                                                                                \
    }                                                                                              \
  } while (false)
