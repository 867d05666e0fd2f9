#pragma once
// Which names of a collection mean several things, and which of them a document means. A function
// of the documents alone, whatever their order; kept up to date document by document. Only names
// whose definitions contradict each other are here with senses. Not thread-safe.
//
// A passage that defines a name has the sense of its definition, and so have the other passages of
// its document. A document that defines nothing joins the only sense of the kind that its text
// tells, or the one with whose definitions it has most names in common (one of several words, or
// two). Otherwise it means the name itself: that is the sense that nearly all documents speak of,
// if there is one, and else nobody knows which.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/entity/senses.hpp"

namespace graphrag::entity {

using DocumentPtr = std::shared_ptr<const chunk::LiveDocument>;
using DocumentNumber = std::uint32_t;

// A name that means several things.
struct SplitName {
  std::string normal;
  Senses senses;
  struct Place {
    DocumentNumber document = 0;
    std::uint32_t chunk = 0, sense = 0;
  };
  std::vector<Place> places; // of its definitions, by document and chunk
  struct Neighbour {
    std::uint64_t name = 0;
    std::uint32_t senses = 0; // as bits
    friend bool operator==(const Neighbour&, const Neighbour&) = default;
  };
  bool compared = true; // false: too many documents hold the name to compare their other names
  // Names beside its definitions, sorted.
  std::vector<Neighbour> neighbours;
  std::uint32_t usual = Senses::none;                   // the sense that the bare name stands for
  std::vector<std::int64_t> documents;                  // by sense
  std::unordered_map<DocumentNumber, std::uint32_t> of; // a document -> its sense, if it has one
};

class SenseTable {
public:
  DocumentPtr document(std::string_view id) const;
  std::optional<DocumentNumber> number(std::string_view id) const;
  const chunk::LiveDocument& at(DocumentNumber number) const { return *slots_[number]; }

  // Its names and definitions are known from now on; no name's senses change before replace().
  // Both with the names that it holds (names_of()), which enter() finds.
  DocumentNumber enter(DocumentPtr document, std::vector<std::uint64_t>& names);
  void leave(DocumentNumber number, std::span<const std::uint64_t> names);

  bool any() const noexcept { return !split_.empty(); }
  // Null for a name that means one thing.
  const SplitName* split(std::uint64_t key) const;
  // How the name should be split now, as replace() takes it; null: not at all.
  std::shared_ptr<SplitName> wanted(std::uint64_t key) const;
  void replace(std::uint64_t key, std::shared_ptr<SplitName> split);
  // Counts the document for the senses of its names, or no longer. Between enter() and leave().
  void count(DocumentNumber number, std::span<const std::uint64_t> names, int sign);
  // The sense that nearly all documents speak of, by the counts.
  static std::uint32_t usual_of(const SplitName& split);

  // Whether a name in so few documents is compared by its neighbours.
  bool compares(std::uint64_t key) const;
  // The documents that hold the name, in no order.
  const std::vector<DocumentNumber>& documents(std::uint64_t key) const;
  // Its names, and those that it defines; each once, in no order.
  std::vector<std::uint64_t> names_of(DocumentNumber number) const;
  std::vector<std::uint64_t> defined_by(DocumentNumber number) const;

  // The sense that a passage means by the name; none: the bare name.
  static std::uint32_t sense_in(const SplitName& split, DocumentNumber number, std::uint32_t chunk);
  // What is said of a name, the fullest of its definitions: "English explorer (1580-1631)".
  std::string description(std::uint64_t key) const;

private:
  struct Place {
    DocumentNumber document = 0;
    std::uint32_t chunk = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct Uses {
    std::vector<DocumentNumber> documents;
    std::vector<Place> definitions;
  };
  static std::uint32_t sense_of_document(const SplitName& split, std::uint64_t key,
                                         DocumentNumber number,
                                         const chunk::LiveDocument& document);
  std::vector<SplitName::Neighbour> neighbours_of(std::uint64_t key, const SplitName& split) const;

  std::vector<DocumentPtr> slots_;
  std::vector<DocumentNumber> free_;
  std::unordered_map<std::string, DocumentNumber> numbers_;
  std::unordered_map<std::uint64_t, Uses> uses_;
  std::unordered_map<std::uint64_t, std::shared_ptr<SplitName>> split_;
};

// Whether a passage says what the name is, and does not only mention it.
bool defines(const chunk::AnalysedChunk& chunk, const chunk::Home& home);
// What it says then.
Definition definition_in(const chunk::LiveDocument& document, const chunk::AnalysedChunk& chunk,
                         const chunk::Home& home);
// "English explorer (1580-1631)".
std::string described(std::string_view what, std::uint16_t born, std::uint16_t died);

} // namespace graphrag::entity
