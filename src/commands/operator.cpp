#include "operator.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "definition_options.h"
#include "aegis/catalog/privileges.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

namespace oid = types::oid;
using ast::DefElem;

[[noreturn]] void fail(std::string message) { throw SqlError(Sqlstate::InvalidFunctionDefinition, std::move(message)); }

std::string type_text(CommandContext& context, Oid type) { return types::format_type({type}, context.types().names); }

// The restriction and join estimators that may be named; they are kept for the catalog.
std::string estimator(CommandContext& context, const DefElem& option, bool join) {
  auto names = option_name(option);
  auto version = context.catalog_version();
  std::vector<Oid> types = join ? std::vector<Oid>{oid::kInternal, oid::kOid, oid::kInternal, oid::kInt2, oid::kInternal}
                                : std::vector<Oid>{oid::kInternal, oid::kOid, oid::kInternal, oid::kInt4};
  const auto* function = analyzer::find_exact_function(context.analyzer_context(*version), names, types);
  if (function == nullptr && join) {
    types.pop_back();
    function = analyzer::find_exact_function(context.analyzer_context(*version), names, types);
    if (function == nullptr) types.push_back(oid::kInternal);
  }
  if (function == nullptr) {
    std::string list;
    for (Oid type : types) list += (list.empty() ? "" : ", ") + type_text(context, type);
    throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(names) + "(" + list + ") does not exist");
  }
  if (function->result != oid::kFloat8) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, std::string(join ? "join" : "restriction") + " estimator function " + dotted(names) +
                                                           " must return type double precision");
  }
  return std::string(function->name);
}

struct OperatorOptions {
  const DefElem *left = nullptr, *right = nullptr, *function = nullptr, *commutator = nullptr, *negator = nullptr, *restrict = nullptr, *join = nullptr;
  bool hashes = false, merges = false;
};

OperatorOptions read_options(const ast::DefineStmt& statement, CommandContext& context) {
  OperatorOptions o;
  for (const auto* option : statement.definition) {
    std::string_view name = option->defname;
    if (name == "leftarg") o.left = option;
    else if (name == "rightarg") o.right = option;
    else if (name == "function" || name == "procedure") o.function = option;
    else if (name == "commutator") o.commutator = option;
    else if (name == "negator") o.negator = option;
    else if (name == "restrict") o.restrict = option;
    else if (name == "join") o.join = option;
    else if (name == "hashes") o.hashes = option_bool(*option);
    else if (name == "merges") o.merges = option_bool(*option);
    // Accepted for the sake of old dumps.
    else if (name == "sort1" || name == "sort2" || name == "ltcmp" || name == "gtcmp") o.merges = true;
    else warning(context, "operator attribute \"" + std::string(name) + "\" not recognized", Sqlstate::SyntaxError);
  }
  return o;
}

Oid operand_type(CommandContext& context, const DefElem* option) {
  if (option == nullptr) return kInvalidOid;
  if (auto* type = ast::node_cast<ast::TypeName>(option->arg); type != nullptr && type->setof) {
    fail("SETOF type not allowed for operator argument");
  }
  return option_type(context, *option).oid;
}

class OperatorMaker {
 public:
  OperatorMaker(const ast::DefineStmt& statement, CommandContext& context) : statement_(statement), context_(context) {}

  void make() {
    ast::RangeVar written = range_var(context_, statement_.defnames);
    name_ = written.relname;
    schema_ = written.schemaname.empty() ? context_.creation_schema() : find_schema(context_, written.schemaname, false);
    check_may_create(context_, schema_, 0);
    OperatorOptions o = read_options(statement_, context_);
    left_ = operand_type(context_, o.left);
    right_ = operand_type(context_, o.right);
    if (o.function == nullptr) fail("operator function must be specified");
    if (left_ == kInvalidOid && right_ == kInvalidOid) fail("operator argument types must be specified");
    if (right_ == kInvalidOid) {
      throw SqlError(Sqlstate::InvalidFunctionDefinition, "operator right argument type must be specified").detail("Postfix operators are not supported.");
    }
    auto version = context_.catalog_version();
    auto analysis = context_.analyzer_context(*version);
    std::vector<Oid> types;
    if (left_ != kInvalidOid) check_type_usage(context_, left_);
    check_type_usage(context_, right_);
    if (left_ != kInvalidOid) types.push_back(left_);
    types.push_back(right_);
    auto function_name = option_name(*o.function);
    const auto* function = analyzer::find_exact_function(analysis, function_name, types);
    if (function == nullptr) {
      std::string list;
      for (Oid type : types) list += (list.empty() ? "" : ", ") + type_text(context_, type);
      throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(function_name) + "(" + list + ") does not exist");
    }
    auto routine = version->routine(function->oid);
    if (routine != nullptr) catalog::check_privilege(*version, context_.current_role(), *routine, 'X');
    check_type_usage(context_, function->result);
    std::string restrict, join;
    if (o.restrict != nullptr) restrict = estimator(context_, *o.restrict, false);
    if (o.join != nullptr) join = estimator(context_, *o.join, true);
    check_traits(o, function->result);

