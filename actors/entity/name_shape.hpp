#pragma once
// What a normal form looks like: a person's full name, a surname with a title, a company with its
// legal form. Only the form of the name; whether it is a person is for the evidence to say.
#include <cstdint>
#include <string_view>

namespace graphrag::entity {

enum class Form : std::uint8_t {
  other,
  word,       // "holmes": may be a surname, a first name, a company
  full,       // "sherlock holmes", "jane a doe", "ludwig van beethoven", "john smith jr"
  initials,   // "j doe", "jk rowling"
  title_last, // "mr holmes", "president bush"; in Chinese a title after a surname of one character
  title_core, // "dr jane doe", and in Chinese a title after a whole name
  company_core, // "apple inc"
};

// Slices of the normal form that it was made from, as offsets, so that it may move with it.
struct NameShape {
  Form form = Form::other;
  bool suffixed = false;                   // Jr, Sr, a Roman number: never the one without it
  std::uint8_t words = 0;                  // of `full`, without its suffix
  std::uint16_t last_at = 0, last_end = 0; // the surname; of a Chinese name with a title, the title
  std::uint16_t core_at = 0, core_end = 0; // what is left without titles or legal forms

  std::string_view last(std::string_view normal) const {
    return normal.substr(last_at, last_end - last_at);
  }
  std::string_view core(std::string_view normal) const {
    return normal.substr(core_at, core_end - core_at);
  }
};

// "Mrs", "Lady" and the like stand before a husband's name too, "King" and "Pope" before first
// names: names with these are Form::other. A single word is Form::word only when it says nothing
// of its own ("March", "Church" and "University" do).
NameShape name_shape(std::string_view normal);

// Whether "j" or "jk" may stand for the first names of "john doe", "joanne kathleen rowling": each
// letter for one of them, from the first on.
bool initials_fit(std::string_view initials, std::string_view full);

} // namespace graphrag::entity
