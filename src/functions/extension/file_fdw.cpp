// The functions of file_fdw as SQL sees them: its wrapper's handler and validator are known to the commands by these names.
#include "aegis/base/error.h"
#include "call.h"
#include "extension/bindings.h"

namespace aegis::functions {
namespace {

void handler(CallContext&, std::span<const Vector* const>, size_t, Vector&) { throw_not_supported("calling file_fdw_handler"); }
void validator(CallContext&, std::span<const Vector* const>, size_t, Vector&) { throw_not_supported("calling file_fdw_validator"); }

constexpr ScalarBinding kBindings[] = {{"file_fdw_handler", handler}, {"file_fdw_validator", validator}};

}  // namespace

std::span<const ScalarBinding> file_fdw_bindings() { return kBindings; }

}  // namespace aegis::functions
