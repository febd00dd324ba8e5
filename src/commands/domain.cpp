// CREATE DOMAIN and ALTER DOMAIN. A check is kept as text over VALUE and bound over a row of that one column.
#include <algorithm>

#include "aegis/base/error.h"
#include "collation.h"
#include "definition.h"
#include "names.h"
#include "objects.h"
#include "role.h"
#include "sql_scan.h"
#include "type.h"

namespace aegis::commands {

namespace oid = types::oid;
using ast::ConstrType;

namespace {

// What a check is written over.
catalog::Relation value_row(const catalog::UserType& domain) {
  catalog::Relation row;
  catalog::Column column;
  column.name = "value";
  column.type = domain.base;
  column.collation = domain.collation;
  row.columns.push_back(std::move(column));
  return row;
}

// VALUE is shown in capitals.
std::string with_capital_value(const std::string& sql) {
  std::string out;
  size_t at = 0;
  for (const auto& word : scan_sql(sql)) {
    out += sql.substr(at, word.start - at);
    out += word.is("value") ? "VALUE" : sql.substr(word.start, word.stop - word.start);
    at = word.stop;
  }
  return out + sql.substr(at);
}

std::string new_check_name(const catalog::UserType& domain) {
  auto taken = [&](const std::string& name) {
    return std::any_of(domain.checks.begin(), domain.checks.end(), [&](const auto& c) { return c.name == name; });
  };
  std::string name = make_object_name(domain.name, "", "check");
  for (int pass = 1; taken(name); ++pass) name = make_object_name(domain.name, "", "check" + std::to_string(pass));
  return name;
}

catalog::Constraint& add_domain_check(CommandContext& context, catalog::UserType& domain, const ast::Constraint& node) {
  catalog::Relation row = value_row(domain);
  auto definition = define(context, *node.raw_expr, &row, {oid::kBool}, analyzer::DefinitionKind::Check);
  catalog::Constraint check;
  check.oid = context.catalog().allocate_oid();
  check.kind = 'c';
  check.check_sql = with_capital_value(definition.sql);
  check.name = node.conname;
  if (check.name.empty()) {
    check.name = new_check_name(domain);
  } else if (std::any_of(domain.checks.begin(), domain.checks.end(), [&](const auto& c) { return c.name == check.name; })) {
    throw SqlError(Sqlstate::DuplicateObject, "constraint \"" + check.name + "\" for domain \"" + domain.name + "\" already exists");
  }
  check.validated = !node.skip_validation;
  domain.checks.push_back(std::move(check));
  return domain.checks.back();
}

void set_default(CommandContext& context, catalog::UserType& domain, const ast::Node* node) {
  domain.default_sql.clear();
  if (node == nullptr) return;
  if (auto* constant = ast::node_cast<ast::AConst>(node); constant != nullptr && constant->kind == ast::ConstKind::Null) return;
  auto definition = define(context, *node, nullptr, domain.base, analyzer::DefinitionKind::Default);
  domain.default_sql = definition.sql;
}

[[noreturn]] void refuse(const ast::Constraint& node) {
  switch (node.contype) {
    case ConstrType::Unique: throw SqlError(Sqlstate::SyntaxError, "unique constraints not possible for domains");
    case ConstrType::Primary: throw SqlError(Sqlstate::SyntaxError, "primary key constraints not possible for domains");
    case ConstrType::Exclusion: throw SqlError(Sqlstate::SyntaxError, "exclusion constraints not possible for domains");
    case ConstrType::Foreign: throw SqlError(Sqlstate::SyntaxError, "foreign key constraints not possible for domains");
    case ConstrType::AttrDeferrable:
    case ConstrType::AttrNotDeferrable:
    case ConstrType::AttrDeferred:
    case ConstrType::AttrImmediate: throw SqlError(Sqlstate::FeatureNotSupported, "specifying constraint deferrability not supported for domains");
    case ConstrType::Generated: throw SqlError(Sqlstate::FeatureNotSupported, "specifying GENERATED not supported for domains");
    default: throw SqlError(Sqlstate::SyntaxError, "unrecognized constraint subtype");
  }
}

template <typename F>
void scan_column(CommandContext& context, const TypeUse& use, F&& visit) {
  const auto& table = *use.relation;
  if (table.relkind != 'r') return;
  auto storage = context.engine().table(table.storage);
  if (storage == nullptr || storage->end_row().value <= 1) return;
  vector::Chunk rows;
  rows.add_column(table.columns[use.column].type.oid);
  std::vector<uint32_t> columns{static_cast<uint32_t>(use.column)};
  auto snapshot = context.transaction().take_latest_snapshot();
  storage::ScanState state{RowId(1), storage->end_row()};
  std::vector<RowId> ids;
  while (storage->scan(*snapshot, columns, state, rows, ids)) visit(rows);
}

bool is_plain_use(CommandContext& context, const TypeUse& use, Oid domain) {
  auto version = context.catalog_version();
  Oid type = use.relation->columns[use.column].type.oid;
  while (type != domain) {
    auto user = version->user_type(type);
    if (user == nullptr || user->typtype != 'd') return false;
    type = user->base.oid;
  }
  return true;
}

std::vector<TypeUse> uses_to_validate(CommandContext& context, const catalog::UserType& domain) {
  auto uses = uses_of_type(context, domain.oid);
  for (const auto& use : uses) {
    if (use.relation->relkind == 'c' || is_plain_use(context, use, domain.oid)) continue;
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot alter type \"" + domain.name + "\" because column \"" + use.relation->name + "." +
                                                      use.relation->columns[use.column].name + "\" uses it");
  }
  std::erase_if(uses, [](const auto& use) { return use.relation->relkind != 'r'; });
  for (const auto& use : uses) context.lock_relation(use.relation->oid, txn::LockMode::Share);
  return uses;
}

[[noreturn]] void throw_violation(CommandContext& context, Sqlstate state, const TypeUse& use, const char* what) {
  auto schema = context.catalog_version()->schema(use.relation->schema);
  const auto& column = use.relation->columns[use.column].name;
  throw SqlError(state, "column \"" + column + "\" of table \"" + use.relation->name + "\" contains " + what)
      .schema(schema == nullptr ? "" : schema->name)
      .table(use.relation->name)
      .column(column);
}

void validate_not_null_uses(CommandContext& context, const catalog::UserType& domain) {
  for (const auto& use : uses_to_validate(context, domain)) {
    scan_column(context, use, [&](const vector::Chunk& rows) {
      for (size_t i = 0; i < rows.size(); ++i) {
        if (rows.column(0).is_null(i)) throw_violation(context, Sqlstate::NotNullViolation, use, "null values");
      }
    });
  }
}

void validate_check_uses(CommandContext& context, const catalog::UserType& domain, const catalog::Constraint& check) {
  catalog::Relation row = value_row(domain);
  auto definition = define_sql(context, check.check_sql, &row, {oid::kBool}, analyzer::DefinitionKind::Check);
  executor::RowEvaluator evaluator(*definition.expr, context.types(), context.services());
  for (const auto& use : uses_to_validate(context, domain)) {
    scan_column(context, use, [&](const vector::Chunk& rows) {
      auto view = evaluator.evaluate(rows).view();
      for (size_t i = 0; i < rows.size(); ++i) {
        if (view.valid(i) && view.at<uint8_t>(i) == 0) {
          throw_violation(context, Sqlstate::CheckViolation, use, "values that violate the new constraint");
        }
      }
    });
  }
}

}  // namespace

