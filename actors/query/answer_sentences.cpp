#include "actors/query/answer_sentences.hpp"

#include <algorithm>
#include <set>

#include "actors/chunk/characters.hpp"
#include "actors/entity/lexicon.hpp"
#include "actors/entity/words.hpp"

namespace graphrag::query {
namespace {

constexpr std::uint32_t short_sentence = 4; // words; headings and the like count half

std::string_view text_of(const chunk::ChunkView& passage, const chunk::Span& span) {
  return passage.text.substr(span.start, span.end - span.start);
}

// A name that the question does not hold itself.
bool names_something(const chunk::AnalysedChunk& chunk, chunk::Span span, const Plan& plan) {
  return std::any_of(chunk.mentions.begin(), chunk.mentions.end(), [&](const auto& mention) {
    return mention.span.start >= span.start && mention.span.end <= span.end &&
           !mention.normal.empty() &&
           std::none_of(plan.names.begin(), plan.names.end(),
                        [&](const auto& name) { return name.key == mention.key; });
  });
}

// "Six months", but not "one of them".
bool holds_number_word(std::string_view text) {
  static const std::set<std::string, std::less<>> numbers{
      "two",    "three",   "four",     "five",    "six",      "seven",    "eight",
      "nine",   "ten",     "eleven",   "twelve",  "thirteen", "fourteen", "fifteen",
      "twenty", "thirty",  "forty",    "fifty",   "sixty",    "seventy",  "eighty",
      "ninety", "hundred", "thousand", "million", "billion"};
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && chunk::is_ascii_letter(text[i])) {
      word += chunk::ascii_lower(text[i]);
      continue;
    }
    if (!word.empty() && numbers.contains(word)) return true;
    word.clear();
  }
  return false;
}

// Digits, words for numbers, or Chinese numerals before a unit.
bool holds_number(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), chunk::is_ascii_digit)) return true;
  if (holds_number_word(text)) return true;
  constexpr std::string_view numerals = "〇零一二三四五六七八九十百千万两",
                             units = "年月日号岁个座米公里人名位架本部条次元吨万千百十点";
  const auto is_one_of = [&](std::string_view set, std::size_t at) {
    if (chunk::decode(text, at).bytes != 3) return false;
    const auto found = set.find(text.substr(at, 3)); // all in the sets have three bytes
    return found != std::string_view::npos && found % 3 == 0;
  };
  for (std::size_t at = 0; at + 3 < text.size(); at += chunk::decode(text, at).bytes)
    if (is_one_of(numerals, at) && is_one_of(units, at + 3)) return true;
  return false;
}

// Ends as sentences do, perhaps within quotes or brackets.
bool ends_fully(std::string_view text) {
  for (const std::string_view close : {"\"", "'", ")", "]", "”", "’", "」", "』", "）"})
    while (text.ends_with(close)) text.remove_suffix(close.size());
  for (const std::string_view end : {".", "!", "?", "…", ":", ";", "。", "！", "？", "：", "；"})
    if (text.ends_with(end)) return true;
  return false;
}

// A heading, or a line of a list that only names something. Lines with numbers or "key: value" say
// something themselves.
bool is_heading(std::string_view text, std::uint32_t words) {
  constexpr std::uint32_t most_words = 9;
  return words <= most_words && !ends_fully(text) &&
         std::none_of(text.begin(), text.end(), chunk::is_ascii_digit) &&
         text.find(": ") == std::string_view::npos && text.find("：") == std::string_view::npos;
}

// The lines before a mail, which hold names and dates that say nothing of each other.
bool is_mail_head(std::string_view text) {
  for (const std::string_view field : {"From: ", "To: ", "Cc: ", "Date: ", "Subject: "})
    if (text.starts_with(field)) return true;
  return false;
}

bool asks(std::string_view text) { return text.ends_with("?") || text.ends_with("？"); }

bool begins_with_pronoun(std::string_view text) {
  for (const std::string_view pronoun : {"他", "她", "它", "该", "其"})
    if (text.starts_with(pronoun)) return true;
  std::string word;
  for (const char c : text) {
    if (!chunk::is_ascii_letter(c)) break;
    word += chunk::ascii_lower(c);
  }
  return word == "this" || word == "these" ||
         (entity::word_classes(word) & entity::class_pronoun) != 0;
}