    lock_name(context_, catalog::kPgOperatorOid, schema_, name_);
    const auto* known = find_exact(version, schema_, name_, left_, right_);
    std::shared_ptr<catalog::Operator> op;
    if (known != nullptr) {
      auto existing = version->find_operator(known->oid);
      if (existing == nullptr || existing->function != kInvalidOid) {
        throw SqlError(Sqlstate::DuplicateFunction, "operator " + name_ + " already exists");
      }
      check_owner(context_, *existing);
      op = copy_of(existing);
    } else {
      op = shell(name_, schema_, left_, right_);
    }
    op->owner = context_.current_role();
    op->result = function->result;
    op->function = function->oid;
    op->restrict_estimator = restrict;
    op->join_estimator = join;
    op->can_hash = o.hashes;
    op->can_merge = o.merges;
    op->orders = left_ == right_ && routine != nullptr && routine->language == "internal" && functions::is_comparison(routine->body, name_);
    op->dependencies.clear();
    if (function->user_defined) op->dependencies.push_back({function->oid, 0, 'n'});
    for (Oid type : {left_, right_}) {
      if (auto owner = version->type_owner(type)) op->dependencies.push_back({owner->oid, 0, 'n'});
    }
    context_.catalog_changes().put(op);
    if (o.commutator != nullptr) op->commutator = other(*o.commutator, right_, left_, *op, false);
    if (o.negator != nullptr) op->negator = other(*o.negator, left_, right_, *op, true);
    context_.catalog_changes().put(std::make_shared<catalog::Operator>(*op));
    link_back(*op);
  }

 private:
  void check_traits(const OperatorOptions& o, Oid result) {
    if (left_ == kInvalidOid) {
      if (o.commutator != nullptr) fail("only binary operators can have commutators");
      if (o.join != nullptr) fail("only binary operators can have join selectivity");
      if (o.merges) fail("only binary operators can merge join");
      if (o.hashes) fail("only binary operators can hash");
    }
    if (result == oid::kBool) return;
    if (o.negator != nullptr) fail("only boolean operators can have negators");
    if (o.restrict != nullptr) fail("only boolean operators can have restriction selectivity");
    if (o.join != nullptr) fail("only boolean operators can have join selectivity");
    if (o.merges) fail("only boolean operators can merge join");
    if (o.hashes) fail("only boolean operators can hash");
  }

  const functions::Operator* find_exact(const catalog::VersionPtr& version, Oid schema, std::string_view name, Oid left, Oid right) {
    if (schema == catalog::kPgCatalogSchema) {
      for (const auto* op : functions::find_operators(name)) {
        if (op->left == left && op->right == right) return op;
      }
    }
    for (const auto& op : version->operators(schema, name)) {
      if (op->left == left && op->right == right) return &op->record();
    }
    return nullptr;
  }

  std::shared_ptr<catalog::Operator> shell(std::string_view name, Oid schema, Oid left, Oid right) {
    auto op = std::make_shared<catalog::Operator>();
    op->oid = context_.catalog().allocate_oid();
    op->database = context_.database();
    op->schema = schema;
    op->name = name;
    op->owner = context_.current_role();
    op->left = left;
    op->right = right;
    return op;
  }

  // The commutator or negator: one there is, the operator itself, or a new shell.
  Oid other(const DefElem& option, Oid left, Oid right, const catalog::Operator& self, bool negator) {
    auto names = option_name(option);
    ast::RangeVar written = range_var(context_, names);
    Oid schema = written.schemaname.empty() ? kInvalidOid : find_schema(context_, written.schemaname, false);
    auto version = context_.catalog_version();
    const functions::Operator* found = nullptr;
    if (schema != kInvalidOid) {
      found = find_exact(version, schema, written.relname, left, right);
    } else {
      found = analyzer::find_exact_operator(context_.analyzer_context(*version), names, left, right);
      schema = context_.creation_schema();
    }
    if (found != nullptr) {
      if (found->oid == self.oid && negator) fail("operator cannot be its own negator");
      return found->oid;
    }
    if (schema == self.schema && written.relname == self.name && left == self.left && right == self.right) {
      if (negator) fail("operator cannot be its own negator");
      return self.oid;
    }
    check_may_create(context_, schema, 0);
    auto made = shell(written.relname, schema, left, right);
    context_.catalog_changes().put(made);
    return made->oid;
  }

  // A partner that has none yet takes this operator.
  void link_back(const catalog::Operator& op) {
    for (bool negator : {false, true}) {
      Oid partner = negator ? op.negator : op.commutator;
      if (partner == kInvalidOid || partner == op.oid) continue;
      auto found = context_.catalog_version()->find_operator(partner);
      if (found == nullptr || (negator ? found->negator : found->commutator) != kInvalidOid) continue;
      auto changed = copy_of(found);
      (negator ? changed->negator : changed->commutator) = op.oid;
      context_.catalog_changes().put(changed);
    }
  }

  const ast::DefineStmt& statement_;
  CommandContext& context_;
  std::string name_;
  Oid schema_ = kInvalidOid, left_ = kInvalidOid, right_ = kInvalidOid;
};

}  // namespace

