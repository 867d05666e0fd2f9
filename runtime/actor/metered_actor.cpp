#include "runtime/actor/metered_actor.hpp"

#include <exception>
#include <typeinfo>
#include <utility>

#include <caf/detail/private_thread.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <cxxabi.h>

#include "observability/log.hpp"
#include "runtime/actor/actor_meter.hpp"
#include "runtime/actor/end_reason.hpp"

namespace graphrag::runtime {

namespace {

constexpr std::uint32_t timed_one_in = 16;

// Temporary actors handle a few messages each: they start at different places in the count of 16,
// so that not only first messages are timed.
std::uint32_t first_timed() noexcept {
  thread_local std::uint32_t turn = 0;
  return 1 + turn++ % timed_one_in;
}

std::string type_name(const std::type_info& type) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> name{
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free};
  return status == 0 ? name.get() : type.name();
}

// The types of a message's elements. Never their values: they may hold a document's text.
std::string type_names(const caf::type_erased_tuple& content, caf::actor_system& system) {
  std::string result;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (i > 0) result += ", ";
    const auto [number, type] = content.type(i);
    if (content.match_element<caf::atom_value>(i))
      result += to_string(content.get_as<caf::atom_value>(i));
    else
      result +=
          number != 0 || !type ? system.types().portable_name(number, type) : type_name(*type);
  }
  return result;
}

// CAF's own messages arrive late as a matter of course.
bool is_of_the_system(const caf::type_erased_tuple& content) {
  return content.match_elements<caf::exit_msg>() || content.match_elements<caf::down_msg>() ||
         content.match_elements<caf::timeout_msg>();
}

void log_end(const MeteredActor& actor, const char* what, const std::string& reason) {
  observability::log_error(what, {{"graphrag.actor.path", actor.identity().path},
                                  {"graphrag.actor.kind", actor.identity().kind},
                                  {"error.message", reason}});
}

MeteredActor& self_of(caf::scheduled_actor* self) { return *static_cast<MeteredActor*>(self); }

void bounce_to(const caf::strong_actor_ptr& requester, const caf::message_id& id) {
  caf::detail::sync_request_bouncer{caf::exit_reason::unknown}(requester, id);
}

} // namespace

MeteredActor::MeteredActor(caf::actor_config& config, ActorIdentity identity)
    : caf::event_based_actor(config), identity_(std::move(identity)),
      meter_(meter_of(identity_.kind, identity_.instance)), until_timed_(first_timed()) {
  install_handlers();
  meter_->join(mailbox_meter_);
}

MeteredActor::~MeteredActor() { retire(); }

void MeteredActor::retire() noexcept {
  if (retired_) return;
  retired_ = true;
  meter_->leave(mailbox_meter_);
}

const char* MeteredActor::name() const { return identity_.kind.c_str(); }

// As scheduled_actor::enqueue, which does not tell whether the mailbox took the message.
void MeteredActor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit* unit) {
  if (mailbox().closed()) return refuse(*message);
  const auto id = message->mid;
  caf::strong_actor_ptr requester;
  if (id.is_request()) requester = message->sender;
  mailbox_meter_.count_in(coarse_now());
  switch (mailbox().push_back(std::move(message))) {
  case caf::intrusive::inbox_result::success:
    return;
  case caf::intrusive::inbox_result::unblocked_reader:
    intrusive_ptr_add_ref(ctrl()); // the scheduler's
    if (getf(is_detached_flag))
      private_thread_->resume();
    else if (unit)
      unit->exec_later(this);
    else
      home_system().scheduler().enqueue(this);
    return;
  case caf::intrusive::inbox_result::queue_closed: // between our look and the push
    meter_->count_dead_letters(1);
    if (requester) bounce_to(requester, id);
    return;
  }
}

void MeteredActor::refuse(const caf::mailbox_element& message) {
  dead_letter(message.content(), "the actor has ended");
  if (message.mid.is_request()) bounce_to(message.sender, message.mid);
}

