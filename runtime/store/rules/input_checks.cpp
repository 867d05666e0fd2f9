#include "runtime/store/rules/input_checks.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "runtime/store/rules/utf8.hpp"

namespace graphrag::runtime {
namespace {

Status refuse(std::string why) { return fail(Errc::invalid_argument, std::move(why)); }

Status check_key(const DocumentKey& key) {
  if (!valid_collection_name(key.collection)) return refuse("not a collection name");
  if (!valid_document_id(key.id)) return refuse("not a document id");
  return {};
}

Status check_document(const DocumentInput& input) {
  if (auto ok = check_key(input.key); !ok) return ok;
  if (!valid_utf8(input.title)) return refuse("the title is not UTF-8");
  if (!valid_utf8(input.filename)) return refuse("the file name is not UTF-8");
  if (!valid_utf8(input.mime)) return refuse("the media type is not UTF-8");
  if (!valid_utf8(input.metadata)) return refuse("the metadata is not UTF-8");
  if (!valid_utf8(input.content_hash)) return refuse("the content hash is not UTF-8");
  if (!valid_utf8(input.blob)) return refuse("the blob key is not UTF-8");
  return {};
}

Status check_chunks(const CommitOp& op, std::uint64_t code_points) {
  if (op.chunks.size() > max_chunks_per_document) return refuse("too many chunks");
  std::unordered_set<std::string_view> ids;
  std::uint32_t expected = 0;
  for (const auto& chunk : op.chunks) {
    if (chunk.index != expected++) return refuse("chunks are not numbered 0, 1, 2 ...");
    if (chunk.id.empty() || !valid_utf8(chunk.id)) return refuse("not a chunk id");
    if (chunk.start > chunk.end || chunk.end > code_points)
      return refuse("a chunk reaches outside the text");
    if (op.chunks.size() > 1 && !ids.insert(chunk.id).second)
      return refuse("the same chunk id twice");
  }
  return {};
}

Status check_one(const AcceptOp& op) {
  if (!valid_utf8(op.owner)) return refuse("the owner is not UTF-8");
  return check_document(op.input);
}

Status check_one(const CommitOp& op) {
  if (auto ok = check_document(op.input); !ok) return ok;
  auto code_points = count_code_points(op.text);
  if (!code_points) return refuse("the text is not UTF-8");
  if (!std::ranges::all_of(op.vector, [](float x) { return std::isfinite(x); }))
    return refuse("the vector is not finite");
  return check_chunks(op, *code_points);
}

Status check_one(const FailOp& op) {
  if (!valid_utf8(op.error.code) || !valid_utf8(op.error.detail))
    return refuse("the error is not UTF-8");
  return check_key(op.key);
}

Status check_one(const PatchOp& op) {
  if (op.title && !valid_utf8(*op.title)) return refuse("the title is not UTF-8");
  if (op.metadata && !valid_utf8(*op.metadata)) return refuse("the metadata is not UTF-8");
  return check_key(op.key);
}

Status check_one(const ClaimOp& op) {
  if (op.owner.empty() || !valid_utf8(op.owner)) return refuse("a claim needs an owner");
  return check_key(op.key);
}
Status check_one(const RetryOp& op) { return check_key(op.key); }
Status check_one(const CancelOp& op) { return check_key(op.key); }
Status check_one(const DeleteOp& op) { return check_key(op.key); }

Status check_one(const CreateCollectionOp& op) {
  return valid_collection_name(op.name) ? Status{} : refuse("not a collection name");
}
Status check_one(const DropCollectionOp& op) {
  return valid_collection_name(op.name) ? Status{} : refuse("not a collection name");
}

Status check_one(const SaveJobOp& op) {
  if (op.id.empty()) return refuse("a job needs an id");
  for (const auto* text : {&op.id, &op.collection, &op.kind, &op.state, &op.body, &op.owner})
    if (!valid_utf8(*text)) return refuse("the job is not UTF-8");
  return {};
}

Status check_one(const RemoveJobOp& op) {
  return op.id.empty() ? refuse("a job needs an id") : Status{};
}

Status check_one(const ClaimJobOp& op) {
  if (op.id.empty()) return refuse("a job needs an id");
  for (const auto* text : {&op.id, &op.expected_owner, &op.owner})
    if (!valid_utf8(*text)) return refuse("the owner of a job is not UTF-8");
  return {};
}

Status check_one(const RememberReplyOp& op) {
  if (!valid_collection_name(op.collection)) return refuse("not a collection name");
  if (op.key.empty()) return refuse("a remembered reply needs a key");
  for (const auto* text : {&op.collection, &op.key, &op.fingerprint})
    if (!valid_utf8(*text)) return refuse("the remembered reply is not UTF-8");
  return {};
}

Status check_one(const EmbedOp& op) {
  if (!op.vectors || op.vectors->dimension == 0 || op.vectors->floats.empty())
    return refuse("no vectors");
  if (!std::ranges::all_of(op.vectors->floats, [](float x) { return std::isfinite(x); }))
    return refuse("a vector is not finite");
  return check_key(op.key);
}

Status check_one(const SaveModelOp& op) {
  if (op.model.hash.empty() || op.model.dimension == 0) return refuse("not a model");
  for (const auto* text : {&op.model.hash, &op.model.name, &op.model.blob})
    if (!valid_utf8(*text)) return refuse("the model is not UTF-8");
  return {};
}
Status check_one(const RemoveModelOp&) { return {}; }
Status check_one(const PruneVectorsOp&) { return {}; }

Status check_one(const SaveVerdictOp& op) {
  if (!valid_collection_name(op.collection)) return refuse("not a collection name");
  if (op.first.empty() || op.second.empty() || op.first == op.second)
    return refuse("a verdict is of two names");
  if (!valid_utf8(op.first) || !valid_utf8(op.second)) return refuse("a name is not UTF-8");
  return {};
}

struct CollectionOf {
  const std::string& operator()(const AcceptOp& op) const { return op.input.key.collection; }
  const std::string& operator()(const CommitOp& op) const { return op.input.key.collection; }
  const std::string& operator()(const CreateCollectionOp& op) const { return op.name; }
  const std::string& operator()(const DropCollectionOp& op) const { return op.name; }
  const std::string& operator()(const SaveJobOp& op) const { return op.collection; }
  const std::string& operator()(const RemoveJobOp&) const { return none(); }
  const std::string& operator()(const ClaimJobOp&) const { return none(); }
  const std::string& operator()(const RememberReplyOp& op) const { return op.collection; }
  const std::string& operator()(const SaveVerdictOp& op) const { return op.collection; }
  const std::string& operator()(const SaveModelOp&) const { return none(); }
  const std::string& operator()(const RemoveModelOp&) const { return none(); }
  const std::string& operator()(const PruneVectorsOp&) const { return none(); }
  template <class Op>
  const std::string& operator()(const Op& op) const {
    return op.key.collection;
  }

private:
  static const std::string& none() {
    static const std::string nothing;
    return nothing;
  }
};

} // namespace

Status check_input(const WriteOp& op) {
  return std::visit([](const auto& one) { return check_one(one); }, op);
}

const std::string& collection_of(const WriteOp& op) { return std::visit(CollectionOf{}, op); }

bool is_made_document_id(std::string_view id) noexcept {
  constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  return id.size() == 28 && id.starts_with("d_") &&
         id.substr(2).find_first_not_of(alphabet) == std::string_view::npos;
}

} // namespace graphrag::runtime
