#include <random>

#include "gateway/client/uploader.hpp"

namespace graphrag::client {

std::string multipart_boundary(const std::string& bytes) {
  static constexpr char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::random_device random;
  while (true) {
    std::string boundary = "graphrag-";
    for (int i = 0; i < 24; ++i) boundary.push_back(letters[random() % 36]);
    if (bytes.find(boundary) == std::string::npos) return boundary;
  }
}

std::string multipart_body(const std::string& boundary, const std::string& filename,
                           const std::string& mime, const std::string& bytes) {
  std::string name; // as browsers write it: UTF-8, with quotes and line ends encoded
  for (char c : filename) {
    if (c == '"')
      name += "%22";
    else if (c == '\r')
      name += "%0D";
    else if (c == '\n')
      name += "%0A";
    else
      name.push_back(c);
  }
  return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
         "\"\r\nContent-Type: " + mime + "\r\n\r\n" + bytes + "\r\n--" + boundary + "--\r\n";
}

} // namespace graphrag::client
