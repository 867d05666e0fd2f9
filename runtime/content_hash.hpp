#pragma once
// SHA-256 of a document's original bytes, as 64 lower-case hex digits.
#include <memory>
#include <string>
#include <string_view>

namespace graphrag::runtime {

std::string content_hash(std::string_view bytes);
// The same for content that comes in two parts, such as a text and the vector brought with it.
std::string content_hash(std::string_view first, std::string_view second);

// The same for content that comes piece by piece. One thread.
class ContentHasher {
public:
  ContentHasher();
  ~ContentHasher();
  void add(std::string_view bytes);
  std::string finish(); // once

private:
  struct Context;
  std::unique_ptr<Context> context_;
};

} // namespace graphrag::runtime
