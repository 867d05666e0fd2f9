#pragma once
// What clients asked, when, and what they heard: one JSON object a line, in the order of the
// answers. Any thread may write.
//
//   {"at": "2026-01-31T12:00:00.123Z", "ms": 3.1, "client": "ask 0", "request": "POST
//   /api/v1/query",
//    "about": "base7", "gateway": 2, "again": false, "status": 200, "heard": "base7 w0x3"}
//
// `at` is when it was asked and `ms` how long that took; `gateway` is the one that answered last,
// -1 if none could be asked; `again` when an earlier one refused or reset the connection.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

namespace graphrag::test {

struct HeardAnswer {
  std::chrono::system_clock::time_point asked;
  double milliseconds = 0;
  std::string client, request, about;
  int gateway = -1;
  bool again = false;
  int status = 0;
  std::string heard;
};

class ClientHistory {
public:
  explicit ClientHistory(const std::filesystem::path& file) : out_(file) {}
  void note(const HeardAnswer& answer);
  // Something that the test did, so that it stands between the answers.
  void note(const std::string& event);
  void flush();

private:
  void write(const std::string& line);
  std::mutex mutex_;
  std::ofstream out_;
};

} // namespace graphrag::test
