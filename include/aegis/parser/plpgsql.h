// PL/pgSQL source to tree. SQL inside stays text: the session parses it with the variables of its place in view.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aegis::parser::plpgsql {

// A run of SQL text; empty: none.
struct Sql {
  std::string text;
  int offset = 0;  // bytes from the source's start
  bool empty() const { return text.empty(); }
};

// What is assigned to: a, a.b, a[1], a.b[2][3], $1.
struct Target {
  std::vector<std::string> names;
  std::vector<Sql> subscripts;  // "1", or "1:2" for a slice
  int offset = 0;
};

struct Statement;
using Body = std::vector<Statement>;

struct CursorArgument {
  std::string name;
  std::string type;
};

struct Declaration {
  std::string name;
  int line = 0;
  int offset = 0;
  std::string alias_of;  // ALIAS FOR; nothing else is set then
  std::string type;      // text; empty for a cursor
  std::string collation;
  bool constant = false;
  bool not_null = false;
  Sql initial;
  bool is_cursor = false;
  bool scroll = false;
  bool no_scroll = false;
  Sql query;  // of a cursor
  std::vector<CursorArgument> cursor_arguments;
};

struct Handler {
  std::vector<std::string> conditions;  // names, or "SQLSTATE xxxxx"
  int line = 0;
  Body body;
};

struct Block {
  std::string label;
  int line = 0;
  std::vector<Declaration> declarations;
  Body body;
  std::vector<Handler> handlers;
  Block();
  ~Block();
};

enum class StatementKind : unsigned char {
  Block, Assign, If, Case, Loop, While, ForInteger, ForQuery, ForExecute, ForCursor, Foreach, Exit, Continue, Return, ReturnNext,
  ReturnQuery, Raise, Assert, Perform, Execute, Sql, GetDiagnostics, Open, Fetch, Move, Close, Commit, Rollback, Null
};

struct Branch {
  Sql condition;  // CASE with an operand: a list of values
  Body body;
};

// Fields are used as the kind needs them.
struct Statement {
  StatementKind kind = StatementKind::Null;
  int line = 0;
  std::string label;              // of a loop; of EXIT and CONTINUE: where to
  Sql sql;                        // condition, expression or query
  Sql upper, step;                // FOR i IN sql .. upper BY step
  bool reverse = false;
  bool strict = false;            // INTO STRICT
  bool dynamic = false;           // RETURN QUERY EXECUTE, OPEN … FOR EXECUTE
  bool chain = false;
  bool stacked = false;           // GET STACKED DIAGNOSTICS
  bool scroll = false, no_scroll = false;
  bool has_into = false;
  bool has_else = false;
  int slice = 0;
  std::vector<Target> targets;    // INTO, loop variables, what is assigned
  std::vector<Sql> arguments;     // USING, RAISE's parameters, a cursor's arguments
  std::vector<std::string> names; // of named cursor arguments (empty: by position); GET DIAGNOSTICS items
  std::vector<std::pair<std::string, Sql>> options;  // RAISE … USING
  std::string name;               // cursor variable; RAISE's level
  std::string text;               // RAISE's format; FETCH's direction
  std::string condition;          // RAISE condition_name or "SQLSTATE xxxxx"
  bool has_format = false;
  std::vector<Branch> branches;
  Body body;                      // of a loop; ELSE
  std::unique_ptr<Block> block;
};

struct Source {
  Block block;
  std::string variable_conflict;  // from #variable_conflict; empty: the setting
  std::string print_strict_params;  // likewise
};

// Throws SqlError 42601 with positions in `text`.
std::unique_ptr<Source> parse(std::string_view text);
// 1-based.
int line_of(std::string_view text, int offset);

}  // namespace aegis::parser::plpgsql
