#include "tests/sim/visibility_oracle.hpp"

#include <algorithm>

namespace graphrag::visibility {
namespace {

bool changes_content(Kind kind) {
  return kind == Kind::put_direct || kind == Kind::put_queued || kind == Kind::remove;
}
bool changes_title(Kind kind) { return changes_content(kind) || kind == Kind::patch; }

Tag number_in(const std::string& title) {
  return static_cast<Tag>(std::stoul(title.substr(title.rfind(' ') + 1)));
}

} // namespace

Oracle::Oracle(std::vector<std::string> documents) : documents_(std::move(documents)) {}

void Oracle::wrong(const std::string& document, const std::string& what) {
  if (!violation_) violation_ = document + ": " + what;
}

// ---- what clients did and were told

void Oracle::submitted(const Request& request) {
  histories_[request.document].steps.push_back({request.id, request.kind, request.tag});
}

void Oracle::ended(const Ended& ended) {
  auto status = Status::open; // unknown is as open as before
  switch (ended.answer) {
  case Answer::searchable:
    status = Status::searchable;
    ++tally_.searchable;
    break;
  case Answer::durable:
    status = Status::durable;
    ++tally_.durable;
    break;
  case Answer::refused:
    status = Status::refused;
    ++tally_.refused;
    break;
  case Answer::unknown:
    ++tally_.unknown;
    break;
  }
  for (auto& step : histories_[ended.request.document].steps) {
    if (step.request != ended.request.id) continue;
    step.status = status;
    step.seq = ended.seq;
  }
}

// ---- what must hold

// Contents, or titles, that a document had form a line. What is shown must be the last one that
// somebody was told of, or a later one that may have happened.
void Oracle::check_register(const std::string& document, std::optional<Tag> shown, bool titles,
                            const Floor& floor) {
  const auto& steps = histories_[document].steps;
  auto counts = [&](const Step& step) {
    return titles ? changes_title(step.kind) : changes_content(step.kind);
  };
  auto binds = [&](const Step& step) {
    return step.status >= floor.told || (step.seq != 0 && step.seq <= floor.applied);
  };
  std::size_t from = 0;
  bool must_exist = false;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (counts(steps[i]) && binds(steps[i])) {
      from = i;
      must_exist = steps[i].kind != Kind::remove;
    }
  for (std::size_t i = from; i < steps.size(); ++i) {
    if (!counts(steps[i]) || steps[i].status == Status::refused) continue;
    bool removal = steps[i].kind == Kind::remove;
    if (shown ? !removal && steps[i].tag == *shown : removal) return;
  }
  if (!shown && !must_exist) return;
  auto what = shown ? "shows " + std::to_string(*shown) : std::string("shows nothing");
  wrong(document, std::string(floor.where) + " " + what + (titles ? " as title" : " as content") +
                      ", which is lost, dead or from before the last acknowledged change");
}

void Oracle::check_shown(const std::string& document, const std::optional<Shown>& shown,
                         const Floor& floor) {
  if (!shown) {
    check_register(document, std::nullopt, false, floor);
    return;
  }
  check_register(document, shown->tag, false, floor);
  check_register(document, number_in(shown->title), true, floor);
  auto& first = histories_[document].versions.try_emplace(shown->version, *shown).first->second;
  if (first.tag != shown->tag || first.title != shown->title)
    wrong(document, std::string(floor.where) + " shows two contents of version " +
                        std::to_string(shown->version));
}

void Oracle::check_store(runtime::Store& store) {
  auto seq = store.last_seq().value_or(0);
  for (const auto& document : documents_) {
    runtime::DocumentKey key{"default", document};
    std::optional<Shown> newest, live;
    if (auto record = store.document(key)) {
      auto tag = tag_of_hash(record->content_hash);
      newest = Shown{record->version, tag, record->title};
      auto retries = std::ranges::count_if(
          histories_[document].steps, [](const Step& step) { return step.kind == Kind::retry; });
      if (record->error && record->error->code == "crash_loop") ++tally_.crash_loops;
      if (crashes_[tag] > 3 * (1 + static_cast<std::uint32_t>(retries)))
        wrong(document, "crashed its worker too often");
      if (record->live_version != 0) {
        auto content = store.content(key);
        if (!content) return wrong(document, "has a live version without a content");
        live = Shown{content->record.version, tag_of_hash(content->record.content_hash),
                     content->record.title};
      }
    }
    check_shown(document, newest, {Status::durable, seq, "the store"});
    check_shown(document, live, {Status::searchable, seq, "the live version"});
  }
}

std::optional<Oracle::Shown> Oracle::shown_by(const View& view, const std::string& document) {
  auto read = view.read();
  auto found = read.find_document(document);
  if (!found) return std::nullopt;
  auto [ref, more] = *found;
  auto first = read.chunk(ref);
  auto tag = tag_of_hash(first.document->content_hash);
  if (more + 1 != chunk_count_of(tag)) wrong(document, "the view shows a part of a version");
  for (std::uint32_t i = 0; i <= more; ++i) {
    auto chunk = read.chunk({ref.shard, ref.ord + i});
    bool own = chunk.document == first.document && chunk.text.starts_with(term_of(tag) + " ");
    if (!own) wrong(document, "the view shows chunks of two versions");
  }
  return Shown{first.document->version, tag, first.document->title};
}

void Oracle::check_view(const View& view) {
  if (!view.ready()) return;
  for (const auto& document : documents_)
    check_shown(document, shown_by(view, document),
                {Status::searchable, view.applied(), "the view"});
}

// The words of every content that this document ever had: only those of the shown one are found.
void Oracle::check_terms(const View& view, Random& random) {
  if (!view.ready()) return;
  const auto& document = documents_[below(random, static_cast<std::uint32_t>(documents_.size()))];
  auto shown = shown_by(view, document);
  auto read = view.read();
  for (const auto& step : histories_[document].steps) {
    if (!changes_content(step.kind) || step.kind == Kind::remove) continue;
    chunk::QueryTerm term{read.find_term(term_of(step.tag)), 1};
    auto found = read.top_k(std::span(&term, 1), 10, chunk::FilterSet{}).size();
    auto expected = shown && shown->tag == step.tag ? chunk_count_of(step.tag) : 0;
    if (found != expected) wrong(document, "the words of another version are found");
  }
}

void Oracle::read(int client, const View& view, Random& random) {
  if (!view.ready()) return;
  const auto& document = documents_[below(random, static_cast<std::uint32_t>(documents_.size()))];
  auto& seen = seen_[{client, document}];
  ++tally_.reads;
  auto shown = shown_by(view, document);
  if (!shown) {
    seen.absent_since = true;
    return;
  }
  if (shown->version < seen.version) wrong(document, "a client saw versions go back");
  if (seen.absent_since && shown->version == seen.version && seen.version != 0)
    wrong(document, "a client saw a dead version come back");
  seen = Seen{shown->version, false};
}

void Oracle::check_converged(runtime::Store& store, const View& view) {
  if (auto seq = store.last_seq(); seq && view.applied() != *seq)
    wrong("all", "the view did not catch up");
  for (const auto& document : documents_) {
    auto record = store.document({"default", document});
    auto shown = shown_by(view, document);
    if (record && record->state == runtime::DocumentState::queued)
      wrong(document, "is queued although nobody works");
    auto live = record ? record->live_version : 0;
    if ((shown ? shown->version : 0) != live) wrong(document, "the view differs from the store");
  }
}

} // namespace graphrag::visibility
