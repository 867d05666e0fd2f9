#pragma once
// Who goes first when there is more to do than cores. Questions are answered at normal priority;
// work that nobody waits for at this moment yields to them.

namespace graphrag::runtime {

inline constexpr int follower_nice = 5;    // bringing views up to date: writers wait for it
inline constexpr int background_nice = 10; // analysis of documents
inline constexpr int enrichment_nice = 15; // vectors, which documents do without for a while

// Lowers the calling thread's priority (Linux keeps it per thread). Needs no privilege; a system
// that refuses leaves it as it is.
void yield_to_questions(int nice) noexcept;

} // namespace graphrag::runtime
