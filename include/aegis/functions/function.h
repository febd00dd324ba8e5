// The registry of built-in functions, operators, casts and aggregates: one record each, which is all that
// resolution, execution and the catalogs pg_proc, pg_operator, pg_cast and pg_aggregate need.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/types/type.h"
#include "aegis/vector/vector.h"

namespace aegis::functions {

using types::Type;
using types::Value;
using vector::Chunk;
using vector::Vector;

class SetScan;
struct CallContext;

namespace text_search {
struct Configuration;
class Dictionary;
}  // namespace text_search

// Takes the rows of a query that a function was given as text; false ends it.
class RowReceiver {
 public:
  virtual ~RowReceiver() = default;
  virtual void columns(std::span<const Type> types) = 0;
  virtual bool row(std::span<const Value> values) = 0;
};

// What functions may ask of the session and the catalog; implemented above (session), so that functions knows
// neither. A function of category "system" that needs more gets a method here.
class Services {
 public:
  virtual ~Services() = default;
  virtual std::string current_user() = 0;
  virtual std::string session_user() = 0;
  virtual std::string current_database() = 0;
  virtual std::vector<std::string> current_schemas(bool include_implicit) = 0;
  virtual int backend_pid() = 0;
  virtual int64_t transaction_timestamp() = 0;  // microseconds since 2000-01-01
  virtual int64_t statement_timestamp() = 0;
  virtual int64_t clock_timestamp() = 0;
  virtual uint64_t current_transaction_id() = 0;
  // Null when missing_ok and there is no such setting.
  virtual const std::string* setting(std::string_view name, bool missing_ok) = 0;
  virtual std::string set_setting(std::string_view name, std::string_view value, bool local) = 0;
  virtual int64_t next_value(Oid sequence) = 0;
  virtual int64_t current_value(Oid sequence) = 0;
  virtual int64_t last_value() = 0;
  virtual int64_t set_value(Oid sequence, int64_t value, bool is_called) = 0;
  // Text of catalog objects: pg_get_viewdef, pg_get_indexdef, pg_get_constraintdef, pg_get_expr,
  // obj_description, pg_table_is_visible, has_table_privilege, …
  // `name` is the function's symbol (pg_proc.prosrc, "has_table_privilege_name_id" and the like, or "name(types)"
  // for functions PostgreSQL writes in SQL), so that it says the arguments' types. Arguments are not null; the
  // result is of the function's result type. False: not known here, the call answers 0A000.
  virtual bool catalog_function(std::string_view name, std::span<const Value> arguments, Arena& arena, Value& result) = 0;
  // Throws 57014 when the statement was cancelled or timed out; long loops call it.
  virtual void check_interrupts() = 0;
  // Waits in a way that cancel can end.
  virtual void sleep(int64_t microseconds) = 0;
  virtual void notice(ErrorFields fields) = 0;
  // One call of a user-defined function; the result's bytes are in `arena`. `cache` is the call site's.
  virtual Value call_routine(const CallContext& call, std::span<const Value> arguments, Arena& arena) = 0;
  virtual std::unique_ptr<SetScan> scan_routine(const CallContext& call, std::span<const Value> arguments) = 0;
  // Uniform in [0, 1), the session's own generator (setseed).
  virtual double random() = 0;
  virtual void seed_random(double seed) = 0;
  // Text search objects as the running transaction sees them; they throw XX000 for an OID that is none. The dictionary
  // is loaded, and kept until it changes.
  virtual std::shared_ptr<const text_search::Configuration> text_search_configuration(Oid oid) = 0;
  virtual std::shared_ptr<const text_search::Dictionary> text_search_dictionary(Oid oid) = 0;
  // Runs one query that only reads.
  virtual void run_query(std::string_view sql, RowReceiver& receiver) = 0;
};

struct UserAggregate;

// Types and collation of one call in a plan, after polymorphic types were resolved.
struct CallSite {
  std::span<const Type> arguments;
  Type result;
  Oid collation = kInvalidOid;
  // The call was written f(…, VARIADIC array) and f takes VARIADIC "any": the last argument is an array whose
  // elements are the arguments. (For VARIADIC of a declared array type the analyzer builds the array itself.)
  bool variadic_array = false;
  const UserAggregate* aggregate = nullptr;  // of aggregates made by CREATE AGGREGATE
  // Of a call with WITHIN GROUP: how each aggregated argument is ordered.
  struct Order {
    bool descending = false;
    bool nulls_first = false;
  };
  std::span<const Order> within_group = {};
};

struct Function;

struct CallContext {
  const types::TypeContext& types;
  Services& services;
  const CallSite& site;
  // Lives as long as the call in the plan; for a compiled pattern, a parsed format, ….
  std::shared_ptr<void>& cache;
  const Function* function = nullptr;  // of user-defined functions
};

// result[i] = f(arguments[...][i]) for i < count. The kernel deals with nulls (vector/kernel.h has adaptors) and
// may give a constant result. It throws SqlError for the first bad row.
using ScalarKernel = void (*)(CallContext&, std::span<const Vector* const> arguments, size_t count, Vector& result);

// One call of a set-returning function: next() fills `out` (reset, of the function's columns) and returns
// false when there are no more rows.
class SetScan {
 public:
  virtual ~SetScan() = default;
  virtual bool next(Chunk& out) = 0;
};
// `arguments` live until the scan is destroyed. Returns null for an empty set.
using SetKernel = std::unique_ptr<SetScan> (*)(CallContext&, std::span<const Value> arguments);

// Memory of aggregate states: freed with the hash table or the partition.
struct AggregateContext {
  const types::TypeContext& types;
  Services& services;
  const CallSite& site;
  Arena& arena;
  // Caches of the transition and the final function of a user's aggregate; the operator's, one thread's.
  std::shared_ptr<void>* caches = nullptr;
};

struct AggregateKernel {
  size_t state_size;  // 16-aligned, trivially relocatable bytes
  void (*init)(std::byte* state);
  // Adds row i to states[i]. Arguments are those of the call; strict aggregates skip nulls themselves.
  void (*update)(AggregateContext&, std::span<const Vector* const> arguments, size_t count, std::byte* const* states);
  // Adds all rows to one state; null means: use update.
  void (*update_one)(AggregateContext&, std::span<const Vector* const> arguments, size_t count, std::byte* state);
  // Merges `source` (whose arena may go away) into `target`; null: cannot run in parallel.
  void (*combine)(AggregateContext&, const std::byte* source, std::byte* target);
  // result[i] = value of states[i].
  void (*finalize)(AggregateContext&, std::byte* const* states, size_t count, Vector& result);
};

// Window functions are evaluated by the executor's window operator, by this name.
enum class WindowKind : uint8_t {
  None, RowNumber, Rank, DenseRank, PercentRank, CumeDist, Ntile, Lag, Lead, FirstValue, LastValue, NthValue
};

enum class Volatility : char { Immutable = 'i', Stable = 's', Volatile = 'v' };
enum class Kind : char { Function = 'f', Aggregate = 'a', Window = 'w', Procedure = 'p' };

struct Function {
  Oid oid = kInvalidOid;
  std::string_view name;
  std::span<const Oid> arguments;  // input arguments only; polymorphic pseudo-types as declared
  Oid result = kInvalidOid;
  Kind kind = Kind::Function;
  Volatility volatility = Volatility::Immutable;
  bool strict = true;
  bool returns_set = false;
  Oid variadic = kInvalidOid;  // element type when the last argument is VARIADIC ("any" for variadic any)
  uint8_t default_count = 0;   // trailing arguments that may be left out
  std::string_view defaults;   // their SQL expressions, comma separated
  // For functions with OUT or TABLE columns (result is record): types and names of the columns.
  std::span<const Oid> out_types;
  std::span<const std::string_view> out_names;
  std::span<const std::string_view> argument_names;  // empty, or one an argument

