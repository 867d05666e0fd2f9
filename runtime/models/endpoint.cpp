#include "runtime/models/endpoint.hpp"

#include <algorithm>
#include <cctype>

#include "runtime/http/url.hpp"

namespace graphrag::runtime::models {
namespace {

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_visible(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 32 && c < 127; });
}

} // namespace

Status check(const ModelEndpoint& e) {
  const auto bad = [](const char* option) {
    return fail(Errc::invalid_argument, std::string{"model endpoint: "} + option);
  };
  if (!is_name(e.name)) return bad("its name is letters, digits, '-', '_' and '.'");
  const auto url = http::parse_url(e.base_url);
  if (!url) return bad("base_url is not a usable http or https address");
  if (url->target.find('?') != std::string::npos) return bad("base_url has a query");
  if (!is_visible(e.api_key.reveal())) return bad("api_key holds a space or a control character");
  if (e.model.empty() || e.model.size() > 256) return bad("model is empty or too long");
  if (e.timeout <= std::chrono::milliseconds::zero() || e.timeout > std::chrono::hours{1})
    return bad("timeout is not between 1 ms and 1 h");
  if (e.retry.max_retries > 10) return bad("more than 10 retries");
  if (e.retry.first <= std::chrono::milliseconds::zero() || e.retry.longest < e.retry.first)
    return bad("the waits between retries are not ordered");
  if (e.max_concurrent_calls == 0) return bad("max_concurrent_calls is 0");
  for (const auto price : {e.prices.input_micros_per_million, e.prices.output_micros_per_million})
    if (price < 0 || price > max_price) return bad("a price is out of range");
  if (e.max_prompt_bytes < 1024 || e.max_prompt_bytes > 4 * 1024 * 1024)
    return bad("max_prompt_bytes is not between 1 KiB and 4 MiB");
  if (e.max_output_tokens == 0 || e.batch_texts == 0 || e.batch_texts > 2048)
    return bad("max_output_tokens or batch_texts is out of range");
  return {};
}

} // namespace graphrag::runtime::models
