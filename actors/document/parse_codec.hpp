#pragma once
// What travels between the server and a parser's child, as msgpack. A request comes from us; an
// answer comes from a process that may have been taken over, so decoding it checks everything.
#include <optional>
#include <string>
#include <string_view>

#include "actors/document/error.hpp"
#include "actors/document/formats/parse.hpp"
#include "actors/document/parsed_document.hpp"

namespace graphrag::document {

struct ParseRequest {
  std::string_view bytes, filename, declared_mime;
  formats::Limits limits;
};

// Everything but the bytes themselves: the message is this head followed by them.
std::string encode_request_head(const ParseRequest& request);
// The views point into `message`. Nothing when it is not a request of this version.
std::optional<ParseRequest> decode_request(std::string_view message);

std::string encode_answer(const Result<ParsedDocument>& answer);
// Nothing when the answer does not keep its contract: text beyond the limits or not UTF-8, blocks
// out of order, out of bounds or inside a character, an error that a parser cannot have.
std::optional<Result<ParsedDocument>> decode_answer(std::string_view message,
                                                    const formats::Limits& limits);

} // namespace graphrag::document
