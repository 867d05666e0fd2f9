#include "cluster/node/earlier_lives.hpp"

#include <fstream>
#include <vector>

#include <unistd.h>

#include "runtime/store/files.hpp"

namespace graphrag::cluster {
namespace {

constexpr std::size_t kept = 64;

std::vector<std::string> read_lives(const std::string& file, const std::string& head) {
  std::vector<std::string> out;
  std::ifstream in{file};
  std::string line;
  if (!std::getline(in, line) || line != head) return out;
  while (std::getline(in, line))
    if (!line.empty()) out.push_back(line);
  return out;
}

runtime::Status write_durably(const std::string& file, const std::string& text) {
  namespace files = runtime::files;
  const auto fresh = file + ".new";
  (void)::unlink(fresh.c_str()); // of a start that was cut short
  if (auto written = files::write_synced(fresh, text); !written) return written;
  if (auto renamed = files::rename(fresh, file); !renamed) return renamed;
  return files::sync_folder(file.substr(0, file.rfind('/')));
}

} // namespace

Lives begin_life(const std::string& file, const std::string& cluster, const NodeId& self) {
  const auto head = "graphrag lives 1 " + cluster;
  auto lives = read_lives(file, head);
  Lives out{{lives.begin(), lives.end()}, {}};
  lives.push_back(to_string(self));
  if (lives.size() > kept) lives.erase(lives.begin(), lives.end() - kept);
  auto text = head + "\n";
  for (const auto& life : lives) text += life + "\n";
  out.kept = write_durably(file, text);
  return out;
}

} // namespace graphrag::cluster
