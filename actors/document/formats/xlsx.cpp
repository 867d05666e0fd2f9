// Workbooks: sheets in the order of their tabs, each row with anything in it as "a | b | c".
#include <charconv>
#include <set>
#include <vector>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/number_format.hpp"
#include "actors/document/formats/ooxml.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

using Event = MarkupReader::Event;
constexpr std::string_view main_part = "xl/workbook.xml";

struct Sheet {
  std::string name, part;
};

struct Workbook {
  std::vector<Sheet> sheets;
  std::vector<std::string> strings; // shared between cells
  std::vector<NumberKind> styles;
  bool since_1904 = false;
};

bool read_workbook(const Archive& archive, Workbook& book) {
  const auto* bytes = archive.find(main_part);
  if (bytes == nullptr) return false;
  const auto relations = relations_of(archive, main_part);
  std::string storage;
  std::set<std::string> seen;
  bool whole = false;
  MarkupReader reader(utf8_part(*bytes, storage), Dialect::xml);
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    if (event == Event::end && reader.name() == "workbook") whole = true;
    if (event != Event::start) continue;
    if (reader.name() == "workbookPr") {
      const auto date1904 = reader.attribute("date1904");
      book.since_1904 = date1904 == "1" || date1904 == "true";
    } else if (reader.name() == "sheet") {
      const auto relation = relations.find(reader.attribute("r:id"));
      if (relation != relations.end() && seen.insert(relation->second.target).second)
        book.sheets.push_back({reader.attribute("name"), relation->second.target});
    }
  }
  return whole;
}

// Rich text has several runs; the phonetic guide of Japanese text (rPh) is left out.
// There can be no more of them than cells, so what is beyond that is not kept.
void read_strings(std::string_view xml, std::size_t most, std::vector<std::string>& strings) {
  MarkupReader reader(xml, Dialect::xml);
  bool in_text = false;
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    const auto& name = reader.name();
    if (event == Event::text) {
      if (in_text && !strings.empty()) reader.append_text(strings.back());
    } else if (event == Event::start) {
      if (name == "si" && strings.size() >= most) return;
      if (name == "si")
        strings.emplace_back();
      else if (name == "rPh")
        skip_element(reader);
      else
        in_text = name == "t";
    } else {
      in_text = false;
    }
  }
}

class SheetReader {
public:
  SheetReader(std::string_view xml, const Sheet& sheet, const Workbook& book,
              std::size_t& cells_left, TextBuilder& out)
      : reader_(xml, Dialect::xml), sheet_(sheet), book_(book), cells_left_(cells_left), out_(out) {
  }

  void run() {
    for (auto event = reader_.next(); event != Event::done && !out_.full();
         event = reader_.next()) {
      if (event == Event::text) {
        if (in_value_) reader_.append_text(value_);
      } else if (event == Event::start) {
        start(reader_.name());
      } else {
        end(reader_.name());
      }
    }
  }

private:
  void start(const std::string& name) {
    if (name == "c") {
      type_ = reader_.attribute("t");
      style_ = reader_.attribute("s");
      value_.clear();
    } else if (name == "rPh") {
      skip_element(reader_);
    } else {
      in_value_ = name == "v" || name == "t";
    }
  }

  void end(const std::string& name) {
    in_value_ = false;
    if (name == "c")
      cell();
    else if (name == "row")
      row();
  }

  void cell() {
    if (value_.empty()) return;
    if (cells_left_-- == 0) {
      cells_left_ = 0;
      return out_.refuse(Errc::too_large,
                         "more than " + std::to_string(out_.limits().max_cells) + " cells");
    }
    const auto shown = clean_line(show());
    if (shown.empty()) return;
    if (!row_.empty()) row_ += " | ";
    row_ += shown;
    if (row_.size() > out_.limits().max_text_bytes) row(); // refuses
  }

  std::string show() const {
    if (type_ == "s")
      return book_.strings.size() > index(value_) ? book_.strings[index(value_)] : "";
    if (type_ == "b") return value_ == "0" ? "FALSE" : "TRUE";
    if (!type_.empty() && type_ != "n") return value_; // text, error, ISO date
    const auto style = index(style_);
    return show_number(value_,
                       style < book_.styles.size() ? book_.styles[style] : NumberKind::plain,
                       book_.since_1904);
  }

  static std::size_t index(std::string_view digits) {
    std::size_t value = std::string::npos;
    digits = trim(digits);
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }

  void row() {
    if (row_.empty()) return;
    if (!named_) out_.heading(sheet_.name, 1); // a sheet without any cell is no content
    named_ = true;
    out_.add_clean(BlockKind::table_row, row_);
    row_.clear();
  }

  MarkupReader reader_;
  const Sheet& sheet_;
  const Workbook& book_;
  std::size_t& cells_left_;
  TextBuilder& out_;
  std::string type_, style_, value_, row_;
  bool in_value_ = false, named_ = false;
};

} // namespace

Result<ParsedDocument> parse_xlsx(std::string_view bytes, const Limits& limits) {
  auto archive = Archive::open(bytes, limits, [](const std::string& name) {
    return name == main_part || name == "xl/_rels/workbook.xml.rels" || name == "xl/styles.xml" ||
           name == "xl/sharedstrings.xml" || name == "docprops/core.xml" ||
           name.starts_with("xl/worksheets/");
  });
  if (!archive) return tl::unexpected(archive.error());
  Workbook book;
  if (!read_workbook(*archive, book))
    return tl::unexpected(Error{Errc::corrupt, "xl/workbook.xml is missing or cut"});
  if (book.sheets.size() > limits.max_pages)
    return tl::unexpected(
        Error{Errc::too_large, "more than " + std::to_string(limits.max_pages) + " sheets"});
  std::string storage;
  if (const auto* xml = archive->find("xl/sharedStrings.xml"))
    read_strings(utf8_part(*xml, storage), limits.max_cells, book.strings);
  if (const auto* xml = archive->find("xl/styles.xml"))
    book.styles = read_cell_styles(utf8_part(*xml, storage));
  TextBuilder out(limits);
  read_core_properties(*archive, out);
  std::uint32_t number = 0;
  std::size_t cells_left = limits.max_cells;
  for (const auto& sheet : book.sheets) {
    out.page(++number);
    if (const auto* xml = archive->find(sheet.part))
      SheetReader(utf8_part(*xml, storage), sheet, book, cells_left, out).run();
  }
  out.pages(number);
  const bool pictures = archive->has_prefix("xl/media/");
  return out.finish("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                    pictures ? Errc::no_text_layer : Errc::empty_document,
                    pictures ? "only pictures in it" : "no cell has a value");
}

} // namespace graphrag::document::formats
