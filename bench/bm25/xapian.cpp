#include <xapian.h>

#include "bench/bm25/engines.hpp"

namespace graphrag::bench {

struct Xapian::State {
  ::Xapian::Database database;
};

Xapian::Xapian(const Corpus& corpus, const std::string& folder) : state_{new State} {
  {
    ::Xapian::WritableDatabase database{folder, ::Xapian::DB_CREATE_OR_OVERWRITE |
                                                    ::Xapian::DB_BACKEND_GLASS};
    for (const auto& passage : corpus.passages) {
      ::Xapian::Document document;
      document.set_data(passage.id);
      for (const auto& [term, count] : passage.terms)
        if (term.size() < 240) document.add_term(term, count); // longer ones it refuses
      database.add_document(document);
    }
    database.commit();
    database.compact(folder + "-compact");
  }
  state_->database = ::Xapian::Database{folder + "-compact"};
}
Xapian::~Xapian() = default;

std::size_t Xapian::search(const Question& question, std::size_t k) {
  std::vector<::Xapian::Query> terms;
  for (const auto& [term, count] : question.terms)
    if (term.size() < 240) terms.emplace_back(term, count);
  ::Xapian::Enquire enquire{state_->database};
  enquire.set_weighting_scheme(::Xapian::BM25Weight{1.2, 0, 1e9, 0.75, 0});
  enquire.set_query(::Xapian::Query{::Xapian::Query::OP_OR, terms.begin(), terms.end()});
  auto found = enquire.get_mset(0, static_cast<::Xapian::doccount>(k));
  std::size_t count = 0;
  for (auto it = found.begin(); it != found.end(); ++it) count += *it > 0 ? 1 : 0;
  return count;
}

} // namespace graphrag::bench
