// Native functions of the extensions; the scripts in src/catalog/extensions/ name them by their symbols.
#pragma once

#include "binding.h"

namespace aegis::functions {

std::span<const ScalarBinding> uuid_ossp_bindings();
std::span<const ScalarBinding> pgcrypto_bindings();
std::span<const ScalarBinding> openpgp_bindings();
std::span<const ScalarBinding> citext_bindings();
std::span<const ScalarBinding> fuzzystrmatch_bindings();
std::span<const ScalarBinding> trigram_bindings();
std::span<const ScalarBinding> unaccent_bindings();
std::span<const ScalarBinding> btree_gist_bindings();
std::span<const ScalarBinding> hstore_bindings();
std::span<const ScalarBinding> ltree_bindings();
std::span<const SetBinding> hstore_set_bindings();
std::span<const SetBinding> tablefunc_bindings();
std::span<const ScalarBinding> file_fdw_bindings();

}  // namespace aegis::functions
