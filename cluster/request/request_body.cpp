#include "cluster/request/request_body.hpp"

#include <msgpack.hpp>

namespace graphrag::cluster {
namespace {

using runtime::Errc;
using runtime::fail;
using runtime::Result;

struct Text { // msgpack writes into it
  std::string& out;
  void write(const char* bytes, std::size_t size) { out.append(bytes, size); }
};
using Packer = msgpack::packer<Text>;

void pack_string(Packer& packer, std::string_view text) {
  packer.pack_str(static_cast<std::uint32_t>(text.size()));
  packer.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

void pack_bytes(Packer& packer, std::string_view bytes) {
  packer.pack_bin(static_cast<std::uint32_t>(bytes.size()));
  packer.pack_bin_body(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
}

// The elements of a flat array of so many; the handle owns what they point into.
Result<msgpack::object_handle> unpack(const std::string& bytes, std::uint32_t size) {
  try {
    const msgpack::unpack_limit flat{size, 0, bytes.size(), bytes.size(), 0, 1};
    auto handle = msgpack::unpack(
        bytes.data(), bytes.size(),
        [](msgpack::type::object_type, std::size_t, void*) { return true; }, nullptr, flat);
    if (handle->type != msgpack::type::ARRAY || handle->via.array.size != size ||
        handle->via.array.ptr[0].type != msgpack::type::POSITIVE_INTEGER)
      return fail(Errc::corrupt, "not the array it should be");
    return handle;
  } catch (const msgpack::unpack_error& error) {
    return fail(Errc::corrupt, error.what());
  }
}

Result<std::string> text_of(const msgpack::object& value) {
  if (value.type == msgpack::type::STR) return std::string{value.via.str.ptr, value.via.str.size};
  if (value.type == msgpack::type::BIN) return std::string{value.via.bin.ptr, value.via.bin.size};
  return fail(Errc::corrupt, "no text where there should be one");
}

constexpr std::chrono::milliseconds longest{std::chrono::hours{1}};

// Of an unknown name, from a newer node: io, "any other failure".
Errc code_of(std::string_view name) {
  for (int code = 0; code <= static_cast<int>(Errc::io); ++code)
    if (to_string(static_cast<Errc>(code)) == name) return static_cast<Errc>(code);
  return Errc::io;
}

} // namespace

std::string pack(const RequestBody& request) {
  std::string bytes;
  bytes.reserve(request.body.size() + request.kind.size() + 32);
  Text text{bytes};
  Packer packer{text};
  packer.pack_array(4);
  packer.pack_uint64(request.id);
  packer.pack_uint64(static_cast<std::uint64_t>(std::max<std::int64_t>(request.left.count(), 0)));
  pack_string(packer, request.kind);
  pack_bytes(packer, request.body);
  return bytes;
}

std::string pack(const AnswerBody& answer) {
  const std::string_view body = answer.result ? *answer.result : answer.result.error().detail;
  std::string bytes;
  bytes.reserve(body.size() + 32);
  Text text{bytes};
  Packer packer{text};
  packer.pack_array(3);
  packer.pack_uint64(answer.id);
  pack_string(packer, answer.result ? std::string_view{} : to_string(answer.result.error().code));
  pack_bytes(packer, body);
  return bytes;
}

Result<RequestBody> unpack_request(const std::string& bytes) {
  const auto handle = unpack(bytes, 4);
  if (!handle) return tl::unexpected(handle.error());
  const auto* fields = (*handle)->via.array.ptr;
  auto kind = text_of(fields[2]);
  auto body = text_of(fields[3]);
  if (fields[1].type != msgpack::type::POSITIVE_INTEGER || !kind || !body)
    return fail(Errc::corrupt, "a request with other fields");
  const auto left = std::min<std::uint64_t>(fields[1].via.u64, longest.count());
  return RequestBody{fields[0].via.u64, std::chrono::milliseconds{static_cast<std::int64_t>(left)},
                     std::move(*kind), std::move(*body)};
}

Result<AnswerBody> unpack_answer(const std::string& bytes) {
  const auto handle = unpack(bytes, 3);
  if (!handle) return tl::unexpected(handle.error());
  const auto* fields = (*handle)->via.array.ptr;
  const auto error = text_of(fields[1]);
  auto body = text_of(fields[2]);
  if (!error || !body) return fail(Errc::corrupt, "an answer with other fields");
  if (error->empty()) return AnswerBody{fields[0].via.u64, std::move(*body)};
  return AnswerBody{fields[0].via.u64, fail(code_of(*error), std::move(*body))};
}

} // namespace graphrag::cluster
