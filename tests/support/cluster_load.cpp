#include "tests/support/cluster_load.hpp"

#include <algorithm>
#include <stdexcept>

namespace graphrag::test {
namespace {

using nlohmann::json;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds answer_within{2000};
constexpr Milliseconds write_within{15'000};
constexpr Milliseconds balancer_interval{100};
constexpr Milliseconds ready_within{2000};
constexpr int askers = 2, writers = 2;
// They are in different groups, so that every node of three holds some and lacks some.
constexpr std::size_t collections = 6;
const char* const type = "application/json";

std::string text_of(const std::string& word) {
  return "The ledger of the harbour holds the entry " + word + " of the lighthouse keeper.";
}

std::string collection_of(const std::string& word) {
  std::size_t sum = 0;
  for (const unsigned char c : word) sum = sum * 31 + c;
  return "/api/v1/collections/load" + std::to_string(sum % collections);
}
std::string document_at(const std::string& word) {
  return collection_of(word) + "/documents/" + word;
}

json question(const std::string& word) {
  return {{"query", "What does the entry " + word + " say?"}, {"limit", 3}, {"timeout_ms", 1900}};
}

// The ids that an answer shows, in results and citations.
std::set<std::string> shown(const json& answer) {
  std::set<std::string> out;
  for (const auto& hit : answer.value("results", json::array()))
    out.insert(hit.value("document_id", std::string{}));
  if (answer.contains("answer") && answer["answer"].is_object())
    for (const auto& citation : answer["answer"].value("citations", json::array()))
      out.insert(citation.value("document_id", std::string{}));
  return out;
}

} // namespace

double ClusterLoad::Result::quantile(double q) const {
  if (milliseconds.empty()) return 0;
  auto sorted = milliseconds;
  std::ranges::sort(sorted);
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

ClusterLoad::ClusterLoad(std::vector<Address> gateways, std::size_t documents,
                         ClientHistory* history)
    : history_(history) {
  for (const auto at : gateways) gateways_.push_back({at, true});
  HttpClient http{gateways.front()};
  for (std::size_t i = 0; i < collections; ++i)
    http.request("PUT", "/api/v1/collections/load" + std::to_string(i));
  std::map<std::string, std::string> lines; // by collection
  for (std::size_t i = 0; i < documents; ++i) {
    const auto word = "base" + std::to_string(i);
    lines[collection_of(word)] += json{{"id", word}, {"text", text_of(word)}}.dump() + "\n";
    documents_[word] = Fate::written;
  }
  for (const auto& [collection, text] : lines) {
    const auto answer = http.request("POST", collection + "/documents/_bulk", text,
                                     {{"Content-Type", "application/x-ndjson"}});
    if (answer.status != 200 || answer.body.find("\"problem\"") != std::string::npos)
      throw std::runtime_error("documents cannot be put: " + std::to_string(answer.status) +
                               answer.error + answer.body.substr(0, 500));
  }
}

ClusterLoad::~ClusterLoad() { (void)end(); }

void ClusterLoad::set_gateway(std::size_t i, Address at) {
  {
    std::lock_guard lock{mutex_};
    if (gateways_.size() <= i) gateways_.resize(i + 1);
    gateways_[i] = {at, false};
  }
  if (!threads_.empty()) watch_gateways();
}

void ClusterLoad::remove_gateway(std::size_t i) {
  std::lock_guard lock{mutex_};
  gateways_[i] = {};
}

void ClusterLoad::begin(Milliseconds pause) {
  pause_ = pause;
  watch_gateways();
  for (int i = 0; i < askers; ++i) threads_.emplace_back([this, i] { ask(i); });
  for (int i = 0; i < writers; ++i) threads_.emplace_back([this, i] { write(i); });
  threads_.emplace_back([this] { remove(); });
}

ClusterLoad::Result ClusterLoad::end() {
  stop_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  for (auto& probe : probes_) probe.request_stop();
  probes_.clear();
  return std::exchange(result_, {});
}

std::vector<ClusterLoad::Failure> ClusterLoad::failed_so_far() const {
  std::lock_guard lock{mutex_};
  return result_.failed;
}

void ClusterLoad::watch_gateways() {
  while (probes_.size() < gateways_.size())
    probes_.emplace_back(
        [this, gateway = probes_.size()](const std::stop_token& stop) { probe(gateway, stop); });
}

void ClusterLoad::probe(std::size_t gateway, const std::stop_token& stop) {
  for (; !stop.stop_requested(); std::this_thread::sleep_for(balancer_interval)) {
    std::optional<Address> at;
    {
      std::lock_guard lock{mutex_};
      at = gateways_[gateway].at;
    }
    if (!at) continue;
    const bool ready = HttpClient{*at, ready_within}.get("/ready").status == 200;
    std::lock_guard lock{mutex_};
    if (gateways_[gateway].at == at) gateways_[gateway].in_rotation = ready;
  }
}

int ClusterLoad::pick(std::size_t turn, int but) const {
  std::lock_guard lock{mutex_};
  std::vector<int> open;
  for (std::size_t i = 0; i < gateways_.size(); ++i)
    if (gateways_[i].in_rotation && static_cast<int>(i) != but) open.push_back(static_cast<int>(i));
  return open.empty() ? but : open[turn % open.size()];
}

Address ClusterLoad::address_of(int gateway) const {
  std::lock_guard lock{mutex_};
  return gateways_[static_cast<std::size_t>(gateway)].at.value_or(Address{0}); // 0 is refused
}

ClusterLoad::Sent ClusterLoad::send(const std::string& client, std::size_t turn,
                                    const std::string& method, const std::string& target,
                                    const std::string& about, const std::string& body,
                                    Milliseconds deadline) {
  const auto began = Clock::now();
  const auto left = [&] {
    return std::chrono::duration_cast<Milliseconds>(began + deadline - Clock::now());
  };
  Sent sent;
  auto& [answer, note] = sent;
  note = {std::chrono::system_clock::now(), 0, client, method + " " + target, about};
  const auto stop_the_clock = [&] {
    note.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
  };
  while ((note.gateway = pick(turn)) < 0) {
    if (left() <= Milliseconds{0}) {
      answer.error = "no gateway is in rotation";
      stop_the_clock();
      return sent;
    }
    std::this_thread::sleep_for(Milliseconds{10});
  }
  const auto ask = [&] {
    answer = HttpClient{address_of(note.gateway), left()}.request(method, target, body,
                                                                  {{"Content-Type", type}});
    note.status = answer.status;
    stop_the_clock();
  };
  ask();
  if (answer.status != 0 || left() <= Milliseconds{0}) return sent;
  {
    std::lock_guard lock{mutex_};
    ++result_.retried;
  }
  const auto first = answer.error;
  note.again = true;
  note.gateway = pick(turn + 1, note.gateway);
  ask();
  if (answer.status == 0) answer.error = first + ", then " + answer.error;
  return sent;
}

void ClusterLoad::note(Sent& sent, std::string heard) {
  if (history_) {
    sent.note.heard = std::move(heard);
    history_->note(sent.note);
  }
  if (pause_ > Milliseconds{0}) std::this_thread::sleep_for(pause_);
}

void ClusterLoad::ask(int client) {
  const auto name = "ask " + std::to_string(client);
  for (std::size_t turn = static_cast<std::size_t>(client); !stop_; turn += askers) {
    std::string word;
    std::set<std::string> removed; // before the question was sent
    {
      std::lock_guard lock{mutex_};
      auto at = documents_.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(turn * 7919 % documents_.size()));
      word = at->first;
      for (const auto& [id, fate] : documents_)
        if (fate == Fate::removed) removed.insert(id);
    }
    auto sent = send(name, turn, "POST", collection_of(word) + "/query", word,
                     question(word).dump(), answer_within);
    const auto& answer = sent.answer;
    const auto body = answer.json();
    ++asked_;
    if (answer.status != 200 || body.value("partial", true)) {
      const auto why = answer.error + answer.body.substr(0, 200);
      {
        std::lock_guard lock{mutex_};
        result_.failed.push_back(
            {sent.note.gateway, word + " at gateway " + std::to_string(sent.note.gateway) +
                                    " after " + std::to_string(sent.note.milliseconds) +
                                    " ms: " + std::to_string(answer.status) + " " + why});
      }
      note(sent, why);
      continue;
    }
    const auto ids = shown(body);
    std::string heard;
    for (const auto& id : ids) heard += (heard.empty() ? "" : " ") + id;
    {
      std::lock_guard lock{mutex_};
      ++result_.asked;
      result_.milliseconds.push_back(sent.note.milliseconds);
      const auto by = " by gateway " + std::to_string(sent.note.gateway);
      for (const auto& id : ids)
        if (removed.contains(id)) result_.wrong.push_back(id + " is shown after its removal" + by);
      // Documents that were there before the load are on every node.
      if (word.starts_with("base") && documents_[word] == Fate::written && !ids.contains(word))
        result_.wrong.push_back(word + " is not found" + by);
    }
    note(sent, heard);
  }
}

void ClusterLoad::write(int client) {
  const auto name = "write " + std::to_string(client);
  for (std::size_t number = 0; !stop_; ++number) {
    const auto word = "w" + std::to_string(client) + "x" + std::to_string(number);
    auto sent = send(name, number, "PUT", document_at(word), word,
                     json{{"text", text_of(word)}}.dump(), write_within);
    if (sent.answer.status / 100 == 2) { // else nobody promised anything
      ++written_;
      std::lock_guard lock{mutex_};
      ++result_.written;
      documents_[word] = Fate::written;
    }
    note(sent, sent.answer.error + sent.answer.body.substr(0, 200));
  }
}

// Removes every other document of the first writer.
void ClusterLoad::remove() {
  for (std::size_t turn = 0; !stop_; ++turn) {
    std::string word;
    {
      std::lock_guard lock{mutex_};
      for (auto& [id, fate] : documents_) {
        if (fate != Fate::written || !id.starts_with("w0x") || (id.back() - '0') % 2 == 0) continue;
        word = id;
        fate = Fate::removing;
        break;
      }
    }
    if (word.empty()) {
      std::this_thread::sleep_for(Milliseconds{5});
      continue;
    }
    auto sent = send("remove", turn, "DELETE", document_at(word), word, "", write_within);
    if (sent.answer.status == 204) { // else perhaps removed; not asked about any more
      std::lock_guard lock{mutex_};
      ++result_.removed;
      documents_[word] = Fate::removed;
    }
    note(sent, sent.answer.error + sent.answer.body.substr(0, 200));
  }
}

bool ClusterLoad::remove_written(Address gateway) {
  HttpClient http{gateway};
  bool all = true;
  for (auto& [word, fate] : documents_) {
    if (word.starts_with("base") || fate == Fate::removed) continue;
    const auto status = http.request("DELETE", document_at(word)).status;
    if (status == 204 || status == 404)
      fate = Fate::removed;
    else
      all = false;
  }
  return all;
}

std::vector<std::string> ClusterLoad::check(Address gateway) {
  std::vector<std::string> out;
  HttpClient http{gateway};
  for (const auto& [word, fate] : documents_) {
    if (fate == Fate::removing) continue;
    const auto answer = http.post(collection_of(word) + "/query",
                                  {{"query", word}, {"limit", 3}, {"mode", "keyword"}});
    if (answer.status != 200) {
      out.push_back(word + ": " + std::to_string(answer.status) + " " + answer.error);
      continue;
    }
    const bool found = shown(answer.json()).contains(word);
    if (found != (fate == Fate::written))
      out.push_back(word + (found ? " is shown though it was removed" : " is lost"));
  }
  return out;
}

} // namespace graphrag::test
