#pragma once
// The wire format between two nodes. Pure. All numbers are big-endian.
//
//   frame     length u32 (of what follows), type u8, payload
//   hello     magic u32, version u16, from u32, to u32, incarnation u64, session u64, window u32,
//             cluster: length u8 and bytes. The acknowledgement has the same fields.
//   refuse    reason u8
//   data      epoch u64, kind: length u8 and bytes, body (the rest): one envelope. Who sends, its
//             incarnation and the receiver are those of the hello: a connection is one session.
//   credit    bytes u32 of data frames, with their lengths, that the receiver is done with
//   heartbeat nothing
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/identity.hpp"
#include "runtime/error.hpp"
#include "runtime/transport/transport.hpp"

namespace graphrag::cluster {

inline constexpr std::uint32_t link_magic = 0x47524C4B; // "GRLK"
inline constexpr std::uint16_t link_version = 1;
inline constexpr std::size_t max_cluster_bytes = 64;
// A peer is heard within these bounds before and after it has said who it is.
inline constexpr std::size_t max_hello_frame = 256;
inline constexpr std::size_t max_data_frame =
    runtime::max_envelope_bytes + runtime::max_kind_bytes + 16;

enum class FrameType : std::uint8_t {
  hello = 1, // the dialer's first frame
  ack,       // the acceptor's first frame: from now on both are up
  refuse,    // instead of it, before the acceptor closes
  data,
  credit,
  heartbeat,
};

// Why an acceptor will not have a dialer.
enum class Refusal : std::uint8_t {
  none,
  version, // another version of this protocol
  cluster, // another cluster
  target,  // it wanted somebody else
  unknown, // not a peer that may dial this node
  name,    // its certificate is for another node
  twin,    // a node of this ordinal is connected and alive
};
std::string_view to_string(Refusal refusal) noexcept;

struct Hello {
  std::uint16_t version = link_version;
  NodeId from;
  NodeOrdinal to = 0;
  std::uint64_t session = 0; // drawn by the dialer, repeated by the acceptor
  std::uint32_t window = 0;  // bytes of data frames that the other may send ahead of credits
  std::string cluster;
};

void append_hello(std::string& out, FrameType type, const Hello& hello); // hello or ack
void append_refusal(std::string& out, Refusal refusal);
void append_data(std::string& out, const runtime::Envelope& envelope);
void append_credit(std::string& out, std::uint32_t bytes);
void append_heartbeat(std::string& out);

struct Frame {
  FrameType type;
  std::string_view payload;
  std::size_t bytes; // on the wire, with the length
};

// Errors: corrupt.
runtime::Result<Hello> read_hello(std::string_view payload);
runtime::Result<runtime::Envelope> read_data(std::string_view payload); // epoch, kind and body
runtime::Result<std::uint32_t> read_credit(std::string_view payload);
Refusal read_refusal(std::string_view payload) noexcept;

// Finds the frames in a stream of bytes. Memory: at most one frame of the limit and what one read
// brings.
class FrameReader {
public:
  static constexpr std::size_t read_bytes = 64 * 1024;

  // Frames above `bytes`, without their length, are corrupt; known before any room is made for one.
  void set_limit(std::size_t bytes) noexcept { limit_ = bytes; }
  // Where the next bytes go; filled() says how many came. Ends the life of earlier payloads.
  std::span<char> room();
  void filled(std::size_t bytes) noexcept { end_ += bytes; }
  // The next whole frame, if there is one. Error: corrupt; nothing after it can be read.
  runtime::Result<std::optional<Frame>> next();

private:
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0, limit_ = max_hello_frame;
};

} // namespace graphrag::cluster
