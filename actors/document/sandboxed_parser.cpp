#include "actors/document/sandboxed_parser.hpp"

#include <dlfcn.h>
#include <iconv.h>

#include "actors/document/formats/sniff.hpp"
#include "actors/document/parse_codec.hpp"
#include "runtime/sandbox/parser_child.hpp"

namespace graphrag::document {
namespace {

ParseReply to_reply(runtime::ParserOutcome outcome, const formats::Limits& limits) {
  using Kind = runtime::ParserOutcome::Kind;
  const auto verdict = [&outcome](Errc code) -> ParseReply {
    return Result<ParsedDocument>(tl::unexpected(Error{code, std::move(outcome.detail)}));
  };
  switch (outcome.kind) {
  case Kind::ok:
    break;
  case Kind::crashed:
    return verdict(Errc::parser_crashed);
  case Kind::timeout:
    return verdict(Errc::parser_timeout);
  case Kind::memory:
    return verdict(Errc::parser_memory);
  case Kind::answer_too_large:
    return verdict(Errc::too_large);
  case Kind::canceled:
    return runtime::fail(runtime::Errc::canceled, std::move(outcome.detail));
  case Kind::unavailable:
    return runtime::fail(runtime::Errc::unavailable, std::move(outcome.detail));
  }
  auto answer = decode_answer(outcome.answer, limits);
  if (answer) return std::move(*answer);
  outcome.detail = "the parser's answer does not keep its contract";
  return verdict(Errc::parser_crashed);
}

std::string answer(const ParseDocument& parse, std::string_view message) {
  const auto request = decode_request(message);
  if (!request) return {}; // not understood on the other side either
  return encode_answer(
      parse(request->bytes, request->filename, request->declared_mime, request->limits));
}

// poppler hands out text by iconv, whose converters are plug-ins. Once loaded they stay.
void load_converters() {
  for (const auto& [to, from] : {std::pair{"UTF-16", "UTF-8"}, std::pair{"UTF-8", "UTF-16"}})
    [[maybe_unused]] const iconv_t kept = ::iconv_open(to, from);
}

// Text needs no fonts, yet poppler looks for those that a PDF does not bring. Left alone,
// fontconfig would read all its files for every such document and try to write its cache, which is
// forbidden.
void disconnect_fonts() {
  void* library = ::dlopen("libfontconfig.so.1", RTLD_NOW | RTLD_NOLOAD);
  if (library == nullptr) return; // this poppler does without
  const auto create = reinterpret_cast<void* (*)()>(::dlsym(library, "FcConfigCreate"));
  const auto set = reinterpret_cast<int (*)(void*)>(::dlsym(library, "FcConfigSetCurrent"));
  if (create != nullptr && set != nullptr) set(create());
}

} // namespace

runtime::Result<std::unique_ptr<SandboxedParser>>
SandboxedParser::start(runtime::ParserPoolOptions options) {
  auto pool = runtime::ParserPool::start(std::move(options));
  if (!pool) return tl::unexpected(pool.error());
  return std::unique_ptr<SandboxedParser>(new SandboxedParser(std::move(*pool)));
}

SandboxedParser::SandboxedParser(std::unique_ptr<runtime::ParserPool> pool)
    : pool_(std::move(pool)) {}
SandboxedParser::~SandboxedParser() = default;

runtime::Status SandboxedParser::submit(std::string_view bytes, std::string_view filename,
                                        std::string_view declared_mime,
                                        std::function<void(ParseReply)> done,
                                        const formats::Limits& limits) {
  runtime::ParserJob job;
  job.head = encode_request_head({bytes, filename, declared_mime, limits});
  job.body = bytes;
  job.format = formats::to_string(formats::sniff(bytes, filename, declared_mime).format);
  return pool_->submit(std::move(job),
                       [done = std::move(done), limits](runtime::ParserOutcome outcome) {
                         done(to_reply(std::move(outcome), limits));
                       });
}

void SandboxedParser::stop() { pool_->stop(); }
runtime::ParserProtection SandboxedParser::protection() const { return pool_->protection(); }

int parser_child(int, char**) { parser_child_with(formats::parse); }

void parser_child_with(ParseDocument parse) {
  runtime::ParserChild child;
  child.parse = [parse = std::move(parse)](std::string_view message) {
    return answer(parse, message);
  };
  child.prepare = [] {
    load_converters();
    disconnect_fonts();
  };
  // Character maps of PDFs that have none of their own.
  child.readable = {"/usr/share/poppler"};
  runtime::parser_child_main(child);
}

} // namespace graphrag::document
