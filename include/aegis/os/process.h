// This process, as others see it.
#pragma once

namespace aegis::os {

int process_id();
// As SIGHUP does: the server reads its configuration files again.
void ask_for_reload();
// Gives memory that was freed back to the system.
void trim_memory();

}  // namespace aegis::os
