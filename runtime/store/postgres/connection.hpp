#pragma once
// A connection to PostgreSQL with a deadline on everything. Statements go out in flights: all of a
// flight are sent before the first answer is waited for, so a flight costs one round trip however
// many statements it has (libpq's pipeline mode). One thread at a time.
//
// Behind a pooler, such as PgBouncer in transaction mode, a flight keeps nothing on the server that
// outlives its transaction: unnamed statements, settings local to the transaction, no session
// locks. Without one, the plans of statements that come again and again are kept (Plans::kept).
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"
#include "runtime/store/postgres/answer.hpp"
#include "runtime/store/postgres/statement.hpp"

struct pg_conn;

namespace graphrag::runtime::postgres {

using Milliseconds = std::chrono::milliseconds;

// Why a flight failed. `state` is the SQLSTATE, empty when the server said nothing.
struct Failure {
  Error error;
  std::string state;
  bool lost = false; // the connection is gone: what was sent last may or may not have been done
};

// What the SQLSTATE means for a caller of the store.
Errc code_of(std::string_view state);

// A collision with another transaction: the same transaction may do when it is tried again.
bool worth_another_try(const Failure& failure);

// Whether the server should keep the plans of a flight's statements: for lookups by key, whose plan
// is the same whatever their arguments are. As tables grow they are made anew, twice a second and
// after 1, 2, 4, 8 ... flights.
enum class Plans : std::uint8_t { fresh, kept };

class Connection {
public:
  // `url` is a libpq URL or keyword string. unavailable when nobody answers in time.
  static Result<std::unique_ptr<Connection>> open(const std::string& url, Milliseconds deadline);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends a flight and waits for all of its answers, one a statement. After a failure failure()
  // says why; the transaction that was open, if any, must be ended with roll_back().
  std::optional<std::vector<Answer>> fly(std::span<const Statement> flight, Milliseconds deadline,
                                         Plans plans = Plans::fresh);
  // One or more statements without arguments, as a script; the answers are thrown away.
  bool run_script(const std::string& sql, Milliseconds deadline);
  void roll_back();

  const Failure& failure() const { return failure_; }
  bool lost() const { return lost_; }
  // A look at the socket: false when the server has closed it meanwhile.
  bool looks_open() const;
  bool in_transaction() const;
  SteadyTime opened_at() const { return opened_at_; }

private:
  Connection() = default;

  struct Kept { // a plan
    std::string name;
    bool done = false;
    std::uint64_t asked_in = 0; // the flight
  };
  struct Sent {                // the server answers to these in order
    std::size_t statement = 0; // one behind the last: the order to make all plans anew
    Kept* kept = nullptr;      // not the statement, but the keeping of its plan
  };

  bool find_out_about_poolers(Milliseconds deadline);
  Kept* kept_for(const std::string& sql);
  bool wait(SteadyTime deadline);
  std::optional<std::vector<Sent>> send(std::span<const Statement> flight, Plans plans);
  void note_failure(const pg_result* result);
  void lose(std::string why);
  bool set_pipeline(bool on);

  pg_conn* connection_ = nullptr;
  SteadyTime opened_at_;
  Failure failure_;
  bool lost_ = false;
  bool may_keep_plans_ = false;
  std::unordered_map<std::string, Kept> kept_;   // by text
  std::uint64_t flights_ = 0, kept_flights_ = 0; // in all; with plans to keep
  SteadyTime planned_at_;                        // none of the kept plans is older
};

} // namespace graphrag::runtime::postgres
