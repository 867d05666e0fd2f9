// Mail by gmime: the header that people read, the body (plain text before HTML), attachments by
// name, and the text of those that are text. Charsets are converted by ICU.
#include <gmime/gmime.h>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/charset.hpp"
#include "actors/document/formats/mail_header.hpp"
#include "actors/document/formats/readers.hpp"
#include "actors/document/formats/sniff_text.hpp"

namespace graphrag::document::formats {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Ref = std::unique_ptr<T, Unref>;

std::string_view view(const char* text) { return text == nullptr ? std::string_view{} : text; }

// Lines that end in a blank go on in the next one (RFC 3676).
std::string join_flowed(std::string_view text, bool delete_space) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool goes_on = line.ends_with(' ') && line != "-- " && !text.empty() && text[0] != '>';
    if (goes_on && delete_space) line.remove_suffix(1);
    out += line;
    if (!goes_on) out += '\n';
  }
  return out;
}

class MailReader {
public:
  explicit MailReader(TextBuilder& out) : out_(out) {}

  void message(GMimeMessage* message, bool outermost) {
    header(GMIME_OBJECT(message), outermost);
    if (auto* part = g_mime_message_get_mime_part(message)) object(part);
  }

  bool only_encrypted() const { return encrypted_ && !has_body_; }

  void list_attachments() {
    std::string names;
    for (const auto& name : attachments_) names += "Attachment: " + name + "\n";
    out_.add(BlockKind::paragraph, names);
  }

private:
  void header(GMimeObject* object, bool outermost) {
    std::string lines;
    for (const char* name : {"From", "To", "Cc", "Bcc", "Date", "Subject"}) {
      auto* list = g_mime_object_get_header_list(object);
      auto* field = g_mime_header_list_get_header(list, name);
      if (field == nullptr) continue;
      const auto value = decode_mail_header(view(g_mime_header_get_raw_value(field)));
      if (value.empty()) continue;
      if (outermost) out_.property(ascii_lower(name), value);
      if (std::string_view(name) != "Subject") {
        lines += std::string(name) + ": " + value + "\n";
      } else {
        if (outermost) out_.title(value);
        out_.heading(value, outermost ? 1 : 2);
      }
    }
    out_.add(BlockKind::paragraph, lines);
  }