CommandResult create_operator(const ast::DefineStmt& statement, CommandContext& context) {
  OperatorMaker(statement, context).make();
  return {"CREATE OPERATOR", {}, {}};
}

catalog::OperatorPtr find_user_operator(CommandContext& context, const ast::ObjectWithArgs& name, bool missing_ok) {
  auto version = context.catalog_version();
  auto analysis = context.analyzer_context(*version);
  Oid operands[2] = {};
  for (size_t i = 0; i < name.objargs.size() && i < 2; ++i) {
    if (name.objargs[i] == nullptr) continue;
    try {
      operands[i] = analyzer::resolve_type(analysis, *name.objargs[i]).oid;
    } catch (const SqlError& error) {
      if (!missing_ok || error.fields().sqlstate != Sqlstate::UndefinedObject) throw;
      notice(context, "type \"" + dotted(name.objargs[i]->names) + "\" does not exist, skipping");
      return nullptr;
    }
  }
  if (name.objargs.size() > 1 && name.objargs[1] == nullptr) {
    throw SqlError(Sqlstate::FeatureNotSupported, "postfix operators are not supported");
  }
  if (name.objname.size() > 1) {
    std::string_view schema = name.objname[name.objname.size() - 2];
    if (find_schema(context, schema, true) == kInvalidOid) {
      if (!missing_ok) find_schema(context, schema, false);
      notice(context, "schema \"" + std::string(schema) + "\" does not exist, skipping");
      return nullptr;
    }
  }
  const auto* op = analyzer::find_exact_operator(analysis, name.objname, operands[0], operands[1]);
  if (op != nullptr && op->user_defined) return version->find_operator(op->oid);
  auto operand = [&](Oid type) { return type == kInvalidOid ? std::string("NONE") : type_text(context, type); };
  if (op != nullptr) {
    throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop operator " + std::string(op->name) + "(" + operand(operands[0]) + "," +
                                                             operand(operands[1]) + ") because it is required by the database system");
  }
  if (missing_ok) {
    notice(context, "operator " + dotted(name.objname) + " does not exist, skipping");
    return nullptr;
  }
  std::string left = operands[0] == kInvalidOid ? "" : operand(operands[0]) + " ";
  throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + left + dotted(name.objname) + " " + operand(operands[1]));
}

