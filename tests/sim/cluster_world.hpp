#pragma once
// A cluster of 3 to 7 nodes in one process under a virtual clock: MemoryNetwork between them, one
// simulated database, clients, and faults, all drawn from one seed. What must hold is checked as it
// happens (cluster_history.hpp) and when everything has come to rest.
#include <random>

#include "runtime/transport/memory_network.hpp"
#include "tests/sim/cluster_node.hpp"

namespace graphrag::cluster::sim {

inline constexpr runtime::NodeOrdinal twin_address = 100; // of a twin: plus its ordinal

struct Tally {
  std::uint64_t events = 0, faults = 0, acknowledged = 0, deletes = 0, questions = 0, unknown = 0,
                fenced_writes = 0, views = 0, fenced_nodes = 0, partial = 0,
                reads_on_attestation = 0, told_gone = 0;
  Millis settled_in = 0;
  std::map<std::string, std::uint64_t> by_fault;
};

class World final : public Ground {
public:
  World(std::uint64_t seed, Mistake mistake);
  ~World() override;

  // What was broken, or nothing.
  std::optional<std::string> run();
  const Tally& tally() const { return tally_; }
  bool trace = false; // print faults and views as they happen

  Millis now() const override { return now_; }
  void database(const NodeId& from, std::function<void(Database&)> run, std::function<void()> done,
                Millis extra = 0) override;
  void send(const NodeId& from, const NodeId& to, const std::string& address,
            std::uint64_t view_version, Message message) override;
  void ended(const Op& op, const OpResult& result) override;
  void accepted(std::uint64_t op) override { accepted_.insert(op); }
  std::uint64_t below(std::uint64_t end) override { return random_() % end; }
  void check_read(const NodeId& reader) override;
  History& history() override { return history_; }
  const Settings& settings() const override { return settings_; }
  Mistake mistake() const override { return mistake_; }

private:
  struct Process {
    std::unique_ptr<runtime::Transport> end;
    std::unique_ptr<SimNode> node;
    NodeId id;
    bool paused = false, cut_from_database = false;
    std::vector<std::function<void()>> inbox; // what happened while it was paused
  };
  using Address = runtime::NodeOrdinal;

  void start(Address address);
  void stop(Address address);
  void pause(Address address, Millis length);
  void resume(Address address);
  void deliver(const NodeId& to, std::function<void()> event);
  Process* find(const NodeId& id);
  void at(Millis when, std::function<void()> what) { agenda_.emplace(when, std::move(what)); }
  void tick();
  void client();
  void fault();
  void fault_in_database(Millis length);
  void fault_in_network(Millis length);
  void check_new_view(const ClusterView& before);
  void check_deadlines();
  void heal();
  bool at_rest() const;
  std::string unrest() const;
  std::optional<Address> pick();
  void note(const std::string& what);

  Mistake mistake_;
  std::mt19937_64 random_;
  Settings settings_;
  Millis now_ = 1'000'000;
  History history_;
  Database database_;
  runtime::MemoryNetwork network_;
  std::map<Address, Process> processes_;
  std::multimap<Millis, std::function<void()>> agenda_;
  std::vector<Message> messages_;
  std::set<std::uint64_t> accepted_;
  std::set<NodeOrdinal> gone_for_good_;
  bool database_away_ = false;
  Millis database_delay_ = 30;
  std::uint64_t ops_ = 0, ordinals_ = 0;
  std::map<int, std::uint64_t> tokens_;
  std::set<int> busy_clients_;
  std::uint64_t loss_faults_ = 0;
  Tally tally_;
};

} // namespace graphrag::cluster::sim
