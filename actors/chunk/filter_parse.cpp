#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "actors/chunk/filter.hpp"
#include "actors/chunk/filter_value.hpp"

namespace graphrag::chunk {
namespace {

constexpr std::size_t most_conditions = 64, most_values = 1024, longest_key = 512;

std::string member(const std::string& pointer, std::string_view name) {
  std::string out = pointer + '/';
  for (char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

// Reads a filter and keeps the first thing that is wrong.
class Parser {
public:
  std::optional<FilterError> error;

  Filter filter(const nlohmann::json& json) {
    Filter out;
    if (!json.is_object()) return fail("", "must be an object"), out;
    for (const auto& [name, list] : json.items()) {
      if (name == "must")
        conditions("/must", list, out.must);
      else if (name == "should")
        conditions("/should", list, out.should);
      else if (name == "must_not")
        conditions("/must_not", list, out.must_not);
      else
        fail(member("", name), "unknown field; must, should and must_not are known");
    }
    return out;
  }

private:
  void fail(std::string pointer, std::string detail) {
    if (!error) error = FilterError{std::move(pointer), std::move(detail)};
  }

  void conditions(const std::string& pointer, const nlohmann::json& list,
                  std::vector<Condition>& out) {
    if (!list.is_array()) return fail(pointer, "must be an array of conditions");
    for (std::size_t i = 0; i < list.size() && !error; ++i) {
      auto at = pointer + '/' + std::to_string(i);
      if (++conditions_ > most_conditions) return fail(at, "more than 64 conditions");
      out.push_back(condition(at, list[i]));
    }
  }

  Condition condition(const std::string& pointer, const nlohmann::json& json) {
    Condition out;
    if (!json.is_object()) return fail(pointer, "must be an object"), out;
    int kinds = 0;
    for (const auto& [name, value] : json.items()) {
      if (name == "key") continue;
      static constexpr std::array<std::string_view, 4> known{"match", "any", "range", "exists"};
      if (std::find(known.begin(), known.end(), name) == known.end())
        fail(member(pointer, name), "unknown field; key, match, any, range and exists are known");
      else if (++kinds > 1)
        fail(member(pointer, name), "a condition has one of match, any, range and exists");
    }
    auto key = json.find("key");
    if (key == json.end()) return fail(pointer, "key is missing"), out;
    if (!key->is_string()) return fail(pointer + "/key", "must be a string"), out;
    out.key = key->get<std::string>();
    if (out.key.empty()) fail(pointer + "/key", "must not be empty");
    if (out.key.size() > longest_key) fail(pointer + "/key", "longer than 512 bytes");
    if (kinds == 0) fail(pointer, "one of match, any, range and exists is missing");
    if (error) return out;

    if (auto it = json.find("match"); it != json.end()) {
      out.kind = Condition::Kind::match;
      value(pointer + "/match", *it, out);
    } else if (it = json.find("any"); it != json.end()) {
      out.kind = Condition::Kind::any;
      if (!it->is_array() || it->empty())
        return fail(pointer + "/any", "must be an array of at least one value"), out;
      for (std::size_t i = 0; i < it->size() && !error; ++i)
        value(pointer + "/any/" + std::to_string(i), (*it)[i], out);
    } else if (it = json.find("range"); it != json.end()) {
      out.kind = Condition::Kind::range;
      range(pointer + "/range", *it, out);
    } else {
      out.kind = Condition::Kind::exists;
      const auto& exists = json.at("exists");
      if (!exists.is_boolean()) return fail(pointer + "/exists", "must be true or false"), out;
      out.present = exists.get<bool>();
    }
    return out;
  }

  void value(const std::string& pointer, const nlohmann::json& json, Condition& out) {
    if (++values_ > most_values) return fail(pointer, "more than 1024 values");
    if (json.is_boolean())
      out.values.emplace_back(json.get<bool>());
    else if (json.is_number())
      out.values.emplace_back(json.get<double>());
    else if (json.is_string()) {
      check_date(pointer, out.key, json.get_ref<const std::string&>());
      out.values.emplace_back(json.get<std::string>());
    } else
      fail(pointer, "must be a string, a number, true or false");
  }

  void range(const std::string& pointer, const nlohmann::json& json, Condition& out) {
    if (!json.is_object() || json.empty())
      return fail(pointer, "must be an object with gt, gte, lt or lte");
    for (const auto& [name, bound] : json.items()) {
      auto at = member(pointer, name);
      bool text = bound.is_string();
      std::optional<double>* number_at = name == "gt"    ? &out.gt
                                         : name == "gte" ? &out.gte
                                         : name == "lt"  ? &out.lt
                                         : name == "lte" ? &out.lte
                                                         : nullptr;
      std::optional<std::string>* text_at = name == "gt"    ? &out.sgt
                                            : name == "gte" ? &out.sgte
                                            : name == "lt"  ? &out.slt
                                                            : &out.slte;
      if (number_at == nullptr) return fail(at, "unknown field; gt, gte, lt and lte are known");
      if (!text && !bound.is_number()) return fail(at, "must be a number or a string");
      if (text) check_date(at, out.key, bound.get_ref<const std::string&>());
      if (text)
        *text_at = bound.get<std::string>();
      else
        *number_at = bound.get<double>();
    }
    bool numbers = out.gt || out.gte || out.lt || out.lte,
         texts = out.sgt || out.sgte || out.slt || out.slte;
    if (numbers && texts) fail(pointer, "bounds must be all numbers or all strings");
    if (json.contains("gt") && json.contains("gte")) fail(pointer, "gt and gte exclude each other");
    if (json.contains("lt") && json.contains("lte")) fail(pointer, "lt and lte exclude each other");
  }

  void check_date(const std::string& pointer, std::string_view key, std::string_view text) {
    auto field = detail::field_of(key);
    if ((field == detail::Field::created_at || field == detail::Field::updated_at) &&
        !detail::parse_date(text))
      fail(pointer, "must be a date or date-time by RFC 3339");
  }

  std::size_t conditions_ = 0, values_ = 0;
};

} // namespace

tl::expected<Filter, FilterError> parse_filter(const nlohmann::json& json) {
  Parser parser;
  auto filter = parser.filter(json);
  if (parser.error) return tl::unexpected(std::move(*parser.error));
  return filter;
}

} // namespace graphrag::chunk
