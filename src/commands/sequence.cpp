#include "sequence.h"

#include <optional>

#include "aegis/base/error.h"
#include "aegis/catalog/sequence.h"
#include "aegis/types/encoding.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {

namespace oid = types::oid;

namespace {

int64_t integer_of(const ast::DefElem& option) {
  if (auto* integer = ast::node_cast<ast::Integer>(option.arg)) return integer->ival;
  if (auto* number = ast::node_cast<ast::Float>(option.arg)) return types::parse_integer(number->fval, INT64_MIN, INT64_MAX, "bigint");
  throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires a numeric value");
}

void range_of(Oid type, int64_t& least, int64_t& greatest) {
  least = type == oid::kInt2 ? INT16_MIN : type == oid::kInt4 ? INT32_MIN : INT64_MIN;
  greatest = type == oid::kInt2 ? INT16_MAX : type == oid::kInt4 ? INT32_MAX : INT64_MAX;
}

// The options as written, each at most once.
struct SequenceOptions {
  const ast::DefElem* type = nullptr;
  const ast::DefElem* start = nullptr;
  const ast::DefElem* restart = nullptr;
  const ast::DefElem* increment = nullptr;
  const ast::DefElem* maximum = nullptr;
  const ast::DefElem* minimum = nullptr;
  const ast::DefElem* cache = nullptr;
  const ast::DefElem* cycle = nullptr;
  const ast::DefElem* owned_by = nullptr;
};

SequenceOptions sort_options(CommandContext& context, ast::List<ast::DefElem> options) {
  SequenceOptions out;
  for (auto* option : options) {
    const ast::DefElem** slot = option->defname == "as"          ? &out.type
                                : option->defname == "start"     ? &out.start
                                : option->defname == "restart"   ? &out.restart
                                : option->defname == "increment" ? &out.increment
                                : option->defname == "maxvalue"  ? &out.maximum
                                : option->defname == "minvalue"  ? &out.minimum
                                : option->defname == "cache"     ? &out.cache
                                : option->defname == "cycle"     ? &out.cycle
                                : option->defname == "owned_by"  ? &out.owned_by
                                                                 : nullptr;
    if (slot == nullptr) {
      if (option->defname == "sequence_name") continue;
      throw_not_supported("sequence option " + std::string(option->defname), position_of(context, *option));
    }
    if (*slot != nullptr) {
      throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options").position(position_of(context, *option));
    }
    *slot = option;
  }
  return out;
}

void apply_type(CommandContext& context, catalog::SequenceInfo& info, const SequenceOptions& options, bool is_new, bool& reset_max,
                bool& reset_min) {
  if (options.type == nullptr) return;
  auto version = context.catalog_version();
  Oid type = analyzer::resolve_type(context.analyzer_context(*version), *ast::node_cast<ast::TypeName>(options.type->arg)).oid;
  if (type != oid::kInt2 && type != oid::kInt4 && type != oid::kInt8) {
    throw SqlError(Sqlstate::InvalidParameterValue, "sequence type must be smallint, integer, or bigint");
  }
  if (!is_new) {
    int64_t least, greatest;
    range_of(info.type, least, greatest);
    reset_max = info.maximum == greatest || (info.increment < 0 && info.maximum == -1);
    reset_min = info.minimum == least || (info.increment > 0 && info.minimum == 1);
    reset_max = info.maximum == greatest;
    reset_min = info.minimum == least;
  }
  info.type = type;
}

void apply_options(CommandContext& context, catalog::SequenceInfo& info, std::optional<catalog::SequenceState>& state,
                   const SequenceOptions& options, bool is_new) {
  auto fail = [](std::string message) { throw SqlError(Sqlstate::InvalidParameterValue, std::move(message)); };
  bool reset_max = false, reset_min = false;
  apply_type(context, info, options, is_new, reset_max, reset_min);
  if (options.increment != nullptr) {
    info.increment = integer_of(*options.increment);
    if (info.increment == 0) fail("INCREMENT must not be zero");
  }
  if (options.cycle != nullptr) info.cycle = ast::node_cast<ast::Boolean>(options.cycle->arg)->boolval;
  int64_t least, greatest;
  range_of(info.type, least, greatest);
  std::string type_name = types::format_type({info.type});
  if (options.maximum != nullptr && options.maximum->arg != nullptr) {
    info.maximum = integer_of(*options.maximum);
  } else if (is_new || options.maximum != nullptr || reset_max) {
    info.maximum = info.increment > 0 || reset_max ? greatest : -1;
  }
  if (info.maximum < least || info.maximum > greatest) {
    fail("MAXVALUE (" + std::to_string(info.maximum) + ") is out of range for sequence data type " + type_name);
  }
  if (options.minimum != nullptr && options.minimum->arg != nullptr) {
    info.minimum = integer_of(*options.minimum);
  } else if (is_new || options.minimum != nullptr || reset_min) {
    info.minimum = info.increment < 0 || reset_min ? least : 1;
  }
  if (info.minimum < least || info.minimum > greatest) {
    fail("MINVALUE (" + std::to_string(info.minimum) + ") is out of range for sequence data type " + type_name);
  }
  if (info.minimum >= info.maximum) {
    fail("MINVALUE (" + std::to_string(info.minimum) + ") must be less than MAXVALUE (" + std::to_string(info.maximum) + ")");
  }
  if (options.start != nullptr) {
    info.start = integer_of(*options.start);
  } else if (is_new) {
    info.start = info.increment > 0 ? info.minimum : info.maximum;
  }
  if (info.start < info.minimum) {
    fail("START value (" + std::to_string(info.start) + ") cannot be less than MINVALUE (" + std::to_string(info.minimum) + ")");
  }
  if (info.start > info.maximum) {
    fail("START value (" + std::to_string(info.start) + ") cannot be greater than MAXVALUE (" + std::to_string(info.maximum) + ")");
  }
  if (options.restart != nullptr) {
    state = catalog::SequenceState{options.restart->arg != nullptr ? integer_of(*options.restart) : info.start, false};
  } else if (is_new) {
    state = catalog::SequenceState{info.start, false};
  }
  if (state && state->last_value < info.minimum) {
    fail("RESTART value (" + std::to_string(state->last_value) + ") cannot be less than MINVALUE (" + std::to_string(info.minimum) + ")");
  }
  if (state && state->last_value > info.maximum) {
    fail("RESTART value (" + std::to_string(state->last_value) + ") cannot be greater than MAXVALUE (" + std::to_string(info.maximum) + ")");
  }
  if (options.cache != nullptr) {
    info.cache = integer_of(*options.cache);
    if (info.cache <= 0) fail("CACHE (" + std::to_string(info.cache) + ") must be greater than zero");
  }
}

void store_state(CommandContext& context, Oid sequence, const catalog::SequenceState& state) {
  context.engine().put_metadata(context.transaction().context(), catalog::kSequenceMetadata, catalog::sequence_key(sequence),
                                catalog::encode_sequence(state));
  context.sequence_changed(sequence, state.last_value, state.is_called);
}

void apply_owner(CommandContext& context, catalog::Relation& sequence, const ast::DefElem& option) {
  auto linked = context.catalog_version()->relation(sequence.sequence.owner_table);
  int owner = sequence.sequence.owner_column;
  if (linked != nullptr && owner >= 0 && linked->columns[static_cast<size_t>(owner)].identity != 0) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot change ownership of identity sequence")
        .detail("Sequence \"" + sequence.name + "\" is linked to table \"" + linked->name + "\".");
  }
  auto names = ast::node_cast<ast::QualifiedName>(option.arg)->names;
  if (names.size() == 1) {
    if (names[0] != "none") {
      throw SqlError(Sqlstate::SyntaxError, "invalid OWNED BY option").hint("Specify OWNED BY table.column or OWNED BY NONE.");
    }
    std::erase_if(sequence.dependencies, [](const auto& d) { return d.kind == 'a'; });
    sequence.sequence.owner_table = kInvalidOid;
    sequence.sequence.owner_column = -1;
    return;
  }
  auto table = open_relation(context, range_var(context, names.first(names.size() - 1)), txn::LockMode::AccessShare);
  if (table->relkind != 'r' && table->relkind != 'p' && table->relkind != 'v' && table->relkind != 'f') {
    throw SqlError(Sqlstate::WrongObjectType, "sequence cannot be owned by relation \"" + table->name + "\"");
  }
  if (table->owner != sequence.owner) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "sequence must have same owner as table it is linked to");
  }
  if (table->schema != sequence.schema) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "sequence must be in same schema as table it is linked to");
  }
  int column = table->find_column(names.back());
  if (column < 0) {
    throw SqlError(Sqlstate::UndefinedColumn,
                   "column \"" + std::string(names.back()) + "\" of relation \"" + table->name + "\" does not exist");
  }
  own_sequence(sequence, table->oid, column, 'a');
}

}  // namespace

