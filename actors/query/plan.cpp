#include "actors/query/plan.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "actors/chunk/analyse.hpp"
#include "actors/entity/lexicon.hpp"
#include "actors/entity/names.hpp"
#include "actors/entity/words.hpp"
#include "actors/query/weights.hpp"

namespace graphrag::query {
namespace {

constexpr std::size_t max_name_words = 14;
constexpr std::size_t max_words = 128; // of a question, searched for names

using entity::Words;

void find_terms(View& view, std::string_view question, Plan& plan) {
  thread_local std::vector<chunk::Token> tokens;
  chunk::tokenize(question, tokens);
  plan.cues.read(tokens);
  for (const auto& token : tokens) {
    const auto term = view.find_term(token.term);
    if (term == chunk::no_term || view.document_frequency(term) == 0) continue;
    auto known = std::find_if(plan.terms.begin(), plan.terms.end(),
                              [&](const auto& t) { return t.term == term; });
    if (known != plan.terms.end()) {
      known->weight += 1;
      continue;
    }
    if (plan.terms.size() == max_terms) continue;
    plan.terms.push_back({term, 1});
    plan.idf.push_back(view.idf(term));
  }
}

// With a capital that the sentence's beginning does not explain.
bool written_as_name(const Words& words, std::uint32_t first, std::uint32_t last) {
  for (auto i = first; i <= last; ++i) {
    const auto& word = words[i];
    if (word.has(entity::word_han) || word.has(entity::word_upper)) return true;
    const bool opens = i == 0 || (word.gap & entity::gap_stop) != 0;
    if (word.has(entity::word_capital) && !opens) return true;
  }
  return false;
}

// Whether words [first, last] may be a name at all: not only small words.
bool may_be_name(const Words& words, std::uint32_t first, std::uint32_t last) {
  if (words[first].has(entity::word_han)) return last > first;
  for (auto i = first; i <= last; ++i)
    if (!words[i].is(entity::class_function | entity::class_be) && words[i].size > 1) return true;
  return last > first && written_as_name(words, first, last);
}

// Whether a name says what is asked of another, such as "place of birth": one relation, and
// besides it only words for the kind of thing that answers.
bool is_asked_for(const Plan& plan, const Words& words, std::string_view question,
                  const QuestionName& name) {
  static constexpr std::string_view answers[] = {"age",  "cause", "date", "day",
                                                 "name", "place", "time", "year"};
  std::size_t relations = 0;
  for (auto i = name.first; i <= name.last; ++i) {
    if (words[i].is(entity::class_function | entity::class_be)) continue;
    const auto span = words.span(i, i);
    if (plan.cues.in(question.substr(span.start, span.end - span.start))) {
      ++relations;
      continue;
    }
    AskedKinds kinds;
    kinds.add_noun(words, i);
    if (!kinds.any() && std::ranges::find(answers, words.folded(i)) == std::end(answers))
      return false;
  }
  return relations == 1;
}

// Of a question that names something, only that is looked up, not what is asked of it.
void leave_out_what_is_asked(const Words& words, std::string_view question, Plan& plan) {
  const auto asked = [&](const QuestionName& name) {
    return !name.written_as_name && is_asked_for(plan, words, question, name);
  };
  const auto names_a_thing = [&](const QuestionName& name) {
    return name.has_home && !asked(name);
  };
  if (std::ranges::any_of(plan.names, names_a_thing)) std::erase_if(plan.names, asked);
}

float sum_of_idf(View& view, std::string_view question, chunk::Span span) {
  thread_local std::vector<chunk::Token> tokens;
  chunk::tokenize(question.substr(span.start, span.end - span.start), tokens);
  float sum = 0;
  for (const auto& token : tokens) sum += view.idf(view.find_term(token.term));
  return sum;
}

// How much a name of these words tells: 1 for a rare word or several, less for a single usual one.
float specificity(View& view, float idf) {
  return std::min(
      1.0F, idf / (weights::specific_idf * std::log(static_cast<float>(view.chunk_count()) + 2)));
}

// From the words outside of the names.
void find_kinds(const Words& words, Plan& plan) {
  const auto size = static_cast<std::uint32_t>(std::min(words.size(), max_words));
  const auto outside = [&](auto&& add) {
    auto name = plan.names.begin();
    for (std::uint32_t i = 0; i < size; ++i) {
      while (name != plan.names.end() && name->last < i) ++name;
      const bool named = name != plan.names.end() && name->first <= i && name->written_as_name;
      if (!named) add(i);
    }
  };
  plan.kinds.clear();
  outside([&](std::uint32_t i) { plan.kinds.add_noun(words, i); });
  if (!plan.kinds.any()) outside([&](std::uint32_t i) { plan.kinds.add_question_word(words, i); });
}

void find_names(View& view, std::string_view question, const Words& words, Plan& plan) {
  const auto size = static_cast<std::uint32_t>(std::min(words.size(), max_words));
  for (std::uint32_t first = 0; first < size && plan.names.size() < max_names;) {
    QuestionName found;
    auto end = std::min<std::uint32_t>(size, first + max_name_words);
    for (auto last = end; last-- > first;) {
      if (!may_be_name(words, first, last)) continue;
      const auto key = entity::name_key(words.normal(first, last));
      const auto name = view.find_name(key);
      if (name == chunk::no_term) continue;
      const bool at_home = view.has_home(name);
      if (!at_home && (view.mention_count(name) == 0 || !written_as_name(words, first, last)))
        continue;
      if (found.name != chunk::no_term && !at_home) continue; // a longer one is known already
      // Words on both sides of a comma are one name only if a home writes it with a comma too.
      if (at_home && comma_within(words, first, last) && !view.home_has_comma(name)) continue;
      found = {name, key, first, last, at_home, written_as_name(words, first, last), 1};
      if (at_home) break;
    }
    if (found.name == chunk::no_term) {
      ++first;
      continue;
    }
    if (found.has_home) {
      found.idf = sum_of_idf(view, question, words.span(found.first, found.last));
      found.weight = specificity(view, found.idf);
    }
    plan.names.push_back(found);
    first = found.has_home ? found.last + 1 : first + 1;
  }
  leave_out_what_is_asked(words, question, plan);
}

} // namespace

bool comma_within(const Words& words, std::uint32_t first, std::uint32_t last) {
  for (auto i = first + 1; i <= last; ++i)
    if ((words[i].gap & (entity::gap_comma | entity::gap_colon)) != 0) return true;
  return false;
}

float Plan::unnamed_share() const {
  float all = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) all += terms[i].weight * idf[i];
  float named = 0;
  for (const auto& name : names)
    if (name.has_home && name.written_as_name) named += name.weight * name.idf;
  return all > 0 ? std::clamp(1 - named / all, 0.0F, 1.0F) : 1;
}

