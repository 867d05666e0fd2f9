#pragma once
// What clients of the simulated node were told, and the invariants that follow from it. Each
// document is changed by one client, one request at a time, so its history is a line.
#include "tests/sim/visibility_pipeline.hpp"

namespace graphrag::visibility {

class Oracle {
public:
  explicit Oracle(std::vector<std::string> documents);

  void submitted(const Request& request);
  void ended(const Ended& ended);
  void parse_crashed(Tag tag) { ++crashes_[tag]; }

  // Every check remembers the first thing it finds wrong.
  void check_store(runtime::Store& store);
  void check_view(const View& view);
  void check_terms(const View& view, Random& random); // of one document: dear
  void read(int client, const View& view, Random& random);
  void check_converged(runtime::Store& store, const View& view);
  const std::optional<std::string>& violation() const { return violation_; }

  // What happened, so that a test can tell a quiet run from a good one.
  struct Tally {
    std::uint64_t searchable = 0, durable = 0, refused = 0, unknown = 0;
    std::uint64_t reads = 0, crash_loops = 0;
  };
  const Tally& tally() const { return tally_; }

private:
  enum class Status : std::uint8_t { refused, open, durable, searchable };
  struct Step { // of a document's history
    int request = 0;
    Kind kind = Kind::put_direct;
    Tag tag = 0;
    Status status = Status::open;
    std::uint64_t seq = 0; // the token that the client was given
  };
  struct Shown { // what a store or a view says of a document
    std::uint64_t version = 0;
    Tag tag = 0;
    std::string title;
  };
  struct Seen { // by one client, of one document
    std::uint64_t version = 0;
    bool absent_since = false;
  };
  struct History {
    std::vector<Step> steps;
    std::map<std::uint64_t, Shown> versions; // a version has one content for ever
  };

  void wrong(const std::string& document, const std::string& what);
  std::optional<Shown> shown_by(const View& view, const std::string& document);
  // What a document must at least show: everything that clients were told in this way, and
  // everything with a token up to `applied`.
  struct Floor {
    Status told;
    std::uint64_t applied;
    const char* where;
  };
  void check_shown(const std::string& document, const std::optional<Shown>& shown,
                   const Floor& floor);
  void check_register(const std::string& document, std::optional<Tag> shown, bool titles,
                      const Floor& floor);

  std::vector<std::string> documents_;
  std::map<std::string, History> histories_;
  std::map<std::pair<int, std::string>, Seen> seen_;
  std::map<Tag, std::uint32_t> crashes_;
  std::optional<std::string> violation_;
  Tally tally_;
};

} // namespace graphrag::visibility
