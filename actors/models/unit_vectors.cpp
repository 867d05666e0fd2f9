#include "actors/models/unit_vectors.hpp"

#include <cmath>

namespace graphrag {

runtime::Result<std::vector<runtime::models::Vector>>
unit_vectors(std::vector<runtime::models::Vector> vectors, std::size_t dimension) {
  if (vectors.empty()) return runtime::fail(runtime::Errc::corrupt, "there is no vector");
  for (auto& vector : vectors) {
    if (vector.size() != dimension)
      return runtime::fail(runtime::Errc::corrupt, "a vector has another dimension");
    double squares = 0;
    for (const float value : vector) squares += double{value} * value;
    if (squares == 0) continue;
    const double length = std::sqrt(squares); // of finite floats, so it is finite
    for (float& value : vector) value = static_cast<float>(value / length);
  }
  return vectors;
}

} // namespace graphrag
