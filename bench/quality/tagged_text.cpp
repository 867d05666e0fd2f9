#include "bench/quality/tagged_text.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace names_eval {
namespace {

// Puts one sentence's tokens at the end of a text.
class Printer {
public:
  explicit Printer(std::string& text) : text_(text) {}

  void print(Sentence& sentence) {
    glued_ = true;
    quote_ = single_ = false;
    for (const auto& token : sentence.tokens) {
      const bool closes = attaches_before(token);
      if (!glued_ && !closes) text_ += ' ';
      const auto start = static_cast<std::uint32_t>(text_.size());
      text_ += token == "_" ? "\u2014" : token; // the set's way to write a dash
      sentence.places.push_back({start, static_cast<std::uint32_t>(text_.size())});
      glued_ = attaches_after(token, closes);
      last_ = token;
    }
  }

private:
  bool attaches_before(const std::string& token) const {
    static constexpr std::string_view closing = ",.;:!?)]%";
    if (token.size() == 1 && closing.find(token[0]) != std::string_view::npos) return true;
    if (token == "\"") return quote_;
    if (token == "''" || token == "n't") return true;
    if (token == "'") return single_ || last_.ends_with("s") || last_ == "'";
    if (token == "`") return false;
    return token.size() > 1 && token[0] == '\'' && token.size() <= 3;
  }
  bool attaches_after(const std::string& token, bool closes) {
    if (token == "(" || token == "[" || token == "$" || token == "#" || token == "``") return true;
    if (token == "\"") return quote_ = !quote_;
    if (token == "`") return single_ = true;
    if (token == "'") {
      const bool pair = last_ == "'";
      single_ = pair ? false : !closes;
      return !closes;
    }
    return false;
  }

  std::string& text_;
  std::string last_;
  bool glued_ = true, quote_ = false, single_ = false;
};

void close_sentence(Document& document, Sentence& sentence) {
  if (sentence.tokens.empty()) return;
  if (!document.text.empty()) document.text += "\n\n";
  Printer{document.text}.print(sentence);
  document.sentences.push_back(std::move(sentence));
  sentence = {};
}

// One more token: it goes on with the name before it unless the tag says otherwise.
void add_token(Sentence& sentence, std::string token, std::string_view tag) {
  const auto at = static_cast<std::uint32_t>(sentence.tokens.size());
  sentence.tokens.push_back(std::move(token));
  if (tag == "O" || tag.size() < 3) return;
  const auto type = std::string{tag.substr(2)};
  const bool goes_on = tag[0] == 'I' && !sentence.names.empty() &&
                       sentence.names.back().end == at && sentence.name_types.back() == type;
  if (goes_on) {
    sentence.names.back().end = at + 1;
    return;
  }
  sentence.names.push_back({at, at + 1});
  sentence.name_types.push_back(type);
}

std::ifstream open(const std::string& path) {
  std::ifstream in{path};
  if (!in) throw std::runtime_error("cannot read " + path);
  return in;
}

// The items of "['a', 'b']" or "[1, 2]".
std::vector<std::string> items(std::string_view list) {
  std::vector<std::string> out;
  std::string item;
  for (const char c : list) {
    if (c == ',' || c == ']') {
      if (!item.empty()) out.push_back(std::exchange(item, {}));
    } else if (c != '[' && c != '\'' && c != ' ' && c != '\r') {
      item += c;
    }
  }
  return out;
}

} // namespace

std::vector<Document> read_column_file(const std::string& path, bool whole) {
  auto in = open(path);
  std::vector<Document> documents(1);
  Sentence sentence;
  auto next_document = [&] {
    if (!documents.back().sentences.empty()) documents.emplace_back();
  };
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields{line};
    std::string token, tag;
    fields >> token >> tag;
    if (!token.empty() && token != "-DOCSTART-") {
      add_token(sentence, std::move(token), tag);
      continue;
    }
    close_sentence(documents.back(), sentence);
    if (!whole || token == "-DOCSTART-") next_document();
  }
  close_sentence(documents.back(), sentence);
  if (documents.back().sentences.empty()) documents.pop_back();
  return documents;
}

std::vector<Document> read_relation_file(const std::string& path) {
  auto in = open(path);
  std::vector<Document> documents;
  Sentence sentence;
  auto close = [&] {
    if (sentence.tokens.empty()) return;
    auto& relations = sentence.relations;
    std::sort(relations.begin(), relations.end());
    relations.erase(std::unique(relations.begin(), relations.end()), relations.end());
    close_sentence(documents.emplace_back(), sentence);
  };
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> fields;
    std::istringstream columns{line};
    for (std::string field; std::getline(columns, field, '\t');) fields.push_back(field);
    if (fields.size() < 5) {
      close();
      continue;
    }
    const auto subject = static_cast<std::uint32_t>(sentence.tokens.size());
    const auto types = items(fields[3]);
    const auto objects = items(fields[4]);
    for (std::size_t i = 0; i < types.size() && i < objects.size(); ++i)
      if (types[i] != "N")
        sentence.relations.push_back(
            {subject, static_cast<std::uint32_t>(std::stoul(objects[i])), types[i]});
    add_token(sentence, fields[1], fields[2]);
  }
  close();
  return documents;
}

std::pair<std::size_t, TokenRange> tokens_at(const Document& document,
                                             graphrag::chunk::Span bytes) {
  for (std::size_t s = 0; s < document.sentences.size(); ++s) {
    const auto& places = document.sentences[s].places;
    if (places.back().end <= bytes.start) continue;
    if (places.back().end < bytes.end) return {s, {}};
    TokenRange range;
    while (places[range.first].end <= bytes.start) ++range.first;
    range.end = range.first;
    while (range.end < places.size() && places[range.end].start < bytes.end) ++range.end;
    return {s, range};
  }
  return {0, {}};
}

} // namespace names_eval
