#include "gateway/routes/question.hpp"

#include <nlohmann/json.hpp>

#include "gateway/http/json_body.hpp"
#include "gateway/routes/context.hpp"

namespace graphrag::gateway {
namespace {

query::Mode mode_of(const std::string& name) {
  if (name == "keyword") return query::Mode::keyword;
  if (name == "vector") return query::Mode::vector;
  if (name == "local") return query::Mode::local;
  if (name == "global") return query::Mode::global;
  return query::Mode::hybrid;
}

} // namespace

tl::expected<QueryRequest, Response> query_request_of(const nlohmann::json& body,
                                                      std::chrono::milliseconds max_timeout,
                                                      const Abilities& abilities,
                                                      const std::string& trace_id) {
  QueryRequest out;
  auto& question = out.question;
  Fields fields{body};
  question.text = fields.required_text("query", 1, max_question_bytes);
  if (!question.text.empty() && question.text.find_first_not_of(" \t\r\n") == std::string::npos)
    fields.error("query", "must not be blank");
  question.limit = static_cast<std::uint32_t>(fields.integer("limit", 1, 100).value_or(10));
  question.mode = mode_of(
      fields.choice("mode", {"hybrid", "keyword", "vector", "local", "global"}).value_or("hybrid"));
  question.vector = fields.numbers("vector", max_vector_dimensions).value_or(std::vector<float>{});
  if (question.mode == query::Mode::vector && question.vector.empty() && !abilities.encode)
    fields.error("vector", "vector mode needs the question's vector: no encoder is loaded");
  if (auto* filter = fields.object("filter")) {
    auto parsed = chunk::parse_filter(*filter);
    if (parsed)
      question.filter = std::move(*parsed);
    else
      fields.error_at("/filter" + parsed.error().pointer, parsed.error().detail);
  }
  if (auto token = fields.text("after", 0, 32)) {
    auto seq = seq_of(*token);
    if (seq)
      out.after = *seq;
    else
      fields.error("after", "must be a consistency_token of this server");
  }
  if (auto ms = fields.integer("timeout_ms", 1, max_timeout.count()))
    out.timeout = std::chrono::milliseconds{*ms};
  if (const auto* answer = fields.any("answer"); answer == nullptr || answer->is_boolean()) {
    question.answer = answer == nullptr || answer->get<bool>();
  } else if (*answer == "generate") {
    out.generate = true;
    if (!abilities.generate) fields.error("answer", "no model is configured that writes answers");
  } else {
    fields.error("answer", "must be true, false or \"generate\"");
  }
  question.rerank = fields.boolean("rerank").value_or(true);
  question.explain = fields.boolean("explain").value_or(false);
  question.group_by_document = fields.choice("group_by", {"document"}).has_value();
  out.stream = fields.boolean("stream").value_or(false);
  if (auto refused = fields.finish(trace_id, 422)) return tl::unexpected(std::move(*refused));
  return out;
}

} // namespace graphrag::gateway
