#pragma once
// The other side of ParserPool: what the binary runs when it is started as a parser's child.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace graphrag::runtime {

// From a request's bytes to an answer's bytes; both are opaque here. May throw: the job then
// fails alone (std::bad_alloc as out of memory, anything else as a crash).
using ParseFunction = std::function<std::string(std::string_view request)>;

struct ParserChild {
  ParseFunction parse;
  // Runs before the walls go up and may still read files and map code: load here what the parser
  // would otherwise load late (converters, plug-ins).
  std::function<void()> prepare = [] {};
  std::vector<std::string> readable = {}; // folders that parse may read from
};

// Reads its orders from the channel that the pool left at descriptor 3, confines this process,
// answers one request and ends the process. To be called by main at once, before any thread
// exists. Does not return.
[[noreturn]] void parser_child_main(const ParserChild& child);

} // namespace graphrag::runtime
