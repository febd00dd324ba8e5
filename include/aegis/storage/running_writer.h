#pragma once

#include <optional>

#include "aegis/base/ids.h"

namespace aegis::storage {

class Table;

// The running transaction whose version is the row's newest.
std::optional<TxnId> running_writer(const Table& table, RowId row);

}  // namespace aegis::storage
