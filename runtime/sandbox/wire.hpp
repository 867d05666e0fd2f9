#pragma once
// What the pool and a child say to each other over their socket, in this order:
//   pool -> child  ChildSetup      at once, before the child confines itself
//   child -> pool  Hello           confined and ready
//   pool -> child  RequestHead     with the request's memfd attached (SCM_RIGHTS)
//   child -> pool  AnswerHead      followed by `length` bytes
// Both ends are the same binary on the same machine, so these are plain structs. The pool trusts
// nothing of what comes after RequestHead: the child may have been taken over by then.
#include <cstdint>
#include <sys/types.h>
#include <type_traits>

namespace graphrag::runtime::sandbox {

inline constexpr int channel_fd = 3; // the child's end; everything above is closed
inline constexpr std::uint32_t wire_magic = 0x67724331;
inline constexpr int exit_memory = 97;  // the child ran out of memory
inline constexpr int exit_startup = 98; // the child could not be confined; the reason is on stderr

// AddressSanitizer maps terabytes that it never touches, and UndefinedBehaviorSanitizer looks at
// memory through a pipe: builds with them go without the limit and with the pipe.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

struct ChildSetup {
  std::uint32_t magic = wire_magic;
  std::int32_t parent = 0;
  std::uint64_t address_space = 0; // bytes, 0 = no limit
  std::uint64_t cpu_seconds = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_answer = 0;
  std::uint8_t use_landlock = 1;
  std::uint8_t self_test = 0; // do what must fail, instead of waiting for a request
  std::uint8_t padding[6] = {};
};

struct Hello {
  std::uint32_t magic = wire_magic;
  std::int32_t landlock_abi = 0;       // 0: the kernel has none (or it was not wanted)
  std::int32_t foreign_file_errno = 0; // of opening /etc/passwd; 0 = it opened, which is wrong
  std::uint32_t padding = 0;
};

struct RequestHead {
  std::uint32_t magic = wire_magic;
  std::uint32_t padding = 0;
  std::uint64_t length = 0;
};

enum class AnswerStatus : std::uint32_t { ok = 0, exception = 1, too_large = 2 };

struct AnswerHead {
  std::uint32_t magic = wire_magic;
  AnswerStatus status = AnswerStatus::ok;
  std::uint64_t length = 0;
};

static_assert(std::is_trivially_copyable_v<ChildSetup> && std::is_trivially_copyable_v<Hello> &&
              std::is_trivially_copyable_v<RequestHead> &&
              std::is_trivially_copyable_v<AnswerHead>);

} // namespace graphrag::runtime::sandbox
