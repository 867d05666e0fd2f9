#include "actors/query/plan.hpp"

#include <algorithm>
#include <cmath>

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

void find_terms(const chunk::ReadView& view, std::string_view question, Plan& plan) {
  thread_local std::vector<chunk::Token> tokens;
  chunk::tokenize(question, tokens);
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

// How much a name of these words tells: 1 for a rare word or several, less for a single usual one.
float specificity(const chunk::ReadView& view, std::string_view question, chunk::Span span) {
  thread_local std::vector<chunk::Token> tokens;
  chunk::tokenize(question.substr(span.start, span.end - span.start), tokens);
  float sum = 0;
  for (const auto& token : tokens) sum += view.idf(view.find_term(token.term));
  return std::min(
      1.0F, sum / (weights::specific_idf * std::log(static_cast<float>(view.chunk_count()) + 2)));
}

void find_names(const chunk::ReadView& view, std::string_view question, Plan& plan) {
  thread_local Words words;
  words.read(question);
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
      found = {name, key, first, last, at_home, written_as_name(words, first, last), 1};
      if (at_home) break;
    }
    if (found.name == chunk::no_term) {
      ++first;
      continue;
    }
    if (found.has_home)
      found.weight = specificity(view, question, words.span(found.first, found.last));
    plan.names.push_back(found);
    first = found.has_home ? found.last + 1 : first + 1;
  }
}

} // namespace

void make_plan(const chunk::ReadView& view, std::string_view question, Plan& plan) {
  plan.terms.clear();
  plan.idf.clear();
  plan.names.clear();
  find_terms(view, question, plan);
  find_names(view, question, plan);
}

} // namespace graphrag::query
