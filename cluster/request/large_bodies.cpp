#include "cluster/request/large_bodies.hpp"

#include <mutex>

#include "cluster/identity.hpp"
#include "cluster/request/body_shelf.hpp"

namespace graphrag::cluster {
namespace {

using runtime::Errc;
using runtime::fail;
using runtime::NodeOrdinal;
using runtime::Result;

constexpr std::string_view part_kind = "$part";
constexpr char whole = 'w', noted = 'n';
constexpr std::size_t note_bytes = 17; // a tag and two numbers

void put_number(std::string& out, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>((number >> shift) & 0xff);
}

std::uint64_t number_at(const std::string& bytes, std::size_t offset) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i)
    out |= std::uint64_t{static_cast<unsigned char>(bytes[offset + i])} << (8 * i);
  return out;
}

struct Note {
  std::uint64_t id = 0, number = 0; // the size of a body, or where a part begins
};

std::string to_bytes(const Note& note) {
  std::string out(1, noted);
  put_number(out, note.id);
  put_number(out, note.number);
  return out;
}

std::optional<Note> note_in(const std::string& bytes) {
  if (bytes.size() != note_bytes || bytes[0] != noted) return std::nullopt;
  return Note{number_at(bytes, 1), number_at(bytes, 9)};
}

} // namespace

struct LargeBodies::State : std::enable_shared_from_this<State> {
  State(Ask a, Serve s, BodyLimits l)
      : ask(std::move(a)), serve(std::move(s)), limits(l),
        shelf(random_number(), l.part, l.per_peer) {}

  Result<std::string> keep(NodeOrdinal peer, std::string body, runtime::SteadyTime deadline,
                           std::uint64_t* id);
  void fetch(const NodeId& peer, const Note& note, runtime::SteadyTime deadline, Answer done);
  void forget(std::uint64_t id) {
    const std::lock_guard lock{mutex};
    shelf.remove(id);
  }

  const Ask ask;
  const Serve serve;
  const BodyLimits limits;
  mutable std::mutex mutex; // guards the rest
  BodyShelf shelf;
  std::map<NodeOrdinal, std::size_t> fetching; // bytes
  std::size_t fetches = 0;
};

// One body on its way here. Ends once: with all of it or the first error.
class LargeBodies::Fetch : public std::enable_shared_from_this<Fetch> {
public:
  Fetch(std::shared_ptr<State> state, const NodeId& peer, const Note& note,
        runtime::SteadyTime deadline, Answer done)
      : state_(std::move(state)), peer_(peer), id_(note.id), size_(note.number),
        deadline_(deadline), done_(std::move(done)) {}
  ~Fetch() {
    const std::lock_guard lock{state_->mutex};
    const auto at = state_->fetching.find(peer_.ordinal);
    if ((at->second -= size_) == 0) state_->fetching.erase(at);
    --state_->fetches;
  }
  void begin() {
    body_.resize(size_);
    for (std::size_t i = 0; i < state_->limits.window; ++i) next();
  }

private:
  void next() {
    const auto part = state_->limits.part;
    const auto offset = [&] {
      const std::lock_guard lock{mutex_};
      return std::exchange(asked_, std::min<std::size_t>(asked_ + part, size_));
    }();
    if (offset >= size_ || done_.settled()) return;
    state_->ask(peer_, std::string{part_kind}, to_bytes({id_, offset}), deadline_,
                Answer{[self = shared_from_this(), offset](Result<std::string> bytes) {
                  self->heard(offset, std::move(bytes));
                }});
  }
  void heard(std::size_t offset, Result<std::string> bytes) {
    if (!bytes) {
      auto error = std::move(bytes.error());
      if (error.code == Errc::not_found) error.code = Errc::lost;
      done_.fulfil(tl::unexpected(std::move(error)));
      return;
    }
    if (bytes->size() != std::min<std::size_t>(state_->limits.part, size_ - offset)) {
      done_.fulfil(fail(Errc::corrupt, "a part of a body has another size"));
      return;
    }
    bool all = false;
    {
      const std::lock_guard lock{mutex_};
      if (done_.settled()) return;
      bytes->copy(body_.data() + offset, bytes->size());
      all = (received_ += bytes->size()) == size_;
    }
    if (all)
      done_.fulfil(std::move(body_));
    else
      next();
  }

  const std::shared_ptr<State> state_;
  const NodeId peer_;
  const std::uint64_t id_;
  const std::size_t size_;
  const runtime::SteadyTime deadline_;
  const Answer done_;
  std::mutex mutex_; // guards the rest
  std::string body_;
  std::size_t asked_ = 0, received_ = 0;
};

