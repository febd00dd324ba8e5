// This process, as others see it.
#pragma once

namespace aegis::os {

int process_id();
// Gives memory that was freed back to the system.
void trim_memory();

}  // namespace aegis::os
