#pragma once
// A reader of tags and text in HTML and XML. It never fails, never nests, reads every byte once and
// expands no entity but single characters, so hostile input costs what its size costs. (The HTML
// parser of libxml2 2.9 takes 20 s for 0.9 MB of attributes and 9 s for 0.4 MB of stray end tags.)
#include <string>
#include <string_view>

namespace graphrag::document::formats {

enum class Dialect { html, xml };

class MarkupReader {
public:
  enum class Event { start, end, text, done };

  // The text must outlive the reader.
  MarkupReader(std::string_view text, Dialect dialect) : rest_(text), dialect_(dialect) {}

  // Comments, declarations and processing instructions are passed over. In HTML the content of
  // script, style and the like comes as one text that holds no tags.
  Event next();

  // Of start and end: the name; HTML in lower case, XML without its prefix.
  const std::string& name() const { return name_; }
  // Of start: <br/>. An end event follows only in XML.
  bool self_closing() const { return self_closing_; }
  // Of start: the decoded value of an attribute, empty when it is absent. In XML a name without
  // a prefix matches any prefix.
  std::string attribute(std::string_view name) const;
  bool has_attribute(std::string_view name) const;
  // Of text: adds it with references such as &amp; and &#233; decoded.
  void append_text(std::string& out) const;

private:
  Event tag();
  Event raw_text();
  bool skip_declaration();
  std::string_view find_attribute(std::string_view name, bool& found) const;

  std::string_view rest_;
  Dialect dialect_;
  std::string name_;
  std::string raw_element_; // HTML: inside <script> until </script>
  std::string_view body_;   // of a start tag: its attributes; of text: the text
  bool self_closing_ = false;
  bool literal_ = false; // text without references: CDATA, script
  bool pending_end_ = false;
};

// Adds `raw` with its references decoded; unknown ones stay as they are written.
void append_decoded(std::string_view raw, Dialect dialect, std::string& out);

} // namespace graphrag::document::formats
