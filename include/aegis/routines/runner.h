// What routines (functions, procedures, DO blocks, triggers) may ask of the session that runs them: PostgreSQL's SPI.
//
// Everything here belongs to one session and is used by its thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/arena.h"
#include "aegis/base/error.h"
#include "aegis/catalog/catalog.h"
#include "aegis/functions/function.h"
#include "aegis/types/type.h"
#include "aegis/vector/vector.h"

namespace aegis::routines {

using types::Type;
using types::Value;

// The variables that a statement's names may mean, with their values now.
class Names : public analyzer::VariableScope {
 public:
  // The statement is bound anew: parameters are numbered from 0 again.
  virtual void begin() = 0;
  // A variable that the statement uses has another type than when it was bound.
  virtual bool types_changed() const = 0;
  // One a parameter; borrowed until a variable is assigned to.
  virtual void values(std::vector<Value>& out) const = 0;
};

struct Column {
  std::string name;
  Type type;
};

enum class StatementKind : uint8_t { Select, Insert, Update, Delete, Merge, Utility };

// A statement of a routine. Bound and planned when it is first run, and again when the catalog, the settings that planning
// reads or the types of its variables have changed.
class Statement {
 public:
  virtual ~Statement() = default;
  virtual StatementKind kind() const = 0;
  virtual bool returns_rows() const = 0;  // of a bound one
  virtual const std::vector<Column>& columns() const = 0;
  virtual const std::string& text() const = 0;
  // Of a CALL that has run: for each column of its row, which written argument stands for it (-1: none).
  virtual const std::vector<int>& output_arguments() const = 0;
};
using StatementPtr = std::shared_ptr<Statement>;

// A statement that runs. It keeps its plan and its snapshot.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual const std::vector<Column>& columns() const = 0;
  // The next rows, valid until the next call; null at the end.
  virtual const vector::Chunk* next() = 0;
  virtual uint64_t affected() const = 0;  // rows written so far; of a SELECT: given
};

class Runner {
 public:
  virtual ~Runner() = default;

  // One statement or several; syntax errors are raised here. `names` must outlive them; null: no variables.
  virtual std::vector<StatementPtr> parse(std::string_view sql, Names* names) = 0;
  // An expression, as SELECT reads it: "a + 1", "count(*) from t".
  virtual StatementPtr parse_expression(std::string_view text, Names* names) = 0;
  // The statements of a standard SQL body (RETURN … or BEGIN ATOMIC … END).
  virtual std::vector<StatementPtr> parse_body(std::string_view text, Names* names, std::vector<Oid> search_path) = 0;
  virtual void bind(Statement& statement) = 0;
  // Starts a statement; a utility statement or a writer without RETURNING has run when this returns. `read_only`: it sees
  // what the calling statement sees, and may not write.
  virtual std::unique_ptr<Rows> open(const StatementPtr& statement, bool read_only) = 0;
  // With the parameters given instead of its names' values.
  virtual std::unique_ptr<Rows> open(const StatementPtr& statement, std::vector<Value> parameters, bool read_only) = 0;
  // The single value of an expression, null for no row; 21000 for several. The bytes are in `arena`.
  virtual Value evaluate(const StatementPtr& expression, bool read_only, Arena& arena, Type& type) = 0;
  // A SELECT of one expression that reads no table: evaluate() runs it without a plan.
  virtual bool is_simple(const StatementPtr& statement) = 0;
  // `value` as another type, by assignment cast, or through its text when `through_text` allows and there is none.
  virtual Value convert(const Value& value, Type from, Type to, bool through_text, Arena& arena) = 0;

  virtual const types::TypeContext& types() = 0;
  virtual functions::Services& services() = 0;
  virtual catalog::VersionPtr catalog() = 0;
  virtual Oid database() = 0;
  virtual analyzer::AnalyzerContext analyzer_context(const catalog::Version& version) = 0;
  virtual void check_interrupts() = 0;
  virtual void notice(ErrorFields fields) = 0;
  virtual std::string setting(std::string_view name) = 0;

  // Blocks with an EXCEPTION clause.
  virtual size_t begin_subtransaction() = 0;
  virtual void release_subtransaction(size_t id) = 0;
  virtual void rollback_subtransaction(size_t id) = 0;
  // COMMIT and ROLLBACK in procedures and DO blocks that were not called inside a transaction block; 2D000 otherwise.
  virtual void end_transaction(bool commit, bool chain) = 0;

  // Cursors are portals of the session. Names are unique; open_cursor makes one up for an empty name.
  virtual std::string open_cursor(std::string name, const StatementPtr& query, bool scroll, bool no_scroll, bool read_only) = 0;
  // FETCH (rows are given to `row`) or MOVE; `direction` as in SQL ("next", "prior", "absolute 3", …). Returns how many rows.
  virtual uint64_t fetch_cursor(const std::string& name, const std::string& direction, bool move, std::vector<Column>& columns,
                                const std::function<void(const vector::Chunk&, size_t row)>& row) = 0;
  virtual void close_cursor(const std::string& name) = 0;
};

}  // namespace aegis::routines
