#pragma once
// The members of a zip archive, unpacked by libarchive under limits.
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "actors/document/formats/parse.hpp"

namespace graphrag::document::formats {

class Archive {
public:
  // Unpacks the members that `wanted` picks by name. Refusals: corrupt, encrypted, archive_bomb
  // (size or ratio), too_large (a member, the number of members).
  static Result<Archive> open(std::string_view bytes, const Limits& limits,
                              const std::function<bool(const std::string&)>& wanted);

  // The content of a member that was picked, nullptr when there is none. Letter case and a leading
  // slash do not matter.
  const std::string* find(std::string_view name) const;

  // Of all members, picked or not, as find() knows them; in order of names.
  bool has_prefix(std::string_view prefix) const;

private:
  std::map<std::string, std::string, std::less<>> members_; // empty content when not picked
};

// "word/../media/./a.xml" -> "media/a.xml", for references between members; percent signs decoded.
std::string join_path(std::string_view folder, std::string_view reference);
std::string folder_of(std::string_view path); // "word/document.xml" -> "word/"

} // namespace graphrag::document::formats
