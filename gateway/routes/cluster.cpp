// What an operator asks a member of a cluster: who is in it, and to let a node go.
#include "gateway/http/problem.hpp"
#include "gateway/routes/routes.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using RequestPtr = std::shared_ptr<Request>;

Response alone(const Request& request) {
  return problem(404, "no_cluster", "this node is on its own: cluster.id is not set",
                 request.trace_id);
}

Response drain(const Context& context, const Request& request) {
  if (!context->drain_node) return alone(request);
  const auto text = request.query_value("ordinal").value_or("");
  if (text.empty() || text.size() > 3 || text.find_first_not_of("0123456789") != std::string::npos)
    return problem(400, "bad_ordinal", "?ordinal= must be the number of a member",
                   request.trace_id);
  auto asked = context->drain_node(static_cast<std::uint32_t>(std::stoul(text)));
  if (!asked) return error_response(asked.error(), request.trace_id);
  return json_response(202, json{{"draining", std::stoul(text)}}.dump());
}

} // namespace

void add_cluster_routes(std::vector<Route>& routes, const Context& context) {
  Route status;
  status.method = "GET";
  status.pattern = "/api/v1/admin/cluster";
  status.summary = "Members, placement and lag of the cluster, as this node sees them";
  status.operation_id = "clusterStatus";
  status.handler = [context](RequestPtr request, Responder responder) {
    responder.fulfil(context->cluster_status ? json_response(200, context->cluster_status().dump())
                                             : alone(*request));
  };
  routes.push_back(std::move(status));
  Route go;
  go.method = "POST";
  go.pattern = "/api/v1/admin/cluster/drain";
  go.summary = "Let a member leave; it answers no questions from then on";
  go.operation_id = "drainNode";
  go.handler = [context](RequestPtr request, Responder responder) {
    responder.fulfil(drain(context, *request));
  };
  routes.push_back(std::move(go));
}

} // namespace graphrag::gateway