CommandResult create_domain(const ast::CreateDomainStmt& statement, CommandContext& context) {
  NewTypeName made = new_type_name(context, statement.domainname);
  auto domain = std::make_shared<catalog::UserType>();
  domain->typtype = 'd';
  domain->database = context.database();
  domain->schema = made.schema;
  domain->name = made.name;
  domain->owner = context.current_role();
  apply_default_privileges(context, *domain);
  auto version = context.catalog_version();
  domain->base = analyzer::resolve_type(context.analyzer_context(*version), *statement.type_name);
  const auto& base = types::type_info(domain->base.oid);
  if (base.kind == 'p') {
    throw SqlError(Sqlstate::DatatypeMismatch, "\"" + dotted(statement.type_name->names) + "\" is not a valid base type for a domain");
  }
  check_type_usage(context, domain->base.oid);
  domain->collation = base.collation;
  if (statement.coll_clause != nullptr) {
    if (base.collation == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "collations are not supported by type " + types::format_type({domain->base.oid}, context.types().names));
    }
    domain->collation = resolve_collation(context, statement.coll_clause->collname, statement.coll_clause->location);
  }
  domain->oid = context.catalog().allocate_oid();
  domain->array_type = context.catalog().allocate_oid();
  bool saw_null = false, saw_not_null = false, saw_default = false;
  for (const auto* node : statement.constraints) {
    switch (node->contype) {
      case ConstrType::Default:
        if (saw_default) throw SqlError(Sqlstate::SyntaxError, "multiple default expressions");
        saw_default = true;
        set_default(context, *domain, node->raw_expr);
        break;
      case ConstrType::NotNull:
        if (saw_null) throw SqlError(Sqlstate::SyntaxError, "conflicting NULL/NOT NULL constraints");
        saw_not_null = true;
        domain->not_null = true;
        break;
      case ConstrType::Null:
        if (saw_not_null) throw SqlError(Sqlstate::SyntaxError, "conflicting NULL/NOT NULL constraints");
        saw_null = true;
        break;
      case ConstrType::Check:
        if (node->is_no_inherit) throw SqlError(Sqlstate::InvalidObjectDefinition, "check constraints for domains cannot be marked NO INHERIT");
        add_domain_check(context, *domain, *node);
        break;
      default: refuse(*node);
    }
  }
  context.catalog_changes().put(domain);
  return {"CREATE DOMAIN", {}, {}};
}

