#pragma once
// One request and its answer on one connection. Internal to http/.
#include <string>

#include "runtime/error.hpp"
#include "runtime/http/channel.hpp"
#include "runtime/http/message.hpp"
#include "runtime/http/url.hpp"

namespace graphrag::runtime::http {

// The head as it is sent. Errors: `invalid_argument` when the method or a header could break it;
// the detail names the header, never its value.
Result<std::string> request_head(const Request& request, const Url& url, const Headers& headers);

struct Exchanged {
  Response response;
  bool reusable = false; // the connection can carry another request
};

// Sends and reads. A server that refuses a body may answer and close before it has read it all:
// that answer counts.
// `answered` tells, for a failure too, whether anything came: if not, a kept connection was stale.
Result<Exchanged> exchange(Channel& channel, const Request& request, const std::string& head,
                           const std::string& where, const Until& until, bool& answered);

} // namespace graphrag::runtime::http
