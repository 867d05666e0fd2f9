#pragma once
// What the three Office Open XML formats have in common: parts, relations, core properties.
#include <map>
#include <string>
#include <string_view>

#include "actors/document/formats/archive.hpp"
#include "actors/document/formats/markup.hpp"
#include "actors/document/formats/text_builder.hpp"

namespace graphrag::document::formats {

struct Relation {
  std::string type;   // the last word of its address: slide, header, image ...
  std::string target; // full name of the member
};

// Relations of a part by id: those of word/document.xml stand in word/_rels/document.xml.rels.
std::map<std::string, Relation> relations_of(const Archive& archive, std::string_view part);

// Title, author and dates out of docProps/core.xml.
void read_core_properties(const Archive& archive, TextBuilder& out);

// A part as UTF-8; `storage` keeps it when it had to be converted.
std::string_view utf8_part(const std::string& bytes, std::string& storage);

// Passes over an element with all that is inside it; `start` was just read.
void skip_element(MarkupReader& reader);

// A description written by a person, not a file name that the program put there.
bool is_description(std::string_view alt);

} // namespace graphrag::document::formats