// Hands each message left in a closed mailbox to the meter, and an error to each requester.
struct MeteredActor::LeftBehind {
  MeteredActor& actor;

  void operator()(const caf::mailbox_element& message) const {
    actor.dead_letter(message.content(), "left in the mailbox of an actor that ended");
    if (message.mid.is_request()) bounce_to(message.sender, message.mid);
  }
  // CAF's nested queues put their keys before the message.
  template <class Key, class Queue, class... Rest>
  caf::intrusive::task_result operator()(const Key&, const Queue&, const Rest&... rest) const {
    (*this)(rest...);
    return caf::intrusive::task_result::resume;
  }
};

caf::invoke_message_result MeteredActor::consume(caf::mailbox_element& message) {
  struct CountOut { // also when the handler throws
    MailboxMeter& mailbox;
    bool skipped = false;
    ~CountOut() {
      if (!skipped) mailbox.count_out();
    }
  } count_out{mailbox_meter_};
  caf::invoke_message_result result;
  if (--until_timed_ > 0) [[likely]] {
    result = caf::event_based_actor::consume(message);
  } else {
    until_timed_ = timed_one_in;
    const auto start = std::chrono::steady_clock::now();
    result = caf::event_based_actor::consume(message);
    meter_->observe((std::chrono::steady_clock::now() - start).count());
  }
  count_out.skipped = result == caf::invoke_message_result::skipped;
  return result;
}

// Takes the mailbox down itself, before CAF does, to count what was left in it.
bool MeteredActor::cleanup(caf::error&& reason, caf::execution_unit* host) {
  retire();
  if (!mailbox().closed()) {
    mailbox().close();
    get_normal_queue().flush_cache();
    get_urgent_queue().flush_cache();
    LeftBehind left{*this};
    while (mailbox().queue().new_round(1000, left).consumed_items) {
    }
  }
  return caf::event_based_actor::cleanup(std::move(reason), host);
}

void MeteredActor::dead_letter(const caf::type_erased_tuple& content, const char* why) {
  if (is_of_the_system(content) || !meter_->count_dead_letters(1)) return;
  observability::log_warn("A message went to no one.",
                          {{"graphrag.actor.path", identity_.path},
                           {"graphrag.actor.kind", identity_.kind},
                           {"graphrag.message.type", type_names(content, home_system())},
                           {"event.reason", std::string_view{why}}});
}

void MeteredActor::pause_on_dependency(std::string what) {
  quit(dependency_reason(std::move(what)));
}

void MeteredActor::install_handlers() {
  set_default_handler([](caf::scheduled_actor* self, caf::message_view& message) {
    self_of(self).dead_letter(message.content(), "no handler takes it");
    return caf::result<caf::message>{caf::sec::unexpected_message};
  });
  set_error_handler([](caf::scheduled_actor* self, caf::error& error) {
    const auto what = describe_end(error);
    log_end(self_of(self), "An actor ends: a request failed and nobody handled the error.", what);
    self->quit(crash_reason("unhandled error: " + what));
  });
  set_down_handler([](caf::scheduled_actor* self, caf::down_msg& message) {
    const auto what = describe_end(message.reason);
    log_end(self_of(self), "An actor ends: one that it watched has ended.", what);
    self->quit(crash_reason("a watched actor ended: " + what));
  });
  set_exit_handler([](caf::scheduled_actor* self, caf::exit_msg& message) {
    if (!message.reason) return;
    if (kind_of_end(message.reason) == EndKind::abnormal)
      log_end(self_of(self), "An actor ends: it was told to.", describe_end(message.reason));
    self->quit(std::move(message.reason));
  });
  set_exception_handler([](caf::scheduled_actor* self, std::exception_ptr& thrown) {
    std::string what = "an exception of unknown type";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
      what = type_name(typeid(exception)) + ": " + exception.what();
    } catch (...) {
      static_cast<void>(thrown); // `what` says all there is
    }
    log_end(self_of(self), "An actor ends: its handler threw.", what);
    return crash_reason(what);
  });
}

} // namespace graphrag::runtime
