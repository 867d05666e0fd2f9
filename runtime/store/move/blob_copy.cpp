#include "runtime/store/move/blob_copy.hpp"

namespace graphrag::runtime::move {
namespace {

tl::unexpected<Error> about(const std::string& key, const Error& error) {
  return fail(error.code, "blob " + key + ": " + error.detail);
}

} // namespace

Result<CopiedBlobs> copy_blobs(const std::set<std::string>& named, BlobStore& from, BlobStore& to) {
  auto source = from.list();
  if (!source) return tl::unexpected(source.error());
  auto target = to.list();
  if (!target) return tl::unexpected(target.error());
  const std::set<std::string> known(source->begin(), source->end());
  const std::set<std::string> present(target->begin(), target->end());
  for (const auto& key : present)
    if (!named.contains(key) && !known.contains(key))
      return fail(Errc::conflict, "the place for blobs holds others, such as " + key);
  CopiedBlobs out;
  for (const auto& key : named) {
    if (present.contains(key)) {
      ++out.there_already;
      continue;
    }
    auto bytes = from.get(key);
    if (!bytes) return about(key, bytes.error());
    if (auto ok = to.put_as(key, *bytes); !ok) return about(key, ok.error());
    ++out.copied;
  }
  return out;
}

Result<std::uint64_t> check_blobs(const std::set<std::string>& named, BlobStore& blobs) {
  std::uint64_t size = 0;
  for (const auto& key : named) {
    auto bytes = blobs.get(key);
    if (!bytes) return about(key, bytes.error());
    size += bytes->size();
  }
  return size;
}

} // namespace graphrag::runtime::move
