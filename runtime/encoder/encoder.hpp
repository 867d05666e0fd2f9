#pragma once
// A sentence encoder of the BERT family on the CPU: texts become unit vectors whose dot product
// is their likeness in meaning. See README.md for the models it takes and its speed.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/encoder/model_files.hpp"
#include "runtime/error.hpp"

namespace graphrag::runtime {

// What a text is to the search: models such as e5 were trained with another prompt for each.
enum class TextRole { query, passage };

// Immutable after load and thread-safe: several threads may encode at once. Each call runs on the
// calling thread alone and starts none.
class Encoder {
public:
  // Takes the files (pass them with std::move: the weights stay in the given bytes). Takes some
  // 100 ms for a model of 90 MB. Errors: not_found for a missing file, corrupt for a malformed
  // one, invalid_argument for a model that is not supported; each names file and field.
  static Result<std::shared_ptr<const Encoder>> load(ModelFiles files);
  ~Encoder();

  std::size_t dimension() const;
  std::size_t max_tokens() const; // of a text, with prompt and special tokens
  // The model's identity: model_hash() of its files, 64 hex digits.
  const std::string& hash() const;

  // Writes texts.size() * dimension() numbers, row-major, which is the size `out` must have. A
  // text longer than max_tokens() is cut at its end, as the published implementation does. Bytes
  // that are no UTF-8 count as U+FFFD. A text's vector does not depend on the other texts of the
  // call, but calls with many texts are faster. Working memory: at most 512 tokens (or one text
  // of max_tokens()) are worked on at once, 8 MB for a hidden size of 384, 20 MB for 1024, and
  // the token ids.
  void encode(std::span<const std::string_view> texts, TextRole role, std::span<float> out) const;

  // The ids that encode() works on: prompt, text and special tokens, cut to max_tokens().
  std::vector<std::uint32_t> token_ids(std::string_view text, TextRole role) const;

private:
  struct Parts;
  explicit Encoder(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

} // namespace graphrag::runtime
