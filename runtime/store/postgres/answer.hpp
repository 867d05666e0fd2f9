#pragma once
// What PostgreSQL answered to one statement, in binary. An Answer owns its memory; a Row looks into
// it and must not outlive it. Columns are read by their place, as the type that they have.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct pg_result;

namespace graphrag::runtime::postgres {

class Answer;

class Row {
public:
  Row(const pg_result* result, int row) : result_(result), row_(row) {}

  std::int64_t integer(int column) const; // of int8, int4, int2 or bool; 0 for NULL
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::uint32_t small(int column) const { return static_cast<std::uint32_t>(integer(column)); }
  bool flag(int column) const { return integer(column) != 0; }
  std::int64_t time_ms(int column) const; // of timestamptz
  std::string text(int column) const;     // "" for NULL
  std::string_view bytes(int column) const;
  std::vector<float> floats(int column) const; // of bytea: little-endian 32-bit floats
  bool is_null(int column) const;

private:
  const pg_result* result_;
  int row_;
};

class Answer {
public:
  Answer() = default;
  explicit Answer(pg_result* result);

  int size() const;
  bool empty() const { return size() == 0; }
  Row operator[](int row) const { return Row(result_.get(), row); }
  const pg_result* raw() const { return result_.get(); }
  std::int64_t changed_rows() const; // of an INSERT, UPDATE or DELETE
  std::string_view tag() const;      // the command that was done, such as "COMMIT"

  class Iterator {
  public:
    Iterator(const Answer& answer, int row) : answer_(&answer), row_(row) {}
    Row operator*() const { return (*answer_)[row_]; }
    Iterator& operator++() {
      ++row_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return row_ == other.row_; }

  private:
    const Answer* answer_;
    int row_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

std::string pack_floats(const std::vector<float>& floats);

} // namespace graphrag::runtime::postgres
