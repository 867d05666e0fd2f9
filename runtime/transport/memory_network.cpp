#include "runtime/transport/memory_network.hpp"

namespace graphrag::runtime {

class MemoryNetwork::End final : public Transport {
public:
  End(MemoryNetwork& network, NodeOrdinal self, std::uint64_t incarnation)
      : network_(network), self_(self), incarnation_(incarnation) {}
  ~End() override {
    if (const auto at = network_.ends_.find(self_);
        at != network_.ends_.end() && at->second == this)
      network_.ends_.erase(at);
  }

  NodeOrdinal self() const override { return self_; }
  Status send(Envelope envelope) override {
    envelope.from = self_;
    envelope.incarnation = incarnation_;
    return network_.send(std::move(envelope));
  }
  void on_receive(Receive receive) override { receive_ = std::move(receive); }

  std::uint64_t incarnation() const noexcept { return incarnation_; }
  void receive(const Envelope& envelope) const {
    if (receive_) receive_(envelope);
  }

private:
  MemoryNetwork& network_;
  NodeOrdinal self_;
  std::uint64_t incarnation_;
  Receive receive_;
};

std::unique_ptr<Transport> MemoryNetwork::join(NodeOrdinal node) {
  auto end = std::make_unique<End>(*this, node, ++incarnations_[node]);
  ends_[node] = end.get();
  return end;
}

Status MemoryNetwork::send(Envelope envelope) {
  if (envelope.body.size() > max_envelope_bytes)
    return fail(Errc::invalid_argument,
                "an envelope of " + std::to_string(envelope.body.size()) + " bytes");
  if (envelope.kind.size() > max_kind_bytes)
    return fail(Errc::invalid_argument,
                "a kind of " + std::to_string(envelope.kind.size()) + " bytes");
  if (!incarnations_.contains(envelope.to))
    return fail(Errc::not_found, "no node " + std::to_string(envelope.to));
  if (load_[{envelope.from, envelope.to}] >= faults_.max_under_way)
    return fail(Errc::overloaded, "too much under way to node " + std::to_string(envelope.to));
  if (happens(faults_.lost)) {
    ++lost_;
    return {};
  }
  schedule(envelope);
  if (happens(faults_.doubled)) schedule(envelope);
  return {};
}

void MemoryNetwork::schedule(const Envelope& envelope) {
  auto delay =
      std::uniform_int_distribution<std::uint64_t>{faults_.min_delay, faults_.max_delay}(random_);
  if (const auto slow = slow_.find({envelope.from, envelope.to}); slow != slow_.end())
    delay += slow->second;
  ++load_[{envelope.from, envelope.to}];
  under_way_.emplace(now_ + delay, UnderWay{envelope, incarnations_[envelope.to]});
}

void MemoryNetwork::tick() {
  ++now_;
  while (!under_way_.empty() && under_way_.begin()->first <= now_) {
    const auto arriving = std::move(under_way_.begin()->second);
    under_way_.erase(under_way_.begin());
    const auto& envelope = arriving.envelope;
    --load_[{envelope.from, envelope.to}];
    const auto end = ends_.find(envelope.to);
    const bool arrives = end != ends_.end() && !cut_.contains({envelope.from, envelope.to}) &&
                         end->second->incarnation() == arriving.to_incarnation;
    ++(arrives ? delivered_ : lost_);
    if (arrives) end->second->receive(envelope);
  }
}

void MemoryNetwork::settle() {
  while (!under_way_.empty()) tick();
}

} // namespace graphrag::runtime
