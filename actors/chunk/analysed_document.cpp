#include "actors/chunk/analysed_document.hpp"

#include <array>
#include <limits>

#include <msgpack.hpp>

namespace graphrag::chunk {
namespace {

// Version 1 knew nothing of what a home says (Home::what, born, died).
constexpr std::uint32_t wire_version = 2;

// Lists are flat: the fields of all elements one after the other. Spans are start and size.
using Packer = msgpack::packer<msgpack::sbuffer>;

void put(Packer& out, std::string_view text) {
  out.pack_str(static_cast<std::uint32_t>(text.size()));
  out.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}
void put(Packer& out, Span span) {
  out.pack(span.start);
  out.pack(span.end - span.start);
}

template <class Elements, class Each>
void put_list(Packer& out, const Elements& elements, std::size_t fields, Each&& each) {
  out.pack_array(static_cast<std::uint32_t>(elements.size() * fields));
  for (const auto& element : elements) each(element);
}

// Reads an array field by field; after the first wrong one it is not ok and gives empty values.
class Fields {
public:
  explicit Fields(const msgpack::object& array) {
    ok_ = array.type == msgpack::type::ARRAY;
    if (ok_) next_ = array.via.array.ptr, end_ = next_ + array.via.array.size;
  }
  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return next_ == end_; }
  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - next_); }

  const msgpack::object* take(msgpack::type::object_type type) {
    if (!ok_ || at_end() || next_->type != type) return ok_ = false, nullptr;
    return next_++;
  }
  template <class Number>
  void number(Number& out) {
    const auto* field = take(msgpack::type::POSITIVE_INTEGER);
    if (field == nullptr || field->via.u64 > std::numeric_limits<Number>::max())
      ok_ = false;
    else
      out = static_cast<Number>(field->via.u64);
  }
  void share(float& out) { // 0 to 1
    std::uint8_t whole = 0;
    if (!at_end() && next_->type == msgpack::type::POSITIVE_INTEGER)
      number(whole), out = whole; // msgpack-c writes whole numbers as integers
    else if (const auto* field = take(msgpack::type::FLOAT32))
      out = static_cast<float>(field->via.f64);
    ok_ = ok_ && out >= 0 && out <= 1;
  }
  void text(std::string& out) {
    if (const auto* field = take(msgpack::type::STR))
      out.assign(field->via.str.ptr, field->via.str.size);
  }
  void span(Span& out) {
    std::uint32_t size = 0;
    number(out.start);
    number(size);
    if (size > std::numeric_limits<std::uint32_t>::max() - out.start) ok_ = false;
    out.end = out.start + size;
  }
  // A list whose elements have `fields` fields each, read by `each(fields, element)`.
  template <class Element, class Each>
  void list(std::vector<Element>& out, std::size_t fields, Each&& each) {
    const auto* field = take(msgpack::type::ARRAY);
    if (field == nullptr) return;
    Fields inner{*field};
    if (inner.left() % fields != 0)
      ok_ = false;
    else
      out.resize(inner.left() / fields);
    for (auto& element : out)
      if (inner.ok()) each(inner, element);
    ok_ = ok_ && inner.ok();
  }

private:
  const msgpack::object* next_ = nullptr;
  const msgpack::object* end_ = nullptr;
  bool ok_ = true;
};

bool read(Fields& in, AnalysedChunk& out) {
  std::uint32_t version = 0;
  in.number(version);
  if (!in.ok() || version == 0 || version > wire_version) return false;
  const bool says_what = version >= 2;
  in.number(out.index);
  in.number(out.start_byte);
  in.number(out.end_byte);
  in.number(out.start);
  in.number(out.end);
  in.number(out.page);
  in.text(out.section);
  in.number(out.length);
  in.list(out.terms, 2,
          [](Fields& from, TermCount& term) { from.text(term.term), from.number(term.count); });
  in.list(out.sentences, 2, [](Fields& from, Span& sentence) { from.span(sentence); });
  in.list(out.mentions, 5, [](Fields& from, Mention& mention) {
    from.number(mention.key), from.text(mention.normal), from.span(mention.span),
        from.number(mention.kind);
  });
  in.list(out.homes, says_what ? 9 : 5, [says_what](Fields& from, Home& home) {
    from.number(home.key), from.text(home.normal), from.text(home.display);
    from.share(home.confidence), from.number(home.kind);
    if (says_what) from.span(home.what), from.number(home.born), from.number(home.died);
  });
  in.list(out.aliases, 7, [](Fields& from, Alias& alias) {
    from.text(alias.normal_a), from.text(alias.normal_b), from.text(alias.display_a),
        from.text(alias.display_b);
    from.span(alias.span), from.number(alias.rule);
  });
  in.list(out.relations, 5, [](Fields& from, Relation& relation) {
    from.text(relation.subject), from.text(relation.object), from.text(relation.predicate),
        from.span(relation.span);
  });
  return in.ok() && in.at_end();
}

} // namespace

std::string pack(const AnalysedChunk& chunk) {
  msgpack::sbuffer buffer{2048};
  Packer out{buffer};
  out.pack_array(15);
  out.pack(wire_version);
  out.pack(chunk.index);
  out.pack(chunk.start_byte);
  out.pack(chunk.end_byte);
  out.pack(chunk.start);
  out.pack(chunk.end);
  out.pack(chunk.page);
  put(out, chunk.section);
  out.pack(chunk.length);
  put_list(out, chunk.terms, 2,
           [&](const TermCount& term) { put(out, term.term), out.pack(term.count); });
  put_list(out, chunk.sentences, 2, [&](Span sentence) { put(out, sentence); });
  put_list(out, chunk.mentions, 5, [&](const Mention& mention) {
    out.pack(mention.key), put(out, mention.normal), put(out, mention.span), out.pack(mention.kind);
  });
  put_list(out, chunk.homes, 9, [&](const Home& home) {
    out.pack(home.key), put(out, home.normal), put(out, home.display), out.pack(home.confidence),
        out.pack(home.kind), put(out, home.what), out.pack(home.born), out.pack(home.died);
  });
  put_list(out, chunk.aliases, 7, [&](const Alias& alias) {
    put(out, alias.normal_a), put(out, alias.normal_b), put(out, alias.display_a),
        put(out, alias.display_b);
    put(out, alias.span), out.pack(alias.rule);
  });
  put_list(out, chunk.relations, 5, [&](const Relation& relation) {
    put(out, relation.subject), put(out, relation.object), put(out, relation.predicate),
        put(out, relation.span);
  });
  return {buffer.data(), buffer.size()};
}

bool unpack(const std::string& bytes, AnalysedChunk& out) {
  out = {};
  try {
    // Every element takes a byte at least, so no honest list is longer than the input.
    msgpack::unpack_limit limit{bytes.size(), 0, bytes.size(), 0, 0, 3};
    std::size_t offset = 0;
    auto by_reference = [](msgpack::type::object_type, std::size_t, void*) { return true; };
    auto handle = msgpack::unpack(bytes.data(), bytes.size(), offset, by_reference, nullptr, limit);
    Fields fields{handle.get()};
    if (offset == bytes.size() && fields.ok() && read(fields, out)) return true;
  } catch (const msgpack::unpack_error&) { // falls through: foreign bytes
  }
  out = {};
  return false;
}

} // namespace graphrag::chunk
