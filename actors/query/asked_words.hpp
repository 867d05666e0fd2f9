#pragma once
// The words of a question as sentences are measured by them, and what kind of thing it asks for.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analyse.hpp"
#include "actors/entity/key_set.hpp"
#include "actors/query/plan.hpp"

namespace graphrag::query {

enum class Wanted : std::uint8_t { anything, number, name };

// Which words of a question a text has: a bit per term of the plan.
struct Covered {
  std::uint64_t words = 0;     // the words themselves
  std::uint64_t relations = 0; // words that express the same relation
  Covered& operator|=(const Covered& other) noexcept {
    words |= other.words;
    relations |= other.relations;
    return *this;
  }
};

class AskedWords {
public:
  AskedWords(View& view, std::string_view question, const Plan& plan);

  Wanted wanted() const noexcept { return wanted_; }
  // What the question asks to be told about, in lower case, when it asks nothing else: "marley" of
  // "Who was Marley?". Empty for other questions.
  const std::string& topic() const noexcept { return topic_; }

  std::size_t terms() const noexcept { return terms_; }
  float weight(std::size_t term) const noexcept { return weight_[term]; } // idf; little for "of"
  float total() const noexcept { return total_; } // of all words that the collection has
  // How much of the question is covered, of 1; words that the collection does not have never are.
  // Nothing is when the question names things by codes ("pump P7") and none of them is covered.
  float share(const Covered& covered) const noexcept;

  void mark(const chunk::Token& token, Covered& covered) const;

private:
  std::size_t terms_ = 0;
  std::array<float, max_terms> weight_{};
  float total_ = 0, unknown_ = 0;
  std::vector<std::uint64_t> codes_; // the terms of each, if the collection has all
  bool names_codes_ = false;
  Wanted wanted_ = Wanted::anything;
  std::string topic_;
  entity::KeySet places_; // hash of a term -> its place in the plan, with a bit for relation words
};

} // namespace graphrag::query