  std::string_view symbol;  // pg_proc.prosrc; for functions PostgreSQL writes in SQL, "name(argument types)"
  // All null: the function is listed but not implemented; callers raise throw_absent().
  ScalarKernel kernel = nullptr;
  SetKernel set = nullptr;
  const AggregateKernel* aggregate = nullptr;
  char aggregate_kind = 'n';  // n normal, o ordered-set, h hypothetical-set
  // Of ordered-set aggregates: how many arguments come before WITHIN GROUP. They are passed first, then the
  // aggregated arguments, and rows arrive in WITHIN GROUP's order (of hypothetical-set aggregates too).
  uint8_t direct_argument_count = 0;
  WindowKind window = WindowKind::None;

  // Of functions made by CREATE FUNCTION, whose records end with their definition: who keeps a pointer keeps this.
  std::weak_ptr<const Function> self;
  bool user_defined = false;
};

// What a call of this collation runs `function` by: its own kernel unless the collation orders texts, or changes the case of
// letters, in its own way.
ScalarKernel collated_kernel(const Function& function, Oid collation, const types::TypeContext& types);
// The same for min and max.
const AggregateKernel* collated_aggregate(const Function& function, Oid collation, const types::TypeContext& types);

// What pg_aggregate says of a built-in aggregate: OIDs of its functions. They run by a kernel of their own here.
struct BuiltInAggregate {
  Oid function;
  char kind;
  int direct_arguments;
  Oid transition, final, combine, serialize, deserialize, moving_transition, moving_inverse, moving_final;
  bool final_extra, moving_final_extra;
  char final_modify, moving_final_modify;
  Oid sort_operator, state;
  int state_bytes;
  Oid moving_state;
  int moving_state_bytes;
  const char* initial;  // null: none
  const char* moving_initial;
};
std::span<const BuiltInAggregate> all_aggregates();

// An aggregate made by CREATE AGGREGATE, for one call: its types are no longer polymorphic.
struct UserAggregate {
  const Function* transition = nullptr;
  const Function* final = nullptr;  // null: the state is the result
  Type state;
  std::vector<Type> transition_types;  // the state, then the aggregated arguments
  std::vector<Type> final_types;       // the state, then direct (and extra) arguments
  bool has_initial = false;
  std::string initial;
  std::vector<std::shared_ptr<const void>> owners;
};
// The kernel of all of them: it reads CallSite::aggregate and cannot run in parallel.
const AggregateKernel& user_aggregate_kernel();
// The kernel of the built-in aggregate that has these transition and final functions; null if there is none. (States of
// type "internal" are understood by those alone.)
const AggregateKernel* find_aggregate_kernel(const Function& transition, const Function* final);
// The implementation of a native function by its symbol, as LANGUAGE internal names it.
// Whether a native function is a comparison of its type's own order, with the operator's usual name.
bool is_comparison(std::string_view symbol, std::string_view operator_name);
struct NativeFunction {
  ScalarKernel kernel = nullptr;
  SetKernel set = nullptr;
};
NativeFunction find_native(std::string_view symbol);

// Kernels of user-defined functions: they ask Services to run the routine `CallContext::function`.
void call_routine_kernel(CallContext& context, std::span<const Vector* const> arguments, size_t count, Vector& result);
std::unique_ptr<SetScan> scan_routine_kernel(CallContext& context, std::span<const Value> arguments);

struct Operator {
  Oid oid;
  std::string_view name;
  Oid left;  // kInvalidOid: prefix operator
  Oid right;
  Oid result;
  Oid function;
  Oid commutator;
  Oid negator;
  bool can_hash;
  bool can_merge;
  bool user_defined = false;
  bool orders = true;  // of a user's: it is one of the comparisons of its type's own order