CommandResult alter_domain(const ast::AlterDomainStmt& statement, CommandContext& context) {
  auto object = open_type(context, statement.type_name, true);
  check_owner(context, *object);
  auto domain = std::make_shared<catalog::UserType>(static_cast<const catalog::UserType&>(*object));
  switch (statement.subtype) {
    case 'T': set_default(context, *domain, statement.def); break;
    case 'N': domain->not_null = false; break;
    case 'O':
      if (!domain->not_null) validate_not_null_uses(context, *domain);
      domain->not_null = true;
      break;
    case 'C': {
      auto* node = ast::node_cast<ast::Constraint>(statement.def);
      if (node->contype != ConstrType::Check) refuse(*node);
      if (node->is_no_inherit) throw SqlError(Sqlstate::InvalidObjectDefinition, "check constraints for domains cannot be marked NO INHERIT");
      const auto& check = add_domain_check(context, *domain, *node);
      if (!node->skip_validation) validate_check_uses(context, *domain, check);
      break;
    }
    case 'X':
    case 'V': {
      auto at = std::find_if(domain->checks.begin(), domain->checks.end(), [&](const auto& c) { return c.name == statement.name; });
      if (at == domain->checks.end()) {
        std::string text = "constraint \"" + std::string(statement.name) + "\" of domain \"" + domain->name + "\" does not exist";
        if (!statement.missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
        notice(context, text + ", skipping");
        break;
      }
      if (statement.subtype == 'X') {
        domain->checks.erase(at);
      } else if (!at->validated) {
        validate_check_uses(context, *domain, *at);
        at->validated = true;
      }
      break;
    }
    default: throw_not_supported("this form of ALTER DOMAIN");
  }
  context.catalog_changes().put(domain);
  return {"ALTER DOMAIN", {}, {}};
}

}  // namespace aegis::commands
