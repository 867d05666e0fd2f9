#include "runtime/models/citations.hpp"

#include <charconv>
#include <utility>

namespace graphrag::runtime::models {
namespace {

constexpr std::size_t longest_citation = 64;
constexpr std::string_view digits = "0123456789";
constexpr std::string_view within = "0123456789,;- ";

} // namespace

bool CitationGuard::feed(std::string_view piece) {
  if (invalid_) return false;
  std::string ready;
  for (const char c : piece) {
    if (held_.empty()) {
      (c == '[' ? held_ : ready) += c;
    } else if (within.find(c) != std::string_view::npos && held_.size() < longest_citation) {
      held_ += c;
    } else {
      // Longer than any citation and nothing but numbers is not let through unchecked either.
      const bool numbers = held_.find_first_of(digits) != std::string::npos;
      const bool closed = c == ']' || held_.size() == longest_citation;
      if (closed && numbers && (c != ']' || !names_sources())) {
        invalid_ = true;
        break;
      }
      ready += std::exchange(held_, {});
      (c == '[' ? held_ : ready) += c;
    }
  }
  if (!ready.empty() && !pass_on_(ready)) return false;
  return !invalid_;
}

bool CitationGuard::finish() {
  if (invalid_) return false;
  const auto rest = std::exchange(held_, {});
  return rest.empty() || pass_on_(rest);
}

bool CitationGuard::names_sources() const {
  std::string_view rest{held_};
  for (auto at = rest.find_first_of(digits); at != std::string_view::npos;
       at = rest.find_first_of(digits)) {
    rest.remove_prefix(at);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{} || number == 0 || number > sources_) return false;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  }
  return true;
}

} // namespace graphrag::runtime::models
