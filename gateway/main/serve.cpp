#include "gateway/main/serve.hpp"

#include <cstdio>

namespace graphrag {

int serve(const runtime::ConfigSources&) {
  std::fputs("this build has no server yet\n", stderr);
  return 1;
}

} // namespace graphrag
