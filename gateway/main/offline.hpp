#pragma once
// Commands on a data folder that no server uses (each takes the folder's exclusive lock).
// Exit codes: 0 well, 1 findings or a failure, 2 usage.
#include <string>

namespace graphrag {

struct FsckOptions {
  std::string data_dir;
  bool compare = false; // also analyse every text again and compare with the stored facts
  bool json = false;
};
// Checks rows, spans, facts, views and blobs against each other; prints every finding.
int fsck(const FsckOptions& options);

struct CopyOptions {
  std::string data_dir;
  std::string folder; // the backup: graphrag.db, blobs/, manifest.json with a SHA-256 of each
  bool json = false;
};
int backup(const CopyOptions& options);
// Into an empty or absent data folder; verifies the manifest before anything is written.
int restore(const CopyOptions& options);

} // namespace graphrag
