#pragma once
// Retrieval quality of ranked answers against gold ids. Pure.
#include <set>
#include <string>
#include <vector>

namespace graphrag::client {

struct QueryScore {
  double recall_2 = 0, recall_5 = 0, recall_10 = 0;
  double all_5 = 0;   // 1 when every gold document is among the first five
  double ndcg_10 = 0; // binary gains
  double mrr = 0;     // 1 / rank of the first gold document, over everything returned
};

// `ranked` are document ids, best first; a repeated document (another passage of it) counts once,
// at its best rank. A query without gold documents scores 0.
QueryScore score_query(const std::vector<std::string>& ranked, const std::set<std::string>& gold);

QueryScore mean_score(const std::vector<QueryScore>& scores);

// The q-quantile (0..1) of values, by the nearest rank; 0 for none.
double quantile(std::vector<double> values, double q);

} // namespace graphrag::client
