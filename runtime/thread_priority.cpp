#include "runtime/thread_priority.hpp"

#include <sys/resource.h>

namespace graphrag::runtime {

void yield_to_questions(int nice) noexcept { (void)::setpriority(PRIO_PROCESS, 0, nice); }

} // namespace graphrag::runtime
