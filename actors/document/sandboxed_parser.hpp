#pragma once
// formats::parse in a confined child of its own: for every format that a library reads.
#include <functional>
#include <memory>
#include <string_view>

#include "actors/document/error.hpp"
#include "actors/document/formats/parse.hpp"
#include "actors/document/parsed_document.hpp"
#include "runtime/error.hpp"
#include "runtime/sandbox/parser_pool.hpp"

namespace graphrag::document {

// Outside, whether the document could be looked at: canceled (stopped) and unavailable (no child
// can be started) say nothing about it, and it may be tried again. Inside, what came of it; the
// child's own end is parser_crashed, parser_timeout or parser_memory.
using ParseReply = runtime::Result<Result<ParsedDocument>>;

class SandboxedParser {
public:
  // As ParserPool::start.
  static runtime::Result<std::unique_ptr<SandboxedParser>>
  start(runtime::ParserPoolOptions options);
  ~SandboxedParser();

  // Thread-safe; the views are used only during the call. On success `done` is called exactly
  // once, on the pool's thread (hand it on; see ParserPool::submit); on failure never: overloaded,
  // invalid_argument (too many bytes), unavailable, canceled, io.
  runtime::Status submit(std::string_view bytes, std::string_view filename,
                         std::string_view declared_mime, std::function<void(ParseReply)> done,
                         const formats::Limits& limits = {});
  // Ends every open document as canceled and every child.
  void stop();
  runtime::ParserProtection protection() const;

private:
  explicit SandboxedParser(std::unique_ptr<runtime::ParserPool> pool);
  std::unique_ptr<runtime::ParserPool> pool_;
};

// What main runs, before anything else, when the first argument is "__parse". Does not return.
int parser_child(int argc, char** argv);

using ParseDocument = std::function<Result<ParsedDocument>(
    std::string_view bytes, std::string_view filename, std::string_view declared_mime,
    const formats::Limits& limits)>;
// The same with another parser, for tests.
[[noreturn]] void parser_child_with(ParseDocument parse);

} // namespace graphrag::document
