#pragma once
// Commands on a data folder that no server uses (each takes the folder's exclusive lock).
// Exit codes: 0 well, 1 findings or a failure, 2 usage, or nothing to work on: a data folder
// without a store, a folder without a backup. Then nothing is made.
#include <string>
#include <vector>

namespace graphrag {

struct FsckOptions {
  std::string data_dir;
  std::string blobs;                     // s3://BUCKET/PREFIX; empty = in the data folder
  std::vector<std::string> blobs_values; // more keys of the configuration: "blobs.region=x"
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

struct MoveOptions {
  std::string data_dir;
  std::string url, password_file;        // of the PostgreSQL that the store moves to
  std::string blobs = "store";           // where original files move to, as blobs.url has it
  std::vector<std::string> blobs_values; // more keys of the configuration: "blobs.region=x"
  bool compare = false;                  // also analyse every text again, as fsck does
  bool json = false;
};
// Moves the store and the original files of a data folder to PostgreSQL and its blobs, then reads
// both sides and compares them. The data folder stays as it is. Started again after it was cut
// short, it goes on: files that are there already are not copied again, rows are copied anew, since
// they come in one transaction; and where all was there, it compares.
int migrate_store(const MoveOptions& options);

} // namespace graphrag