CommandResult alter_operator(const ast::AlterOperatorStmt& statement, CommandContext& context) {
  auto op = find_user_operator(context, *statement.opername);
  check_owner(context, *op);
  auto changed = copy_of(op);
  for (const auto* option : statement.options) {
    std::string_view name = option->defname;
    if (name == "restrict" || name == "join") {
      auto& place = name == "join" ? changed->join_estimator : changed->restrict_estimator;
      auto* word = ast::node_cast<ast::String>(option->arg);
      bool none = option->arg == nullptr || (word != nullptr && (word->sval == "none" || word->sval == "NONE"));
      place = none ? "" : estimator(context, *option, name == "join");
    } else if (name == "leftarg" || name == "rightarg" || name == "function" || name == "procedure" || name == "commutator" || name == "negator" ||
               name == "hashes" || name == "merges") {
      throw SqlError(Sqlstate::SyntaxError, "operator attribute \"" + std::string(name) + "\" cannot be changed");
    } else {
      throw SqlError(Sqlstate::SyntaxError, "operator attribute \"" + std::string(name) + "\" not recognized");
    }
  }
  if (changed->left == kInvalidOid && !changed->join_estimator.empty()) fail("only binary operators can have join selectivity");
  if (changed->result != oid::kBool) {
    if (!changed->restrict_estimator.empty()) fail("only boolean operators can have restriction selectivity");
    if (!changed->join_estimator.empty()) fail("only boolean operators can have join selectivity");
  }
  context.catalog_changes().put(changed);
  return {"ALTER OPERATOR", {}, {}};
}

// ---- Casts ----

namespace {

void check_cast_function(CommandContext& context, const catalog::Version& version, const functions::Function& function, Oid source, Oid target) {
  auto analysis = context.analyzer_context(version);
  size_t count = function.arguments.size();
  if (count < 1 || count > 3) throw SqlError(Sqlstate::InvalidObjectDefinition, "cast function must take one to three arguments");
  if (!analyzer::is_binary_coercible(analysis, source, function.arguments[0])) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "argument of cast function must match or be binary-coercible from source data type");
  }
  if (count > 1 && function.arguments[1] != oid::kInt4) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "second argument of cast function must be type integer");
  }
  if (count > 2 && function.arguments[2] != oid::kBool) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "third argument of cast function must be type boolean");
  }
  if (!analyzer::is_binary_coercible(analysis, function.result, target)) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "return data type of cast function must match or be binary-coercible to target data type");
  }
  if (function.kind == functions::Kind::Procedure || function.kind == functions::Kind::Aggregate || function.kind == functions::Kind::Window) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "cast function must be a normal function");
  }
  if (function.returns_set) throw SqlError(Sqlstate::InvalidObjectDefinition, "cast function must not return a set");
  if (function.kernel == nullptr) functions::throw_absent(function);
}

void check_binary_cast(CommandContext& context, Oid source, Oid target) {
  auto invalid = [](std::string message) { throw SqlError(Sqlstate::InvalidObjectDefinition, std::move(message)); };
  require_superuser(context, "must be superuser to create a cast WITHOUT FUNCTION");
  const auto& from = types::type_info(source);
  const auto& to = types::type_info(target);
  if (from.length != to.length || from.by_value != to.by_value || from.alignment != to.alignment || from.physical != to.physical) {
    invalid("source and target data types are not physically compatible");
  }
  for (const auto* type : {&from, &to}) {
    if (type->kind == 'c') invalid("composite data types are not binary-compatible");
  }
  for (const auto* type : {&from, &to}) {
    if (type->kind == 'e') invalid("enum data types are not binary-compatible");
  }
  for (const auto* type : {&from, &to}) {
    if (type->category == 'A') invalid("array data types are not binary-compatible");
  }
  for (const auto* type : {&from, &to}) {
    if (type->kind == 'd') invalid("domain data types must not be marked binary-compatible");
  }
}

void require_real_type(CommandContext& context, Oid type, const char* side) {
  const auto* info = types::find_type(type);
  if (info == nullptr || info->kind != 'p') return;
  throw SqlError(Sqlstate::WrongObjectType, std::string(side) + " data type " + type_text(context, type) + " is a pseudo-type");
}

}  // namespace

