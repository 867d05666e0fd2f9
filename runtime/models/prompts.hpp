#pragma once
// What models are told for summaries and answers. Pure; the same input gives the same words.
#include <cstddef>
#include <string>
#include <vector>

#include "runtime/models/chat.hpp"

namespace graphrag::runtime::models {

// Texts and sources are data between fences that occur in none of them; the model is told that
// nothing inside is an instruction. All texts together are cut to `most_bytes`, fairly and between
// characters; none is left out, so that the numbers of sources stay.
std::vector<ChatMessage> summary_messages(const std::vector<std::string>& texts,
                                          std::size_t most_bytes);

// Sources are numbered from 1 in their order; the model is told to cite them as [1]. The question
// is cut to a quarter of `most_bytes`.
std::vector<ChatMessage> answer_messages(const std::string& question,
                                         const std::vector<std::string>& sources,
                                         std::size_t most_bytes);

} // namespace graphrag::runtime::models
