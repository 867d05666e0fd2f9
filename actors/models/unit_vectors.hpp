#pragma once
// What an endpoint gave as vectors, made fit for the index. Pure.
#include <cstddef>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/models/vectors.hpp"

namespace graphrag {

// The same vectors with length 1; a vector of zeros stays one, which is near to nothing. `corrupt`
// when there is none or one has another dimension.
runtime::Result<std::vector<runtime::models::Vector>>
unit_vectors(std::vector<runtime::models::Vector> vectors, std::size_t dimension);

} // namespace graphrag
