#pragma once
// Names and relations that a model finds in a text, believed only as far as the text bears them
// out. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/models/chat.hpp"

namespace graphrag::runtime::models {

struct ExtractedName {
  std::string name; // as the text writes it
  std::string kind; // person, organisation, place, work, event, date or other
};

struct ExtractedRelation {
  std::string from, to;  // two of the names
  std::string predicate; // the model's words; at most 64 bytes
  std::string evidence;  // as the text writes it
};

struct Extraction {
  std::vector<ExtractedName> names; // each once
  std::vector<ExtractedRelation> relations;
};

inline constexpr std::size_t max_extracted_names = 200;
inline constexpr std::size_t max_extracted_relations = 200;
inline constexpr std::size_t max_name_bytes = 200;
inline constexpr std::size_t max_predicate_bytes = 64;
inline constexpr std::size_t max_evidence_bytes = 1000;

// What is asked, and the schema (JSON text) that the answer has to follow.
std::vector<ChatMessage> extraction_messages(const std::string& text);
const std::string& extraction_schema();

// `answer` is what the model said about `text`. It is JSON of the schema and nothing else; every
// name and every evidence occurs in the text byte for byte; relations join two different names of
// the list; all bounds hold. One lie and the whole answer is `corrupt`: nothing of it is used.
Result<Extraction> read_extraction(std::string_view answer, std::string_view text);

} // namespace graphrag::runtime::models
