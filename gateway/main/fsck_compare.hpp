#pragma once
// Analyses stored documents again, as the document actor did, and says where the facts differ.
#include <cstdint>
#include <memory>
#include <string>

#include "actors/chunk/analyse.hpp"
#include "actors/document/sandboxed_parser.hpp"
#include "runtime/store/blob.hpp"
#include "runtime/store/types.hpp"

namespace graphrag {

class FactComparer {
public:
  explicit FactComparer(runtime::BlobStore& blobs) : blobs_(blobs) {}

  // What differs, in words; empty when the facts are those of the text. A file's original is parsed
  // again (confined, like a new one), since its text alone does not tell headings and pages.
  std::string difference(const runtime::DocumentContent& content);

  // Documents whose facts are those of their text under another title: a change of title does not
  // index a document again.
  std::uint64_t retitled() const { return retitled_; }
  // Documents analysed by another version of the program, which are not compared.
  std::uint64_t other_version() const { return other_version_; }

private:
  document::Result<document::ParsedDocument> parse_again(const runtime::DocumentContent& content);
  document::Result<document::ParsedDocument> parse_confined(const std::string& bytes,
                                                            const runtime::DocumentRecord& record);

  runtime::BlobStore& blobs_;
  std::unique_ptr<document::SandboxedParser> parser_; // once one is needed
  std::uint64_t retitled_ = 0, other_version_ = 0;
};

} // namespace graphrag
