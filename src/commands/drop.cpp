#include <algorithm>

#include "aegis/base/error.h"
#include "collation.h"
#include "dependency.h"
#include "event_trigger.h"
#include "extension.h"
#include "foreign_data.h"
#include "named_objects.h"
#include "names.h"
#include "objects.h"
#include "rule.h"
#include "operator.h"
#include "operator_class.h"
#include "policy.h"
#include "publication.h"
#include "routine.h"
#include "statistics.h"
#include "text_search.h"
#include "trigger.h"
#include "type.h"

namespace aegis::commands {
namespace {

using ast::ObjectType;
using catalog::ObjectKind;

const char* kind_word(ObjectType type) {
  switch (type) {
    case ObjectType::Table: return "table";
    case ObjectType::View: return "view";
    case ObjectType::Sequence: return "sequence";
    case ObjectType::Index: return "index";
    case ObjectType::Matview: return "materialized view";
    case ObjectType::ForeignTable: return "foreign table";
    case ObjectType::Type:
    case ObjectType::Domain: return "type";
    case ObjectType::Schema: return "schema";
    case ObjectType::Collation: return "collation";
    case ObjectType::Extension: return "extension";
    case ObjectType::Language: return "language";
    case ObjectType::Function: return "function";
    case ObjectType::Procedure: return "procedure";
    case ObjectType::TsParser: return "text search parser";
    case ObjectType::TsTemplate: return "text search template";
    case ObjectType::TsDictionary: return "text search dictionary";
    case ObjectType::TsConfiguration: return "text search configuration";
    case ObjectType::Aggregate: return "aggregate";
    case ObjectType::Publication: return "publication";
    case ObjectType::StatisticExt: return "statistics object";
    default: return "object";
  }
}

const char* article(ObjectType type) { return type == ObjectType::Index ? "an" : "a"; }

bool matches(ObjectType type, const catalog::Object& object) {
  if (object.kind == ObjectKind::Index) return type == ObjectType::Index;
  if (object.kind != ObjectKind::Relation) return false;
  char relkind = static_cast<const catalog::Relation&>(object).relkind;
  return (type == ObjectType::Table && (relkind == 'r' || relkind == 'p')) || (type == ObjectType::View && relkind == 'v') ||
         (type == ObjectType::Sequence && relkind == 'S') || (type == ObjectType::Matview && relkind == 'm') || (type == ObjectType::ForeignTable && relkind == 'f');
}

std::string drop_hint(const catalog::Object& object) {
  std::string kind(kind_name(object));
  std::transform(kind.begin(), kind.end(), kind.begin(), ::toupper);
  return "Use DROP " + kind + " to remove " + (kind == "INDEX" ? "an" : "a") + " " + std::string(kind_name(object)) + ".";
}

void refuse_required(CommandContext& context, const catalog::Object& object) {
  auto version = context.catalog_version();
  if (object.kind == ObjectKind::Index) {
    const auto& index = static_cast<const catalog::Index&>(object);
    if (auto parent = index.parent == kInvalidOid ? nullptr : version->index(index.parent)) {
      std::string what = describe(context, *parent);
      throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop " + describe(context, index) + " because " + what + " requires it")
          .hint("You can drop " + what + " instead.");
    }
    if (index.constraint == kInvalidOid) return;
    auto table = version->relation(index.table);
    for (const auto& constraint : table->constraints) {
      if (constraint.oid != index.constraint) continue;
      std::string what = "constraint " + constraint.name + " on " + describe(context, *table);
      throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop " + describe(context, index) + " because " + what + " requires it")
          .hint("You can drop " + what + " instead.");
    }
    return;
  }
  if (object.kind != ObjectKind::Relation) return;
  for (const auto& dependency : object.dependencies) {
    if (dependency.kind != 'i') continue;
    auto table = version->relation(dependency.object);
    if (table == nullptr) continue;
    std::string what = "column " + table->columns[dependency.column - 1].name + " of " + describe(context, *table);
    throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop " + describe(context, object) + " because " + what + " requires it")
        .hint("You can drop " + what + " instead.");
  }
}

void drop_relation_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto names = names_of(*node);
    ast::RangeVar name = range_var(context, names);
    if (!name.schemaname.empty() && name.schemaname != "pg_temp" && find_schema(context, name.schemaname, true) == kInvalidOid) {
      if (!statement.missing_ok) find_schema(context, name.schemaname, false);
      notice(context, "schema \"" + std::string(name.schemaname) + "\" does not exist, skipping");
      continue;
    }
    auto object = open_object(context, name, txn::LockMode::AccessExclusive, true);
    if (object == nullptr) {
      std::string text = std::string(kind_word(statement.remove_type)) + " \"" + dotted(names) + "\" does not exist";
      if (!name.schemaname.empty()) text = std::string(kind_word(statement.remove_type)) + " \"" + std::string(name.relname) + "\" does not exist";
      if (!statement.missing_ok) {
        throw SqlError(statement.remove_type == ObjectType::Index ? Sqlstate::UndefinedObject : Sqlstate::UndefinedTable, text);
      }
      notice(context, text + ", skipping");
      continue;
    }
    if (!matches(statement.remove_type, *object)) {
      throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not " + article(statement.remove_type) + " " +
                                                    kind_word(statement.remove_type))
          .hint(drop_hint(*object));
    }
    check_owner(context, *object);
    refuse_required(context, *object);
    check_not_in_use(context, *object, statement.remove_type == ObjectType::Index ? "DROP INDEX" : "DROP TABLE");
    targets.push_back({DropTarget::Part::Whole, object->oid, 0});
  }
}

