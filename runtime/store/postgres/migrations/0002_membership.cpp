#include "runtime/store/postgres/migrations.hpp"

// Who is in the cluster: one versioned row that everybody agrees on, and the leases of the members.
namespace graphrag::runtime::postgres {

const Migration migration_membership{2, 1, "membership", R"sql(
CREATE TABLE cluster_view(
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  version bigint NOT NULL,
  body bytea NOT NULL
);
INSERT INTO cluster_view(version, body) VALUES(0, '');

CREATE TABLE cluster_member(
  ordinal bigint PRIMARY KEY,
  incarnation bigint NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);
)sql"};

} // namespace graphrag::runtime::postgres
