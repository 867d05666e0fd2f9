#include "actors/document/formats/number_format.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/markup.hpp"

namespace graphrag::document::formats {
namespace {

using Event = MarkupReader::Event;

// The built-in formats that are not numbers, by their id.
NumberKind built_in(int id) {
  if (id == 9 || id == 10) return NumberKind::percent;
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 58))
    return NumberKind::date;
  if (id == 22) return NumberKind::date_time;
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47))
    return NumberKind::time;
  return NumberKind::plain;
}

int to_int(std::string_view text) {
  int value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string show_date(double serial, NumberKind kind, bool since_1904) {
  if (!since_1904 && serial < 60) serial += 1; // 1900 had no 29 February, Excel thinks it had
  auto seconds = static_cast<std::int64_t>(std::llround(serial * 86400));
  const auto days = seconds / 86400;
  seconds %= 86400;
  char buffer[64];
  std::string shown;
  if (kind != NumberKind::time) {
    using namespace std::chrono;
    const auto epoch = since_1904 ? sys_days{year{1904} / 1 / 1} : sys_days{year{1899} / 12 / 30};
    const year_month_day day{epoch + std::chrono::days{days}};
    std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    shown = buffer;
  }
  if (kind != NumberKind::date && (kind == NumberKind::time || seconds != 0)) {
    const auto hours = seconds / 3600 + (kind == NumberKind::time ? days * 24 : 0);
    std::snprintf(buffer, sizeof buffer, seconds % 60 != 0 ? "%02d:%02d:%02d" : "%02d:%02d",
                  static_cast<int>(hours), static_cast<int>(seconds / 60 % 60),
                  static_cast<int>(seconds % 60));
    if (!shown.empty()) shown += ' ';
    shown += buffer;
  }
  return shown;
}

} // namespace

NumberKind kind_of_format(std::string_view code) {
  bool day = false, clock = false, percent = false;
  for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    const char c = lower(code[i]);
    if (c == '"')
      i = std::min(code.find('"', i + 1), code.size() - 1);
    else if (c == '\\' || c == '_' || c == '*')
      ++i;
    else if (c == '[') { // [Red], [$-409], but also [h]
      const auto close = std::min(code.find(']', i), code.size() - 1);
      const char inner = i + 1 < code.size() ? lower(code[i + 1]) : ' ';
      if ((inner == 'h' || inner == 'm' || inner == 's') && close - i <= 3) clock = true;
      i = close;
    } else if (c == 'y' || c == 'd')
      day = true;
    else if (c == 'h' || c == 's')
      clock = true;
    else if (c == '%')
      percent = true;
    else if (c == 'g' && code.substr(i).starts_with("General"))
      return NumberKind::plain;
    else if (c == 'm' && !day && !clock && code.find_first_of("hHsS") == code.npos)
      day = true;
  }
  if (day) return clock ? NumberKind::date_time : NumberKind::date;
  if (clock) return NumberKind::time;
  return percent ? NumberKind::percent : NumberKind::plain;
}

std::vector<NumberKind> read_cell_styles(std::string_view styles_xml) {
  std::vector<NumberKind> styles;
  std::map<int, NumberKind> own;
  bool in_cells = false;
  MarkupReader reader(styles_xml, Dialect::xml);
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    const auto& name = reader.name();
    if (event == Event::end && name == "cellXfs") in_cells = false;
    if (event != Event::start) continue;
    if (name == "numFmt")
      own[to_int(reader.attribute("numFmtId"))] = kind_of_format(reader.attribute("formatCode"));
    else if (name == "cellXfs")
      in_cells = true;
    else if (name == "xf" && in_cells) {
      const int id = to_int(reader.attribute("numFmtId"));
      const auto found = own.find(id);
      styles.push_back(found != own.end() ? found->second : built_in(id));
    }
  }
  return styles;
}

std::string show_number(std::string_view value, NumberKind kind, bool since_1904) {
  value = trim(value);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(number))
    return std::string(value);
  const bool dated = kind != NumberKind::plain && kind != NumberKind::percent;
  if (dated && number >= 0 && number < 2'958'466) // the year 10000
    return show_date(number, kind, since_1904);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.15g",
                kind == NumberKind::percent ? number * 100 : number);
  return kind == NumberKind::percent ? std::string(buffer) + "%" : std::string(buffer);
}

} // namespace graphrag::document::formats
