// The text of any XML: one line per element that holds text, a block per element around them;
// elements inside running text do not break it.
#include <string>
#include <vector>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/markup.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

using Event = MarkupReader::Event;

class XmlReader {
public:
  XmlReader(std::string_view text, TextBuilder& out)
      : reader_(text, Dialect::xml), out_(out), open_(1) {}

  void run() {
    for (auto event = reader_.next(); event != Event::done && !out_.full();
         event = reader_.next()) {
      if (event == Event::text)
        text();
      else if (event == Event::start)
        start();
      else
        end();
    }
    flush();
  }

private:
  enum class Break { none, line, block };
  struct Element {
    bool text = false;     // has running text of its own
    bool children = false; // has had elements inside
  };

  void text() {
    scratch_.clear();
    reader_.append_text(scratch_);
    if (trim(scratch_).empty()) {
      if (!scratch_.empty()) space_ = true;
      return;
    }
    auto& element = open_.back();
    const bool goes_on = element.text || element.children; // after <b>...</b>: the same line
    if (!goes_on || break_ == Break::block)
      apply_break();
    else if (space_ && !block_.empty() && !is_blank(block_.back()))
      block_ += ' ';
    break_ = Break::none;
    space_ = false;
    element.text = true;
    block_ += scratch_;
  }

  void start() {
    auto& parent = open_.back();
    if (!parent.text) raise(Break::line);
    parent.children = true;
    open_.emplace_back();
  }

  void end() {
    if (open_.size() < 2) return;
    const auto closed = open_.back();
    open_.pop_back();
    if (!open_.back().text) raise(closed.children && !closed.text ? Break::block : Break::line);
  }

  void raise(Break to) { break_ = std::max(break_, to); }

  void apply_break() {
    if (break_ == Break::block)
      flush();
    else if (break_ == Break::line && !block_.empty())
      block_ += '\n';
  }

  void flush() {
    std::string lines; // inside a line, newlines of the source are blanks
    for (std::string_view rest = block_; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const auto line = trim(rest.substr(0, end));
      if (!line.empty()) (lines += line) += '\n';
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    out_.add(BlockKind::paragraph, lines);
    block_.clear();
  }

  MarkupReader reader_;
  TextBuilder& out_;
  std::vector<Element> open_; // the document itself at the bottom
  std::string block_, scratch_;
  Break break_ = Break::none;
  bool space_ = false;
};

} // namespace

void read_xml(std::string_view utf8, TextBuilder& out) { XmlReader(utf8, out).run(); }

} // namespace graphrag::document::formats
