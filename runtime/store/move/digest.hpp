#pragma once
// SHA-256 over a sequence of values, each with its length, so that no two sequences are one text.
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace graphrag::runtime::move {

class Digest {
public:
  Digest();
  void add(std::string_view bytes);
  template <std::integral T>
  void add(T number) {
    auto wide = static_cast<std::int64_t>(number);
    add_raw({reinterpret_cast<const char*>(&wide), sizeof wide});
  }
  std::string hex(); // of all that was added; ends it

private:
  void add_raw(std::string_view bytes);

  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

} // namespace graphrag::runtime::move
