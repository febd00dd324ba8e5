// Building the rows of catalog tables that only a server knows.
#pragma once

#include <string_view>
#include <vector>

#include "aegis/catalog/system.h"
#include "aegis/session/instance.h"
#include "aegis/types/value.h"

namespace aegis::session {

using types::Value;

class Row {
 public:
  explicit Row(catalog::RowSink& sink) : sink_(sink) {}
  ~Row() = default;
  Row& text(std::string_view value) {
    values_.push_back(Value::of_string(value.size() <= types::StringView::kInlineBytes ? value : sink_.arena().copy(value)));
    return *this;
  }
  Row& optional(std::string_view value) { return value.empty() ? null() : text(value); }
  Row& null() { return value(Value::null()); }
  Row& boolean(bool v) { return value(Value::of_bool(v)); }
  Row& int4(int32_t v) { return value(Value::of_i32(v)); }
  Row& int8(uint64_t v) { return value(Value::of_i64(static_cast<int64_t>(v))); }
  Row& real(double v) { return value(Value::of_f64(v)); }
  Row& oid(Oid v) { return v == kInvalidOid ? null() : value(Value::of_oid(v)); }
  Row& time(int64_t v) { return v == 0 ? null() : value(Value::of_i64(v)); }
  Row& value(const Value& v) {
    values_.push_back(v);
    return *this;
  }
  void add() { sink_.add(values_); }

 private:
  catalog::RowSink& sink_;
  std::vector<Value> values_;
};

// Rows of statistics and of the engine's own views.
class StorageRows {
 public:
  struct Reader {
    Oid role;
    bool superuser;
  };
  StorageRows(Instance& instance, const catalog::Version& version, Oid database, Reader reader, catalog::RowSink& sink)
      : instance_(instance), engine_(instance.engine), version_(version), database_(database), reader_(reader), sink_(sink) {}
  // False if it is not one of these tables.
  bool add(std::string_view table);

 private:
  struct Counts;
  void add_tables(bool blocks);
  void add_indexes(bool blocks);
  void add_databases();
  void add_wal();
  void add_bgwriter();
  void add_segments();
  void add_value_files();
  void add_sst_files();
  void add_memtables();
  void add_log_files();
  void add_buffer_pool();
  void add_buffered_blocks();
  void add_compactions();
  void add_io();
  void add_statistics();
  Row row() const { return Row(sink_); }
  std::vector<catalog::RelationPtr> tables_of(Oid database) const;
  std::string_view schema_name(const catalog::Object& object) const;
  std::map<uint32_t, const catalog::Object*> objects_by_storage(bool indexes, std::vector<catalog::ObjectPtr>& keep) const;

  Instance& instance_;
  storage::Engine& engine_;
  const catalog::Version& version_;
  Oid database_;
  Reader reader_;
  catalog::RowSink& sink_;
};

}  // namespace aegis::session
