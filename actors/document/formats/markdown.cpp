// Markdown with the tables of GitHub, by cmark-gfm: text without its marks.
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <memory>
#include <mutex>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/markup.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

using Node = std::unique_ptr<cmark_node, void (*)(cmark_node*)>;

Node parse_tree(const std::string& text) {
  static std::once_flag once; // the registry of extensions is global
  std::call_once(once, cmark_gfm_core_extensions_ensure_registered);
  const std::unique_ptr<cmark_parser, void (*)(cmark_parser*)> parser(
      cmark_parser_new(CMARK_OPT_DEFAULT), cmark_parser_free);
  for (const char* name : {"table", "strikethrough", "tasklist"})
    if (auto* extension = cmark_find_syntax_extension(name))
      cmark_parser_attach_syntax_extension(parser.get(), extension);
  cmark_parser_feed(parser.get(), text.data(), text.size());
  return {cmark_parser_finish(parser.get()), cmark_node_free};
}

bool is(cmark_node* node, std::string_view type) { // types of extensions have no constants
  return cmark_node_get_type_string(node) == type;
}

class MarkdownWriter {
public:
  explicit MarkdownWriter(TextBuilder& out) : out_(out) {}

  void write(cmark_node* root) {
    const std::unique_ptr<cmark_iter, void (*)(cmark_iter*)> walk(cmark_iter_new(root),
                                                                  cmark_iter_free);
    for (auto event = cmark_iter_next(walk.get()); event != CMARK_EVENT_DONE && !out_.full();
         event = cmark_iter_next(walk.get())) {
      auto* node = cmark_iter_get_node(walk.get());
      if (event == CMARK_EVENT_ENTER)
        enter(node);
      else
        leave(node);
    }
  }

private:
  void enter(cmark_node* node) {
    const auto type = cmark_node_get_type(node);
    const char* literal = cmark_node_get_literal(node);
    if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
      line_ += literal;
    else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
      line_ += '\n';
    else if (type == CMARK_NODE_HTML_INLINE)
      html_inline(literal);
    else if (type == CMARK_NODE_CODE_BLOCK)
      out_.add(BlockKind::code, literal);
    else if (type == CMARK_NODE_HTML_BLOCK)
      read_html(literal, out_);
    else if (type == CMARK_NODE_ITEM)
      item_depth_ += 1;
    else if (is(node, "table_cell") && cell_++ > 0)
      line_ += " | ";
  }

  void leave(cmark_node* node) {
    const auto type = cmark_node_get_type(node);
    if (type == CMARK_NODE_HEADING) {
      out_.heading(line_, cmark_node_get_heading_level(node));
    } else if (type == CMARK_NODE_PARAGRAPH) {
      out_.add(item_depth_ > 0 ? BlockKind::list_item : BlockKind::paragraph, line_);
    } else if (is(node, "table_row") || is(node, "table_header")) {
      out_.add_clean(BlockKind::table_row, clean_line(line_));
      cell_ = 0;
    } else {
      if (type == CMARK_NODE_ITEM) --item_depth_;
      return;
    }
    line_.clear();
  }

  void html_inline(std::string_view tag) {
    MarkupReader reader(tag, Dialect::html);
    if (reader.next() != MarkupReader::Event::start) return;
    if (reader.name() == "br")
      line_ += '\n';
    else if (reader.name() == "img")
      line_ += reader.attribute("alt");
  }

  TextBuilder& out_;
  std::string line_;
  int item_depth_ = 0;
  int cell_ = 0;
};

// "---\ntitle: x\n---" at the top, as static site generators write it.
std::string_view front_matter(std::string_view text) {
  if (!text.starts_with("---\n")) return {};
  const auto end = text.find("\n---\n", 3);
  return end == text.npos || end > 8192 ? std::string_view{} : text.substr(0, end + 5);
}

void read_front_matter(std::string_view lines, TextBuilder& out) {
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0 || is_blank(line[0]) || line[0] == '-') continue;
    auto value = trim(line.substr(colon + 1));
    if (value.size() > 1 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0])
      value = value.substr(1, value.size() - 2);
    const auto name = ascii_lower(line.substr(0, colon));
    if (name == "title")
      out.title(value);
    else
      out.property(name, value);
  }
}

} // namespace

void read_markdown(const std::string& utf8, TextBuilder& out) {
  const auto text = clean(utf8, Space::keep); // also CR LF and invalid bytes
  const auto front = front_matter(text);
  read_front_matter(front, out);
  const auto tree = parse_tree(text.substr(front.size()));
  MarkdownWriter(out).write(tree.get());
}

} // namespace graphrag::document::formats
