#include "actors/entity/communities/sentence_quality.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace graphrag::entity {
namespace {

using namespace std::string_view_literals;

constexpr double least_quality = 0.1; // below it: not to be shown
constexpr std::size_t least_words = 6;
constexpr double long_from = 160; // bytes; a longer sentence has to tell more

// Words around texts, in lower case. The first kind never tells what a collection is about.
constexpr std::array boilerplate{"http:"sv,
                                 "https:"sv,
                                 "www."sv,
                                 "isbn"sv,
                                 "all rights reserved"sv,
                                 "project gutenberg"sv,
                                 "gutenberg-tm"sv,
                                 "gutenberg™"sv,
                                 "terms of use"sv,
                                 "transcriber"sv,
                                 "ebook"sv,
                                 "table of contents"sv,
                                 "electronic work"sv,
                                 "©"sv};
constexpr std::array legal{"copyright"sv, "license"sv,    "licence"sv,  "trademark"sv,
                           "warrant"sv,   "disclaimer"sv, "cookies"sv,  "redistribut"sv,
                           "donation"sv,  "permission"sv, "royalties"sv};
// Openings that refer to what was said before.
constexpr std::array referring{
    "he"sv,    "she"sv,       "it"sv,        "they"sv,  "his"sv,      "her"sv,   "its"sv,
    "their"sv, "this"sv,      "these"sv,     "that"sv,  "those"sv,    "but"sv,   "and"sv,
    "or"sv,    "so"sv,        "then"sv,      "there"sv, "here"sv,     "such"sv,  "however"sv,
    "also"sv,  "him"sv,       "therefore"sv, "thus"sv,  "moreover"sv, "again"sv, "we"sv,
    "i"sv,     "you"sv,       "what"sv,      "who"sv,   "why"sv,      "how"sv,   "another"sv,
    "both"sv,  "otherwise"sv, "nor"sv,       "no"sv,    "yes"sv,      "oh"sv,    "well"sv};
constexpr std::array speakers{"i"sv,  "me"sv,  "my"sv,    "you"sv,  "your"sv, "we"sv, "our"sv,
                              "us"sv, "i'm"sv, "don't"sv, "thee"sv, "thou"sv, "sir"sv};

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}
template <class Part>
bool holds(std::string_view text, Part part) {
  return text.find(part) != text.npos;
}
template <std::size_t N>
bool holds_any(std::string_view text, const std::array<std::string_view, N>& list) {
  return std::any_of(list.begin(), list.end(), [&](auto part) { return holds(text, part); });
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

// The figures of one pass over the words.
struct Shape {
  std::size_t words = 0, lettered = 0, capital = 0, shouted = 0, spoken = 0;
  std::size_t digits = 0, wide = 0, solid = 0; // bytes
  std::string first;                           // word, in lower case
};

Shape shape_of(std::string_view text) {
  Shape shape;
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
    const auto begin = at;
    while (at < text.size() && !std::isspace(static_cast<unsigned char>(text[at]))) ++at;
    auto word = text.substr(begin, at - begin);
    if (word.empty()) break;
    ++shape.words;
    shape.solid += word.size();
    for (const char c : word) {
      shape.digits += digit(c) ? 1 : 0;
      shape.wide += static_cast<unsigned char>(c) >= 0x80 ? 1 : 0;
    }
    while (!word.empty() && std::ispunct(static_cast<unsigned char>(word.front())))
      word.remove_prefix(1);
    while (!word.empty() && std::ispunct(static_cast<unsigned char>(word.back())))
      word.remove_suffix(1);
    if (word.empty()) continue;
    std::string folded{word};
    for (char& c : folded)
      if (upper(c)) c = static_cast<char>(c + 32);
    if (shape.first.empty()) shape.first = folded;
    shape.spoken += one_of(speakers, folded) ? 1 : 0;
    if (!upper(word.front()) && !lower(word.front())) continue;
    ++shape.lettered;
    shape.capital += upper(word.front()) ? 1 : 0;
    shape.shouted += word.size() > 2 && std::all_of(word.begin(), word.end(), upper) ? 1 : 0;
  }
  return shape;
}

