#pragma once
// Appends JSON text to one string: for answers on the hot path, where building a tree first would
// cost more than the search. Input text is valid UTF-8 (everything that is stored is).
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace graphrag::gateway {

class JsonWriter {
public:
  JsonWriter& object() { return open('{'); }
  JsonWriter& array() { return open('['); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name) {
    separate();
    quote(name);
    out_.push_back(':');
    fresh_ = true;
    return *this;
  }
  JsonWriter& value(std::string_view text) {
    separate();
    quote(text);
    return *this;
  }
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(const std::string& text) { return value(std::string_view{text}); }
  JsonWriter& value(bool yes) { return raw(yes ? "true" : "false"); }
  JsonWriter& value(std::uint64_t number) { return digits(number); }
  JsonWriter& value(std::uint32_t number) { return digits(number); }
  JsonWriter& value(std::int64_t number) { return digits(number); }
  JsonWriter& value(int number) { return digits(number); }
  JsonWriter& value(double number) { // JSON has no infinities
    return std::isfinite(number) ? digits(number) : raw("null");
  }
  JsonWriter& value(float number) { return std::isfinite(number) ? digits(number) : raw("null"); }
  // Text that is JSON already.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_.append(json);
    return *this;
  }
  template <class T>
  JsonWriter& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  std::string take() { return std::move(out_); }

private:
  JsonWriter& open(char bracket) {
    separate();
    out_.push_back(bracket);
    fresh_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_.push_back(bracket);
    fresh_ = false;
    return *this;
  }
  void separate() {
    if (!fresh_) out_.push_back(',');
    fresh_ = false;
  }
  template <class N>
  JsonWriter& digits(N number) {
    separate();
    char buffer[40];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    out_.append(buffer, end);
    return *this;
  }
  void quote(std::string_view text) {
    out_.push_back('"');
    std::size_t plain = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      auto c = static_cast<unsigned char>(text[i]);
      if (c >= 0x20 && c != '"' && c != '\\') continue;
      out_.append(text.substr(plain, i - plain));
      plain = i + 1;
      escape(c);
    }
    out_.append(text.substr(plain));
    out_.push_back('"');
  }
  void escape(unsigned char c) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
      out_ += "\\\"";
      break;
    case '\\':
      out_ += "\\\\";
      break;
    case '\n':
      out_ += "\\n";
      break;
    case '\t':
      out_ += "\\t";
      break;
    case '\r':
      out_ += "\\r";
      break;
    default:
      out_ += "\\u00";
      out_.push_back(hex[c >> 4]);
      out_.push_back(hex[c & 15]);
    }
  }

  std::string out_;
  bool fresh_ = true;
};

} // namespace graphrag::gateway
