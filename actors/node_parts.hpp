#pragma once
// What the actors of a node share: ports, views and each other's addresses. Made once by the
// composition root, constant afterwards, thread-safe in every part.
#include <memory>

#include "actors/chunk/views.hpp"
#include "actors/peers.hpp"
#include "runtime/actor/actor_ref.hpp"
#include "runtime/actor/io_pool.hpp"
#include "runtime/clock.hpp"
#include "runtime/disk_space.hpp"
#include "runtime/store/blob.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::document {
class SandboxedParser;
class Backlog;
class Progress;
} // namespace graphrag::document

namespace graphrag::query {
class AnswerCache;
}

namespace graphrag::chunk {
class Encoders;
}

namespace graphrag::entity {
class WrittenSummaries;
}

namespace graphrag {

class ModelDesk;

struct NodeParts {
  std::shared_ptr<runtime::Clock> clock;
  std::shared_ptr<runtime::DiskSpace> space; // of the data folder
  std::shared_ptr<runtime::Store> store;
  std::shared_ptr<runtime::BlobStore> blobs;
  std::shared_ptr<query::AnswerCache> answers; // null: no cache
  std::shared_ptr<chunk::Views> views;
  std::shared_ptr<runtime::IoPool> io;               // calls that block
  std::shared_ptr<runtime::IoPool> loading;          // of groups of collections; null: alone
  std::shared_ptr<runtime::IoPool> analysis;         // computing for documents, below questions
  std::shared_ptr<runtime::IoPool> encoding;         // computing vectors, below all else
  std::shared_ptr<chunk::Encoders> encoders;         // never null; may hold none
  std::shared_ptr<const ModelDesk> models;           // endpoints; never null, may do nothing
  std::shared_ptr<entity::WrittenSummaries> written; // of communities, by a model; never null
  std::shared_ptr<Peers> peers;                      // never null
  std::shared_ptr<document::SandboxedParser> parser;
  std::shared_ptr<document::Backlog> backlog;
  std::shared_ptr<document::Progress> progress;
  std::vector<runtime::ActorRef> followers; // of the log: the chunk actors, then the entity actor
  runtime::ActorRef commit;
  runtime::ActorRef intake;
  runtime::ActorRef gateway;
  runtime::ActorRef jobs;
  runtime::ActorRef embed;
};
using NodePartsPtr = std::shared_ptr<const NodeParts>;

} // namespace graphrag
