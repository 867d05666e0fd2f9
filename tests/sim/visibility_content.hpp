#pragma once
// Documents of the visibility simulation. A content is named by a tag; everything in it carries the
// tag (text of every chunk, terms, title, hash), so that a mixture of two versions shows.
#include <memory>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::visibility {

using Tag = std::uint32_t;

// Parsing this content stops the process, every time.
inline bool poisonous(Tag tag) { return tag % 11 == 7; }
inline std::uint32_t chunk_count_of(Tag tag) { return 1 + tag % 3; }
std::string term_of(Tag tag); // a word that only this content has, once in every chunk
std::string hash_of(Tag tag);
Tag tag_of_hash(const std::string& content_hash); // 0 when it is none
std::string title_of(Tag tag);                    // of a content; patches make titles of their own

runtime::DocumentInput input_of(const std::string& id, Tag tag);
// What the document worker makes of an accepted content, or a direct write of its text.
runtime::CommitOp analysed(const runtime::DocumentInput& input, Tag tag);
// What a view makes of a live version.
std::shared_ptr<const chunk::LiveDocument> live_document(const runtime::DocumentContent& content);

} // namespace graphrag::visibility
