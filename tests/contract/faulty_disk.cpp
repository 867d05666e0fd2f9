#include "tests/contract/faulty_disk.hpp"

#include <limits>
#include <sqlite3.h>

namespace graphrag::runtime {
namespace {

struct Plan {
  std::uint64_t calls_left = std::numeric_limits<std::uint64_t>::max();
  int sqlite_code = SQLITE_OK;
  int system_error = 0;
  std::uint64_t syncs = 0;
};

Plan plan;
sqlite3_vfs* real_vfs = nullptr;

// SQLITE_OK, or the planned failure.
int strike() {
  if (plan.sqlite_code == SQLITE_OK) return SQLITE_OK;
  if (plan.calls_left == 0) return plan.sqlite_code;
  --plan.calls_left;
  return SQLITE_OK;
}

// The real file lies right behind ours.
struct File {
  sqlite3_file base;
};
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
}

int close(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
  return real(f)->pMethods->xRead(real(f), to, n, at);
}
int write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
  if (int code = strike()) return code;
  return real(f)->pMethods->xWrite(real(f), from, n, at);
}
int truncate(sqlite3_file* f, sqlite3_int64 size) {
  if (int code = strike()) return code;
  return real(f)->pMethods->xTruncate(real(f), size);
}
int sync(sqlite3_file* f, int flags) {
  if (int code = strike()) return code == SQLITE_FULL ? SQLITE_IOERR_FSYNC : code;
  ++plan.syncs;
  return real(f)->pMethods->xSync(real(f), flags);
}
int file_size(sqlite3_file* f, sqlite3_int64* size) {
  return real(f)->pMethods->xFileSize(real(f), size);
}
int lock(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int unlock(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int check_reserved(sqlite3_file* f, int* out) {
  return real(f)->pMethods->xCheckReservedLock(real(f), out);
}
int file_control(sqlite3_file* f, int op, void* arg) {
  return real(f)->pMethods->xFileControl(real(f), op, arg);
}
int sector_size(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int characteristics(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  if (extend)
    if (int code = strike()) return code == SQLITE_FULL ? SQLITE_IOERR_SHMSIZE : code;
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int shm_lock(sqlite3_file* f, int offset, int n, int flags) {
  return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }

const sqlite3_io_methods methods{2,
                                 close,
                                 read,
                                 write,
                                 truncate,
                                 sync,
                                 file_size,
                                 lock,
                                 unlock,
                                 check_reserved,
                                 file_control,
                                 sector_size,
                                 characteristics,
                                 shm_map,
                                 shm_lock,
                                 shm_barrier,
                                 shm_unmap,
                                 nullptr,
                                 nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags) {
  f->pMethods = nullptr;
  int code = real_vfs->xOpen(real_vfs, name, real(f), flags, out_flags);
  if (code == SQLITE_OK) f->pMethods = &methods;
  return code;
}

int last_error(sqlite3_vfs*, int, char*) { return plan.system_error; }

sqlite3_vfs faulty_vfs;

} // namespace

FaultyDisk::FaultyDisk() {
  plan = Plan{};
  real_vfs = sqlite3_vfs_find(nullptr);
  faulty_vfs = *real_vfs;
  faulty_vfs.zName = "faulty";
  faulty_vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
  faulty_vfs.xOpen = open;
  faulty_vfs.xGetLastError = last_error;
  sqlite3_vfs_register(&faulty_vfs, 1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&faulty_vfs);
  sqlite3_vfs_register(real_vfs, 1);
}

void FaultyDisk::fail_after(std::uint64_t calls, int sqlite_code, int system_error) {
  plan.calls_left = calls;
  plan.sqlite_code = sqlite_code;
  plan.system_error = system_error;
}

void FaultyDisk::heal() {
  plan.sqlite_code = SQLITE_OK;
  plan.system_error = 0;
}

std::uint64_t FaultyDisk::syncs() const { return plan.syncs; }

} // namespace graphrag::runtime
