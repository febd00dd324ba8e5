// This process, as others see it.
#pragma once

namespace aegis::os {

int process_id();

}  // namespace aegis::os