  void object(GMimeObject* object) {
    if (out_.full() || depth_ >= out_.limits().max_depth) return;
    if (++parts_ > out_.limits().max_entries)
      return out_.refuse(Errc::too_large,
                         "more than " + std::to_string(out_.limits().max_entries) + " parts");
    ++depth_;
    if (GMIME_IS_MULTIPART(object)) {
      multipart(GMIME_MULTIPART(object));
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      if (auto* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)))
        message(inner, false);
    } else if (GMIME_IS_PART(object)) {
      part(GMIME_PART(object));
    }
    --depth_;
  }

  void multipart(GMimeMultipart* parts) {
    const int count = g_mime_multipart_get_count(parts);
    if (GMIME_IS_MULTIPART_ENCRYPTED(parts)) {
      encrypted_ = true;
      return;
    }
    auto* type = g_mime_object_get_content_type(GMIME_OBJECT(parts));
    if (g_mime_content_type_is_type(type, "multipart", "alternative"))
      return alternative(parts, count);
    for (int i = 0; i < count; ++i) object(g_mime_multipart_get_part(parts, i));
  }

  // The same text in several forms: the plain one, unless it is blank.
  void alternative(GMimeMultipart* parts, int count) {
    for (const bool want_plain : {true, false})
      for (int i = 0; i < count; ++i) {
        auto* candidate = g_mime_multipart_get_part(parts, i);
        auto* type = g_mime_object_get_content_type(candidate);
        if (g_mime_content_type_is_type(type, "text", "plain") != want_plain) continue;
        TextBuilder trial(out_.limits());
        MailReader reader(trial);
        reader.depth_ = depth_;
        reader.parts_ = parts_;
        reader.object(candidate);
        parts_ = reader.parts_;
        const auto document = trial.finish("");
        attachments_.insert(attachments_.end(), reader.attachments_.begin(),
                            reader.attachments_.end());
        encrypted_ |= reader.encrypted_;
        if (!document && document.error().code == Errc::too_large)
          return out_.refuse(Errc::too_large, document.error().detail);
        if (!document) continue;
        has_body_ = true;
        return out_.append(*document);
      }
  }

  void part(GMimePart* part) {
    auto* type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    const auto name = decode_mail_header(view(g_mime_part_get_filename(part)));
    auto* disposition = g_mime_object_get_content_disposition(GMIME_OBJECT(part));
    const bool attached =
        disposition != nullptr && g_mime_content_disposition_is_attachment(disposition);
    if (g_mime_content_type_is_type(type, "application", "pkcs7-mime")) encrypted_ = true;
    const bool text = g_mime_content_type_is_type(type, "text", "*");
    if (!attached && text && name.empty()) return body(part, type);
    const auto bytes = content(part);
    const auto mime = ascii_lower(view(g_mime_content_type_get_media_type(type))) + "/" +
                      ascii_lower(view(g_mime_content_type_get_media_subtype(type)));
    attachments_.push_back((name.empty() ? "(without a name)" : name) + " (" + mime + ", " +
                           std::to_string(bytes.size()) + " bytes)");
    const auto charset = view(g_mime_content_type_get_parameter(type, "charset"));
    const auto kind = sniff(bytes, name, mime);
    if (is_text_kind(kind.format)) attachment(kind.format, bytes, name, charset);
  }

  // A broken attachment does not spoil the message.
  void attachment(Format format, const std::string& bytes, const std::string& name,
                  std::string_view charset) {
    TextBuilder trial(out_.limits());
    read_text_kind(format, bytes, name, charset, trial);
    const auto document = trial.finish("");
    if (!document) return;
    out_.add(BlockKind::caption, name);
    out_.append(*document);
  }

  void body(GMimePart* part, GMimeContentType* type) {
    const auto bytes = content(part);
    const auto charset = view(g_mime_content_type_get_parameter(type, "charset"));
    const bool html = g_mime_content_type_is_type(type, "text", "html");
    const auto text = html ? decode_markup(bytes, charset) : decode(bytes, charset);
    if (!text || trim(*text).empty()) return;
    has_body_ = true;
    if (html) return read_html(*text, out_);
    const auto format = view(g_mime_content_type_get_parameter(type, "format"));
    const auto delsp = view(g_mime_content_type_get_parameter(type, "delsp"));
    if (same_ignoring_case(format, "flowed"))
      read_plain(join_flowed(*text, same_ignoring_case(delsp, "yes")), Outline::none, out_);
    else
      read_plain(*text, Outline::none, out_);
  }

  // Decoded from base64 or quoted-printable, in its own charset.
  static std::string content(GMimePart* part) {
    auto* wrapper = g_mime_part_get_content(part);
    if (wrapper == nullptr) return {};
    const Ref<GMimeStream> memory(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(wrapper, memory.get());
    const auto* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
    return {reinterpret_cast<const char*>(array->data), array->len};
  }

  TextBuilder& out_;
  std::vector<std::string> attachments_;
  std::uint32_t depth_ = 0, parts_ = 0;
  bool encrypted_ = false, has_body_ = false;
};

// Without the "From ..." line of a mailbox and blank lines before the header.
std::string_view without_envelope(std::string_view bytes) {
  const auto blank = [](std::string_view b) { return b.starts_with('\n') || b.starts_with('\r'); };
  while (blank(bytes)) bytes.remove_prefix(1);
  if (bytes.starts_with("From ")) bytes.remove_prefix(std::min(bytes.find('\n'), bytes.size()));
  while (blank(bytes)) bytes.remove_prefix(1);
  return bytes;
}

} // namespace

Result<ParsedDocument> parse_eml(std::string_view bytes, const Limits& limits) {
  static std::once_flag once;
  std::call_once(once, g_mime_init);
  std::string converted; // a message that was saved as UTF-16
  if (bytes.substr(0, 1024).find('\0') != bytes.npos || bytes.starts_with("\xef\xbb\xbf")) {
    auto text = decode(bytes);
    if (!text) return tl::unexpected(text.error());
    converted = std::move(*text);
    bytes = converted;
  }
  bytes = without_envelope(bytes);
  const Ref<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Ref<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Ref<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  if (!message) return tl::unexpected(Error{Errc::corrupt, "not a mail message"});
  TextBuilder out(limits);
  MailReader reader(out);
  reader.message(message.get(), true);
  reader.list_attachments();
  if (reader.only_encrypted())
    return tl::unexpected(Error{Errc::encrypted, "the message is encrypted"});
  return out.finish("message/rfc822");
}

} // namespace graphrag::document::formats
