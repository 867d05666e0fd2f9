#pragma once
// The first flight of a batch: begins the transaction, takes the locks, loads the rows.
#include "runtime/store/postgres/draft.hpp"

namespace graphrag::runtime::postgres {

struct Times {
  Milliseconds statement{30'000}; // of one statement at the server
  Milliseconds flight{35'000};    // until all answers of a flight are here
};

// What is set for a transaction that reads, and for it alone.
void set_for_reading(std::vector<Statement>& flight, const Times& times, Plans plans);
// How a transaction begins: its kind, and what is set for it.
void begin_reading(std::vector<Statement>& flight, const Times& times, Plans plans = Plans::fresh);
void begin_writing(std::vector<Statement>& flight, const Times& times);
void take_locks(std::vector<Statement>& flight, const std::vector<Lock>& locks);

// Leaves the transaction open. False when the connection failed; it says why.
bool load(Connection& connection, const Touched& touched, const std::vector<Lock>& locks,
          std::int64_t replies_now_ms, const Times& times, Draft& draft);

} // namespace graphrag::runtime::postgres
