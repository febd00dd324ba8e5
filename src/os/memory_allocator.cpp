// Memory comes from jemalloc, which gives back what has been free for a while (glibc keeps it) and is faster for many threads.
//
// Replaces the global operator new, so that one large request that the machine has no memory for fails with
// std::bad_alloc (which a client sees as 53200) and does not have the system end the server: Linux lets a process reserve more
// than there is and kills it when the pages are touched. Small requests pass with one comparison.
#include "aegis/os/memory_allocator.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include <fmt/format.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// A sanitizer brings its own operator new and its own bounds.
#include <malloc.h>

namespace aegis::os {

void trim_memory() {}
size_t allocated_bytes() { return mallinfo2().uordblks; }

}  // namespace aegis::os
#else
#include <jemalloc/jemalloc.h>

// Read by jemalloc when it starts: what a query gave back returns to the system within some seconds.
const char* malloc_conf = "background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:0";

namespace {

constexpr size_t kLarge = size_t{32} << 20;
constexpr size_t kReserve = size_t{256} << 20;   // left to the system and to requests too small to be asked about

// The number that follows `label` in the file; `missing` when there is none (a word such as "max" is none).
size_t number_in(const char* path, const char* label, size_t missing) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return missing;
  char text[4096];
  size_t length = std::fread(text, 1, sizeof(text) - 1, file);
  std::fclose(file);
  text[length] = '\0';
  const char* at = std::strstr(text, label);
  if (at == nullptr) return missing;
  at += std::strlen(label);
  while (*at == ' ') ++at;
  size_t number = 0;
  return std::from_chars(at, text + length, number).ec == std::errc() ? number : missing;
}

// Bytes that can still be taken without swapping; very large when the system does not say.
size_t available_memory() {
  size_t machine = number_in("/proc/meminfo", "MemAvailable:", SIZE_MAX / 1024) * 1024;
  // Inside a container the control group's limit comes first (cgroup v2).
  size_t limit = number_in("/sys/fs/cgroup/memory.max", "", SIZE_MAX);
  if (limit == SIZE_MAX) return machine;
  size_t used = number_in("/sys/fs/cgroup/memory.current", "", 0);
  return std::min(machine, limit > used ? limit - used : 0);
}

}  // namespace

void* operator new(size_t bytes) {
  if (bytes >= kLarge) {
    size_t available = available_memory();
    if (available < kReserve || bytes > available - kReserve) throw std::bad_alloc();
  }
  if (void* data = std::malloc(bytes == 0 ? 1 : bytes)) return data;
  throw std::bad_alloc();
}

void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, size_t) noexcept { std::free(data); }

namespace aegis::os {

void trim_memory() { mallctl(fmt::format("arena.{}.purge", MALLCTL_ARENAS_ALL).c_str(), nullptr, nullptr, nullptr, 0); }

size_t allocated_bytes() {
  uint64_t epoch = 1;  // figures are as of the last time it was set
  mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  size_t bytes = 0, size = sizeof bytes;
  mallctl("stats.allocated", &bytes, &size, nullptr, 0);
  return bytes;
}

}  // namespace aegis::os
#endif