void own_sequence(catalog::Relation& sequence, Oid table, int column, char kind) {
  std::erase_if(sequence.dependencies, [](const auto& d) { return d.kind == 'a' || d.kind == 'i'; });
  sequence.dependencies.push_back({table, column + 1, kind});
  sequence.sequence.owner_table = table;
  sequence.sequence.owner_column = column;
}

std::shared_ptr<catalog::Relation> make_sequence(CommandContext& context, const SequenceRequest& request,
                                                 ast::List<ast::DefElem> options) {
  auto sequence = std::make_shared<catalog::Relation>();
  sequence->relkind = 'S';
  sequence->oid = context.catalog().allocate_oid();
  sequence->database = context.database();
  sequence->schema = request.schema;
  sequence->name = request.name;
  sequence->owner = request.owner != kInvalidOid ? request.owner : context.current_role();
  sequence->persistence = request.persistence;
  sequence->sequence.type = request.type;
  for (auto [name, type] : {std::pair{"last_value", oid::kInt8}, {"log_cnt", oid::kInt8}, {"is_called", oid::kBool}}) {
    catalog::Column column;
    column.name = name;
    column.type = {type};
    column.not_null = true;
    sequence->columns.push_back(std::move(column));
  }
  std::optional<catalog::SequenceState> state;
  auto sorted = sort_options(context, options);
  apply_options(context, sequence->sequence, state, sorted, true);
  if (sorted.owned_by != nullptr) apply_owner(context, *sequence, *sorted.owned_by);
  context.catalog_changes().put(sequence);
  store_state(context, sequence->oid, *state);
  return sequence;
}

