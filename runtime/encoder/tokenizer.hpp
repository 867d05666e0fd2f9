#pragma once
// From a text to the token ids a model was trained with, as the published "fast" tokenizers do.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/encoder/model_files.hpp"
#include "runtime/encoder/normalize.hpp"
#include "runtime/encoder/token_model.hpp"

namespace graphrag::runtime::encoder {

// Cuts normalised text into words.
using WordSplit = std::function<std::vector<std::string>(std::string_view)>;

std::vector<std::string> split_bert(std::string_view text);  // white space, punctuation alone
std::vector<std::string> split_space(std::string_view text); // white space
// Blanks become `mark`, one is put in front unless there is one or `prefix` is false, and every
// mark begins a word.
std::vector<std::string> split_marked(std::string_view text, std::string_view mark, bool prefix);

// A token that is found in the text itself, before all else, such as "[SEP]" or "<mask>".
struct AddedToken {
  std::string text;
  std::uint32_t id;
  bool eats_left = false, eats_right = false; // white space beside it belongs to it
};

// Immutable after load, thread-safe.
class Tokenizer {
public:
  // From tokenizer.json, or else from vocab.txt with tokenizer_config.json. Errors name file and
  // field: corrupt for malformed contents, invalid_argument for a kind that is not supported.
  static Result<Tokenizer> load(const ModelFiles& files);

  // With the special tokens around it, cut on the right to `limit` ids (at least the special ones).
  std::vector<std::uint32_t> encode(std::string_view text, std::size_t limit) const;
  // Every id is below this.
  std::size_t id_bound() const { return id_bound_; }

private:
  friend class TokenizerReader;

  void encode_plain(std::string_view text, std::size_t limit,
                    std::vector<std::uint32_t>& ids) const;

  std::vector<TextStep> steps_;
  std::vector<WordSplit> splits_;
  std::shared_ptr<const TokenModel> model_;
  std::vector<AddedToken> added_;
  std::vector<std::uint32_t> before_, after_; // the special tokens around a text
  std::size_t id_bound_ = 0;
};

} // namespace graphrag::runtime::encoder
