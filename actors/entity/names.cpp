#include "actors/entity/names.hpp"

#include <xxhash.h>

#include "actors/entity/words.hpp"

namespace graphrag::entity {

std::string_view to_string(Kind kind) noexcept {
  switch (kind) {
  case Kind::unknown:
    return "unknown";
  case Kind::person:
    return "person";
  case Kind::organisation:
    return "organisation";
  case Kind::place:
    return "place";
  case Kind::work:
    return "work";
  case Kind::event:
    return "event";
  case Kind::date:
    return "date";
  case Kind::other:
    return "other";
  }
  return "unknown";
}

std::string normal_name(std::string_view written) {
  thread_local Words words;
  words.read(written);
  return words.size() == 0 ? std::string{} : std::string{words.normal(0, words.size() - 1)};
}

std::uint64_t name_key(std::string_view normal) noexcept {
  return XXH3_64bits(normal.data(), normal.size());
}

} // namespace graphrag::entity
