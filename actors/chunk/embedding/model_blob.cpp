#include "actors/chunk/embedding/model_blob.hpp"

#include <msgpack.hpp>

namespace graphrag::chunk {
namespace {

constexpr std::uint32_t wire_version = 1;
constexpr std::size_t max_files = 64;

runtime::Error not_a_model() {
  return {runtime::Errc::corrupt, "the bytes are not a packed model"};
}

} // namespace

std::string pack_model(const runtime::ModelFiles& files) {
  msgpack::sbuffer buffer;
  msgpack::packer<msgpack::sbuffer> packer{buffer};
  packer.pack_array(2);
  packer.pack(wire_version);
  packer.pack_map(static_cast<std::uint32_t>(files.size()));
  for (const auto& [name, bytes] : files) {
    packer.pack(name);
    packer.pack_bin(static_cast<std::uint32_t>(bytes.size()));
    packer.pack_bin_body(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  }
  return {buffer.data(), buffer.size()};
}

runtime::Result<runtime::ModelFiles> unpack_model(std::string_view bytes) {
  try {
    // The values stay views of `bytes` until they are copied below.
    const auto by_reference = [](msgpack::type::object_type, std::size_t, void*) { return true; };
    const auto handle = msgpack::unpack(bytes.data(), bytes.size(), by_reference);
    const auto& top = handle.get();
    if (top.type != msgpack::type::ARRAY || top.via.array.size != 2 ||
        top.via.array.ptr[0].as<std::uint32_t>() != wire_version)
      return tl::unexpected(not_a_model());
    const auto& map = top.via.array.ptr[1];
    if (map.type != msgpack::type::MAP || map.via.map.size > max_files)
      return tl::unexpected(not_a_model());
    runtime::ModelFiles files;
    for (std::uint32_t i = 0; i < map.via.map.size; ++i) {
      const auto& [name, value] = map.via.map.ptr[i];
      if (value.type != msgpack::type::BIN) return tl::unexpected(not_a_model());
      files[name.as<std::string>()] = std::string{value.via.bin.ptr, value.via.bin.size};
    }
    return files;
  } catch (const std::exception&) { // msgpack's own way to refuse
    return tl::unexpected(not_a_model());
  }
}

runtime::Result<std::shared_ptr<const runtime::Encoder>>
load_model(runtime::BlobStore& blobs, const runtime::ModelRecord& record) {
  runtime::Result<runtime::ModelFiles> files;
  {
    auto bytes = blobs.get(record.blob);
    if (!bytes) return tl::unexpected(bytes.error());
    files = unpack_model(*bytes);
  }
  if (!files) return tl::unexpected(files.error());
  auto encoder = runtime::Encoder::load(std::move(*files));
  if (!encoder) return tl::unexpected(encoder.error());
  if ((*encoder)->hash() != record.hash)
    return runtime::fail(runtime::Errc::corrupt, "the files are not those of the model");
  return encoder;
}

} // namespace graphrag::chunk
