#include "runtime/store/move/comparison.hpp"

#include <algorithm>
#include <limits>

#include "runtime/store/move/digest.hpp"

namespace graphrag::runtime::move {
namespace {

constexpr std::uint32_t page = 1000;
constexpr std::size_t changes_at_once = 10'000;

template <class T>
std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

void add(Digest& digest, const DocumentRecord& record) {
  digest.add(record.key.collection);
  digest.add(record.key.id);
  digest.add(record.version);
  digest.add(record.live_version);
  digest.add(record.epoch);
  digest.add(record.seq);
  digest.add(static_cast<int>(record.state));
  for (const auto* text : {&record.title, &record.filename, &record.mime, &record.metadata,
                           &record.content_hash, &record.blob, &record.owner})
    digest.add(*text);
  digest.add(record.bytes);
  digest.add(record.created_ms);
  digest.add(record.updated_ms);
  digest.add(record.chunk_count);
  digest.add(record.entity_count);
  digest.add(record.attempts);
  digest.add(record.has_vector);
  digest.add(record.error.has_value());
  if (!record.error) return;
  digest.add(record.error->code);
  digest.add(record.error->detail);
  digest.add(record.error->retryable);
}

void add(Digest& digest, const JobRecord& job) {
  for (const auto* text : {&job.id, &job.collection, &job.kind, &job.state, &job.body, &job.owner})
    digest.add(*text);
  digest.add(job.updated_ms);
}

class Reader {
public:
  explicit Reader(Store& store) : store_(store) {}

  Result<Contents> read() {
    for (auto step : {&Reader::collections, &Reader::live_versions, &Reader::jobs, &Reader::models,
                      &Reader::log})
      if (auto ok = (this->*step)(); !ok) return tl::unexpected(ok.error());
    for (auto& [name, part] : parts_) {
      part.content.digest = part.digest.hex();
      out_.collections[name] = std::move(part.content);
    }
    out_.rest = rest_.hex();
    return std::move(out_);
  }

private:
  struct Part {
    Content content;
    Digest digest;
  };

  Status collections() {
    auto all = store_.collections();
    if (!all) return tl::unexpected(all.error());
    for (const auto& collection : *all) {
      auto& part = parts_[collection.name];
      part.digest.add(collection.created_ms);
      part.digest.add(collection.documents);
      if (auto ok = records(collection.name, part); !ok) return ok;
      auto verdicts = store_.verdicts(collection.name);
      if (!verdicts) return tl::unexpected(verdicts.error());
      part.content.verdicts = verdicts->size();
      for (const auto& verdict : *verdicts) {
        part.digest.add(verdict.first);
        part.digest.add(verdict.second);
        part.digest.add(verdict.same);
        part.digest.add(verdict.made_ms);
      }
    }
    return {};
  }

  Status records(const std::string& collection, Part& part) {
    ListRequest request{.collection = collection, .limit = page};
    do {
      auto listed = store_.list(request);
      if (!listed) return tl::unexpected(listed.error());
      part.content.documents += listed->items.size();
      for (const auto& record : listed->items) add(part.digest, record);
      request.after = std::move(listed->next);
    } while (!request.after.empty());
    return {};
  }

  Status live_versions() {
    auto scanned = store_.scan_live([&](DocumentContent&& content) {
      auto& part = parts_[content.record.key.collection];
      auto& digest = part.digest;
      add(digest, content.record);
      digest.add(content.text);
      digest.add(content.analysis_version);
      part.content.chunks += content.chunks.size();
      for (const auto& chunk : content.chunks) {
        digest.add(chunk.id);
        digest.add(chunk.index);
        digest.add(chunk.start);
        digest.add(chunk.end);
        digest.add(chunk.facts);
      }
      digest.add(bytes_of(content.vector));
      part.content.vectors += content.embeddings.size();
      std::sort(content.embeddings.begin(), content.embeddings.end(),
                [](const auto& a, const auto& b) { return a->model < b->model; });
      for (const auto& made : content.embeddings) {
        digest.add(made->model);
        digest.add(made->dimension);
        digest.add(bytes_of(made->floats));
      }
      return true;
    });
    if (!scanned) return tl::unexpected(scanned.error());
    return {};
  }

  Status jobs() {
    auto jobs = store_.jobs(std::numeric_limits<std::int64_t>::max());
    if (!jobs) return tl::unexpected(jobs.error());
    std::sort(jobs->begin(), jobs->end(), [](auto& a, auto& b) { return a.id < b.id; });
    for (const auto& job : *jobs) {
      const auto part = parts_.find(job.collection);
      add(part == parts_.end() ? rest_ : part->second.digest, job);
      if (part != parts_.end()) ++part->second.content.jobs;
    }
    return {};
  }

  Status models() {
    auto models = store_.models();
    if (!models) return tl::unexpected(models.error());
    for (const auto& model : *models) {
      rest_.add(model.hash);
      rest_.add(model.name);
      rest_.add(model.dimension);
      rest_.add(model.blob);
      rest_.add(static_cast<int>(model.state));
      rest_.add(model.created_ms);
    }
    return {};
  }

  Status log() {
    auto last = store_.last_seq();
    if (!last) return tl::unexpected(last.error());
    out_.last_seq = *last;
    std::uint64_t seq = 0;
    for (;;) {
      auto changes = store_.changes_after(seq, changes_at_once);
      if (!changes) return tl::unexpected(changes.error());
      for (const auto& change : *changes) {
        rest_.add(change.seq);
        rest_.add(static_cast<int>(change.kind));
        rest_.add(change.key.collection);
        rest_.add(change.key.id);
      }
      if (changes->size() < changes_at_once) return {};
      seq = changes->back().seq;
    }
  }

  Store& store_;
  std::map<std::string, Part> parts_;
  Digest rest_;
  Contents out_;
};

} // namespace

Result<Contents> contents_of(Store& store) { return Reader{store}.read(); }

} // namespace graphrag::runtime::move
