// Functions and procedures made by CREATE FUNCTION, in SQL and PL/pgSQL; DO blocks; trigger functions.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "aegis/catalog/catalog.h"
#include "aegis/routines/runner.h"

namespace aegis::routines {

// A routine ready to run, for one set of argument types.
class Compiled {
 public:
  virtual ~Compiled() = default;
  // The result's bytes are in `arena`; a record for several output columns.
  virtual Value call(std::span<const Value> arguments, Arena& arena) = 0;
  virtual std::unique_ptr<functions::SetScan> scan(std::span<const Value> arguments) = 0;
};

// What fires a trigger function, and the rows it sees (records of the table's columns; null where there is none).
struct TriggerCall {
  catalog::TriggerPtr trigger;
  catalog::RelationPtr table;
  std::string_view when;       // BEFORE, AFTER, INSTEAD OF
  std::string_view level;      // ROW, STATEMENT
  std::string_view operation;  // INSERT, UPDATE, DELETE, TRUNCATE
  const std::vector<Value>* old_row = nullptr;  // by column position
  const std::vector<Value>* new_row = nullptr;
};

// What fires an event trigger's function.
struct EventCall {
  std::string_view event;
  std::string_view tag;
};

// A session's routines, compiled when first called and kept while their definition stays.
class Routines {
 public:
  explicit Routines(Runner& runner) : runner_(runner) {}
  ~Routines();

  Value call(const functions::CallContext& call, std::span<const Value> arguments, Arena& arena);
  std::unique_ptr<functions::SetScan> scan(const functions::CallContext& call, std::span<const Value> arguments);
  // CALL: the values of the OUT and INOUT parameters, by position; none for a procedure without them.
  std::vector<Value> call_procedure(const catalog::RoutinePtr& procedure, std::span<const Type> types, std::span<const Value> arguments, std::vector<Column>& columns, Arena& arena);
  void run_block(std::string_view code);
  // Raises what is wrong with a routine's body.
  void validate(const catalog::Routine& routine);
  // The row that the function returned (of the table's columns, bytes in `arena`); false for null.
  bool fire(const TriggerCall& call, std::vector<Value>& row, Arena& arena);
  void fire(Oid function, const EventCall& call);

 private:
  std::shared_ptr<Compiled> compiled(const catalog::RoutinePtr& routine, std::span<const Type> arguments, Type result, Oid collation = kInvalidOid);
  struct Key {
    Oid routine;
    std::vector<Oid> types;
    Oid collation;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    catalog::RoutinePtr routine;
    std::shared_ptr<Compiled> compiled;
  };
  Runner& runner_;
  std::map<Key, Entry> cache_;
};

}  // namespace aegis::routines
