#include "tests/sim/cluster_world.hpp"

#include <cstdio>
#include <cstring>

namespace graphrag::cluster::sim {
namespace {

constexpr Millis tick_ms = 10, step_ms = 100;
constexpr int clients = 5;
constexpr Millis question_deadline = 3000, write_deadline = 10'000;

Settings sim_settings() {
  Settings settings;
  settings.shards = sim_shards;
  settings.ping = 500;
  settings.load_timeout = 500;
  settings.max_loading = 4;
  settings.drain = 15'000;
  settings.outage_reads = 15'000;
  return settings;
}

} // namespace

World::World(std::uint64_t seed, Mistake mistake)
    : mistake_(mistake), random_(seed), settings_(sim_settings()),
      database_(settings_, history_, now_, mistake), network_(seed, {0, 0, 1, 2, 4096}) {
  ordinals_ = 3 + below(4);
  for (Address address = 0; address < ordinals_; ++address)
    at(now_ + static_cast<Millis>(below(800)), [this, address] { start(address); });
}

World::~World() = default;

void World::note(const std::string& what) {
  if (trace) std::printf("%9.3f  %s\n", static_cast<double>(now_ - 1'000'000) / 1000, what.c_str());
}

// ---- processes

void World::start(Address address) {
  if (processes_.contains(address)) return;
  Member self;
  self.id = {address % twin_address, random_() | 1};
  self.address = std::to_string(address);
  self.memory_budget = 120 + 20 * below(4); // eight shards of 10 bytes, two replicas
  auto& process = processes_[address];
  process.id = self.id;
  process.end = network_.join(address);
  process.end->on_receive([this, address](const runtime::Envelope& envelope) {
    std::string_view body;
    const auto header = decode_header(envelope.body, body);
    if (!header || body.size() != sizeof(std::size_t))
      return history_.broken("a message that cannot be read");
    std::size_t index = 0;
    std::memcpy(&index, body.data(), sizeof index);
    const auto to = processes_.at(address).id;
    deliver(to, [this, to, index, header = *header] {
      if (auto* target = find(to)) target->node->receive(header, messages_[index]);
    });
  });
  const auto offset = static_cast<Millis>(below(100'000));
  const auto drift = static_cast<Millis>(below(31)) - 15;
  process.node = std::make_unique<SimNode>(*this, self, offset, drift);
  note("start " + to_string(self.id) + " at " + self.address);
}

void World::stop(Address address) {
  const auto at = processes_.find(address);
  if (at == processes_.end()) return;
  note("stop " + to_string(at->second.id));
  for (const auto& [id, op] : at->second.node->open()) {
    busy_clients_.erase(op.client); // its client never hears
    ++tally_.unknown;
  }
  processes_.erase(at);
}

void World::pause(Address address, Millis length) {
  const auto id = processes_.at(address).id;
  processes_.at(address).paused = true;
  at(now_ + length, [this, id] {
    if (auto* process = find(id)) resume(static_cast<Address>(process->end->self()));
  });
}

void World::resume(Address address) {
  auto& process = processes_.at(address);
  if (!process.paused) return;
  process.paused = false;
  note("resume " + to_string(process.id));
  for (auto& event : std::exchange(process.inbox, {})) event();
}

World::Process* World::find(const NodeId& id) {
  for (auto& [address, process] : processes_)
    if (process.id == id) return &process;
  return nullptr;
}

void World::deliver(const NodeId& to, std::function<void()> event) {
  auto* process = find(to);
  if (process == nullptr) return;
  ++tally_.events;
  if (process->paused)
    process->inbox.push_back(std::move(event));
  else
    event();
}

// ---- what processes stand on

void World::database(const NodeId& from, std::function<void(Database&)> run,
                     std::function<void()> done, Millis extra) {
  const auto way = [this] {
    return tick_ms + static_cast<Millis>(below(static_cast<std::uint64_t>(database_delay_)));
  };
  const auto open = [this](const NodeId& node) {
    const auto* process = find(node);
    return !database_away_ && (process == nullptr || !process->cut_from_database);
  };
  at(now_ + way(), [=, this] {
    if (!open(from)) return;
    const auto before = database_.view();
    run(database_); // also for a process that has died meanwhile: the request was on its way
    if (database_.view().version != before.version) check_new_view(before);
    const auto more =
        extra == 0 ? 0 : static_cast<Millis>(below(static_cast<std::uint64_t>(extra)));
    at(now_ + way() + more, [=, this] {
      if (!open(from)) return;
      deliver(from, [=, this] {
        if (find(from) != nullptr) done();
      });
    });
  });
}

void World::send(const NodeId& from, const NodeId& to, const std::string& address,
                 std::uint64_t view_version, Message message) {
  auto* process = find(from);
  if (process == nullptr) return;
  history_.require(process->node->membership().is_member(), "a node talks that is no member");
  const PeerHeader header{"sim", from, to.incarnation, view_version};
  auto body = encode_header(header);
  const auto index = messages_.size();
  messages_.push_back(std::move(message));
  body.append(reinterpret_cast<const char*>(&index), sizeof index);
  const auto* target = address.empty() ? find(to) : nullptr;
  if (address.empty() && target == nullptr) return;
  const auto where = target != nullptr ? static_cast<Address>(target->end->self())
                                       : static_cast<Address>(std::stoul(address));
  (void)process->end->send({0, where, 0, view_version, "cluster", std::move(body)});
}

// ---- what clients do

std::optional<World::Address> World::pick() {
  std::vector<Address> all;
  for (const auto& [address, process] : processes_) all.push_back(address);
  if (all.empty()) return std::nullopt;
  return all[below(all.size())];
}

void World::client() {
  const auto address = pick();
  const int client = static_cast<int>(below(clients));
  const auto kind = below(10);
  const auto doc = static_cast<DocId>(below(documents));
  if (!address || busy_clients_.contains(client)) return;
  auto& process = processes_.at(*address);
  const auto phase = process.node->membership().phase();
  if (process.paused || (phase != Phase::up && phase != Phase::leaving)) return;
  Op op;
  op.id = ++ops_;
  op.client = client;
  op.doc = doc;
  op.began = now_;
  op.kind = kind < 3 ? OpKind::put : kind < 5 ? OpKind::remove : OpKind::query;
  op.deadline = now_ + (op.kind == OpKind::query ? question_deadline : write_deadline);
  op.after = tokens_[client];
  for (std::uint32_t shard = 0; shard < settings_.shards; ++shard) op.shards.push_back(shard);
  busy_clients_.insert(client);
  ++tally_.events;
  process.node->submit(std::move(op));
}

// ---- time

void World::tick() {
  now_ += tick_ms;
  network_.tick();
  while (!agenda_.empty() && agenda_.begin()->first <= now_) {
    const auto what = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    what();
  }
  if (now_ % step_ms != 0) return;
  std::vector<Address> over;
  for (auto& [address, process] : processes_) {
    if (process.paused) continue;
    process.node->step();
    const auto phase = process.node->membership().phase();
    if (phase == Phase::fenced || phase == Phase::left) over.push_back(address);
  }
  for (auto address : over) {
    const bool left = processes_.at(address).node->membership().phase() == Phase::left;
    tally_.fenced_nodes += !left;
    stop(address);
    if (!left && !gone_for_good_.contains(address % twin_address) && address < twin_address)
      at(now_ + 500, [this, address] { start(address); });
  }
  check_deadlines();
}

void World::heal() {
  database_away_ = false;
  database_delay_ = 30;
  network_.heal();
  network_.set_faults({0, 0, 1, 2, 4096});
  std::vector<Address> all;
  for (auto& [address, process] : processes_) {
    process.cut_from_database = false;
    all.push_back(address);
  }
  for (auto address : all) resume(address);
  for (auto address : all) // one process per ordinal: the member, or the one at home
    if (address >= twin_address && processes_.contains(address)) stop(address);
  for (Address address = 0; address < ordinals_; ++address)
    if (!gone_for_good_.contains(address)) start(address);
}

std::optional<std::string> World::run() {
  const auto begin = now_;
  const auto faults = 5 + below(8);
  for (std::uint64_t i = 0; i < faults; ++i)
    at(begin + 6000 + static_cast<Millis>(below(34'000)), [this] { fault(); });
  while (now_ < begin + 40'000 && !history_.violation()) {
    if (now_ % 100 == 0) client();
    tick();
  }
  if (history_.violation()) return history_.violation();
  heal();
  const auto healed = now_;
  constexpr Millis bound = 120'000;
  while (now_ < healed + bound && !history_.violation() && !(now_ % 500 == 0 && at_rest())) tick();
  if (!history_.violation() && !at_rest()) history_.broken("no rest: " + unrest());
  tally_.settled_in = now_ - healed;
  tally_.fenced_writes = database_.fenced();
  return history_.violation();
}

} // namespace graphrag::cluster::sim
