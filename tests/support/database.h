// A whole database in memory without a session, for tests of the layers below it: tables are made by hand, queries go
// through parser, analyzer, planner and executor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/executor/executor.h"
#include "aegis/os/file_system.h"
#include "aegis/os/temporary_files.h"
#include "aegis/parser/parser.h"
#include "aegis/planner/planner.h"
#include "aegis/storage/engine.h"
#include "aegis/txn/transaction_manager.h"
#include "fake_services.h"

namespace aegis::test {

class TestStatistics : public planner::Statistics {
 public:
  explicit TestStatistics(storage::Engine& engine) : engine_(engine) {}
  double row_count(const catalog::Relation& table) override {
    auto stored = engine_.table(table.storage);
    return stored == nullptr ? 0 : static_cast<double>(stored->statistics().row_count);
  }
  std::shared_ptr<const planner::TableSample> sample(const catalog::Relation&, std::span<const int>) override { return nullptr; }

 private:
  storage::Engine& engine_;
};

class Database {
 public:
  explicit Database(size_t threads = 1);
  ~Database();

  struct Column {
    std::string name;
    Oid type;
    bool not_null = false;
  };
  // `key`: column numbers of a primary key, empty for none.
  void create_table(const std::string& name, const std::vector<Column>& columns, const std::vector<int>& key = {});
  // Runs one statement in a transaction of its own. Rows come as text, columns separated by '|', null as "NULL"; a
  // statement without rows gives its count.
  std::vector<std::string> run(const std::string& sql, const std::vector<std::string>& parameters = {});
  // Its rows as one string, separated by spaces or newlines.
  std::string query(const std::string& sql, const char* separator = " ");
  // "SQLSTATE message" of the error it raises; empty if it raises none.
  std::string error(const std::string& sql);
  // From now on, what needs more than so many bytes goes to temporary files; 0: back to memory.
  void set_memory(size_t bytes);
  uint64_t spilled_bytes() const { return temporary_files_.bytes_written(); }

 private:
  std::unique_ptr<os::FileSystem> files_;
  os::TemporaryFiles temporary_files_;
  size_t memory_ = 0;
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<txn::TransactionManager> transactions_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<txn::Backend> backend_;
  std::unique_ptr<os::ThreadPool> pool_;
  types::TypeContext types_;
  FakeServices services_;
  size_t threads_;
};

}  // namespace aegis::test
