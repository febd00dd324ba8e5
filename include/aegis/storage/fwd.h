#pragma once

namespace aegis::storage {
class Engine;
class Index;
class IndexCursor;
class Table;
class TransactionTable;
class WriteSet;
struct IndexDefinition;
struct Snapshot;
struct TableSchema;
struct TxnContext;
}  // namespace aegis::storage
