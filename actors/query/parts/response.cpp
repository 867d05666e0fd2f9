#include "actors/query/parts/response.hpp"

#include <algorithm>
#include <numeric>

#include "actors/chunk/characters.hpp"
#include "actors/query/parts/fields.hpp"

namespace graphrag::query::parts {
namespace {

using runtime::Errc;
using runtime::fail;

constexpr std::uint32_t fixed_fields = 37, passage_fields = 15;
constexpr auto last_code = static_cast<std::uint32_t>(Errc::io);

void put(FieldWriter& out, const Rows& rows) {
  out.column(rows.refs.shard);
  out.column(rows.refs.ord);
  out.column(rows.index);
  out.column(rows.flags);
  out.column(rows.similarity);
  out.texts(rows.documents);
  out.number(rows.width);
  out.column(rows.contributions);
}

void put(FieldWriter& out, const Found& found) {
  out.column(found.rows);
  out.column(found.scores);
}

void put(FieldWriter& out, const Names& names) {
  out.column(names.asked);
  out.column(names.counts);
  out.column(names.flags);
  out.column(names.levels);
  out.column(names.level_confidence);
  out.column(names.level_homes);
  out.column(names.homes);
  out.column(names.home_rows);
  out.column(names.home_confidence);
  out.column(names.home_tie);
  out.column(names.home_kind);
  out.column(names.mentions);
  out.column(names.mention_rows);
  out.column(names.first_mention);
  out.column(names.kinds);
  out.texts(names.written);
}

void put(FieldWriter& out, const Passage& passage) {
  out.number(passage.row);
  out.number(passage.page);
  out.number(passage.start);
  out.number(passage.end);
  out.number(passage.whole ? 1 : 0);
  out.text(passage.title);
  out.text(passage.section);
  out.text(passage.chunk_id);
  out.text(passage.text);
  out.text(passage.metadata);
  out.column(passage.sentences);
  out.column(passage.mention_keys);
  out.column(passage.mention_spans);
  out.column(passage.mention_kinds);
  out.column(passage.home_keys);
}

bool all_below(const std::vector<std::uint32_t>& values, std::size_t bound) {
  return std::all_of(values.begin(), values.end(), [&](auto value) { return value < bound; });
}
// No honest number is larger, and none smaller makes a ranking overflow.
constexpr float most_contribution = 1e6F, most_score = 1e9F;
bool all_within(const std::vector<float>& values, float low, float high) {
  return std::all_of(values.begin(), values.end(),
                     [&](float value) { return value >= low && value <= high; });
}
bool adds_up(const std::vector<std::uint32_t>& counts, std::size_t to) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) == to;
}

void read(FieldReader& in, Rows& rows) {
  in.column(rows.refs.shard);
  in.column(rows.refs.ord);
  in.column(rows.index);
  in.column(rows.flags);
  in.column(rows.similarity);
  in.texts(rows.documents);
  in.number(rows.width);
  in.column(rows.contributions);
  const auto size = rows.refs.shard.size();
  const bool fits = rows.refs.ord.size() == size && rows.index.size() == size &&
                    rows.flags.size() == size && rows.similarity.size() == size &&
                    rows.documents.size() == size &&
                    rows.contributions.size() == size * rows.width &&
                    all_within(rows.contributions, 0, most_contribution);
  if (!fits) in.wrong();
}

void read(FieldReader& in, Found& found, std::size_t rows) {
  in.column(found.rows);
  in.column(found.scores);
  if (found.rows.size() != found.scores.size() || !all_below(found.rows, rows) ||
      !all_within(found.scores, -most_score, most_score))
    in.wrong();
}

