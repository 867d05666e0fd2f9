#pragma once
// What actors and routes need to know of the other nodes. A node of its own has LonePeers. All of
// it is thread-safe and nothing blocks.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/actor/promise.hpp"
#include "runtime/ids.hpp"

namespace graphrag {

class Peers {
public:
  virtual ~Peers() = default;

  // This process as the owner of work. Never the same for two processes.
  virtual const std::string& self() const = 0;
  // Other owners of work that may be at it. The work of whoever is not among them is free.
  virtual std::vector<std::string> others() const = 0;
  // Whether this node may take new work.
  virtual bool works() const = 0;
  // Whether this node can answer questions, by itself or by asking another.
  virtual bool ready() const = 0;
  // Whether this node makes what comes later to this document, such as its vectors. True on at most
  // one node once all have seen the same view, one that holds the collection; the store bears two
  // at a time.
  virtual bool enriches(const runtime::DocumentKey& key) const = 0;

  // The right to show what this node has in memory of a collection; it may end any time. 0: there
  // is none now, such as when other nodes hold it. Else a number that stays the same as long as the
  // right is held without a gap. Asked before the content of a question is read, and again just
  // before the answer is sent: in between the right may have ended, and have come back for newer
  // content than what was read.
  virtual std::uint64_t read_right(std::string_view collection) const = 0;
  bool may_still_read(std::string_view collection, std::uint64_t since) const {
    return since != 0 && read_right(collection) == since;
  }

  // Whether those who hold the collection have memory for more of it; no_space: they have not.
  virtual runtime::Status room_for(std::string_view collection) const = 0;

  // The log has a new last number.
  virtual void announce(std::uint64_t seq) = 0;
  // This node has applied `seq`. Fulfilled once a node that answers questions on the collection has
  // too; with an error when that is not known in time.
  virtual void when_shown(std::uint64_t seq, const std::string& collection,
                          runtime::Promise<std::uint64_t> shown) = 0;
  // A removal took number `seq` when the store knew version `view` of the cluster. Fulfilled once
  // no node can show any more what is gone; with an error when that is not known in time.
  virtual void when_gone(std::uint64_t seq, std::uint64_t view, const std::string& collection,
                         runtime::Promise<std::uint64_t> gone) = 0;
  // The store did not answer; perhaps the whole cluster has lost it.
  virtual void store_failed() = 0;
};

// The only node there is.
class LonePeers final : public Peers {
public:
  explicit LonePeers(std::string self) : self_(std::move(self)) {}
  const std::string& self() const override { return self_; }
  std::vector<std::string> others() const override { return {}; }
  bool works() const override { return true; }
  bool enriches(const runtime::DocumentKey&) const override { return true; }
  bool ready() const override { return true; }
  std::uint64_t read_right(std::string_view) const override { return 1; }
  runtime::Status room_for(std::string_view) const override { return {}; }
  void announce(std::uint64_t) override {}
  void when_shown(std::uint64_t seq, const std::string&,
                  runtime::Promise<std::uint64_t> shown) override {
    shown.fulfil(seq);
  }
  void when_gone(std::uint64_t seq, std::uint64_t, const std::string&,
                 runtime::Promise<std::uint64_t> gone) override {
    gone.fulfil(seq);
  }
  void store_failed() override {}

private:
  std::string self_;
};

} // namespace graphrag
