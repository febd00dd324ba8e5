// The process's memory allocator. Thread safe.
#pragma once

#include <cstddef>

namespace aegis::os {

// Gives memory that was freed back to the system now; what is free for some seconds goes back by itself.
void trim_memory();
// Bytes now in use, everything the process allocated counted.
size_t allocated_bytes();

}  // namespace aegis::os