// The topic, perhaps after an article or one more word, and then "is", ", a", "(", 是 and the like.
bool defines(std::string_view text, std::string_view topic) {
  constexpr std::size_t words_before = 1;
  if (!chunk::is_ascii(topic.front()))
    return text.starts_with(topic) && (text.substr(topic.size()).starts_with("是") ||
                                       text.substr(topic.size()).starts_with("：") ||
                                       text.substr(topic.size()).starts_with("，") ||
                                       text.substr(topic.size()).starts_with("（"));
  thread_local entity::Words words;
  words.read(text);
  for (std::size_t first = 0; first <= words_before && first < words.size(); ++first)
    for (auto last = first; last < words.size() && last < first + 6; ++last) {
      if (words.normal(first, last) != topic) continue;
      if (last + 1 == words.size()) return false;
      const auto gap = words.gap_after(last);
      return words[last + 1].is(entity::class_be) || (gap & entity::gap_open) != 0 ||
             (first == 0 && (gap & entity::gap_colon) != 0) ||
             ((gap & entity::gap_comma) != 0 &&
              (words[last + 1].is(entity::class_article) ||
               (first == 0 && !words[last + 1].is(entity::class_function | entity::class_pronoun |
                                                  entity::class_says))));
    }
  return false;
}

// How many cells a line of a table has; 1 for prose. As documents' texts show tables.
std::size_t cells(std::string_view text) {
  std::size_t count = 1;
  for (auto at = text.find(" | "); at != std::string_view::npos; at = text.find(" | ", at + 3))
    ++count;
  return count;
}

// Gives the rows of tables their header: the first line of as many cells, or the line before with
// one cell less (that above the names of the rows is often empty). A line of cells that stands
// alone heads something else, as a menu does.
void join_tables(const chunk::ChunkView& passage, std::size_t first,
                 std::vector<Sentence>& sentences) {
  std::vector<std::size_t> width;
  for (auto i = first; i < sentences.size(); ++i)
    width.push_back(cells(text_of(passage, sentences[i].span)));
  const auto adjacent = [&](std::size_t i) { // to the line before
    const auto from = sentences[i - 1].span.end, to = sentences[i].span.start;
    return to >= from &&
           passage.text.substr(from, to - from).find("\n\n") == std::string_view::npos;
  };
  const auto has_digit = [&](std::size_t i) {
    const auto text = text_of(passage, sentences[i].span);
    return std::any_of(text.begin(), text.end(), chunk::is_ascii_digit);
  };
  for (auto begin = first; begin < sentences.size();) {
    const auto columns = width[begin - first];
    auto end = begin + 1;
    while (end < sentences.size() && width[end - first] == columns && adjacent(end)) ++end;
    if (columns > 2 && end - begin == 1) sentences[begin].heads = !has_digit(begin);
    if (columns > 1 && end - begin > 1) {
      const bool above = begin > first && columns > 2 && width[begin - 1 - first] + 1 == columns &&
                         adjacent(begin);
      const auto header = above ? begin - 1 : begin;
      // A table goes on from one chunk to the next without its header.
      if (header == first && passage.chunk->index > 0 && has_digit(header)) {
        begin = end;
        continue;
      }
      sentences[header].heads = true;
      for (auto row = header + 1; row < end; ++row) {
        auto& sentence = sentences[row];
        if ((sentence.covered.words | sentence.covered.relations) == 0)
          continue; // of something else
        sentence.before = static_cast<std::uint32_t>(header);
        sentence.covered |= sentences[header].covered;
        sentence.is_short = sentence.names_only = false;
      }
    }
    begin = end;
  }
}

} // namespace

void read_sentences(const chunk::ChunkView& passage, std::uint32_t source, const Plan& plan,
                    const AskedWords& asked, std::vector<Sentence>& sentences) {
  thread_local std::vector<chunk::Token> tokens;
  chunk::tokenize(passage.text, tokens);
  const auto first = sentences.size();
  std::size_t at = 0;
  auto complete = Sentence::none; // the last that began with no pronoun
  for (const auto& span : passage.chunk->sentences) {
    const auto text = text_of(passage, span);
    Sentence sentence;
    sentence.source = source;
    sentence.span = span;
    std::uint32_t words = 0;
    while (at < tokens.size() && tokens[at].span.start < span.start) ++at;
    for (; at < tokens.size() && tokens[at].span.start < span.end; ++at, ++words)
      asked.mark(tokens[at], sentence.covered);
    sentence.names_only = is_heading(text, words);
    sentence.is_short = words < short_sentence || sentence.names_only || is_mail_head(text);
    sentence.opens = passage.chunk->index == 0 && sentences.size() == first;
    if (asked.wanted() == Wanted::number) sentence.holds_wanted = holds_number(text);
    if (asked.wanted() == Wanted::name)
      sentence.holds_wanted = names_something(*passage.chunk, span, plan);
    sentence.defines = !asked.topic().empty() && defines(text, asked.topic());
    if (sentences.size() > first && asks(text_of(passage, sentences.back().span))) {
      sentence.before = static_cast<std::uint32_t>(sentences.size() - 1);
      sentence.covered |= sentences.back().covered; // it answers that
    } else if (begins_with_pronoun(text)) {
      sentence.before = complete;
    }
    sentence.heads = asks(text);
    if (!begins_with_pronoun(text) && !sentence.names_only)
      complete = static_cast<std::uint32_t>(sentences.size());
    sentences.push_back(sentence);
  }
  join_tables(passage, first, sentences);
}

} // namespace graphrag::query
