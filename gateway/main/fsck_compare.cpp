#include "gateway/main/fsck_compare.hpp"

#include <algorithm>
#include <future>

#include "actors/document/formats/parse.hpp"
#include "actors/document/formats/sniff.hpp"
#include "actors/document/plain_document.hpp"

namespace graphrag {
namespace {

using chunk::AnalysedChunk;
using chunk::AnalysedDocument;
using document::ParsedDocument;

tl::unexpected<document::Error> unreadable(std::string why) {
  return tl::unexpected(document::Error{document::Errc::parser_crashed, std::move(why)});
}

// The index of the first chunk whose stored facts are not these; the number of chunks when none.
std::size_t first_difference(const runtime::DocumentContent& content,
                             const AnalysedDocument& analysis) {
  std::size_t i = 0;
  while (i < analysis.chunks.size() && chunk::pack(analysis.chunks[i]) == content.chunks[i].facts)
    ++i;
  return i;
}

bool holds_terms(const AnalysedChunk& stored, const AnalysedChunk& untitled) {
  auto at = stored.terms.begin();
  for (const auto& term : untitled.terms) {
    while (at != stored.terms.end() && at->term < term.term) ++at;
    if (at == stored.terms.end() || at->term != term.term || at->count < term.count) return false;
  }
  return true;
}

// Another title would explain the stored facts: the same spans, at least the text's own terms, and
// other terms than the title of today gives.
bool another_title_explains(const runtime::DocumentContent& content, const ParsedDocument& parsed,
                            const AnalysedDocument& titled) {
  auto untitled = chunk::analyse(parsed, "");
  if (untitled.chunks.size() != content.chunks.size()) return false;
  bool other_terms = false;
  for (std::size_t i = 0; i < untitled.chunks.size(); ++i) {
    AnalysedChunk stored;
    const auto& fresh = untitled.chunks[i];
    if (!chunk::unpack(content.chunks[i].facts, stored)) return false;
    if (chunk::pack(stored) != content.chunks[i].facts) return false; // not the canonical form
    if (stored.start != fresh.start || stored.end != fresh.end || stored.page != fresh.page ||
        stored.section != fresh.section || !holds_terms(stored, fresh))
      return false;
    const auto& now = titled.chunks[i];
    other_terms |= !holds_terms(stored, now) || !holds_terms(now, stored);
  }
  return other_terms;
}

} // namespace

document::Result<ParsedDocument>
FactComparer::parse_confined(const std::string& bytes, const runtime::DocumentRecord& record) {
  if (!parser_) {
    auto started = document::SandboxedParser::start({});
    if (!started) return unreadable(started.error().detail);
    parser_ = std::move(*started);
  }
  auto answer = std::make_shared<std::promise<document::ParseReply>>();
  auto reply = answer->get_future();
  auto taken =
      parser_->submit(bytes, record.filename, record.mime,
                      [answer](document::ParseReply r) { answer->set_value(std::move(r)); });
  if (!taken) return unreadable(taken.error().detail);
  auto parsed = reply.get();
  if (!parsed) return unreadable(parsed.error().detail);
  return std::move(*parsed);
}

document::Result<ParsedDocument>
FactComparer::parse_again(const runtime::DocumentContent& content) {
  const auto& record = content.record;
  bool is_file = !record.blob.empty() && !(record.filename.empty() && record.mime == "text/plain");
  if (!is_file) return document::plain_document(content.text);
  auto bytes = blobs_.get(record.blob);
  if (!bytes) return unreadable(bytes.error().detail);
  auto sniffed = document::formats::sniff(*bytes, record.filename, record.mime);
  if (document::formats::trusted_in_process(sniffed.format))
    return document::formats::parse(*bytes, record.filename, record.mime);
  return parse_confined(*bytes, record);
}

std::string FactComparer::difference(const runtime::DocumentContent& content) {
  if (content.analysis_version != chunk::analysis_version) return ++other_version_, "";
  auto parsed = parse_again(content);
  if (!parsed) return "cannot be analysed again: " + parsed.error().detail;
  if (parsed->text != content.text) return "its original gives another text";
  auto analysis = chunk::analyse(*parsed, content.record.title);
  std::string found;
  if (analysis.chunks.size() != content.chunks.size())
    found = "its text gives " + std::to_string(analysis.chunks.size()) + " chunks, not " +
            std::to_string(content.chunks.size());
  else if (auto i = first_difference(content, analysis); i < analysis.chunks.size())
    found = "the facts of chunk " + std::to_string(i) + " are not those of its text";
  else if (analysis.entity_count != content.record.entity_count)
    found = "its text gives " + std::to_string(analysis.entity_count) + " names, not " +
            std::to_string(content.record.entity_count);
  if (!found.empty() && another_title_explains(content, *parsed, analysis)) return ++retitled_, "";
  return found;
}

} // namespace graphrag