void change_sequence(CommandContext& context, catalog::Relation& sequence, ast::List<ast::DefElem> options) {
  auto sorted = sort_options(context, options);
  std::optional<catalog::SequenceState> state;
  apply_options(context, sequence.sequence, state, sorted, false);
  if (sorted.owned_by != nullptr) apply_owner(context, sequence, *sorted.owned_by);
  if (state) store_state(context, sequence.oid, *state);
}

void restart_sequence(CommandContext& context, const catalog::Relation& sequence, int64_t value, bool is_called) {
  store_state(context, sequence.oid, {value, is_called});
}

std::vector<catalog::RelationPtr> owned_sequences(const catalog::Version& version, Oid table, int column) {
  std::vector<catalog::RelationPtr> found;
  for (const auto& dependent : version.dependents(table)) {
    if (dependent.object->kind != catalog::ObjectKind::Relation) continue;
    auto relation = std::static_pointer_cast<const catalog::Relation>(dependent.object);
    if (relation->relkind != 'S' || relation->sequence.owner_table != table) continue;
    if (column >= 0 && relation->sequence.owner_column != column) continue;
    if (found.empty() || found.back() != relation) found.push_back(std::move(relation));
  }
  return found;
}

CommandResult create_sequence(const ast::CreateSeqStmt& statement, CommandContext& context) {
  NewName name = creation_name(context, *statement.sequence);
  lock_name(context, catalog::kPgClassOid, name.schema, name.name);
  if (context.catalog_version()->find_relation(name.schema, name.name, context.database()) != kInvalidOid) {
    if (!statement.if_not_exists) throw SqlError(Sqlstate::DuplicateTable, "relation \"" + name.name + "\" already exists");
    notice(context, "relation \"" + name.name + "\" already exists, skipping", Sqlstate::DuplicateTable);
    return {"CREATE SEQUENCE", {}, {}};
  }
  make_sequence(context, {name.schema, name.name, name.persistence, oid::kInt8, kInvalidOid}, statement.options);
  return {"CREATE SEQUENCE", {}, {}};
}

CommandResult alter_sequence(const ast::AlterSeqStmt& statement, CommandContext& context) {
  auto found = open_relation(context, *statement.sequence, txn::LockMode::ShareRowExclusive, statement.missing_ok);
  if (found == nullptr) {
    notice(context, "relation \"" + display_name(*statement.sequence) + "\" does not exist, skipping");
    return {"ALTER SEQUENCE", {}, {}};
  }
  if (found->relkind != 'S') throw SqlError(Sqlstate::WrongObjectType, "\"" + found->name + "\" is not a sequence");
  check_owner(context, *found);
  auto changed = copy_of(found);
  change_sequence(context, *changed, statement.options);
  context.catalog_changes().put(changed);
  return {"ALTER SEQUENCE", {}, {}};
}

}  // namespace aegis::commands