// Ends like a sentence: 0 no, 1 with a stop, 2 asking or exclaiming.
int ending(std::string_view text) {
  for (const auto part : {"\""sv, "'"sv, "”"sv, "’"sv, "»"sv, ")"sv, "]"sv})
    if (text.ends_with(part)) text.remove_suffix(part.size());
  for (const auto stop : {"."sv, "。"sv, "…"sv, ";"sv, "．"sv})
    if (text.ends_with(stop)) return 1;
  for (const auto stop : {"!"sv, "?"sv, "！"sv, "？"sv})
    if (text.ends_with(stop)) return 2;
  return 0;
}

// Numbered items, and what is laid out in columns.
double of_layout(std::string_view text) {
  double factor = digit(text.front()) || text.front() == '(' || text.front() == '[' ? 0.4 : 1;
  if (holds(text, "    "sv) || holds(text, "``"sv) || holds(text, "<<"sv)) factor *= 0.4;
  return factor;
}

double of_lines(std::string_view text) {
  if (holds(text, "\n\n"sv) || holds(text, "\n \n"sv)) return 0.2; // a heading grew onto it
  const auto lines = count(text, "\n") + 1;
  return lines >= 3 && text.size() / lines < 35 ? 0.3 : 1;
}

double of_speech(std::string_view text) {
  for (const auto quote : {"\""sv, "“"sv, "'"sv, "‘"sv, "«"sv, "—"sv, "--"sv, "_"sv})
    if (text.starts_with(quote)) return 0.15;
  for (const auto close : {",' "sv, "?' "sv, "!' "sv, ".' "sv, ",'\n"sv, "?'\n"sv, "!'\n"sv})
    if (holds(text, close) || text.ends_with(close.substr(0, 2))) return 0.15;
  if (count(text, "\"") % 2 != 0 || count(text, "“") != count(text, "”")) return 0.2;
  const bool quotes = holds(text, '"') || holds(text, "“"sv);
  return quotes && (holds(text, '!') || holds(text, '?')) ? 0.4 : 1;
}

} // namespace

double sentence_quality(std::string_view text) {
  std::string folded{text};
  for (char& c : folded)
    if (upper(c)) c = static_cast<char>(c + 32);
  std::replace(folded.begin(), folded.end(), '\n', ' ');
  if (holds_any(folded, boilerplate)) return 0;
  const auto shape = shape_of(text);
  double quality = holds_any(folded, legal) ? 0.2 : 1;
  const int end = ending(text);
  if (end == 2) quality *= 0.35;
  if (shape.wide * 2 > shape.solid) return end == 0 ? 0 : quality; // a script without case
  if (shape.words < least_words || shape.lettered * 2 < shape.words) return 0;
  if (end == 0) quality *= 0.2;
  if (lower(text.front())) quality *= 0.3;
  if (one_of(referring, shape.first)) quality *= 0.4;
  if (shape.spoken > 0) quality *= 0.4;
  const auto share = [&](std::size_t part) {
    return static_cast<double>(part) / static_cast<double>(shape.lettered);
  };
  if (share(shape.capital) > 0.6) quality *= 0.15;
  if (share(shape.shouted) > 0.2) quality *= 0.2;
  if (shape.digits * 5 > shape.solid) quality *= 0.2;
  if (holds(text, "...."sv) || holds(text, ". . ."sv) || count(text, "|") > 1 ||
      holds(text, '\t') || holds(text, "***"sv))
    quality *= 0.1;
  quality *= of_lines(text) * of_layout(text) * of_speech(text);
  if (static_cast<double>(text.size()) > long_from)
    quality *= long_from / static_cast<double>(text.size());
  return quality < least_quality ? 0 : quality;
}

} // namespace graphrag::entity
