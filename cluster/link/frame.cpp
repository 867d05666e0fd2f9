#include "cluster/link/frame.hpp"

#include <cstring>

namespace graphrag::cluster {
namespace {

using runtime::Errc;
using runtime::fail;
using runtime::Result;

template <class T>
void put(std::string& out, T number) {
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift));
}

void begin(std::string& out, FrameType type, std::size_t payload) {
  put(out, static_cast<std::uint32_t>(payload + 1));
  put(out, static_cast<std::uint8_t>(type));
}

// Takes numbers and short strings off the front; after the first that is not there, all are empty
// and whole() is false.
class Fields {
public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  T number() {
    std::uint64_t value = 0;
    for (const char byte : take(sizeof(T))) value = value << 8 | static_cast<unsigned char>(byte);
    return static_cast<T>(value);
  }
  std::string_view text() { return take(number<std::uint8_t>()); }
  std::string_view rest() { return take(rest_.size()); }
  bool whole() const noexcept { return whole_; }
  bool at_end() const noexcept { return whole_ && rest_.empty(); }

private:
  std::string_view take(std::size_t bytes) {
    if (!whole_ || rest_.size() < bytes) {
      whole_ = false;
      return {};
    }
    const auto taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  std::string_view rest_;
  bool whole_ = true;
};

} // namespace

std::string_view to_string(Refusal refusal) noexcept {
  switch (refusal) {
  case Refusal::none:
    return "none";
  case Refusal::version:
    return "version";
  case Refusal::cluster:
    return "cluster";
  case Refusal::target:
    return "target";
  case Refusal::unknown:
    return "unknown";
  case Refusal::name:
    return "name";
  case Refusal::twin:
    return "twin";
  }
  return "other";
}

void append_hello(std::string& out, FrameType type, const Hello& hello) {
  const auto cluster = std::string_view{hello.cluster}.substr(0, max_cluster_bytes);
  begin(out, type, 4 + 2 + 4 + 4 + 8 + 8 + 4 + 1 + cluster.size());
  put(out, link_magic);
  put(out, hello.version);
  put(out, hello.from.ordinal);
  put(out, hello.to);
  put(out, hello.from.incarnation);
  put(out, hello.session);
  put(out, hello.window);
  put(out, static_cast<std::uint8_t>(cluster.size()));
  out += cluster;
}

void append_refusal(std::string& out, Refusal refusal) {
  begin(out, FrameType::refuse, 1);
  put(out, static_cast<std::uint8_t>(refusal));
}

void append_data(std::string& out, const runtime::Envelope& envelope) {
  begin(out, FrameType::data, 8 + 1 + envelope.kind.size() + envelope.body.size());
  put(out, envelope.epoch);
  put(out, static_cast<std::uint8_t>(envelope.kind.size()));
  out += envelope.kind;
  out += envelope.body;
}

void append_credit(std::string& out, std::uint32_t bytes) {
  begin(out, FrameType::credit, 4);
  put(out, bytes);
}

void append_heartbeat(std::string& out) { begin(out, FrameType::heartbeat, 0); }

Result<Hello> read_hello(std::string_view payload) {
  Fields fields{payload};
  if (fields.number<std::uint32_t>() != link_magic) return fail(Errc::corrupt, "not a hello");
  Hello hello;
  hello.version = fields.number<std::uint16_t>();
  if (fields.whole() && hello.version != link_version) return hello; // the rest may differ
  hello.from.ordinal = fields.number<NodeOrdinal>();
  hello.to = fields.number<NodeOrdinal>();
  hello.from.incarnation = fields.number<std::uint64_t>();
  hello.session = fields.number<std::uint64_t>();
  hello.window = fields.number<std::uint32_t>();
  hello.cluster = fields.text();
  if (!fields.at_end() || hello.from.incarnation == 0 || hello.session == 0)
    return fail(Errc::corrupt, "a hello that is cut short or says nothing");
  return hello;
}

Result<runtime::Envelope> read_data(std::string_view payload) {
  Fields fields{payload};
  runtime::Envelope envelope;
  envelope.epoch = fields.number<std::uint64_t>();
  envelope.kind = fields.text();
  envelope.body = fields.rest();
  if (!fields.whole() || envelope.kind.size() > runtime::max_kind_bytes ||
      envelope.body.size() > runtime::max_envelope_bytes)
    return fail(Errc::corrupt, "an envelope that is cut short or too large");
  return envelope;
}

Result<std::uint32_t> read_credit(std::string_view payload) {
  Fields fields{payload};
  const auto bytes = fields.number<std::uint32_t>();
  if (!fields.at_end()) return fail(Errc::corrupt, "a credit of another size");
  return bytes;
}

Refusal read_refusal(std::string_view payload) noexcept {
  if (payload.size() != 1) return Refusal::none;
  return static_cast<Refusal>(payload.front());
}

std::span<char> FrameReader::room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() < end_ + read_bytes && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + read_bytes) buffer_.resize(end_ + read_bytes);
  return {buffer_.data() + end_, read_bytes};
}

Result<std::optional<Frame>> FrameReader::next() {
  const std::string_view bytes{buffer_.data() + begin_, end_ - begin_};
  if (bytes.size() < 4) return std::nullopt;
  const auto length = Fields{bytes}.number<std::uint32_t>();
  if (length == 0 || length > limit_)
    return fail(Errc::corrupt, "a frame of " + std::to_string(length) + " bytes");
  if (bytes.size() < 4 + std::size_t{length}) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(bytes[4]);
  if (type < static_cast<std::uint8_t>(FrameType::hello) ||
      type > static_cast<std::uint8_t>(FrameType::heartbeat))
    return fail(Errc::corrupt, "a frame of unknown type " + std::to_string(type));
  begin_ += 4 + std::size_t{length};
  return Frame{static_cast<FrameType>(type), bytes.substr(5, length - 1), 4 + std::size_t{length}};
}

} // namespace graphrag::cluster