void read_ahead(std::string_view question, std::vector<std::string>& terms,
                std::vector<NameAhead>& names) {
  std::vector<chunk::Token> tokens;
  std::unordered_set<std::string> seen;
  const auto add_terms = [&](std::string_view text) {
    chunk::tokenize(text, tokens);
    for (const auto& token : tokens)
      if (!token.term.empty() && seen.insert(token.term).second) terms.push_back(token.term);
  };
  add_terms(question);
  Words words;
  words.read(question);
  std::unordered_map<std::uint64_t, std::size_t> numbers;
  const auto size = static_cast<std::uint32_t>(std::min(words.size(), max_words));
  for (std::uint32_t first = 0; first < size; ++first) {
    // A name's words are weighed by themselves, and are not always cut as within the question.
    const auto word = words.span(first, first);
    add_terms(question.substr(word.start, word.end - word.start));
    const auto end = std::min<std::uint32_t>(size, first + max_name_words);
    for (auto last = first; last < end; ++last) {
      if (!may_be_name(words, first, last)) continue;
      const auto key = entity::name_key(words.normal(first, last));
      const auto [known, fresh] = numbers.try_emplace(key, names.size());
      if (fresh) names.push_back({key});
      auto& name = names[known->second];
      name.comma = name.comma || comma_within(words, first, last);
    }
  }
}

void make_plan(View& view, std::string_view question, Plan& plan) {
  plan.terms.clear();
  plan.idf.clear();
  plan.names.clear();
  find_terms(view, question, plan);
  thread_local Words words;
  words.read(question);
  find_names(view, question, words, plan);
  find_kinds(words, plan);
}

} // namespace graphrag::query
