// nlohmann's parser driving a builder of ours that watches depth and duplicates.
#include "runtime/json/strict_json.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace graphrag::runtime {
namespace {

using json = nlohmann::json;

class Builder final : public nlohmann::json_sax<json> {
public:
  explicit Builder(std::size_t max_depth) : max_depth_(max_depth) {}

  json take() { return std::move(root_); }
  const std::optional<JsonFault>& error() const { return error_; }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return fail("binary is not JSON"); }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    auto [at, fresh] = open_.back()->get_ref<json::object_t&>().try_emplace(name);
    if (!fresh) return fail("the member \"" + name + "\" is given twice");
    member_ = &at->second;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& e) override {
    if (!error_) error_ = JsonFault{position, plain(e.what())};
    return false;
  }

private:
  // "[json.exception.parse_error.101] parse error at line 1, column 5: ..." -> from "parse error".
  static std::string plain(std::string_view what) {
    const auto end = what.find("] ");
    std::string out{end == std::string_view::npos ? what : what.substr(end + 2)};
    // The excerpt of ill-formed input is quoted byte by byte; keep answers short.
    if (out.size() > 200) out.resize(200);
    return out;
  }
  bool fail(std::string detail) {
    error_ = JsonFault{0, std::move(detail)};
    return false;
  }
  json* place(json&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array())
      return &open_.back()->get_ref<json::array_t&>().emplace_back(std::move(value));
    *member_ = std::move(value);
    return member_;
  }
  template <class T>
  bool put(T&& value) {
    place(json(std::forward<T>(value)));
    return true;
  }
  bool open(json&& value) {
    if (open_.size() >= max_depth_) {
      return fail("nested deeper than " + std::to_string(max_depth_) + " levels");
    }
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const std::size_t max_depth_;
  json root_;
  std::vector<json*> open_; // an open container does not move: only its own elements are added to
  json* member_ = nullptr;
  std::optional<JsonFault> error_;
};

} // namespace

tl::expected<json, JsonFault> parse_strict_json(std::string_view text, std::size_t max_depth) {
  Builder builder{max_depth};
  if (!json::sax_parse(text.begin(), text.end(), &builder))
    return tl::unexpected<JsonFault>(builder.error().value_or(JsonFault{0, "not JSON"}));
  return builder.take();
}

} // namespace graphrag::runtime
