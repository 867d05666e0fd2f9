// Tokenizer::load: the parts of tokenizer.json, or vocab.txt, into steps, splits and a model.
#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/encoder/charsmap.hpp"
#include "runtime/encoder/json_file.hpp"
#include "runtime/encoder/tokenizer.hpp"

namespace graphrag::runtime::encoder {
namespace {

using nlohmann::json;

constexpr std::uint64_t largest_id = 4'000'000;
constexpr std::size_t longest_piece = 1024; // bytes
constexpr int deepest_sequence = 4;

std::string text_at(const json& object, const char* field, const std::string& fallback = {}) {
  auto found = object.is_object() ? object.find(field) : object.end();
  return object.is_object() && found != object.end() && found->is_string()
             ? found->get<std::string>()
             : fallback;
}

bool flag_at(const json& object, const char* field, bool fallback) {
  auto found = object.is_object() ? object.find(field) : object.end();
  return object.is_object() && found != object.end() && found->is_boolean() ? found->get<bool>()
                                                                            : fallback;
}

// Null when absent or of another kind.
const json* list_at(const json& object, const char* field) {
  if (!object.is_object()) return nullptr;
  auto found = object.find(field);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

std::optional<std::uint32_t> id_of(const json& value) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= largest_id) return std::nullopt;
  return static_cast<std::uint32_t>(value.get<std::uint64_t>());
}

} // namespace

// Fills one Tokenizer; every method says what it could not use.
class TokenizerReader {
public:
  explicit TokenizerReader(std::string file) : file_{std::move(file)} {}

  Result<Tokenizer> from_json(std::string_view bytes) {
    auto parsed = JsonFile::parse(file_, bytes);
    if (!parsed) return tl::unexpected(parsed.error());
    const json& root = parsed->root();
    auto part = [&](const char* name) {
      auto found = root.find(name);
      return found == root.end() ? json{} : *found;
    };
    if (auto s = add_step(part("normalizer"), 0); !s) return tl::unexpected(s.error());
    if (auto s = add_split(part("pre_tokenizer"), 0); !s) return tl::unexpected(s.error());
    if (auto s = set_model(root); !s) return tl::unexpected(s.error());
    if (auto s = add_tokens(part("added_tokens")); !s) return tl::unexpected(s.error());
    if (auto s = set_frame(part("post_processor")); !s) return tl::unexpected(s.error());
    return std::move(out_);
  }

  Result<Tokenizer> from_list(std::string_view bytes, const JsonFile& config) {
    Status status;
    auto flag = [&](const char* name, bool fallback) {
      auto value = config.flag(name, fallback);
      if (!value && status) status = tl::unexpected(value.error());
      return value.value_or(fallback);
    };
    BertNormalizer step;
    step.lower_case = flag("do_lower_case", true);
    step.strip_accents = flag("strip_accents", step.lower_case);
    step.split_chinese = flag("tokenize_chinese_chars", true);
    if (!status) return tl::unexpected(status.error());
    out_.steps_.push_back(step);
    out_.splits_.push_back(split_bert);

    TextMap<std::uint32_t> vocabulary;
    std::uint32_t id = 0;
    for (std::size_t at = 0; at < bytes.size(); ++id) {
      const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
      auto piece = bytes.substr(at, end - at);
      if (piece.ends_with('\r')) piece.remove_suffix(1);
      if (piece.size() > longest_piece || id >= largest_id)
        return bad_file(file_, "line " + std::to_string(id + 1) + " cannot be a piece");
      vocabulary.insert_or_assign(std::string{piece}, id);
      at = end + 1;
    }
    out_.id_bound_ = id;
    for (const char* name : {"[UNK]", "[CLS]", "[SEP]"})
      if (!vocabulary.contains(name)) return bad_file(file_, std::string{name} + " is missing");
    for (const char* name : {"[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"})
      if (auto found = vocabulary.find(name); found != vocabulary.end())
        out_.added_.push_back({name, found->second});
    out_.before_ = {vocabulary["[CLS]"]};
    out_.after_ = {vocabulary["[SEP]"]};
    out_.model_ = std::make_shared<WordPiece>(vocabulary, "##", vocabulary["[UNK]"], 100);
    return std::move(out_);
  }

private:
  tl::unexpected<Error> not_supported(const std::string& what) const {
    return fail(Errc::invalid_argument, file_ + ": " + what + " is not supported");
  }

