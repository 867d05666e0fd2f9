#pragma once
// The endpoints of models, as the configuration asks for them.
#include <memory>

#include "actors/models/model_desk.hpp"
#include "runtime/config/config.hpp"
#include "runtime/data_dir.hpp"

namespace graphrag {

// A desk that does what has an address. What collections have spent is kept in the data folder, a
// file for each kind of work that has a limit. Asks no endpoint. invalid_argument names the section
// at fault.
runtime::Result<std::shared_ptr<const ModelDesk>> make_model_desk(const runtime::Config& config,
                                                                  const runtime::DataDir& data);

} // namespace graphrag
