#include "actors/document/parse_codec.hpp"

#include <tuple>

#include <msgpack.hpp>

#include "actors/document/formats/clean.hpp"
#include "actors/document/parse_wire.hpp"

namespace graphrag::document {
namespace {

using namespace wire;

struct Text { // msgpack writes into it
  std::string bytes;
  void write(const char* data, std::size_t size) { bytes.append(data, size); }
};
using Packer = msgpack::packer<Text>;

void pack_text(Packer& packer, std::string_view text) {
  packer.pack_str(static_cast<std::uint32_t>(text.size()));
  packer.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

// Cut to what the other side takes, so that an odd file does not look like an attack.
void pack_line(Packer& packer, std::string_view text) {
  pack_text(packer, formats::prefix(text, max_line_bytes));
}

template <class T>
void append(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string packed_blocks(const std::vector<Block>& blocks) {
  std::string out;
  out.reserve(blocks.size() * block_bytes);
  for (const Block& block : blocks) {
    append(out, block.kind);
    append(out, block.level);
    append(out, block.page);
    append(out, block.start);
    append(out, block.end);
  }
  return out;
}

std::string_view view(const msgpack::object& value) {
  if (value.type == msgpack::type::STR) return {value.via.str.ptr, value.via.str.size};
  return {value.via.bin.ptr, value.via.bin.size};
}

constexpr std::size_t limit_count = 8;
template <class Limits>
auto limit_fields(Limits& l) {
  return std::tie(l.max_text_bytes, l.max_pages, l.max_cells, l.max_archive_bytes, l.max_part_bytes,
                  l.max_ratio, l.max_entries, l.max_depth);
}

} // namespace

std::string encode_request_head(const ParseRequest& request) {
  Text out;
  Packer packer(out);
  packer.pack_array(4 + limit_count);
  packer.pack(version);
  pack_text(packer, request.filename);
  pack_text(packer, request.declared_mime);
  std::apply([&](const auto&... limit) { (packer.pack(std::uint64_t{limit}), ...); },
             limit_fields(request.limits));
  packer.pack_bin(static_cast<std::uint32_t>(request.bytes.size()));
  return std::move(out.bytes);
}

std::optional<ParseRequest> decode_request(std::string_view message) {
  try {
    msgpack::zone zone;
    const auto in_place = [](msgpack::type::object_type, std::size_t, void*) { return true; };
    bool referenced = false;
    std::size_t offset = 0;
    const auto all =
        msgpack::unpack(zone, message.data(), message.size(), offset, referenced, in_place);
    if (all.type != msgpack::type::ARRAY || all.via.array.size != 4 + limit_count)
      return std::nullopt;
    const msgpack::object* field = all.via.array.ptr;
    if (field++->as<std::uint64_t>() != version) return std::nullopt;
    ParseRequest request;
    request.filename = view(*field++);
    request.declared_mime = view(*field++);
    std::apply(
        [&](auto&... limit) {
          ((limit = field++->as<std::remove_reference_t<decltype(limit)>>()), ...);
        },
        limit_fields(request.limits));
    request.bytes = view(*field);
    return request;
  } catch (const msgpack::unpack_error&) {
    return std::nullopt;
  } catch (const msgpack::type_error&) {
    return std::nullopt;
  }
}

std::string encode_answer(const Result<ParsedDocument>& answer) {
  Text out;
  Packer packer(out);
  if (!answer) {
    packer.pack_array(4);
    packer.pack(version);
    packer.pack(1);
    packer.pack(static_cast<std::uint64_t>(answer.error().code));
    pack_line(packer, answer.error().detail);
    return std::move(out.bytes);
  }
  out.bytes.reserve(answer->text.size() + answer->blocks.size() * block_bytes + 1024);
  const auto properties = std::min(answer->properties.size(), max_properties);
  packer.pack_array(static_cast<std::uint32_t>(7 + 2 * properties));
  packer.pack(version);
  packer.pack(0);
  pack_text(packer, answer->text);
  pack_line(packer, answer->title);
  pack_line(packer, answer->mime);
  packer.pack(std::uint64_t{answer->pages});
  const std::string blocks = packed_blocks(answer->blocks);
  packer.pack_bin(static_cast<std::uint32_t>(blocks.size()));
  packer.pack_bin_body(blocks.data(), static_cast<std::uint32_t>(blocks.size()));
  for (std::size_t i = 0; i < properties; ++i) {
    pack_line(packer, answer->properties[i].first);
    pack_line(packer, answer->properties[i].second);
  }
  return std::move(out.bytes);
}

} // namespace graphrag::document
