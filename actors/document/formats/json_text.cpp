// JSON as readable lines "path: value". Arrays of plain values share a line; each object of a list
// of objects (a record) becomes a block of its own.
#include <nlohmann/json.hpp>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

constexpr std::size_t max_path_bytes = 512; // of a line's label; longer paths lose their middle
constexpr std::size_t record_depth = 2;     // lists of records this deep make blocks

// Takes the events of nlohmann's parser, which keeps no tree and does not recurse.
class Flattener : public nlohmann::json_sax<nlohmann::json> {
public:
  Flattener(TextBuilder& out, bool one_of_many) : out_(out), one_of_many_(one_of_many) {}

  const std::string& error() const { return error_; }
  void flush() {
    out_.add(BlockKind::paragraph, block_);
    block_.clear();
  }

  bool null() override { return value({}); }
  bool boolean(bool v) override { return value(v ? "true" : "false"); }
  bool number_integer(number_integer_t v) override { return value(std::to_string(v)); }
  bool number_unsigned(number_unsigned_t v) override { return value(std::to_string(v)); }
  bool number_float(number_float_t, const string_t& text) override { return value(text); }
  bool string(string_t& v) override { return value(v); }
  bool binary(binary_t&) override { return true; }

  bool key(string_t& name) override {
    auto& frame = open_.back();
    path_.resize(frame.path);
    if (!path_.empty()) path_ += '.';
    path_ += prefix(name, max_path_bytes);
    return true;
  }
  bool start_object(std::size_t) override { return start(false); }
  bool start_array(std::size_t) override { return start(true); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_ = "not JSON at byte " + std::to_string(position);
    return false;
  }

private:
  struct Frame {
    bool array;
    bool line_open = false; // an array whose plain values share a line
    bool record = false;
    std::size_t path; // its length when the frame was opened
    std::size_t count = 0;
  };

  bool start(bool array) {
    if (open_.size() >= out_.limits().max_depth) {
      out_.refuse(Errc::too_large,
                  "nested deeper than " + std::to_string(out_.limits().max_depth) + " levels");
      return false;
    }
    Frame frame{.array = array, .path = 0};
    if (!open_.empty() && open_.back().array) {
      auto& parent = open_.back();
      parent.line_open = false;
      path_.resize(parent.path);
      frame.record = !array && open_.size() <= record_depth;
      if (!(frame.record && open_.size() == 1)) // records of the top list need no number
        path_ += "[" + std::to_string(parent.count) + "]";
      ++parent.count;
    }
    if (frame.record) flush();
    frame.path = path_.size();
    open_.push_back(frame);
    return !out_.full();
  }

  bool end() {
    const auto frame = open_.back();
    open_.pop_back();
    if (frame.record) flush();
    if (!open_.empty()) path_.resize(open_.back().path);
    return !out_.full();
  }

  bool value(std::string_view text) {
    const bool in_array = !open_.empty() && open_.back().array;
    if (in_array) {
      ++open_.back().count;
      path_.resize(open_.back().path);
    }
    if (trim(text).empty()) return true;
    if (in_array && open_.back().line_open) {
      block_ += ", ";
    } else {
      if (!block_.empty()) block_ += '\n';
      if (!path_.empty()) {
        append_path();
        block_ += ": ";
      }
      if (in_array) open_.back().line_open = true;
    }
    block_ += text;
    if (!one_of_many_ && open_.size() == 1 && path_ == "title") out_.title(text);
    if (block_.size() > out_.limits().max_text_bytes) flush(); // refuses
    return !out_.full();
  }

  // Long paths lose their middle, which keeps the output linear in the input.
  void append_path() {
    if (path_.size() <= max_path_bytes) {
      block_ += path_;
      return;
    }
    auto cut = path_.size() - max_path_bytes / 2;
    while (cut < path_.size() && (static_cast<unsigned char>(path_[cut]) & 0xc0) == 0x80) ++cut;
    block_ += prefix(path_, max_path_bytes / 2);
    block_ += "…";
    block_ += std::string_view(path_).substr(cut);
  }

  TextBuilder& out_;
  bool one_of_many_;
  std::vector<Frame> open_;
  std::string path_, block_, error_;
};

} // namespace

void read_json(std::string_view utf8, TextBuilder& out) {
  Flattener flat(out, false);
  if (!nlohmann::json::sax_parse(utf8.begin(), utf8.end(), &flat))
    return out.refuse(Errc::corrupt, flat.error());
  flat.flush();
}

void read_ndjson(std::string_view utf8, TextBuilder& out) {
  std::size_t number = 0;
  while (!utf8.empty() && !out.full()) {
    const auto end = std::min(utf8.find('\n'), utf8.size());
    const auto line = trim(utf8.substr(0, end));
    utf8.remove_prefix(std::min(end + 1, utf8.size()));
    ++number;
    if (line.empty()) continue;
    Flattener flat(out, true);
    if (!nlohmann::json::sax_parse(line.begin(), line.end(), &flat))
      return out.refuse(Errc::corrupt, flat.error() + " of line " + std::to_string(number));
    flat.flush();
  }
}

} // namespace graphrag::document::formats