CommandResult create_cast(const ast::CreateCastStmt& statement, CommandContext& context) {
  auto version = context.catalog_version();
  auto analysis = context.analyzer_context(*version);
  Oid source = analyzer::resolve_type(analysis, *statement.sourcetype).oid;
  Oid target = analyzer::resolve_type(analysis, *statement.targettype).oid;
  require_real_type(context, source, "source");
  require_real_type(context, target, "target");
  check_type_usage(context, source);
  check_type_usage(context, target);
  auto source_owner = version->type_owner(source);
  auto target_owner = version->type_owner(target);
  auto owns = [&](const catalog::ObjectPtr& owner) { return owner != nullptr && is_member_of(*version, context.current_role(), owner->owner); };
  if (!context.is_superuser() && !owns(source_owner) && !owns(target_owner)) {
    throw SqlError(Sqlstate::InsufficientPrivilege,
                   "must be owner of type " + type_text(context, source) + " or type " + type_text(context, target));
  }
  for (Oid type : {source, target}) {
    if (types::type_info(type).kind == 'd') {
      warning(context, "cast will be ignored because the " + std::string(type == source ? "source" : "target") + " data type is a domain", Sqlstate::WrongObjectType);
    }
  }
  auto cast = std::make_shared<catalog::Cast>();
  cast->database = context.database();
  cast->source = source;
  cast->target = target;
  cast->context = statement.context == ast::CoercionForm::ImplicitCast ? 'i' : statement.context == ast::CoercionForm::ExplicitCall ? 'a' : 'e';
  cast->method = statement.func != nullptr ? 'f' : statement.inout ? 'i' : 'b';
  cast->owner = context.current_role();
  if (statement.func != nullptr) {
    std::vector<Oid> arguments;
    for (const auto* type : statement.func->objargs) arguments.push_back(analyzer::resolve_type(analysis, *type).oid);
    const auto* function = analyzer::find_exact_function(analysis, statement.func->objname, arguments);
    if (function == nullptr) {
      std::string list;
      for (Oid type : arguments) list += (list.empty() ? "" : ", ") + type_text(context, type);
      throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(statement.func->objname) + "(" + list + ") does not exist");
    }
    check_cast_function(context, *version, *function, source, target);
    cast->function = function->oid;
    if (function->user_defined) cast->dependencies.push_back({function->oid, 0, 'n'});
  }
  if (cast->method == 'b') check_binary_cast(context, source, target);
  // A function may do something even from a type to itself: apply its typmod.
  bool length_function = statement.func != nullptr && statement.func->objargs.size() > 1;
  if (source == target && !length_function) throw SqlError(Sqlstate::InvalidObjectDefinition, "source data type and target data type are the same");
  for (const auto& owner : {source_owner, target_owner}) {
    if (owner != nullptr) cast->dependencies.push_back({owner->oid, 0, 'n'});
  }
  lock_name(context, catalog::kPgCastOid, source, std::to_string(target));
  if (functions::find_cast(source, target) != nullptr || context.catalog_version()->find_cast(context.database(), source, target) != nullptr) {
    throw SqlError(Sqlstate::DuplicateObject,
                   "cast from type " + type_text(context, source) + " to type " + type_text(context, target) + " already exists");
  }
  cast->oid = context.catalog().allocate_oid();
  context.catalog_changes().put(cast);
  return {"CREATE CAST", {}, {}};
}

catalog::CastPtr find_user_cast(CommandContext& context, const ast::Node& types, bool missing_ok) {
  const auto& list = static_cast<const ast::ListNode&>(types);
  auto version = context.catalog_version();
  auto analysis = context.analyzer_context(*version);
  Oid oids[2] = {};
  std::string names[2];
  for (size_t i = 0; i < 2; ++i) {
    const auto& name = *ast::node_cast<ast::TypeName>(list.items[i]);
    names[i] = name.names.size() > 1 && name.names[0] == "pg_catalog" ? std::string(name.names.back()) : dotted(name.names);
    try {
      oids[i] = analyzer::resolve_type(analysis, name).oid;
    } catch (const SqlError& error) {
      if (!missing_ok || (error.fields().sqlstate != Sqlstate::UndefinedObject && error.fields().sqlstate != Sqlstate::InvalidSchemaName)) {
        SqlError plain = error;
        throw plain.position(0);
      }
      notice(context, error.fields().sqlstate == Sqlstate::InvalidSchemaName
                          ? "schema \"" + std::string(name.names[0]) + "\" does not exist, skipping"
                          : "type \"" + names[i] + "\" does not exist, skipping");
      return nullptr;
    }
  }
  if (auto cast = version->find_cast(context.database(), oids[0], oids[1])) return cast;
  if (functions::find_cast(oids[0], oids[1]) != nullptr) {
    throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop cast from " + type_text(context, oids[0]) + " to " + type_text(context, oids[1]) +
                                                             " because it is required by the database system");
  }
  if (missing_ok) {
    notice(context, "cast from type " + names[0] + " to type " + names[1] + " does not exist, skipping");
    return nullptr;
  }
  throw SqlError(Sqlstate::UndefinedObject, "cast from type " + type_text(context, oids[0]) + " to type " + type_text(context, oids[1]) + " does not exist");
}

}  // namespace aegis::commands
