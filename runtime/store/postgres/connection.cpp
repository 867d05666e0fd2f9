#include "runtime/store/postgres/connection.hpp"

#include <bit>
#include <poll.h>
#include <postgresql/libpq-fe.h>
#include <unordered_map>

namespace graphrag::runtime::postgres {
namespace {

constexpr std::size_t most_kept = 200; // plans
// A plan made while a table was nearly empty may take any index; it must not outlive that.
constexpr Milliseconds plans_last{500};

SteadyTime now() { return std::chrono::steady_clock::now(); }

// libpq's messages end in a line break, and later lines may quote rows.
std::string first_line(const char* message) {
  std::string_view text = message ? message : "";
  return std::string(text.substr(0, text.find('\n')));
}

std::string field(const pg_result* result, int code) {
  const char* value = PQresultErrorField(result, code);
  return value ? value : "";
}

} // namespace

Errc code_of(std::string_view state) {
  static const std::unordered_map<std::string_view, Errc> known{
      {"53100", Errc::no_space},         // disk full
      {"22021", Errc::invalid_argument}, // not UTF-8
      {"22P05", Errc::invalid_argument}, // a character that the database's encoding lacks
      {"3D000", Errc::invalid_argument}, // no such database
      {"XX001", Errc::corrupt},          // data corrupted
      {"XX002", Errc::corrupt},          // index corrupted
      {"25006", Errc::unavailable},      // read only: a standby, or a failover under way
      {"40001", Errc::unavailable},      // serialization failure
      {"40P01", Errc::unavailable},      // deadlock
      {"55P03", Errc::unavailable},      // a lock did not come in time
      {"57014", Errc::unavailable},      // the statement took too long
  };
  if (auto found = known.find(state); found != known.end()) return found->second;
  auto family = state.substr(0, 2);
  if (family == "08" || family == "28" || family == "53" || family == "57")
    return Errc::unavailable; // connections, who may connect, resources, operators
  return Errc::io;
}

bool worth_another_try(const Failure& failure) {
  return !failure.lost &&
         (failure.state == "40001" || failure.state == "40P01" || failure.state == "23505");
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& url,
                                                     Milliseconds deadline) {
  auto seconds = std::to_string(std::max<std::int64_t>(2, deadline.count() / 1000));
  // Given first, so that a URL may say otherwise. Dead peers are noticed within the deadline too.
  const char* keys[] = {"connect_timeout",  "application_name", "keepalives_idle",
                        "tcp_user_timeout", "dbname",           nullptr};
  const char* values[] = {seconds.c_str(), "graphrag", "10", "20000", url.c_str(), nullptr};
  std::unique_ptr<Connection> made(new Connection);
  made->connection_ = PQconnectdbParams(keys, values, 1);
  auto* raw = made->connection_;
  if (!raw) return fail(Errc::io, "no memory for a connection");
  if (PQstatus(raw) != CONNECTION_OK)
    return fail(Errc::unavailable, "PostgreSQL: " + first_line(PQerrorMessage(raw)));
  PQsetNoticeReceiver(
      raw, [](void*, const pg_result*) {}, nullptr);
  if (PQsetnonblocking(raw, 1) != 0 || PQenterPipelineMode(raw) != 1)
    return fail(Errc::unavailable, "PostgreSQL: " + first_line(PQerrorMessage(raw)));
  made->opened_at_ = made->planned_at_ = now();
  if (!made->find_out_about_poolers(deadline)) return tl::unexpected(made->failure_.error);
  return made;
}

Connection::~Connection() {
  if (connection_) PQfinish(connection_);
}

void Connection::lose(std::string why) {
  lost_ = true;
  failure_.lost = true;
  if (!failure_.state.empty()) return; // the server said why before it went
  failure_.error = {Errc::unavailable, "PostgreSQL: " + std::move(why)};
}

void Connection::note_failure(const pg_result* result) {
  if (!failure_.state.empty()) return; // the first one tells
  failure_.state = field(result, PG_DIAG_SQLSTATE);
  auto message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = first_line(PQerrorMessage(connection_));
  failure_.error = {failure_.state.empty() ? Errc::unavailable : code_of(failure_.state),
                    "PostgreSQL: " + message};
}

bool Connection::wait(SteadyTime deadline) {
  int unsent = PQflush(connection_);
  if (unsent < 0) {
    lose(first_line(PQerrorMessage(connection_)));
    return false;
  }
  auto left = std::chrono::duration_cast<Milliseconds>(deadline - now()).count() + 1;
  pollfd look{PQsocket(connection_), static_cast<short>(POLLIN | (unsent ? POLLOUT : 0)), 0};
  int ready =
      left > 0 ? ::poll(&look, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000))) : 0;
  if (ready == 0 && now() >= deadline) {
    lose("no answer in time");
    return false;
  }
  if (look.revents & (POLLIN | POLLHUP | POLLERR) && PQconsumeInput(connection_) == 0) {
    lose(first_line(PQerrorMessage(connection_)));
    return false;
  }
  return true;
}

// A pooler tells of a process of its own making, since the server's differs from use to use.
bool Connection::find_out_about_poolers(Milliseconds deadline) {
  Statement question("SELECT pg_backend_pid()");
  auto answers = fly(std::span(&question, 1), deadline);
  may_keep_plans_ = answers && answers->front()[0].integer(0) == PQbackendPID(connection_);
  return answers.has_value();
}

Connection::Kept* Connection::kept_for(const std::string& sql) {
  if (!may_keep_plans_) return nullptr;
  if (auto found = kept_.find(sql); found != kept_.end()) return &found->second;
  if (kept_.size() >= most_kept) return nullptr;
  return &kept_.emplace(sql, Kept{"p" + std::to_string(kept_.size())}).first->second;
}