Result<std::string> LargeBodies::State::keep(NodeOrdinal peer, std::string body,
                                             runtime::SteadyTime deadline, std::uint64_t* id) {
  if (body.size() > limits.body)
    return fail(Errc::invalid_argument,
                "a body of " + std::to_string(body.size()) + " bytes is too large");
  if (body.size() <= limits.part) return body.insert(0, 1, whole);
  const auto size = body.size();
  const std::lock_guard lock{mutex};
  const auto kept = shelf.put(peer, std::move(body), deadline);
  if (!kept) return tl::unexpected(kept.error());
  if (id != nullptr) *id = *kept;
  return to_bytes({*kept, size});
}

void LargeBodies::State::fetch(const NodeId& peer, const Note& note, runtime::SteadyTime deadline,
                               Answer done) {
  const auto size = note.number;
  if (size <= limits.part || size > limits.body) {
    done.fulfil(fail(Errc::corrupt, "a body of " + std::to_string(size) + " bytes is noted"));
    return;
  }
  const bool room = [&] {
    const std::lock_guard lock{mutex};
    const auto at = fetching.find(peer.ordinal);
    if ((at == fetching.end() ? 0 : at->second) + size > limits.per_peer) return false;
    fetching[peer.ordinal] += size;
    ++fetches;
    return true;
  }();
  if (!room) {
    done.fulfil(fail(Errc::overloaded, "too many bytes are being fetched from a peer"));
    return;
  }
  std::make_shared<Fetch>(shared_from_this(), peer, note, deadline, std::move(done))->begin();
}

LargeBodies::LargeBodies(Ask ask, Serve serve, BodyLimits limits)
    : state_(std::make_shared<State>(std::move(ask), std::move(serve), limits)) {}
LargeBodies::~LargeBodies() = default;

void LargeBodies::request(const NodeId& peer, std::string kind, std::string body,
                          runtime::SteadyTime deadline, Answer answer) {
  std::uint64_t id = 0;
  auto sent = state_->keep(peer.ordinal, std::move(body), deadline, &id);
  if (!sent) {
    answer.fulfil(tl::unexpected(sent.error()));
    return;
  }
  state_->ask(peer, std::move(kind), std::move(*sent), deadline,
              Answer{[state = state_, peer, deadline, id, answer](Result<std::string> result) {
                if (id != 0) state->forget(id);
                const auto note = result ? note_in(*result) : std::nullopt;
                if (note)
                  state->fetch(peer, *note, deadline, answer);
                else if (result && (result->empty() || result->front() != whole))
                  answer.fulfil(fail(Errc::corrupt, "neither an answer nor a note of one"));
                else if (result)
                  answer.fulfil(result->substr(1));
                else
                  answer.fulfil(std::move(result));
              }});
}

void LargeBodies::on_question(Question question, Answer answer) {
  if (question.kind == part_kind) {
    const auto note = note_in(question.body);
    if (!note) return (void)answer.fulfil(fail(Errc::corrupt, "not a question for a part"));
    answer.fulfil([&] {
      const std::lock_guard lock{state_->mutex};
      return state_->shelf.part(question.from.ordinal, note->id, note->number);
    }());
    return;
  }
  Answer kept{[weak = std::weak_ptr(state_), from = question.from, deadline = question.deadline,
               answer](Result<std::string> result) {
    const auto state = weak.lock();
    if (result && state)
      answer.fulfil(state->keep(from.ordinal, std::move(*result), deadline, nullptr));
    else
      answer.fulfil(std::move(result));
  }};
  const auto note = note_in(question.body);
  if (!note) {
    if (question.body.empty() || question.body.front() != whole) {
      kept.fulfil(fail(Errc::corrupt, "neither a question nor a note of one"));
      return;
    }
    question.body.erase(0, 1);
    state_->serve(std::move(question), std::move(kept));
    return;
  }
  const auto from = question.from;
  const auto deadline = question.deadline;
  auto held = std::make_shared<Question>(std::move(question));
  state_->fetch(from, *note, deadline,
                Answer{[weak = std::weak_ptr(state_), held, kept](Result<std::string> body) {
                  const auto state = weak.lock();
                  if (!body || !state) {
                    kept.fulfil(body ? fail(Errc::canceled, "the node stops")
                                     : tl::unexpected(std::move(body.error())));
                    return;
                  }
                  held->body = std::move(*body);
                  state->serve(std::move(*held), kept);
                }});
}

void LargeBodies::on_lost(NodeOrdinal peer) {
  const std::lock_guard lock{state_->mutex};
  state_->shelf.remove_peer(peer);
}

void LargeBodies::expire(runtime::SteadyTime now) {
  const std::lock_guard lock{state_->mutex};
  state_->shelf.remove_due(now);
}

std::size_t LargeBodies::held() const {
  const std::lock_guard lock{state_->mutex};
  return state_->shelf.size() + state_->fetches;
}

} // namespace graphrag::cluster
