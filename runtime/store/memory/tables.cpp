#include "runtime/store/memory/tables.hpp"

#include <algorithm>

namespace graphrag::runtime::memory {
namespace {

void raise(Floor& floor, Floor other) {
  floor.version = std::max(floor.version, other.version);
  floor.epoch = std::max(floor.epoch, other.epoch);
}

} // namespace

DocumentContent content_of(const Tables& tables, const Document& document) {
  DocumentContent content = *document.content;
  content.record = live_record(document.row);
  for (const auto& [model, vectors] : document.embeddings)
    if (tables.models.contains(model)) content.embeddings.push_back(vectors);
  return content;
}

void trim(Tables& tables, std::uint64_t seq) {
  std::erase_if(tables.drops, [&](const auto& drop) { return drop.second <= seq; });
  for (auto& [name, collection] : tables.collections) {
    std::erase_if(collection.tombstones, [&](const auto& entry) {
      if (entry.second.seq > seq) return false;
      raise(tables.floors[{name, slot_of(name, entry.first)}], entry.second.floor);
      return true;
    });
  }
}

void MemoryRows::add_collection(const std::string& name, std::int64_t now_ms, std::uint64_t seq) {
  auto& collection = tables_.collections[name];
  collection.created_ms = now_ms;
  collection.seq = seq;
}

void MemoryRows::drop_collection(const std::string& name, std::uint64_t seq) {
  auto& collection = tables_.collections.at(name);
  auto& epoch = tables_.dropped_epochs[name];
  for (const auto& [id, document] : collection.documents)
    epoch = std::max(epoch, document.row.record.epoch);
  for (const auto& [id, tombstone] : collection.tombstones)
    epoch = std::max(epoch, tombstone.floor.epoch);
  std::erase_if(tables_.floors, [&](const auto& entry) {
    if (entry.first.first != name) return false;
    epoch = std::max(epoch, entry.second.epoch);
    return true;
  });
  std::erase_if(tables_.jobs, [&](const auto& job) { return job.second.collection == name; });
  tables_.collections.erase(name);
  tables_.drops[name] = seq;
}

MaybeRow MemoryRows::document(const DocumentKey& key) {
  const auto& documents = tables_.collections.at(key.collection).documents;
  auto found = documents.find(key.id);
  if (found == documents.end()) return std::nullopt;
  return found->second.row;
}

Floor MemoryRows::floor(const DocumentKey& key) {
  Floor floor;
  const auto& tombstones = tables_.collections.at(key.collection).tombstones;
  if (auto dead = tombstones.find(key.id); dead != tombstones.end())
    raise(floor, dead->second.floor);
  auto trimmed = tables_.floors.find({key.collection, slot_of(key.collection, key.id)});
  if (trimmed != tables_.floors.end()) raise(floor, trimmed->second);
  auto dropped = tables_.dropped_epochs.find(key.collection);
  if (dropped != tables_.dropped_epochs.end()) raise(floor, Floor{0, dropped->second});
  return floor;
}

std::vector<float> MemoryRows::vector_of(const DocumentRow& row) {
  const auto& key = row.record.key;
  return tables_.collections.at(key.collection).documents.at(key.id).content->vector;
}

bool MemoryRows::chunk_taken(const DocumentKey& key, std::int64_t, const std::string& chunk_id) {
  const auto& owners = tables_.collections.at(key.collection).chunk_owner;
  auto found = owners.find(chunk_id);
  return found != owners.end() && found->second != key.id;
}

bool MemoryRows::blob_named(const std::string& blob) {
  for (const auto& [name, collection] : tables_.collections)
    for (const auto& [id, document] : collection.documents) {
      if (document.row.record.blob == blob) return true;
      if (document.row.live && document.row.live->blob == blob) return true;
    }
  return std::ranges::any_of(tables_.models,
                             [&](const auto& model) { return model.second.blob == blob; });
}

void MemoryRows::drop_chunks(Collection& collection, const Document& document) {
  if (!document.content) return;
  for (const auto& chunk : document.content->chunks) collection.chunk_owner.erase(chunk.id);
}

void MemoryRows::save(const MaybeRow&, const Step& step, const CommitOp* content) {
  const auto& key = step.after.record.key;
  auto& collection = tables_.collections.at(key.collection);
  auto& document = collection.documents[key.id];
  document.row = step.after;
  if (step.visible) {
    document.kind = *step.visible;
    collection.tombstones.erase(key.id);
  }
  if (!content) return;
  drop_chunks(collection, document);
  auto made = std::make_shared<DocumentContent>();
  made->text = content->text;
  made->analysis_version = content->analysis_version;
  made->chunks = content->chunks;
  made->vector = content->vector;
  document.content = std::move(made);
  document.embeddings.clear();
  for (const auto& chunk : content->chunks) collection.chunk_owner[chunk.id] = key.id;
}

void MemoryRows::erase(const DocumentRow& before, const Step& step, std::uint64_t seq) {
  const auto& key = before.record.key;
  auto& collection = tables_.collections.at(key.collection);
  auto found = collection.documents.find(key.id);
  drop_chunks(collection, found->second);
  collection.documents.erase(found);
  Floor floor{step.after.record.version, step.after.record.epoch};
  auto dead = collection.tombstones.find(key.id);
  if (seq != 0) {
    collection.tombstones[key.id] = Tombstone{seq, floor};
  } else if (dead != collection.tombstones.end()) {
    dead->second.floor = floor;
  } else {
    raise(tables_.floors[{key.collection, slot_of(key.collection, key.id)}], floor);
  }
}

bool MemoryRows::remove_job(const std::string& id) { return tables_.jobs.erase(id) > 0; }

void MemoryRows::save_job(const SaveJobOp& op) {
  auto& job = tables_.jobs[op.id];
  job = JobRecord{op.id,         op.collection,       op.kind, op.state, op.body,
                  op.updated_ms, std::move(job.owner)};
}

std::optional<std::string> MemoryRows::job_owner(const std::string& id) {
  auto found = tables_.jobs.find(id);
  if (found == tables_.jobs.end()) return std::nullopt;
  return found->second.owner;
}

void MemoryRows::set_job_owner(const std::string& id, const std::string& owner) {
  tables_.jobs.at(id).owner = owner;
}

std::optional<RememberedReply> MemoryRows::reply(const std::string& collection,
                                                 const std::string& key) {
  const auto& replies = tables_.collections.at(collection).replies;
  auto found = replies.find(key);
  if (found == replies.end() || found->second.expires_ms <= tables_.replies_now_ms)
    return std::nullopt;
  return found->second.reply;
}

void MemoryRows::save_reply(const RememberReplyOp& op) {
  auto& replies = tables_.collections.at(op.collection).replies;
  std::erase_if(replies, [&](const auto& entry) {
    return entry.second.expires_ms <= tables_.replies_now_ms;
  });
  replies[op.key] = StoredReply{{op.fingerprint, op.status, op.body}, op.expires_ms};
}

} // namespace graphrag::runtime::memory