void drop_schema_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    std::string name(ast::node_cast<ast::String>(node)->sval);
    Oid schema = find_schema(context, name, statement.missing_ok);
    if (schema == kInvalidOid) {
      notice(context, "schema \"" + name + "\" does not exist, skipping");
      continue;
    }
    auto object = context.catalog_version()->find(schema);
    if (is_system(*context.catalog_version(), *object)) {
      throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop schema " + name + " because it is required by the database system");
    }
    check_owner(context, *object);
    targets.push_back({DropTarget::Part::Whole, schema, 0});
  }
}

void drop_trigger_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto names = ast::node_cast<ast::QualifiedName>(node)->names;
    auto name = range_var(context, names.first(names.size() - 1));
    auto table = open_relation(context, name, txn::LockMode::AccessExclusive, statement.missing_ok);
    if (table == nullptr) {
      notice(context, "relation \"" + display_name(name) + "\" does not exist, skipping");
      continue;
    }
    auto trigger = find_trigger(context, *table, names.back(), statement.missing_ok);
    if (trigger == nullptr) continue;
    check_owner(context, *table);
    if (auto parent = trigger->parent == kInvalidOid ? nullptr : context.catalog_version()->trigger(trigger->parent)) {
      std::string what = describe(context, *parent);
      throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop " + describe(context, *trigger) + " because " + what + " requires it")
          .hint("You can drop " + what + " instead.");
    }
    targets.push_back({DropTarget::Part::Whole, trigger->oid, 0});
  }
}

void drop_routine_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto routine = find_routine(context, *ast::node_cast<ast::ObjectWithArgs>(node), statement.remove_type, statement.missing_ok, true);
    if (routine == nullptr) continue;
    check_owner(context, *routine);
    targets.push_back({DropTarget::Part::Whole, routine->oid, 0});
  }
}

void drop_operator_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto op = find_user_operator(context, *ast::node_cast<ast::ObjectWithArgs>(node), statement.missing_ok);
    if (op == nullptr) continue;
    check_owner(context, *op);
    targets.push_back({DropTarget::Part::Whole, op->oid, 0});
  }
}

void drop_extension_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto extension = find_extension(context, names_of(*node)[0], statement.missing_ok);
    if (extension == nullptr) continue;
    check_owner(context, *extension);
    targets.push_back({DropTarget::Part::Whole, extension->oid, 0});
  }
}

