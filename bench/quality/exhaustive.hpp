#pragma once
// Keyword search without an index: what the index must equal.
#include "bench/quality/question_set.hpp"

namespace quality {

// Scores every passage for every question, in doubles and by the textbook's formula of BM25
// (Robertson and Zaragoza 2009), k1 1.2 and b 0.75.
Figures ask_exhaustively(const QuestionSet& set);

} // namespace quality
