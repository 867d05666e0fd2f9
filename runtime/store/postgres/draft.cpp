#include "runtime/store/postgres/draft.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace graphrag::runtime::postgres {
namespace {

void raise(Floor& floor, Floor other) {
  floor.version = std::max(floor.version, other.version);
  floor.epoch = std::max(floor.epoch, other.epoch);
}

} // namespace

DraftDocument& Draft::at(const DocumentKey& key) {
  auto found = documents.find(key);
  RUNTIME_CHECK(found != documents.end(), "a batch touches a document that was not loaded");
  return found->second;
}

bool Draft::has_collection(const std::string& name) {
  auto found = collections.find(name);
  return found != collections.end() && found->second.exists;
}

void Draft::add_collection(const std::string& name, std::int64_t now_ms, std::uint64_t) {
  auto& collection = collections.at(name);
  collection.exists = collection.made = true;
  collection.created_ms = now_ms;
  collection.added_documents = 0;
}

void Draft::drop_collection(const std::string& name, std::uint64_t) {
  auto& collection = collections.at(name);
  auto epoch = std::max(collection.floor_epoch, collection.stored_epoch);
  for (auto& [key, document] : documents) {
    if (key.collection != name) continue;
    drop_new_content(key, document);
    if (document.row) epoch = std::max(epoch, document.row->record.epoch);
    if (document.tombstone) epoch = std::max(epoch, document.tombstone->floor.epoch);
    DraftDocument fresh;
    fresh.number = document.number;
    fresh.slot = document.slot;
    document = std::move(fresh);
  }
  std::erase_if(raised, [&](const auto& entry) {
    if (entry.first.first != name) return false;
    epoch = std::max(epoch, entry.second.epoch);
    return true;
  });
  for (auto& [names, verdict] : verdicts)
    if (names.first == name) verdict = {};
  for (auto& [key, reply] : replies)
    if (key.first == name) reply = {};
  for (auto& [id, job] : jobs)
    if (job.collection == name) job = {.removed = true};
  collection = {.stored = collection.stored, .dropped = true, .floor_epoch = epoch};
}

MaybeRow Draft::document(const DocumentKey& key) { return at(key).row; }

Floor Draft::floor(const DocumentKey& key) {
  const auto& document = at(key);
  auto floor = document.floor;
  if (document.tombstone) raise(floor, document.tombstone->floor);
  if (auto found = raised.find({key.collection, document.slot}); found != raised.end())
    raise(floor, found->second);
  raise(floor, {0, collections.at(key.collection).floor_epoch});
  return floor;
}

std::vector<float> Draft::vector_of(const DocumentRow& row) {
  const auto& document = at(row.record.key);
  return document.content ? document.content->vector : document.stored_vector;
}

bool Draft::chunk_taken(const DocumentKey& key, std::int64_t, const std::string& chunk_id) {
  auto number = at(key).number;
  Pair name{key.collection, chunk_id};
  if (auto found = new_chunks_.find(name); found != new_chunks_.end())
    return found->second != number;
  auto found = loaded.chunk_owners.find(name);
  if (found == loaded.chunk_owners.end() || found->second == number) return false;
  if (collections.at(key.collection).dropped) return false;
  if (by_number_.empty())
    for (const auto& [each, document] : documents) by_number_[document.number] = &document;
  auto owner = by_number_.find(found->second);
  return owner == by_number_.end() || !owner->second->content_gone;
}

bool Draft::blob_named(const std::string& blob) {
  for (const auto& [key, document] : documents) {
    if (!document.row) continue;
    if (document.row->record.blob == blob) return true;
    if (document.row->live && document.row->live->blob == blob) return true;
  }
  for (const auto& [hash, model] : models)
    if (model.blob == blob) return true;
  if (!asked_blobs_.contains(blob)) ask_blobs_elsewhere(blob);
  return std::ranges::any_of(blobs_elsewhere_, [&](const auto& place) {
    if (place.second != blob) return false;
    auto found = collections.find(place.first);
    return found == collections.end() || !found->second.dropped;
  });
}

void Draft::ask_blobs_elsewhere(const std::string& blob) {
  asked_blobs_.insert(loaded.blobs.begin(), loaded.blobs.end());
  asked_blobs_.insert(blob);
  Array mine(ArrayOf::number);
  for (const auto& [key, document] : documents) mine.add(document.number);
  static const std::string documents_and_texts =
      "SELECT d.collection, d.blob FROM unnest($1) AS b(blob) JOIN documents d"
      "  ON d.blob = b.blob AND d.blob <> '' WHERE d.document_id <> ALL($2) "
      "UNION SELECT t.collection, t.blob FROM unnest($1) AS b(blob) JOIN texts t"
      "  ON t.blob = b.blob AND t.blob <> '' WHERE t.document_id <> ALL($2)";
  static const std::string and_models =
      documents_and_texts + " UNION SELECT '', blob FROM models WHERE blob <> ''";
  Statement question(loaded.models ? documents_and_texts : and_models,
                     array_of(ArrayOf::text, asked_blobs_), std::move(mine));
  auto answers = connection_.fly(std::span(&question, 1), deadline_, Plans::kept);
  if (!answers) {
    failed_ = true;
    return;
  }
  for (auto row : answers->front()) blobs_elsewhere_.emplace(row.text(0), row.text(1));
}

void Draft::drop_new_content(const DocumentKey& key, DraftDocument& document) {
  if (document.content)
    for (const auto& chunk : document.content->chunks)
      new_chunks_.erase({key.collection, chunk.id});
  document.content = nullptr;
  document.vectors.clear();
}

void Draft::save(const MaybeRow& before, const Step& step, const CommitOp* content) {
  const auto& key = step.after.record.key;
  auto& document = at(key);
  bool was_live = before && before->live;
  document.row = step.after;
  document.row->number = document.number;
  document.changed = true;
  if (!before) collections.at(key.collection).added_documents += 1;
  if (step.visible) {
    document.visible = true;
    document.kind = *step.visible;
    if (!was_live && document.tombstone) {
      document.tombstone.reset();
      document.tombstone_changed = true;
    }
  }
  if (content) {
    drop_new_content(key, document);
    document.content_gone = true;
    document.content = content;
    for (const auto& chunk : content->chunks)
      new_chunks_[{key.collection, chunk.id}] = document.number;
  } else if (step.visible) {
    document.live_changed = true;
  }
}

void Draft::erase(const DocumentRow& before, const Step& step, std::uint64_t seq) {
  const auto& key = before.record.key;
  auto& document = at(key);
  drop_new_content(key, document);
  document.row.reset();
  document.content_gone = true;
  document.changed = true;
  document.visible = document.live_changed = false;
  document.kind = ChangeKind::commit;
  collections.at(key.collection).added_documents -= 1;

  Floor last{step.after.record.version, step.after.record.epoch};
  if (seq != 0) {
    document.tombstone = Tombstone{0, true, last};
    document.tombstone_changed = true;
  } else if (document.tombstone) {
    document.tombstone->floor = last; // an older one keeps its place among the changes
    document.tombstone_changed = true;
  } else {
    raise(raised[{key.collection, document.slot}], last);
  }
}

} // namespace graphrag::runtime::postgres