  Status add_step(const json& part, int depth) {
    if (part.is_null()) return {};
    const std::string type = text_at(part, "type");
    auto& steps = out_.steps_;
    if (type == "Sequence") {
      const json* list = list_at(part, "normalizers");
      if (!list || depth >= deepest_sequence)
        return bad_file(file_, "normalizer has a bad Sequence");
      for (const auto& inner : *list)
        if (auto status = add_step(inner, depth + 1); !status) return status;
    } else if (type == "BertNormalizer") {
      BertNormalizer step;
      step.clean_text = flag_at(part, "clean_text", true);
      step.split_chinese = flag_at(part, "handle_chinese_chars", true);
      step.lower_case = flag_at(part, "lowercase", true);
      step.strip_accents = flag_at(part, "strip_accents", step.lower_case);
      steps.push_back(step);
    } else if (type == "Precompiled") {
      auto bytes = decode_base64(text_at(part, "precompiled_charsmap"));
      auto map = bytes ? Charsmap::parse(*bytes) : std::nullopt;
      if (!map) return bad_file(file_, "normalizer precompiled_charsmap is malformed");
      steps.push_back([shared = std::make_shared<const Charsmap>(std::move(*map))](
                          std::string_view text) { return (*shared)(text); });
    } else if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD") {
      const Form form = type == "NFC"    ? Form::nfc
                        : type == "NFD"  ? Form::nfd
                        : type == "NFKC" ? Form::nfkc
                                         : Form::nfkd;
      steps.push_back([form](std::string_view text) { return unicode_form(text, form); });
    } else if (type == "Lowercase") {
      steps.push_back(lower_case);
    } else if (type == "StripAccents") {
      steps.push_back(drop_marks);
    } else if (type == "Strip") {
      steps.push_back([left = flag_at(part, "strip_left", true),
                       right = flag_at(part, "strip_right", true)](std::string_view text) {
        return trim(text, left, right);
      });
    } else if (type == "Replace") {
      const json pattern = part.value("pattern", json{});
      const std::string from = text_at(pattern, "String"), to = text_at(part, "content");
      if (text_at(pattern, "Regex") == " {2,}" && to == " ")
        steps.push_back(single_blanks);
      else if (!from.empty())
        steps.push_back([from, to](std::string_view text) { return replace_all(text, from, to); });
      else
        return not_supported("normalizer Replace with this pattern");
    } else {
      return not_supported("normalizer \"" + type + "\"");
    }
    return {};
  }

  Status add_split(const json& part, int depth) {
    if (part.is_null()) return {};
    const std::string type = text_at(part, "type");
    if (type == "Sequence") {
      const json* list = list_at(part, "pretokenizers");
      if (!list || depth >= deepest_sequence)
        return bad_file(file_, "pre_tokenizer has a bad Sequence");
      for (const auto& inner : *list)
        if (auto status = add_split(inner, depth + 1); !status) return status;
    } else if (type == "BertPreTokenizer") {
      out_.splits_.push_back(split_bert);
    } else if (type == "WhitespaceSplit") {
      out_.splits_.push_back(split_space);
    } else if (type == "Metaspace") {
      const std::string mark = text_at(part, "replacement", "\u2581");
      const std::string scheme = text_at(part, "prepend_scheme", "always");
      if (mark.empty()) return bad_file(file_, "pre_tokenizer replacement is empty");
      if (scheme == "first") return not_supported("pre_tokenizer prepend_scheme \"first\"");
      const bool prefix = scheme == "always" && flag_at(part, "add_prefix_space", true);
      out_.splits_.push_back(
          [mark, prefix](std::string_view text) { return split_marked(text, mark, prefix); });
    } else {
      return not_supported("pre_tokenizer \"" + type + "\"");
    }
    return {};
  }

  Status set_model(const json& root) {
    auto model = root.find("model");
    if (model == root.end() || !model->is_object()) return bad_file(file_, "model is missing");
    auto vocabulary = model->find("vocab");
    if (vocabulary == model->end()) return bad_file(file_, "model.vocab is missing");
    const std::string type =
        text_at(*model, "type", vocabulary->is_array() ? "Unigram" : "WordPiece");
    if (type == "WordPiece") return set_word_piece(*model, *vocabulary);
    if (type == "Unigram") return set_unigram(*model, *vocabulary);
    return not_supported("model.type \"" + type + "\"");
  }

  Status set_word_piece(const json& model, const json& vocabulary) {
    if (!vocabulary.is_object()) return bad_file(file_, "model.vocab is not an object");
    TextMap<std::uint32_t> pieces;
    for (const auto& [piece, value] : vocabulary.items()) {
      auto id = id_of(value);
      if (!id || piece.size() > longest_piece)
        return bad_file(file_, "model.vocab has a bad piece or id");
      pieces.emplace(piece, *id);
      out_.id_bound_ = std::max<std::size_t>(out_.id_bound_, *id + 1);
    }
    auto unknown = pieces.find(text_at(model, "unk_token", "[UNK]"));
    if (unknown == pieces.end()) return bad_file(file_, "model.unk_token is not in model.vocab");
    std::size_t longest = 100;
    if (auto limit = model.find("max_input_chars_per_word"); limit != model.end()) {
      if (!limit->is_number_unsigned() || limit->get<std::uint64_t>() > 10'000)
        return bad_file(file_, "model.max_input_chars_per_word is not a number up to 10000");
      longest = limit->get<std::size_t>();
    }
    out_.model_ = std::make_shared<WordPiece>(
        pieces, text_at(model, "continuing_subword_prefix", "##"), unknown->second, longest);
    return {};
  }

  Status set_unigram(const json& model, const json& vocabulary) {
    if (!vocabulary.is_array() || vocabulary.empty() || vocabulary.size() > largest_id)
      return bad_file(file_, "model.vocab is not a list of pieces");
    if (flag_at(model, "byte_fallback", false)) return not_supported("model.byte_fallback");
    std::vector<std::pair<std::string, double>> pieces;
    for (const auto& entry : vocabulary) {
      if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() ||
          !entry[1].is_number() || !std::isfinite(entry[1].get<double>()) ||
          entry[0].get_ref<const std::string&>().size() > longest_piece)
        return bad_file(file_, "model.vocab entry " + std::to_string(pieces.size()) +
                                   " is not a piece and a score");
      pieces.emplace_back(entry[0].get<std::string>(), entry[1].get<double>());
    }
    auto unknown = id_of(model.value("unk_id", json{}));
    if (!unknown || *unknown >= pieces.size())
      return bad_file(file_, "model.unk_id is not in model.vocab");
    out_.id_bound_ = pieces.size();
    out_.model_ = std::make_shared<Unigram>(pieces, *unknown);
    return {};
  }

  Status add_tokens(const json& list) {
    if (list.is_null()) return {};
    if (!list.is_array()) return bad_file(file_, "added_tokens is not a list");
    for (const auto& entry : list) {
      AddedToken token{text_at(entry, "content"), 0, flag_at(entry, "lstrip", false),
                       flag_at(entry, "rstrip", false)};
      auto id = entry.is_object() ? id_of(entry.value("id", json{})) : std::nullopt;
      if (!id || token.text.empty() || token.text.size() > longest_piece)
        return bad_file(file_, "added_tokens has a bad id or content");
      if (flag_at(entry, "single_word", false)) return not_supported("added_tokens single_word");
      token.id = *id;
      out_.id_bound_ = std::max<std::size_t>(out_.id_bound_, *id + 1);
      out_.added_.push_back(std::move(token));
    }
    return {};
  }

  // The special tokens before and after a text.
  Status set_frame(const json& part) {
    if (part.is_null()) return {};
    const std::string type = text_at(part, "type");
    if (type == "BertProcessing" || type == "RobertaProcessing") {
      auto token = [&](const char* name) -> std::optional<std::uint32_t> {
        const json* pair = list_at(part, name);
        return pair && pair->size() == 2 ? id_of((*pair)[1]) : std::nullopt;
      };
      auto cls = token("cls"), sep = token("sep");
      if (!cls || !sep) return bad_file(file_, "post_processor has a bad cls or sep");
      out_.before_ = {*cls};
      out_.after_ = {*sep};
    } else if (type == "TemplateProcessing") {
      if (auto status = set_template(part); !status) return status;
    } else {
      return not_supported("post_processor \"" + type + "\"");
    }
    for (const auto* ids : {&out_.before_, &out_.after_})
      for (auto id : *ids) out_.id_bound_ = std::max<std::size_t>(out_.id_bound_, id + 1);
    return {};
  }

  Status set_template(const json& part) {
    const json* single = list_at(part, "single");
    if (!single || single->size() > 3)
      return bad_file(file_, "post_processor single is not a list");
    const json special = part.value("special_tokens", json::object());
    bool text_seen = false;
    for (const auto& piece : *single) {
      if (piece.is_object() && piece.contains("Sequence")) {
        text_seen = true;
        continue;
      }
      const json inner = piece.is_object() ? piece.value("SpecialToken", json{}) : json{};
      const std::string name = text_at(inner, "id");
      const json token = special.is_object() ? special.value(name, json{}) : json{};
      const json* ids = list_at(token, "ids");
      if (!ids || ids->size() != 1 || !id_of((*ids)[0]))
        return bad_file(file_, "post_processor special_tokens has no id for \"" + name + "\"");
      (text_seen ? out_.after_ : out_.before_).push_back(*id_of((*ids)[0]));
    }
    if (!text_seen) return bad_file(file_, "post_processor single has no Sequence");
    return {};
  }

  std::string file_;
  Tokenizer out_;
};

Result<Tokenizer> Tokenizer::load(const ModelFiles& files) {
  if (auto file = files.find("tokenizer.json"); file != files.end())
    return TokenizerReader{file->first}.from_json(file->second);
  auto list = files.find("vocab.txt");
  if (list == files.end()) return fail(Errc::not_found, "tokenizer.json is missing");
  auto config = JsonFile::optional(files, "tokenizer_config.json");
  if (!config) return tl::unexpected(config.error());
  return TokenizerReader{list->first}.from_list(list->second, *config);
}

} // namespace graphrag::runtime::encoder
