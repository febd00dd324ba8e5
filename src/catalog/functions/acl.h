// Access lists: items "grantee=privileges/grantor", each privilege a letter, followed by * when it may be granted on.
#pragma once

#include <string>
#include <string_view>

#include "aegis/catalog/catalog.h"
#include "aegis/catalog/privileges.h"

namespace aegis::catalog {


}  // namespace aegis::catalog
