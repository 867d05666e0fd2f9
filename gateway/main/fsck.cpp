#include <cstdio>
#include <set>

#include <nlohmann/json.hpp>

#include "actors/chunk/analyse.hpp"
#include "actors/chunk/loader.hpp"
#include "gateway/main/fsck_compare.hpp"
#include "gateway/main/offline.hpp"
#include "gateway/main/offline_blobs.hpp"
#include "gateway/main/offline_folder.hpp"
#include "runtime/store/blob.hpp"
#include "runtime/store/store.hpp"

namespace graphrag {
namespace {

using nlohmann::json;

struct Report {
  std::vector<std::string> findings;
  std::uint64_t documents = 0, chunks = 0, blobs = 0, orphan_blobs = 0;
  void add(std::string finding) { findings.push_back(std::move(finding)); }
};

std::string name_of(const runtime::DocumentKey& key) { return key.collection + "/" + key.id; }

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (unsigned char c : text) count += (c & 0xc0) != 0x80;
  return count;
}

void check_chunk(const runtime::DocumentContent& content, std::size_t i, Report& report) {
  const auto& row = content.chunks[i];
  const auto& key = content.record.key;
  auto where = name_of(key) + " chunk " + std::to_string(i);
  if (row.index != i) report.add(where + ": index is " + std::to_string(row.index));
  if (row.id != runtime::chunk_id(key, content.record.content_hash, row.index))
    report.add(where + ": wrong id");
  chunk::AnalysedChunk facts;
  if (!chunk::unpack(row.facts, facts)) return report.add(where + ": facts cannot be read");
  if (facts.start != row.start || facts.end != row.end)
    report.add(where + ": span differs from its facts");
  if (facts.end_byte > content.text.size() || facts.start_byte > facts.end_byte)
    return report.add(where + ": span lies outside the text");
  std::string_view text = content.text;
  if (code_points(text.substr(0, facts.start_byte)) != facts.start ||
      code_points(text.substr(0, facts.end_byte)) != facts.end)
    report.add(where + ": bytes and code points of its span disagree");
}

void check_documents(runtime::Store& store, FactComparer* comparer, Report& report) {
  auto scanned = store.scan_live([&](runtime::DocumentContent&& content) {
    ++report.documents;
    report.chunks += content.chunks.size();
    if (content.record.chunk_count != content.chunks.size())
      report.add(name_of(content.record.key) + ": wrong chunk count");
    for (std::size_t i = 0; i < content.chunks.size(); ++i) check_chunk(content, i, report);
    if (comparer)
      if (auto difference = comparer->difference(content); !difference.empty())
        report.add(name_of(content.record.key) + ": " + difference);
    return true;
  });
  if (!scanned) report.add("the documents cannot be read: " + scanned.error().detail);
}

void check_blobs(runtime::Store& store, runtime::BlobStore& blobs, Report& report) {
  auto named = store.blobs();
  auto present = blobs.list();
  if (!named || !present) return report.add("the blobs cannot be listed");
  std::set<std::string> known(named->begin(), named->end());
  report.blobs = present->size();
  for (const auto& key : *present) report.orphan_blobs += known.contains(key) ? 0 : 1;
  for (const auto& key : known)
    if (auto bytes = blobs.get(key); !bytes)
      report.add("blob " + key + ": " + std::string{runtime::to_string(bytes.error().code)});
}

// The views that a server would build, against the rows they are built from.
void check_views(runtime::Store& store, Report& report) {
  chunk::Views views{2};
  auto loaded = chunk::load_views(store, views);
  if (!loaded) return report.add("the views cannot be built: " + loaded.error().detail);
  std::uint64_t documents = 0, chunks = 0;
  for (const auto& name : views.names()) {
    auto stats = views.find(name).index->stats();
    documents += stats.documents;
    chunks += stats.chunks;
  }
  if (documents != report.documents)
    report.add("the index holds " + std::to_string(documents) + " documents");
  if (chunks != report.chunks) report.add("the index holds " + std::to_string(chunks) + " chunks");
}

} // namespace

int fsck(const FsckOptions& options) {
  auto dir = open_with_store(options.data_dir);
  if (!dir) return refuse(dir.error());
  auto store = runtime::open_sqlite_store({(*dir)->file("graphrag.db"), 2, 0});
  if (!store) return std::fprintf(stderr, "%s\n", store.error().detail.c_str()), 1;
  auto blobs = options.blobs.empty() ? runtime::open_folder_blobs((*dir)->file("blobs"))
                                     : open_s3(options.blobs, options.blobs_values);
  if (!blobs) return std::fprintf(stderr, "%s\n", blobs.error().detail.c_str()), 1;

  Report report;
  if (auto rows = (*store)->check())
    report.findings = std::move(*rows);
  else
    report.add("the store cannot be checked: " + rows.error().detail);
  FactComparer comparer{**blobs};
  check_documents(**store, options.compare ? &comparer : nullptr, report);
  check_blobs(**store, **blobs, report);
  check_views(**store, report);

  if (options.json) {
    json out{{"findings", report.findings},
             {"documents", report.documents},
             {"chunks", report.chunks},
             {"blobs", report.blobs},
             {"orphan_blobs", report.orphan_blobs}};
    if (options.compare) {
      out["retitled"] = comparer.retitled();
      out["other_version"] = comparer.other_version();
    }
    std::printf("%s\n", out.dump().c_str());
  } else {
    for (const auto& finding : report.findings) std::printf("%s\n", finding.c_str());
    std::printf("%zu findings; %llu documents, %llu chunks, %llu files (%llu left by a crash, "
                "swept at the next start)\n",
                report.findings.size(), static_cast<unsigned long long>(report.documents),
                static_cast<unsigned long long>(report.chunks),
                static_cast<unsigned long long>(report.blobs),
                static_cast<unsigned long long>(report.orphan_blobs));
    if (options.compare)
      std::printf("compared; %llu have another title than they were analysed with, %llu were "
                  "analysed by another version and left out\n",
                  static_cast<unsigned long long>(comparer.retitled()),
                  static_cast<unsigned long long>(comparer.other_version()));
  }
  return report.findings.empty() ? 0 : 1;
}

} // namespace graphrag