void drop_event_trigger_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto trigger = find_event_trigger(context, names_of(*node)[0], statement.missing_ok);
    if (trigger == nullptr) continue;
    check_owner(context, *trigger);
    targets.push_back({DropTarget::Part::Whole, trigger->oid, 0});
  }
}

void drop_statistics_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto names = names_of(*node);
    auto statistics = find_statistics(context, names, statement.missing_ok);
    if (statistics == nullptr) continue;
    check_owner(context, *statistics);
    targets.push_back({DropTarget::Part::Whole, statistics->oid, 0});
  }
}

void drop_cast_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto cast = find_user_cast(context, *node, statement.missing_ok);
    if (cast == nullptr) continue;
    auto version = context.catalog_version();
    auto owns = [&](Oid type) {
      auto owner = version->type_owner(type);
      return owner != nullptr && is_member_of(*version, context.current_role(), owner->owner);
    };
    if (!context.is_superuser() && !owns(cast->source) && !owns(cast->target)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "must be owner of type " + types::format_type({cast->source}, context.types().names) +
                                                          " or type " + types::format_type({cast->target}, context.types().names));
    }
    targets.push_back({DropTarget::Part::Whole, cast->oid, 0});
  }
}

void drop_text_search_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto names = ast::node_cast<ast::QualifiedName>(node)->names;
    auto object = find_text_search(context, statement.remove_type, names, statement.missing_ok);
    if (object == nullptr) {
      notice(context, std::string(kind_word(statement.remove_type)) + " \"" + dotted(names) + "\" does not exist, skipping");
      continue;
    }
    check_owner(context, *object);
    targets.push_back({DropTarget::Part::Whole, object->oid, 0});
  }
}

void drop_collation_targets(const ast::DropStmt& statement, CommandContext& context, std::vector<DropTarget>& targets) {
  for (const auto* node : statement.objects) {
    auto names = ast::node_cast<ast::QualifiedName>(node)->names;
    auto object = find_user_collation(context, names, statement.missing_ok);
    if (object == nullptr) {
      bool no_schema = names.size() > 1 && find_schema(context, names[names.size() - 2], true) == kInvalidOid;
      notice(context, no_schema ? "schema \"" + std::string(names[names.size() - 2]) + "\" does not exist, skipping"
                                : "collation \"" + dotted(names) + "\" does not exist, skipping");
      continue;
    }
    check_owner(context, *object);
    targets.push_back({DropTarget::Part::Whole, object->oid, 0});
  }
}

std::string absent_name(const ast::Node& node) {
  std::string text;
  for (auto part : names_of(node)) text += (text.empty() ? "" : ".") + std::string(part);
  return text;
}

// Kinds of object of which there are none.
void report_absent(const ast::DropStmt& statement, CommandContext& context) {
  for (const auto* node : statement.objects) {
    std::string text(kind_word(statement.remove_type));
    if (text == "object") throw_not_supported(command_tag(statement));
    Sqlstate state = Sqlstate::UndefinedObject;
    if (auto* call = ast::node_cast<ast::ObjectWithArgs>(node)) {
      state = Sqlstate::UndefinedFunction;
      if (!call->args_unspecified) {
        text += " " + dotted(call->objname) + "(";
        for (size_t i = 0; i < call->objargs.size(); ++i) text += (i > 0 ? "," : "") + dotted(call->objargs[i]->names);
        text += ")";
      } else {
        text = "could not find a " + text + " named \"" + dotted(call->objname) + "\"";
        if (!statement.missing_ok) throw SqlError(state, text);
        notice(context, std::string(kind_word(statement.remove_type)) + " " + dotted(call->objname) + "() does not exist, skipping");
        continue;
      }
    } else if (auto* type = ast::node_cast<ast::TypeName>(node)) {
      if (types::find_type_by_name(type->names.back()) != nullptr) throw_not_supported(command_tag(statement) + " of a built-in type");
      text += " \"" + dotted(type->names) + "\"";
    } else if (ast::is_node<ast::QualifiedName>(node) || ast::is_node<ast::String>(node)) {
      auto names = names_of(*node);
      text += " \"" + dotted(names) + "\"";
    } else {
      throw_not_supported(command_tag(statement));
    }
    if (!statement.missing_ok) throw SqlError(state, text + " does not exist");
    notice(context, text + " does not exist, skipping");
  }
}

}  // namespace

