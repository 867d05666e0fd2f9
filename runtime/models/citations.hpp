#pragma once
// Checks the citations of an answer while it streams: "[2]", also "[1, 3]" and "[2-4]". Pure.
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace graphrag::runtime::models {

// Passes text on, but holds back what may become a citation until it is whole, so that a citation
// of a source that does not exist is never passed on.
class CitationGuard {
public:
  using PassOn = std::function<bool(std::string_view text)>;
  CitationGuard(std::size_t sources, PassOn pass_on)
      : sources_(sources), pass_on_(std::move(pass_on)) {}

  // False: pass_on said so, or a citation names no source from 1 to `sources`; feed no more then.
  bool feed(std::string_view piece);
  // At the end: passes on what was held back and turned out to be no citation. False as feed().
  bool finish();
  bool invalid() const noexcept { return invalid_; }

private:
  bool names_sources() const;

  const std::size_t sources_;
  PassOn pass_on_;
  std::string held_; // begins with '['
  bool invalid_ = false;
};

} // namespace graphrag::runtime::models