void read(FieldReader& in, Names& names, std::size_t rows) {
  in.column(names.asked);
  in.column(names.counts);
  in.column(names.flags);
  in.column(names.levels);
  in.column(names.level_confidence);
  in.column(names.level_homes);
  in.column(names.homes);
  in.column(names.home_rows);
  in.column(names.home_confidence);
  in.column(names.home_tie);
  in.column(names.home_kind);
  in.column(names.mentions);
  in.column(names.mention_rows);
  in.column(names.first_mention);
  in.column(names.kinds);
  in.texts(names.written);
  const auto size = names.asked.size();
  const auto homes = names.home_rows.size();
  const bool lengths = names.counts.size() == size && names.flags.size() == size &&
                       names.levels.size() == size && names.homes.size() == size &&
                       names.mentions.size() == size && names.first_mention.size() == size &&
                       names.kinds.size() == size && names.written.size() == size &&
                       names.level_homes.size() == names.level_confidence.size() &&
                       names.home_confidence.size() == homes && names.home_tie.size() == homes &&
                       names.home_kind.size() == homes;
  const bool numbers =
      adds_up(names.levels, names.level_homes.size()) && adds_up(names.homes, homes) &&
      adds_up(names.mentions, names.mention_rows.size()) && all_below(names.home_rows, rows) &&
      all_below(names.mention_rows, rows) && all_below(names.first_mention, rows + 1) &&
      all_within(names.level_confidence, 0, 1) && all_within(names.home_confidence, 0, 1) &&
      std::is_sorted(names.asked.begin(), names.asked.end(), std::less_equal{});
  if (!lengths || !numbers) in.wrong();
}

// Starts and ends of pieces of a text.
bool are_spans(const std::vector<std::uint32_t>& bounds, std::string_view text) {
  const auto on_character = [&](std::uint32_t at) {
    return at <= text.size() && (at == text.size() || !chunk::is_continuation(text[at]));
  };
  if (bounds.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < bounds.size(); i += 2)
    if (bounds[i] > bounds[i + 1] || !on_character(bounds[i]) || !on_character(bounds[i + 1]))
      return false;
  return true;
}

void read(FieldReader& in, Passage& passage, std::size_t rows) {
  in.number(passage.row);
  in.number(passage.page);
  in.number(passage.start);
  in.number(passage.end);
  in.number(passage.whole);
  in.text(passage.title);
  in.text(passage.section);
  in.text(passage.chunk_id);
  in.text(passage.text);
  in.text(passage.metadata);
  in.column(passage.sentences);
  in.column(passage.mention_keys);
  in.column(passage.mention_spans);
  in.column(passage.mention_kinds);
  in.column(passage.home_keys);
  const auto mentions = passage.mention_keys.size();
  const bool fits = passage.row < rows && passage.mention_spans.size() == 2 * mentions &&
                    passage.mention_kinds.size() == mentions &&
                    are_spans(passage.sentences, passage.text) &&
                    are_spans(passage.mention_spans, passage.text);
  if (!fits) in.wrong();
}

} // namespace

std::string pack(const Response& response) {
  const auto passages = static_cast<std::uint32_t>(response.passages.size());
  FieldWriter out{fixed_fields + passages * passage_fields};
  out.number(wire_version);
  out.number(0); // no error
  out.number(response.session);
  out.number(response.applied);
  out.number(response.chunks);
  out.number(response.tokens);
  out.column(response.holding);
  put(out, response.rows);
  put(out, response.top);
  put(out, response.nearest);
  put(out, response.names);
  out.number(passages);
  for (const auto& passage : response.passages) put(out, passage);
  out.number(wire_version); // the end
  return out.take();
}

std::string pack(const runtime::Error& error) {
  FieldWriter out{3};
  out.number(wire_version);
  out.number(static_cast<std::uint64_t>(error.code) + 1);
  out.text(error.detail);
  return out.take();
}

runtime::Result<Response> unpack_response(std::string_view bytes) {
  const auto foreign = [] { return fail(Errc::corrupt, "an answer that cannot be read"); };
  FieldReader in{bytes};
  std::uint32_t version = 0, code = 0, passages = 0, end = 0;
  in.number(version);
  in.number(code);
  if (!in.ok() || version != wire_version || code > last_code + 1) return foreign();
  if (code != 0) {
    std::string detail;
    in.text(detail);
    if (!in.ok() || !in.at_end()) return foreign();
    return fail(static_cast<Errc>(code - 1), std::move(detail));
  }
  Response response;
  in.number(response.session);
  in.number(response.applied);
  in.number(response.chunks);
  in.number(response.tokens);
  in.column(response.holding);
  read(in, response.rows);
  const auto rows = response.rows.size();
  read(in, response.top, rows);
  read(in, response.nearest, rows);
  read(in, response.names, rows);
  in.number(passages);
  for (std::uint32_t i = 0; i < passages && in.ok(); ++i)
    read(in, response.passages.emplace_back(), rows);
  in.number(end);
  if (!in.ok() || !in.at_end()) return foreign();
  return response;
}

} // namespace graphrag::query::parts