  // What the planner may conclude from: the name, unless a user's operator may mean anything by it.
  std::string_view standard_name() const { return orders ? name : std::string_view(); }
};

// The type that a declared (perhaps polymorphic) type becomes in a call of `function` with these arguments.
Oid resolve_declared(const Function& function, Oid declared, std::span<const Oid> arguments);

enum class CastContext : char { Implicit = 'i', Assignment = 'a', Explicit = 'e' };
enum class CastMethod : char { Function = 'f', InOut = 'i', Binary = 'b' };

struct Cast {
  Oid source;
  Oid target;
  Oid function;  // of one to three arguments: value[, typmod int4[, explicit bool]]
  CastContext context;
  CastMethod method;
};

// All functions named `name` (lower case, pg_catalog's); empty if there is none.
std::span<const Function* const> find_functions(std::string_view name);
const Function* find_function(Oid oid);
std::span<const Operator* const> find_operators(std::string_view name);
const Operator* find_operator(Oid oid);
const Cast* find_cast(Oid source, Oid target);

// Raises 0A000 naming a function that has no kernel.
[[noreturn]] void throw_absent(const Function& function);

// In a fixed order, for the catalogs.
std::span<const Function* const> all_functions();
std::span<const Operator* const> all_operators();
std::span<const Cast> all_casts();

}  // namespace aegis::functions
