#pragma once
// What the paragraph styles of a Word document mean: headings and lists.
#include <map>
#include <string>
#include <string_view>

namespace graphrag::document::formats {

class DocxStyles {
public:
  struct Meaning {
    int heading = 0; // level, 0 for none
    bool list = false;
  };

  void read(std::string_view styles_xml);
  Meaning meaning(const std::string& style_id) const;

private:
  struct Style {
    std::string name, based_on;
    int outline = -1; // -1: not said here
    bool numbered = false;
  };
  std::map<std::string, Style> styles_;
};

} // namespace graphrag::document::formats
