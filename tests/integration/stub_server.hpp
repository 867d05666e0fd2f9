#pragma once
// A tiny HTTP server for tests of the clients: keeps documents in memory, answers as the API says,
// and misbehaves on request. One thread a connection.
#include <atomic>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

namespace graphrag::test {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using StubRequest = http::request<http::string_body>;
using StubReply = http::response<http::string_body>;

class StubServer {
public:
  // What to do instead of the usual answer; taken from the front, one a request to /documents.
  enum class Fault { refuse_429, refuse_503, accept_202, hang_up, fail_422 };

  explicit StubServer(bool ready = true)
      : ready_(ready), acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}) {
    documents["default"];
    accepting_ = std::thread([this] { accept(); });
  }
  ~StubServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket poke{io_};
    poke.connect(acceptor_.local_endpoint(), ignored);
    accepting_.join();
    {
      std::lock_guard lock{mutex};
      for (auto& connection : connections_)
        ::shutdown(connection.socket.native_handle(), SHUT_RDWR);
    }
    for (auto& connection : connections_) connection.thread.join();
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  std::size_t connections() {
    std::lock_guard lock{mutex};
    return connections_.size();
  }

  std::mutex mutex; // guards all below
  std::map<std::string, std::map<std::string, std::pair<std::uint64_t, std::string>>>
      documents; // id -> version, body
  std::deque<Fault> faults;
  std::vector<std::string> requests; // "PUT /api/..."
  std::vector<std::string> bodies;   // of queries
  std::map<std::string, std::string> last_headers;
  std::function<nlohmann::json(const nlohmann::json& query)> on_query = [](const nlohmann::json&) {
    return nlohmann::json{{"answer", {{"text", "none"}, {"citations", nlohmann::json::array()}}},
                          {"results", nlohmann::json::array()},
                          {"took_ms", 0.1}};
  };
  std::string metrics = "up 1\n";
  std::size_t bulk_lines_before_hang_up = 0; // 0 = never
  std::atomic<bool> ready_;