CommandResult drop_objects(const ast::DropStmt& statement, CommandContext& context) {
  std::vector<DropTarget> targets;
  switch (statement.remove_type) {
    case ObjectType::Table:
    case ObjectType::View:
    case ObjectType::Sequence:
    case ObjectType::Index:
    case ObjectType::Matview:
    case ObjectType::ForeignTable:
      if (statement.concurrent) context.prevent_in_transaction_block("DROP INDEX CONCURRENTLY");
      drop_relation_targets(statement, context, targets);
      break;
    case ObjectType::Type:
    case ObjectType::Domain: collect_type_targets(statement, context, targets); break;
    case ObjectType::Schema: drop_schema_targets(statement, context, targets); break;
    case ObjectType::Policy: return drop_policies(statement, context);
    case ObjectType::Rule: return drop_rules(statement, context);
    case ObjectType::Trigger: drop_trigger_targets(statement, context, targets); break;
    case ObjectType::Operator: drop_operator_targets(statement, context, targets); break;
    case ObjectType::Extension: drop_extension_targets(statement, context, targets); break;
    case ObjectType::EventTrigger: drop_event_trigger_targets(statement, context, targets); break;
    case ObjectType::StatisticExt: drop_statistics_targets(statement, context, targets); break;
    case ObjectType::Fdw:
    case ObjectType::Publication:
    case ObjectType::ForeignServer:
      for (const auto* node : statement.objects) {
        auto name = names_of(*node)[0];
        catalog::ObjectPtr object;
        if (statement.remove_type == ObjectType::Fdw) object = find_wrapper(context, name, statement.missing_ok);
        else if (statement.remove_type == ObjectType::Publication) object = find_publication(context, name, statement.missing_ok);
        else object = find_server(context, name, statement.missing_ok);
        if (object == nullptr) continue;
        check_owner(context, *object);
        targets.push_back({DropTarget::Part::Whole, object->oid, 0});
      }
      break;
    case ObjectType::Cast: drop_cast_targets(statement, context, targets); break;
    case ObjectType::Collation: drop_collation_targets(statement, context, targets); break;
    case ObjectType::AccessMethod:
    case ObjectType::Conversion:
      for (const auto* node : statement.objects) {
        auto object = find_named_object(context, statement.remove_type, *node, statement.missing_ok);
        if (object == nullptr) {
          std::string kind = statement.remove_type == ObjectType::Conversion ? "conversion" : "access method";
          notice(context, kind + " \"" + absent_name(*node) + "\" does not exist, skipping");
          continue;
        }
        check_owner(context, *object);
        targets.push_back({DropTarget::Part::Whole, object->oid, 0});
      }
      break;
    case ObjectType::Opclass:
    case ObjectType::Opfamily:
      for (const auto* node : statement.objects) {
        auto object = find_operator_class(context, statement.remove_type, *node, statement.missing_ok);
        if (object == nullptr) continue;
        check_owner(context, *object);
        targets.push_back({DropTarget::Part::Whole, object->oid, 0});
      }
      break;
    case ObjectType::TsDictionary:
    case ObjectType::TsConfiguration: drop_text_search_targets(statement, context, targets); break;
    case ObjectType::Function:
    case ObjectType::Procedure:
    case ObjectType::Aggregate:
    case ObjectType::Routine: drop_routine_targets(statement, context, targets); break;
    default: report_absent(statement, context);
  }
  if (!targets.empty()) drop_targets(context, targets, statement.behavior);
  return {command_tag(statement), {}, {}};
}

}  // namespace aegis::commands