std::optional<std::vector<Connection::Sent>> Connection::send(std::span<const Statement> flight,
                                                              Plans plans) {
  ++flights_;
  bool renew = plans == Plans::kept && may_keep_plans_ &&
               (std::has_single_bit(++kept_flights_) || now() - planned_at_ > plans_last);
  std::vector<Sent> sent;
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (std::size_t at = 0; at < flight.size(); ++at) {
    types.clear();
    values.clear();
    lengths.clear();
    for (const auto& argument : flight[at].arguments()) {
      types.push_back(argument.type);
      values.push_back(argument.wire.data());
      lengths.push_back(static_cast<int>(argument.wire.size()));
    }
    formats.assign(types.size(), 1);
    const char* sql = flight[at].sql().c_str();
    const int count = static_cast<int>(types.size());
    auto* kept = plans == Plans::kept ? kept_for(flight[at].sql()) : nullptr;
    if (kept && !kept->done && kept->asked_in != flights_) {
      kept->asked_in = flights_;
      if (PQsendPrepare(connection_, kept->name.c_str(), sql, count, types.data()) != 1) return {};
      sent.push_back({at, kept});
    }
    const int done = kept ? PQsendQueryPrepared(connection_, kept->name.c_str(), count,
                                                values.data(), lengths.data(), formats.data(), 1)
                          : PQsendQueryParams(connection_, sql, count, types.data(), values.data(),
                                              lengths.data(), formats.data(), 1);
    if (done != 1) return {};
    sent.push_back({at, nullptr});
  }
  if (renew) { // behind the others: in front of a BEGIN it would count as the transaction's first
    if (PQsendQueryParams(connection_, "DISCARD PLANS", 0, nullptr, nullptr, nullptr, nullptr, 1) !=
        1)
      return {};
    sent.push_back({flight.size(), nullptr});
  }
  if (PQpipelineSync(connection_) != 1) return {};
  return sent;
}

std::optional<std::vector<Answer>> Connection::fly(std::span<const Statement> flight,
                                                   Milliseconds deadline, Plans plans) {
  failure_ = {};
  auto until = now() + deadline;
  std::optional<std::vector<Sent>> sent;
  if (!lost_) sent = send(flight, plans);
  if (!sent) {
    lose(first_line(PQerrorMessage(connection_)));
    return std::nullopt;
  }
  std::vector<Answer> answers(flight.size());
  std::size_t at = 0; // in sent
  bool failed = false;
  for (;;) {
    while (PQisBusy(connection_) != 0)
      if (!wait(until)) return std::nullopt;
    Answer answer(PQgetResult(connection_));
    if (!answer.raw()) { // the end of one of them, or nothing more to come
      if (++at <= sent->size()) continue;
      lose("the server's answers do not fit the statements");
      return std::nullopt;
    }
    auto status = PQresultStatus(answer.raw());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      if (at >= sent->size()) continue;
      const auto& done = (*sent)[at];
      if (done.kept)
        done.kept->done = true;
      else if (done.statement == flight.size())
        planned_at_ = now();
      else
        answers[done.statement] = std::move(answer);
      continue;
    }
    failed = true;
    if (status != PGRES_PIPELINE_ABORTED) note_failure(answer.raw());
    if (PQstatus(connection_) != CONNECTION_OK) {
      lose(first_line(PQerrorMessage(connection_)));
      return std::nullopt;
    }
  }
  if (!failed) return answers;
  // Somebody between us and the server forgot the plans, or a table has changed its columns.
  if (plans == Plans::kept && (failure_.state == "26000" || failure_.state == "0A000"))
    lose("the kept plans are of no use");
  return std::nullopt;
}

bool Connection::set_pipeline(bool on) {
  int done = on ? PQenterPipelineMode(connection_) : PQexitPipelineMode(connection_);
  if (done != 1) lose(first_line(PQerrorMessage(connection_)));
  return done == 1;
}

bool Connection::run_script(const std::string& sql, Milliseconds deadline) {
  failure_ = {};
  auto until = now() + deadline;
  if (lost_ || !set_pipeline(false)) return false;
  if (PQsendQuery(connection_, sql.c_str()) != 1) {
    lose(first_line(PQerrorMessage(connection_)));
    return false;
  }
  bool failed = false;
  for (;;) {
    while (PQisBusy(connection_) != 0)
      if (!wait(until)) return false;
    Answer answer(PQgetResult(connection_));
    if (!answer.raw()) break;
    auto status = PQresultStatus(answer.raw());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) continue;
    failed = true;
    note_failure(answer.raw());
    if (PQstatus(connection_) == CONNECTION_OK) continue;
    lose(first_line(PQerrorMessage(connection_)));
    return false;
  }
  return set_pipeline(true) && !failed;
}

void Connection::roll_back() {
  if (lost_ || !in_transaction()) return;
  auto why = failure_;
  Statement statement("ROLLBACK");
  fly(std::span(&statement, 1), std::chrono::seconds(5));
  failure_ = std::move(why);
}

bool Connection::in_transaction() const { return PQtransactionStatus(connection_) != PQTRANS_IDLE; }

bool Connection::looks_open() const {
  if (lost_ || PQstatus(connection_) != CONNECTION_OK) return false;
  // An idle server says nothing: what can be read is its goodbye.
  pollfd look{PQsocket(connection_), POLLIN, 0};
  return ::poll(&look, 1, 0) == 0;
}

} // namespace graphrag::runtime::postgres
