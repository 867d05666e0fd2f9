#include "actors/chunk/analyse.hpp"

#include <algorithm>

#include "actors/chunk/chunker.hpp"
#include "actors/chunk/entity_count.hpp"
#include "actors/entity/names.hpp"

namespace graphrag::chunk {
namespace {

std::string_view slice(std::string_view text, Span span) {
  return text.substr(span.start, span.end - span.start);
}

// The tokens of a few texts that count together as one chunk's terms.
class TermCounter {
public:
  void clear() { used_ = 0; }
  void add(std::string_view text) {
    tokenize(text, tokens_);
    if (terms_.size() < used_ + tokens_.size()) terms_.resize(used_ + tokens_.size());
    for (auto& token : tokens_)
      if (!token.term.empty()) terms_[used_++].swap(token.term);
  }
  void finish(AnalysedChunk& chunk) {
    chunk.length = static_cast<std::uint32_t>(used_);
    order_.resize(used_);
    for (std::size_t i = 0; i < used_; ++i) order_[i] = terms_[i];
    std::sort(order_.begin(), order_.end());
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < used_; ++i)
      distinct += i == 0 || order_[i] != order_[i - 1] ? 1 : 0;
    chunk.terms.reserve(distinct);
    for (const auto term : order_) {
      if (chunk.terms.empty() || chunk.terms.back().term != term)
        chunk.terms.push_back({std::string{term}, 0});
      ++chunk.terms.back().count;
    }
  }

private:
  std::vector<Token> tokens_;
  std::vector<std::string> terms_; // only the first `used_`; the others keep their memory
  std::vector<std::string_view> order_;
  std::size_t used_ = 0;
};

// The levels of a section path that the title does not already say.
void add_section(std::string_view section, std::string_view title, TermCounter& counter) {
  constexpr std::string_view between = " > ";
  while (!section.empty()) {
    const auto end = section.find(between);
    const auto level = section.substr(0, end);
    if (level != title) counter.add(level);
    section =
        end == std::string_view::npos ? std::string_view{} : section.substr(end + between.size());
  }
}

} // namespace

AnalysedDocument analyse(const document::ParsedDocument& document, std::string_view title,
                         const ChunkingOptions& options) {
  thread_local TermCounter counter;
  AnalysedDocument result;
  auto plans = cut_chunks(document, options);
  if (plans.empty() && !title.empty()) plans.emplace_back(); // still found by its title
  result.chunks.reserve(plans.size());
  const std::string_view text = document.text;
  std::vector<std::string_view> headings;
  for (auto& plan : plans) {
    auto& chunk = result.chunks.emplace_back();
    chunk.index = static_cast<std::uint32_t>(result.chunks.size() - 1);
    chunk.start_byte = plan.start_byte;
    chunk.end_byte = plan.end_byte;
    chunk.start = plan.start;
    chunk.end = plan.end;
    chunk.page = plan.page;
    chunk.section = std::move(plan.section);
    chunk.sentences = std::move(plan.sentences);
    const auto own = slice(text, {plan.start_byte, plan.end_byte});
    counter.clear();
    counter.add(own);
    counter.add(title);
    add_section(chunk.section, title, counter);
    counter.finish(chunk);
    headings.clear();
    for (const auto& heading : plan.headings) headings.push_back(slice(text, heading));
    entity::extract(own, title, headings, chunk);
  }
  result.entity_count = count_entities(result);
  return result;
}

} // namespace graphrag::chunk
