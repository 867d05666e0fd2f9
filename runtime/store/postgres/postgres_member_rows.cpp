#include "runtime/store/postgres/postgres_member_rows.hpp"

#include "runtime/store/postgres/load.hpp"
#include "runtime/store/postgres/migrations.hpp"
#include "runtime/store/postgres/own_connection.hpp"

namespace graphrag::runtime {
namespace postgres {
namespace {

constexpr auto number = ArrayOf::number;

class PostgresMemberRows final : public MemberRows {
public:
  explicit PostgresMemberRows(const PostgresMemberOptions& options)
      // A statement that waits for a lock is given up by the server before the caller is gone.
      : timeout_(options.timeout), times_{options.timeout * 4 / 5, options.timeout},
        connection_(options.url, options.connecting) {}

  Result<MemberTable> read() override {
    std::vector<Statement> flight;
    auto at = append_read(flight);
    auto answers = connection_.fly(flight, timeout_);
    if (!answers) return tl::unexpected(answers.error());
    return table_of(*answers, at);
  }

  Result<MemberTable> renew(const LeaseRenewal& renewal) override {
    const auto& [ordinal, incarnation] = renewal.name;
    std::vector<Statement> flight;
    begin_writing(flight, times_);
    flight.emplace_back(
        "UPDATE cluster_member SET renewal = $3, body = $4, expires_at = "
        "date_trunc('milliseconds', clock_timestamp()) + $5 * interval '1 millisecond', "
        "needed_after = $6 "
        "WHERE ordinal = $1 AND incarnation = $2 AND renewal < $3",
        ordinal, incarnation, renewal.number, Bytes{renewal.body}, renewal.length.count(),
        renewal.needed_after);
    flight.emplace_back("COMMIT");
    auto at = append_read(flight);
    auto answers = connection_.fly(flight, timeout_);
    if (!answers) return tl::unexpected(answers.error());
    auto table = table_of(*answers, at);
    for (const auto& member : table.members)
      if (member.name == renewal.name) return table;
    return fail(Errc::not_found, "no such member");
  }

  Result<MemberTable> replace(const ViewReplacement& change) override {
    std::vector<Statement> flight;
    begin_writing(flight, times_);
    // After this nobody renews until the commit, and the next statement sees who did before. That
    // one waits for who holds the log's number, and then looks at the row's version again.
    flight.emplace_back("SELECT 1 FROM cluster_member ORDER BY ordinal, incarnation FOR UPDATE");
    auto won = flight.size();
    flight.push_back(replacing(change));
    flight.emplace_back("COMMIT");
    auto at = append_read(flight);
    auto answers = connection_.fly(flight, timeout_);
    if (!answers) return tl::unexpected(answers.error());
    if ((*answers)[won][0].integer(0) == 0)
      return fail(Errc::conflict, "the view or a lease has changed");
    return table_of(*answers, at);
  }

private:
  static Statement replacing(const ViewReplacement& change) {
    Array ordinals(number), incarnations(number);
    for (const auto& name : change.members) {
      ordinals.add(name.ordinal);
      incarnations.add(name.incarnation);
    }
    Array ended_ordinals(number), ended_incarnations(number), ended_at(ArrayOf::time);
    for (const auto& ended : change.ended) {
      ended_ordinals.add(ended.name.ordinal);
      ended_incarnations.add(ended.name.incarnation);
      ended_at.add(Time{ended.until_ms});
    }
    return Statement(
        "WITH members AS (SELECT * FROM unnest($3, $4) AS k(ordinal, incarnation)), "
        "won AS (UPDATE meta SET view_version = $1"
        "  WHERE key = 'last_seq' AND view_version = $1 - 1 AND NOT EXISTS("
        "    SELECT 1 FROM unnest($7, $8, $9) AS e(ordinal, incarnation, expires_at)"
        "    JOIN cluster_member m USING (ordinal, incarnation)"
        "    WHERE m.expires_at <> e.expires_at) RETURNING value), "
        "written AS (UPDATE cluster_view SET seq = won.value, body = $2 FROM won), "
        "gone AS (DELETE FROM cluster_member m USING won WHERE NOT EXISTS("
        "    SELECT 1 FROM members k"
        "    WHERE k.ordinal = m.ordinal AND k.incarnation = m.incarnation)), "
        "come AS (INSERT INTO cluster_member(ordinal, incarnation, renewal, expires_at, body)"
        "  SELECT k.ordinal, k.incarnation, 0, date_trunc('milliseconds', clock_timestamp())"
        "    + $6 * interval '1 millisecond', $5 FROM members k, won"
        "  ON CONFLICT DO NOTHING) "
        "SELECT count(*) FROM won",
        change.version, Bytes{change.view}, std::move(ordinals), std::move(incarnations),
        Bytes{change.newcomer}, change.lease.count(), std::move(ended_ordinals),
        std::move(ended_incarnations), std::move(ended_at));
  }

  // The clock is read before the rows, so a lease never looks more ended than it is.
  std::size_t append_read(std::vector<Statement>& flight) const {
    begin_reading(flight, times_);
    auto at = flight.size();
    flight.emplace_back("SELECT m.value, m.view_version, v.seq, v.body, now() "
                        "FROM meta m, cluster_view v WHERE m.key = 'last_seq'");
    flight.emplace_back(
        "SELECT ordinal, incarnation, expires_at, body, needed_after FROM cluster_member "
        "ORDER BY ordinal, incarnation");
    flight.emplace_back("COMMIT");
    return at;
  }

  static MemberTable table_of(const std::vector<Answer>& answers, std::size_t at) {
    auto view = answers[at][0];
    MemberTable table{view.number(1),  view.number(2), std::string(view.bytes(3)), {},
                      view.time_ms(4), view.number(0)};
    for (auto row : answers[at + 1])
      table.members.push_back({{row.small(0), row.number(1)},
                               row.time_ms(2),
                               std::string(row.bytes(3)),
                               row.number(4)});
    return table;
  }

  Milliseconds timeout_;
  Times times_;
  OwnConnection connection_;
};

} // namespace
} // namespace postgres

Result<std::unique_ptr<MemberRows>>
open_postgres_member_rows(const PostgresMemberOptions& options) {
  postgres::Pool pool({.url = options.url, .kept = 1, .connecting = options.connecting});
  if (auto ok = postgres::migrate(pool, options.migrating); !ok) return tl::unexpected(ok.error());
  return std::make_unique<postgres::PostgresMemberRows>(options);
}

} // namespace graphrag::runtime
