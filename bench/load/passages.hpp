#pragma once
// Passages as the tools of this folder load and check them: lines of {id, title?, text}.
#include <optional>
#include <string>
#include <vector>

namespace graphrag::bench {

struct Passage {
  std::string id; // "FILE/ID", FILE without folder and ending, so that no two files share an id
  std::string title, text;
};

// All passages of the files, in order; at most `most` of them, 0 = all. The second copy of each has
// the id "FILE/copy1/ID" and so on. Nothing when a line is no object with an id: it was told on
// standard error.
std::optional<std::vector<Passage>> read_passages(const std::vector<std::string>& files,
                                                  unsigned copies = 1, std::size_t most = 0);

} // namespace graphrag::bench
