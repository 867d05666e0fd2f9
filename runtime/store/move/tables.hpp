#pragma once
// Which table of the SQLite store becomes which of PostgreSQL's, column by column. Both keep the
// same rows; names differ, and PostgreSQL keeps a document's slot and a chunk's place as columns.
#include <string>
#include <vector>

#include "runtime/store/postgres/statement.hpp"
#include "runtime/store/sqlite/connection.hpp"

namespace graphrag::runtime::move {

struct Column {
  const char* from; // an expression over SQLite's row; slot_of(collection, id) may be in it
  const char* to;   // PostgreSQL's column
  postgres::ArrayOf type;
};

struct Table {
  const char *from, *to;
  std::vector<Column> columns;
  // Of all rows: from SQLite; into PostgreSQL, where arguments are arrays, one a column; and back.
  std::string select, insert, select_back;
};

// All but `meta`, which holds the log's last number.
const std::vector<Table>& tables();

// Makes slot_of(collection, id) known to a connection.
void teach_slots(sqlite::Connection& connection);

// What a newer schema of SQLite's has that is in no Table: "documents.colour", "colours". Empty
// when all is known.
std::string unknown_in(sqlite::Connection& connection);

} // namespace graphrag::runtime::move