private:
  struct Connection {
    tcp::socket socket;
    std::thread thread;
  };

  void accept() {
    while (true) {
      boost::system::error_code error;
      tcp::socket socket{io_};
      acceptor_.accept(socket, error);
      if (stopping_ || error) return;
      std::lock_guard lock{mutex};
      auto& connection = connections_.emplace_back(Connection{std::move(socket), {}});
      connection.thread = std::thread([this, &connection] { serve(connection.socket); });
    }
  }

  void serve(tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    while (!error) {
      http::request_parser<http::buffer_body> head;
      head.body_limit((std::numeric_limits<std::uint64_t>::max)());
      http::read_header(socket, buffer, head, error);
      if (error) break;
      std::string target{head.get().target()};
      note(head.get(), target);
      if (target.ends_with("/_bulk")) {
        bulk(socket, buffer, head, collection_of(target));
        break;
      }
      std::string body;
      while (!head.is_done() && !error) {
        char window[4096];
        head.get().body().data = window;
        head.get().body().size = sizeof window;
        http::read_some(socket, buffer, head, error);
        if (error == http::error::need_buffer) error = {};
        body.append(window, sizeof window - head.get().body().size);
      }
      if (error) break;
      auto reply = answer(std::string{head.get().method_string()}, target, body);
      if (!reply) break;
      reply->keep_alive(head.get().keep_alive());
      reply->prepare_payload();
      http::write(socket, *reply, error);
      if (!reply->keep_alive()) break;
    }
    ::shutdown(socket.native_handle(), SHUT_RDWR);
  }

  template <class Request>
  void note(const Request& request, const std::string& target) {
    std::lock_guard lock{mutex};
    requests.push_back(std::string{request.method_string()} + " " + target);
    last_headers.clear();
    for (const auto& field : request)
      last_headers[std::string{field.name_string()}] = std::string{field.value()};
  }

  // Answers each line at once, with blocking writes: a client that does not read while it writes
  // stops here for good.
  void bulk(tcp::socket& socket, boost::beast::flat_buffer& buffer,
            http::request_parser<http::buffer_body>& parser, const std::string& collection) {
    boost::system::error_code error;
    std::string text, head = "HTTP/1.1 200 OK\r\nContent-Type: "
                             "application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    boost::asio::write(socket, boost::asio::buffer(head), error);
    std::size_t line_number = 0;
    auto send = [&](const nlohmann::json& line) {
      auto out = line.dump() + "\n";
      char size[16];
      std::snprintf(size, sizeof size, "%zx\r\n", out.size());
      boost::asio::write(socket, boost::asio::buffer(size + out + "\r\n"), error);
    };
    while (!parser.is_done() && !error) {
      char window[4096];
      parser.get().body().data = window;
      parser.get().body().size = sizeof window;
      http::read_some(socket, buffer, parser, error);
      if (error == http::error::need_buffer) error = {};
      text.append(window, sizeof window - parser.get().body().size);
      for (auto newline = text.find('\n'); newline != std::string::npos && !error;
           newline = text.find('\n')) {
        auto line = nlohmann::json::parse(text.substr(0, newline), nullptr, false);
        text.erase(0, newline + 1);
        if (++line_number == bulk_lines_before_hang_up) {
          bulk_lines_before_hang_up = 0;
          return;
        }
        bool good = line.is_object() && line.contains("id") && line.contains("text");
        std::lock_guard lock{mutex};
        if (good) documents[collection][line["id"]] = {1, line.dump()};
        send({{"line", line_number}, {"status", good ? 200 : 422}});
      }
    }
    send({{"done", true}});
    boost::asio::write(socket, boost::asio::buffer(std::string{"0\r\n\r\n"}), error);
  }

  static std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%') {
        out.push_back(
            static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16)));
        i += 2;
      } else {
        out.push_back(text[i]);
      }
    }
    return out;
  }
  static std::string collection_of(const std::string& target) {
    auto rest = target.substr(std::min(target.size(), std::string{"/api/v1/collections/"}.size()));
    return decoded(rest.substr(0, rest.find('/')));
  }
  static std::string parameter(const std::string& target, const std::string& name) {
    auto at = target.find(name + "=");
    if (at == std::string::npos) return {};
    auto rest = target.substr(at + name.size() + 1);
    return decoded(rest.substr(0, rest.find('&')));
  }
  static StubReply reply(int status, const nlohmann::json& body) {
    StubReply out{static_cast<http::status>(status), 11};
    out.set(http::field::content_type,
            status < 400 ? "application/json" : "application/problem+json");
    if (status == 429 || status == 503) out.set(http::field::retry_after, "0");
    out.body() = body.is_null() ? "" : body.dump();
    return out;
  }
  static StubReply problem(int status, const char* code) {
    return reply(status, {{"code", code}, {"detail", "as ordered"}});
  }

  std::optional<StubReply> answer(const std::string& method, const std::string& target,
                                  const std::string& body) {
    std::lock_guard lock{mutex};
    if (target == "/ready") return reply(ready_ ? 200 : 503, {{"ready", ready_.load()}});
    if (target == "/metrics") {
      auto out = reply(200, nullptr);
      out.body() = metrics;
      return out;
    }
    auto collection = collection_of(target);
    if (target == "/api/v1/collections") {
      auto items = nlohmann::json::array();
      for (const auto& [name, all] : documents)
        items.push_back({{"name", name}, {"documents", all.size()}});
      return reply(200, {{"items", items}});
    }
    if (target == "/api/v1/collections/" + collection && method == "PUT") {
      documents[collection];
      return reply(201, {{"name", collection}});
    }
    if (!documents.contains(collection)) return problem(404, "not_found");
    if (target.ends_with("/query")) {
      bodies.push_back(body);
      return reply(200, on_query(nlohmann::json::parse(body)));
    }
    if (target.find("/documents/_?id=") != std::string::npos)
      return document(method, documents[collection], parameter(target, "id"), body);
    if (target.find("/documents?") != std::string::npos) return list(documents[collection], target);
    return problem(404, "no_route");
  }

  using Documents = std::map<std::string, std::pair<std::uint64_t, std::string>>;
  std::optional<StubReply> document(const std::string& method, Documents& all,
                                    const std::string& id, const std::string& body) {
    auto found = all.find(id);
    auto shown = [&](const char* state) {
      return nlohmann::json{{"id", id}, {"version", all[id].first}, {"state", state}};
    };
    if (method == "GET")
      return found == all.end() ? problem(404, "not_found") : reply(200, shown("searchable"));
    if (method == "DELETE")
      return all.erase(id) == 0 ? problem(404, "not_found") : reply(204, nullptr);
    int status = 200;
    if (!faults.empty()) {
      auto fault = faults.front();
      faults.pop_front();
      if (fault == Fault::hang_up) return std::nullopt;
      if (fault == Fault::refuse_429) return problem(429, "overloaded");
      if (fault == Fault::refuse_503) return problem(503, "unavailable");
      if (fault == Fault::fail_422) return problem(422, "no_text_layer");
      status = 202;
    }
    auto content =
        body.substr(std::min(body.size(), body.find("\r\n\r\n"))); // without the boundary
    content = content.substr(0, content.rfind("\r\n--"));
    if (found == all.end())
      all[id] = {1, content};
    else if (found->second.second != content)
      found->second = {found->second.first + 1, content};
    return reply(status, shown(status == 202 ? "queued" : "searchable"));
  }

  static StubReply list(const Documents& all, const std::string& target) { // two a page
    auto prefix = parameter(target, "prefix");
    auto cursor = parameter(target, "cursor");
    auto items = nlohmann::json::array();
    nlohmann::json next;
    for (auto it = all.upper_bound(cursor); it != all.end(); ++it) {
      if (!it->first.starts_with(prefix)) continue;
      if (items.size() == 2) {
        next = items.back()["id"];
        break;
      }
      items.push_back({{"id", it->first}, {"version", it->second.first}});
    }
    return reply(200, {{"items", items}, {"next_cursor", next}, {"total", all.size()}});
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  std::atomic<bool> stopping_{false};
  std::list<Connection> connections_;
  std::thread accepting_;
};

} // namespace graphrag::test
