#include "dependency.h"

#include <algorithm>
#include <unordered_map>

#include "aegis/commands/large_object.h"
#include "aegis/base/error.h"
#include "aegis/catalog/sequence.h"
#include "definition.h"
#include "event_trigger.h"
#include "expression_uses.h"
#include "names.h"
#include "objects.h"
#include "type.h"

namespace aegis::commands {
namespace {

using catalog::ObjectKind;
using Part = DropTarget::Part;

class Dropper {
 public:
  Dropper(CommandContext& context, const std::vector<DropTarget>& targets) : context_(context), originals_(targets) {}

  void collect() {
    for (const auto& target : originals_) refuse_member(target);
    // From the last: that is the order in which PostgreSQL reports.
    for (auto target = originals_.rbegin(); target != originals_.rend(); ++target) visit(*target, {}, true);
  }

  void report(ast::DropBehavior behavior, bool quiet) {
    std::vector<const Entry*> others;
    for (const auto& entry : entries_) {
      bool original = std::find(originals_.begin(), originals_.end(), entry.target) != originals_.end();
      bool with_whole = entry.target.part != Part::Whole && is_dropped({Part::Whole, entry.target.object, 0});
      with_whole = with_whole || (entry.target.part == Part::Default && is_dropped({Part::Column, entry.target.object, entry.target.sub}));
      if (!original && !entry.automatic && !with_whole) others.push_back(&entry);
    }
    if (others.empty()) return;
    if (behavior == ast::DropBehavior::Restrict) throw_dependents(others);
    if (quiet) return;
    if (others.size() == 1) return notice(context_, "drop cascades to " + others[0]->description);
    ErrorFields fields;
    fields.severity = "NOTICE";
    fields.sqlstate = Sqlstate::SuccessfulCompletion;
    fields.message = "drop cascades to " + std::to_string(others.size()) + " other objects";
    for (size_t i = 0; i < others.size() && i < kMaxReported; ++i) {
      if (i > 0) fields.detail += "\n";
      fields.detail += "drop cascades to " + others[i]->description;
    }
    if (others.size() > kMaxReported) {
      fields.detail += "\nand " + std::to_string(others.size() - kMaxReported) + " other objects (see server log for list)";
    }
    context_.notice(std::move(fields));
  }

  // `internal`: by the system's own wish, of which event triggers hear nothing.
  void remove(bool internal) {
    if (!internal && notes_drops(context_)) note_all();
    // Parts of relations that stay first: their copies must not refer to what goes.
    for (const auto& entry : entries_) {
      bool with_column = entry.target.part == Part::Default && is_dropped({Part::Column, entry.target.object, entry.target.sub});
      if (entry.target.part != Part::Whole && !with_column && !is_dropped({Part::Whole, entry.target.object, 0})) remove_part(entry.target);
    }
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
      if (entry->target.part == Part::Whole) remove_object(entry->target.object);
    }
  }

 private:
  static constexpr size_t kMaxReported = 100;

  // A member goes with its extension only.
  void refuse_member(const DropTarget& target) {
    auto version = context_.catalog_version();
    auto object = version->find(target.object);
    if (object == nullptr || target.part != Part::Whole) return;
    for (const auto& dependency : object->dependencies) {
      auto extension = dependency.kind == 'e' ? version->find(dependency.object) : nullptr;
      if (extension == nullptr || is_original({Part::Whole, extension->oid, 0})) continue;
      std::string what = describe(context_, *extension);
      throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop " + describe(context_, *object) + " because " + what + " requires it")
          .hint("You can drop " + what + " instead.");
    }
  }

  // Tells event triggers, with what has no entry of its own.
  void note_all() {
    auto version = context_.catalog_version();
    std::vector<Oid> noted;
    for (const auto& entry : entries_) {
      auto object = version->find(entry.target.object);
      if (object == nullptr) continue;
      bool original = is_original(entry.target);
      bool in_dropped_schema = object->schema != kInvalidOid && is_dropped({Part::Whole, object->schema, 0});
      bool normal = !original && (!entry.automatic || in_dropped_schema);
      if (entry.target.part == Part::Policy || entry.target.part == Part::Rule || entry.target.part == Part::DomainCheck) {
        Oid catalog = entry.target.part == Part::Policy ? catalog::kPgPolicyOid : entry.target.part == Part::Rule ? catalog::kPgRewriteOid : catalog::kPgConstraintOid;
        note_dropped(context_, catalog, entry.target.sub, 0, original, normal);
        continue;
      }
      if (entry.target.part != Part::Whole) {
        note_part(static_cast<const catalog::Relation&>(*object), entry.target, original);
        continue;
      }
      // A table's triggers and constraints' indexes are told of with it.
      if (object->kind == ObjectKind::Trigger && is_dropped({Part::Whole, static_cast<const catalog::Trigger&>(*object).table, 0})) continue;
      if (object->kind == ObjectKind::Relation) {
        note_relation(static_cast<const catalog::Relation&>(*object), original, normal);
        continue;
      }
      note_dropped(context_, catalog_of(*object), object->oid, 0, original, normal);
      if (object->kind != ObjectKind::Type) continue;
      const auto& type = static_cast<const catalog::UserType&>(*object);
      if (type.array_type != kInvalidOid) note_dropped(context_, catalog::kPgTypeOid, type.array_type, 0, false, false);
    }
  }

  void note_part(const catalog::Relation& table, const DropTarget& target, bool original) {
    if (target.part == Part::Constraint) {
      for (const auto& constraint : table.constraints) {
        if (constraint.oid == target.sub) note_constraint(constraint, original, !original && (constraint.kind == 'c' || constraint.kind == 'f'));
      }
      return;
    }
    const auto& column = table.columns[target.sub];
    if (target.part == Part::Column) note_dropped(context_, catalog::kPgClassOid, table.oid, static_cast<int>(target.sub) + 1, original, !original);
    if (column.default_oid == kInvalidOid) return;
    note_dropped(context_, catalog::kPgAttrdefOid, column.default_oid, 0, original && target.part == Part::Default, uses_sequence(column));
  }

  static bool uses_sequence(const catalog::Column& column) { return column.default_sql.find("regclass") != std::string::npos; }

  void note_constraint(const catalog::Constraint& constraint, bool original, bool normal) {
    note_dropped(context_, catalog::kPgConstraintOid, constraint.oid, 0, original, normal);
    if (constraint.index != kInvalidOid && constraint.kind != 'f') note_dropped(context_, catalog::kPgClassOid, constraint.index, 0, false, false);
  }

  void note_relation(const catalog::Relation& table, bool original, bool normal) {
    if (table.relkind == 'c') {
      note_dropped(context_, catalog::kPgTypeOid, table.row_type, 0, original, normal);
      note_dropped(context_, catalog::kPgClassOid, table.oid, 0, false, false);
      note_dropped(context_, catalog::kPgTypeOid, table.array_type, 0, false, false);
      return;
    }
    note_dropped(context_, catalog::kPgClassOid, table.oid, 0, original, normal);
    if (table.row_type != kInvalidOid && table.relkind != 'S') {
      note_dropped(context_, catalog::kPgTypeOid, table.row_type, 0, false, false);
      if (table.array_type != kInvalidOid) note_dropped(context_, catalog::kPgTypeOid, table.array_type, 0, false, false);
    }
    if (table.is_view()) note_dropped(context_, catalog::kPgRewriteOid, table.oid ^ 0x40000000u, 0, false, normal);
    for (const auto& column : table.columns) {
      if (!column.dropped && column.default_oid != kInvalidOid) note_dropped(context_, catalog::kPgAttrdefOid, column.default_oid, 0, false, uses_sequence(column));
    }
    for (const auto& constraint : table.constraints) note_constraint(constraint, false, constraint.kind == 'c');
    auto version = context_.catalog_version();
    for (const auto& index : version->indexes_of(table)) {
      if (index->constraint == kInvalidOid) note_dropped(context_, catalog::kPgClassOid, index->oid, 0, false, false);
    }
    for (const auto& trigger : version->triggers(table.oid)) note_dropped(context_, catalog::kPgTriggerOid, trigger->oid, 0, false, false);
    for (const auto& policy : table.policies) note_dropped(context_, catalog::kPgPolicyOid, policy.oid, 0, false, true);
    for (const auto& rule : table.rules) note_dropped(context_, catalog::kPgRewriteOid, rule.oid, 0, false, false);
  }

  struct Entry {
    DropTarget target;
    std::string description;
    std::string dependee;
    bool automatic;
  };

  bool is_dropped(const DropTarget& target) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const auto& e) { return e.target == target; });
  }
  bool is_original(const DropTarget& target) const {
    return std::find(originals_.begin(), originals_.end(), target) != originals_.end();
  }

  std::string describe_target(const DropTarget& target) {
    auto object = context_.catalog_version()->find(target.object);
    if (target.part == Part::Whole) return describe(context_, *object);
    if (target.part == Part::DomainCheck) {
      for (const auto& check : static_cast<const catalog::UserType&>(*object).checks) {
        if (check.oid == target.sub) return "constraint " + check.name;
      }
    }
    const auto& relation = static_cast<const catalog::Relation&>(*object);
    for (const auto& policy : relation.policies) {
      if (target.part == Part::Policy && policy.oid == target.sub) return "policy " + policy.name + " on " + describe(context_, relation);
    }
    for (const auto& rule : relation.rules) {
      if (target.part == Part::Rule && rule.oid == target.sub) return "rule " + rule.name + " on " + describe(context_, relation);
    }
    std::string on = (relation.relkind == 'c' ? "composite " : "") + describe(context_, relation);
    if (target.part == Part::Default) return "default value for column " + relation.columns[target.sub].name + " of " + on;
    if (target.part == Part::Column) return "column " + relation.columns[target.sub].name + " of " + on;
    for (const auto& constraint : relation.constraints) {
      if (constraint.oid == target.sub) return "constraint " + constraint.name + " on " + on;
    }
    return on;
  }

  void visit(const DropTarget& target, const std::string& dependee, bool automatic) {
    if (is_dropped(target)) {
      // What goes with something else by itself is not reported, whichever way was found first.
      for (auto& entry : entries_) {
        if (entry.target == target) entry.automatic = entry.automatic || automatic;
      }
      return;
    }
    // A part goes with its whole.
    if (target.part != Part::Whole && is_dropped({Part::Whole, target.object, 0})) return;
    if (target.part != Part::Whole && is_original({Part::Whole, target.object, 0})) return;
    auto version = context_.catalog_version();
    auto object = version->find(target.object);
    if (object == nullptr) return;
    if (object->kind == ObjectKind::Relation) context_.lock_relation(object->oid, txn::LockMode::AccessExclusive);
    if (object->kind == ObjectKind::Index) {
      context_.lock_relation(static_cast<const catalog::Index&>(*object).table, txn::LockMode::AccessExclusive);
    }
    version = context_.catalog_version();
    object = version->find(target.object);
    if (object == nullptr) return;
    std::string description = describe_target(target);
    auto claimed = target.part == Part::Whole ? dependees_.find(target.object) : dependees_.end();
    entries_.push_back({target, description, claimed == dependees_.end() ? dependee : claimed->second, automatic});
    switch (target.part) {
      case Part::Whole: return visit_dependents_of(*version, *object, description);
      case Part::Column: return visit_dependents_of_column(*version, static_cast<const catalog::Relation&>(*object), target.sub, description);
      case Part::Constraint: return visit_dependents_of_constraint(*version, static_cast<const catalog::Relation&>(*object), target.sub, description);
      case Part::Default:
      case Part::Policy:
      case Part::Rule:
      case Part::DomainCheck: return;
    }
  }

  void visit_foreign_keys(const std::vector<catalog::Version::Referencing>& references, const std::string& description, auto&& concerns) {
    for (const auto& reference : references) {
      if (concerns(*reference.constraint)) visit({Part::Constraint, reference.table->oid, reference.constraint->oid}, description, false);
    }
  }

  // Columns, domains, ranges and composites that are made of a type: first those of its array.
  void visit_users_of_type(const catalog::Version& version, Oid type, const std::string& description) {
    auto objects = version.objects(context_.database());
    for (bool of_array : {true, false}) {
      auto uses = [&](Oid used) { return uses_directly(version, used, type) && (types::type_info(used).element != kInvalidOid) == of_array; };
      std::string dependee = of_array ? description + "[]" : description;
      for (const auto& other : objects) {
        if (other->oid < kFirstNormalOid) continue;
        if (other->kind == ObjectKind::Type) {
          const auto& user = static_cast<const catalog::UserType&>(*other);
          if (user.oid != type && uses(user.base.oid)) visit({Part::Whole, user.oid, 0}, dependee, false);
        } else if (other->kind == ObjectKind::Relation) {
          const auto& relation = static_cast<const catalog::Relation&>(*other);
          if (relation.row_type == type) continue;
          if (relation.of_type == type && !of_array) visit({Part::Whole, relation.oid, 0}, description, false);
          for (size_t i = relation.columns.size(); i-- > 0;) {
            if (relation.columns[i].dropped || !uses(relation.columns[i].type.oid)) continue;
            const auto& keys = relation.partition_key.columns;
            bool whole = std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.column == static_cast<int>(i); }) ||
                         (relation.is_view() && std::any_of(relation.dependencies.begin(), relation.dependencies.end(), [&](const auto& d) { return d.object == type; }));
            if (whole) {
              visit({Part::Whole, relation.oid, 0}, dependee, false);
              continue;
            }
            visit({Part::Column, relation.oid, static_cast<uint32_t>(i)}, dependee, false);
          }
        }
      }
    }
  }

  void visit_expressions(const catalog::Object& object, const std::string& description, int column = -1) {
    for (const auto& use : expression_uses(context_, object, column)) {
      bool inside = use.target.part != Part::Whole && use.target.object == object.oid && column < 0;
      if (!inside) visit(use.target, description, use.automatic);
    }
  }

  // Whether it is the type, its array, or its multirange.
  static bool uses_directly(const catalog::Version& version, Oid used, Oid type) {
    if (used < kFirstNormalOid) return false;
    auto owner = version.type_owner(used);
    auto wanted = version.type_owner(type);
    return owner != nullptr && wanted != nullptr && owner->oid == wanted->oid;
  }

  void visit_users_of_collation(const catalog::Version& version, Oid collation, const std::string& description) {
    for (const auto& object : version.objects(context_.database())) {
      if (object->kind == ObjectKind::Relation) {
        const auto& relation = static_cast<const catalog::Relation&>(*object);
        for (size_t i = 0; i < relation.columns.size(); ++i) {
          const auto& keys = relation.partition_key.columns;
          bool key = std::any_of(keys.begin(), keys.end(), [&](const auto& one) { return one.column == static_cast<int>(i); });
          if (key && relation.columns[i].collation == collation) visit({Part::Whole, relation.oid, 0}, description, false);
          if (!relation.columns[i].dropped && relation.columns[i].collation == collation) visit({Part::Column, relation.oid, static_cast<uint32_t>(i)}, description, false);
        }
      } else if (object->kind == ObjectKind::Index) {
        for (const auto& key : static_cast<const catalog::Index&>(*object).columns) {
          if (key.collation == collation) visit({Part::Whole, object->oid, 0}, description, false);
        }
      } else if (object->kind == ObjectKind::Type && static_cast<const catalog::UserType&>(*object).collation == collation) {
        visit({Part::Whole, object->oid, 0}, description, false);
      }
    }
  }

  void visit_dependents_of(const catalog::Version& version, const catalog::Object& object, const std::string& description) {
    if (object.kind == ObjectKind::Schema) {
      for (const auto& dependent : version.dependents(object.oid)) {
        if (dependent.object->kind == ObjectKind::PublicationSchema) visit({Part::Whole, dependent.object->oid, 0}, description, true);
      }
      for (const auto& inside : version.objects(context_.database())) {
        if (inside->schema == object.oid && (inside->kind == ObjectKind::Type || inside->kind == ObjectKind::Operator || inside->kind == ObjectKind::Statistics || inside->kind == ObjectKind::TsDictionary || inside->kind == ObjectKind::TsConfiguration || inside->kind == ObjectKind::OperatorFamily || inside->kind == ObjectKind::OperatorClass || inside->kind == ObjectKind::Collation || inside->kind == ObjectKind::Conversion)) visit({Part::Whole, inside->oid, 0}, description, false);
        if (inside->schema != object.oid || (inside->kind != ObjectKind::Relation && inside->kind != ObjectKind::Routine)) continue;
        visit({Part::Whole, inside->oid, 0}, description, inside->kind == ObjectKind::Relation && is_owned_elsewhere(*inside));
      }
      return;
    }
    if (object.kind == ObjectKind::Index) {
      auto table = version.relation(static_cast<const catalog::Index&>(object).table);
      for (const auto& child : version.children(table->oid)) {
        for (const auto& part : version.indexes_of(*child)) {
          if (part->parent == object.oid) visit({Part::Whole, part->oid, 0}, description, true);
        }
      }
      visit_foreign_keys(version.referencing(table->oid), description, [&](const auto& c) { return c.foreign_key.referenced_index == object.oid; });
      return;
    }
    if (object.kind == ObjectKind::AccessMethod) {
      for (const auto& user : version.objects(context_.database())) {
        if (user->kind != ObjectKind::Relation || static_cast<const catalog::Relation&>(*user).access_method != object.oid) continue;
        visit({Part::Whole, user->oid, 0}, description, false);
      }
      return;
    }
    if (object.kind == ObjectKind::Collation) {
      visit_users_of_collation(version, object.oid, description);
      visit_recorded(version, object, description);
      return visit_expressions(object, description);
    }
    if (object.kind == ObjectKind::Routine) {
      visit_recorded(version, object, description);
      return visit_expressions(object, description);
    }
    if (object.kind == ObjectKind::Type) {
      const auto& type = static_cast<const catalog::UserType&>(object);
      // A base type's functions are older than what uses it.
      if (type.typtype == 'b') visit_recorded(version, object, description);
      visit_users_of_type(version, type.oid, description);
      visit_recorded(version, object, description);
      return visit_expressions(object, description);
    }
    bool recorded = object.kind == ObjectKind::Operator || object.kind == ObjectKind::Extension || object.kind == ObjectKind::OperatorFamily ||
                    object.kind == ObjectKind::OperatorClass || object.kind == ObjectKind::ForeignDataWrapper || object.kind == ObjectKind::ForeignServer ||
                    object.kind == ObjectKind::Publication;
    if (recorded) visit_recorded(version, object, description);
    if (object.kind == ObjectKind::Operator || object.kind == ObjectKind::OperatorClass) visit_expressions(object, description);
    if (object.kind == ObjectKind::ForeignServer) {
      for (const auto& other : version.objects(context_.database())) {
        bool foreign = other->kind == ObjectKind::Relation && static_cast<const catalog::Relation&>(*other).server == object.oid;
        if (foreign) visit({Part::Whole, other->oid, 0}, description, false);
      }
    }
    if (recorded) return;
    if (object.kind == ObjectKind::TsDictionary) {
      for (const auto& dependent : version.dependents(object.oid)) visit({Part::Whole, dependent.object->oid, 0}, description, false);
      return;
    }
    if (object.kind == ObjectKind::Trigger) {
      for (const auto& dependent : version.dependents(object.oid)) visit({Part::Whole, dependent.object->oid, 0}, description, true);
      return;
    }
    if (object.kind != ObjectKind::Relation) return;
    const auto& relation = static_cast<const catalog::Relation&>(object);
    if (relation.row_type >= kFirstNormalOid) visit_users_of_type(version, relation.row_type, description);
    auto references = version.referencing(relation.oid);
    // A partition's rows are those that keys of the tables above it refer to.
    for (auto at = version.relation(relation.oid); at != nullptr && at->is_partition() && !at->parents.empty();) {
      at = version.relation(at->parents[0].relation);
      if (at == nullptr || is_original({Part::Whole, at->oid, 0})) break;
      for (const auto& reference : version.referencing(at->oid)) {
        if (reference.table->oid != relation.oid) visit({Part::Constraint, reference.table->oid, reference.constraint->oid}, description, false);
      }
    }
    // Views and constraints in the order they were made.
    size_t next = 0;
    auto visit_older_keys = [&](Oid than) {
      for (; next < references.size() && references[next].constraint->oid < than; ++next) {
        visit({Part::Constraint, references[next].table->oid, references[next].constraint->oid}, description, false);
      }
    };
    for (const auto& dependent : version.dependents(relation.oid)) dependees_.try_emplace(dependent.object->oid, description);
    for (const auto& dependent : version.dependents(relation.oid)) {
      auto other = dependent.object;
      if (other->kind == ObjectKind::Trigger || other->kind == ObjectKind::Statistics || other->kind == ObjectKind::PublicationTable) {
        visit({Part::Whole, other->oid, 0}, description, dependent.dependency.kind == 'a');
        continue;
      }
      bool uses_row_type = other->kind == ObjectKind::Routine || other->kind == ObjectKind::Cast || other->kind == ObjectKind::Operator;
      if (uses_row_type) visit({Part::Whole, other->oid, 0}, description, false);
      if (other->kind != ObjectKind::Relation || other->oid == relation.oid) continue;
      visit_older_keys(other->oid);
      const auto& user = static_cast<const catalog::Relation&>(*other);
      if (user.relkind == 'S') {
        visit({Part::Whole, user.oid, 0}, description, true);
      } else if (user.is_view()) {
        visit({Part::Whole, user.oid, 0}, description, false);
      } else if (relation.relkind == 'S') {
        visit_defaults(user, relation.oid, description);
      }
    }
    visit_older_keys(UINT32_MAX);
    visit_expressions(relation, description);
    for (const auto& child : version.children(relation.oid)) visit({Part::Whole, child->oid, 0}, description, child->is_partition());
  }

  // What goes with it by itself: automatic dependents and an extension's members.
  // Dependents are reported as this object's also where one of them depends on another.
  void visit_recorded(const catalog::Version& version, const catalog::Object& object, const std::string& description) {
    for (const auto& dependent : version.dependents(object.oid)) dependees_.try_emplace(dependent.object->oid, description);
    for (const auto& dependent : version.dependents(object.oid)) {
      char kind = dependent.dependency.kind;
      if (dependent.object->kind == ObjectKind::Index) {
        const auto& index = static_cast<const catalog::Index&>(*dependent.object);
        if (index.constraint != kInvalidOid) {
          visit({Part::Constraint, index.table, index.constraint}, description, false);
          continue;
        }
      }
      visit({Part::Whole, dependent.object->oid, 0}, description, kind == 'a' || kind == 'e');
    }
  }

  // An owned sequence goes with its table without a word.
  static bool is_owned_elsewhere(const catalog::Object& object) {
    const auto& relation = static_cast<const catalog::Relation&>(object);
    return relation.relkind == 'S' && relation.sequence.owner_table != kInvalidOid;
  }

  void visit_defaults(const catalog::Relation& table, Oid sequence, const std::string& description) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const auto& column = table.columns[i];
      if (column.dropped || column.default_sql.find("regclass") == std::string::npos) continue;
      auto definition = define_sql(context_, column.default_sql, &table, column.type,
                                   column.generated ? analyzer::DefinitionKind::Generated : analyzer::DefinitionKind::Default);
      bool uses = std::find(definition.relations.begin(), definition.relations.end(), sequence) != definition.relations.end();
      DropTarget whole_column{Part::Column, table.oid, static_cast<uint32_t>(i)};
      if (uses && !is_original(whole_column)) visit({Part::Default, table.oid, static_cast<uint32_t>(i)}, description, false);
    }
  }

  void visit_dependents_of_column(const catalog::Version& version, const catalog::Relation& table, uint32_t column,
                                  const std::string& description) {
    int number = static_cast<int>(column);
    for (const auto& dependent : version.dependents(table.oid, number + 1)) {
      if (dependent.object->kind == ObjectKind::Trigger || dependent.object->kind == ObjectKind::Statistics || dependent.object->kind == ObjectKind::PublicationTable) visit({Part::Whole, dependent.object->oid, 0}, description, dependent.dependency.kind == 'a');
      if (dependent.object->kind != ObjectKind::Relation) continue;
      const auto& user = static_cast<const catalog::Relation&>(*dependent.object);
      if (user.oid != table.oid) visit({Part::Whole, user.oid, 0}, description, user.relkind == 'S');
    }
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const auto& other = table.columns[i];
      if (other.dropped || !other.generated || i == column) continue;
      auto definition = define_sql(context_, other.default_sql, &table, other.type, analyzer::DefinitionKind::Generated);
      if (std::find(definition.columns.begin(), definition.columns.end(), number) != definition.columns.end()) {
        visit({Part::Column, table.oid, static_cast<uint32_t>(i)}, description, false);
      }
    }
    visit_expressions(table, description, number);
    auto has = [&](const std::vector<int>& columns) { return std::find(columns.begin(), columns.end(), number) != columns.end(); };
    for (const auto& constraint : table.constraints) {
      if (has(constraint.columns)) visit({Part::Constraint, table.oid, constraint.oid}, description, true);
    }
    visit_foreign_keys(version.referencing(table.oid), description, [&](const auto& c) { return has(c.foreign_key.referenced_columns); });
    for (const auto& index : version.indexes_of(table)) {
      if (index_uses(*index, table, number)) visit({Part::Whole, index->oid, 0}, description, true);
    }
  }

  bool index_uses(const catalog::Index& index, const catalog::Relation& table, int column) {
    if (index.constraint != kInvalidOid) return false;  // goes with its constraint
    auto in = [&](const std::string& sql, analyzer::DefinitionKind kind) {
      auto definition = define_sql(context_, sql, &table, {}, kind);
      return std::find(definition.columns.begin(), definition.columns.end(), column) != definition.columns.end();
    };
    for (const auto& key : index.columns) {
      if (key.column == column || (key.column < 0 && in(key.sql, analyzer::DefinitionKind::IndexExpression))) return true;
    }
    if (std::find(index.included.begin(), index.included.end(), column) != index.included.end()) return true;
    return !index.predicate_sql.empty() && in(index.predicate_sql, analyzer::DefinitionKind::IndexPredicate);
  }

  void visit_dependents_of_constraint(const catalog::Version& version, const catalog::Relation& table, uint32_t oid, const std::string& own) {
    // What groups by a primary key and shows more than that.
    for (const auto& dependent : version.dependents(oid)) visit({Part::Whole, dependent.object->oid, 0}, own, false);
    for (const auto& child : version.children(table.oid)) {
      for (const auto& constraint : child->constraints) {
        if (constraint.parent == oid) visit({Part::Constraint, child->oid, constraint.oid}, describe(context_, *child), true);
      }
    }
    for (const auto& constraint : table.constraints) {
      if (constraint.oid != oid || constraint.index == kInvalidOid) continue;
      auto index = version.index(constraint.index);
      if (index == nullptr) continue;
      std::string description = describe(context_, *index);
      visit_foreign_keys(version.referencing(table.oid), description,
                         [&](const auto& c) { return c.foreign_key.referenced_index == constraint.index; });
    }
  }

  [[noreturn]] void throw_dependents(const std::vector<const Entry*>& others) {
    std::string message = originals_.size() == 1
                              ? "cannot drop " + describe_target(originals_[0]) + " because other objects depend on it"
                              : "cannot drop desired object(s) because other objects depend on them";
    std::string detail;
    for (const auto* entry : others) {
      if (!detail.empty()) detail += "\n";
      detail += entry->description + " depends on " + entry->dependee;
    }
    throw SqlError(Sqlstate::DependentObjectsStillExist, message)
        .detail(detail)
        .hint("Use DROP ... CASCADE to drop the dependent objects too.");
  }

  void remove_part(const DropTarget& target) {
    if (target.part == Part::DomainCheck) {
      auto type = copy_of(context_.catalog_version()->user_type(target.object));
      std::erase_if(type->checks, [&](const auto& check) { return check.oid == target.sub; });
      return context_.catalog_changes().put(type);
    }
    auto found = context_.catalog_version()->relation(target.object);
    if (found == nullptr) return;
    auto table = copy_of(found);
    if (target.part == Part::Policy) {
      std::erase_if(table->policies, [&](const auto& policy) { return policy.oid == target.sub; });
    } else if (target.part == Part::Rule) {
      std::erase_if(table->rules, [&](const auto& rule) { return rule.oid == target.sub; });
    } else if (target.part == Part::Default) {
      auto& column = table->columns[target.sub];
      column.default_sql.clear();
      column.default_oid = kInvalidOid;
      drop_sequence_dependencies(*table);
    } else if (target.part == Part::Constraint) {
      auto at = std::find_if(table->constraints.begin(), table->constraints.end(), [&](const auto& c) { return c.oid == target.sub; });
      if (at == table->constraints.end()) return;
      Oid index = at->kind == 'p' || at->kind == 'u' || at->kind == 'x' ? at->index : kInvalidOid;
      table->constraints.erase(at);
      std::erase(table->indexes, index);
      context_.catalog_changes().put(table);
      if (index != kInvalidOid) remove_index(index);
      return;
    } else {
      remove_column(*table, target.sub);
    }
    context_.catalog_changes().put(table);
  }

  void remove_column(catalog::Relation& table, uint32_t number) {
    auto& column = table.columns[number];
    column.dropped = true;
    column.not_null = false;
    column.default_sql.clear();
    column.default_oid = kInvalidOid;
    column.identity = 0;
    column.identity_sequence = kInvalidOid;
    column.generated = 0;
    column.comment.clear();
    column.name = "........pg.dropped." + std::to_string(number + 1) + "........";
    drop_sequence_dependencies(table);
    if (table.relkind != 'r' && !table.is_foreign()) return;
    context_.engine().drop_column(context_.transaction().context(), table.storage, number);
  }

  // Defaults that still name a sequence keep their dependency.
  void drop_sequence_dependencies(catalog::Relation& table) {
    std::vector<Oid> kept;
    for (const auto& column : table.columns) {
      if (column.dropped || column.default_sql.find("regclass") == std::string::npos) continue;
      auto definition = define_sql(context_, column.default_sql, &table, column.type,
                                   column.generated ? analyzer::DefinitionKind::Generated : analyzer::DefinitionKind::Default);
      kept.insert(kept.end(), definition.relations.begin(), definition.relations.end());
    }
    std::erase_if(table.dependencies, [&](const auto& d) { return d.kind == 'n' && std::find(kept.begin(), kept.end(), d.object) == kept.end(); });
  }

  void remove_index(Oid oid) {
    auto index = context_.catalog_version()->index(oid);
    if (index == nullptr) return;
    if (context_.engine().index(index->storage) != nullptr) {
      context_.engine().drop_index(context_.transaction().context(), index->storage);
    }
    context_.catalog_changes().remove(oid);
    forget_figures(oid);
  }

  void forget_figures(Oid relation) {
    for (Oid about : {catalog::kPgClassOid, catalog::kPgAttributeOid}) {
      auto note = context_.catalog_version()->annotation(context_.database(), about, relation);
      if (note != nullptr) context_.catalog_changes().remove(note->oid);
    }
  }

  void remove_object(Oid oid) {
    auto object = context_.catalog_version()->find(oid);
    if (object == nullptr) return;
    if (object->kind == ObjectKind::Index) {
      auto table = context_.catalog_version()->relation(static_cast<const catalog::Index&>(*object).table);
      if (table != nullptr) {
        auto changed = copy_of(table);
        std::erase(changed->indexes, oid);
        context_.catalog_changes().put(changed);
      }
      return remove_index(oid);
    }
    if (object->kind == ObjectKind::Relation) {
      const auto& relation = static_cast<const catalog::Relation&>(*object);
      auto& txn = context_.transaction().context();
      for (Oid index : relation.indexes) remove_index(index);
      if (relation.is_table() && context_.engine().table(relation.storage) != nullptr) context_.engine().drop_table(txn, relation.storage);
      if (relation.relkind == 'S') {
        context_.engine().remove_metadata(txn, catalog::kSequenceMetadata, catalog::sequence_key(oid));
      }
    }
    if (object->kind == ObjectKind::Relation) forget_figures(oid);
    if (object->kind == ObjectKind::LargeObject) {
      remove_large_object_pages(context_.engine(), context_.transactions(), context_.transaction(), oid);
    }
    context_.catalog_changes().remove(oid);
    if (object->kind == ObjectKind::OperatorClass) take_from_family(static_cast<const catalog::OperatorClass&>(*object));
  }

  // What came with a class goes with it.
  void take_from_family(const catalog::OperatorClass& made) {
    auto found = context_.catalog_version()->operator_family(made.family);
    if (found == nullptr) return;
    auto family = copy_of(found);
    auto own = [&](const auto& member) { return member.opclass == made.oid; };
    std::erase_if(family->operators, own);
    std::erase_if(family->functions, own);
    auto has = [&](Oid object) {
      auto is = [&](const auto& member) { return member.object == object; };
      return std::any_of(family->operators.begin(), family->operators.end(), is) || std::any_of(family->functions.begin(), family->functions.end(), is);
    };
    std::erase_if(family->dependencies, [&](const auto& d) { return d.kind == 'n' && !has(d.object); });
    context_.catalog_changes().put(family);
  }

  CommandContext& context_;
  std::vector<DropTarget> originals_;
  std::vector<Entry> entries_;
  std::unordered_map<Oid, std::string> dependees_;
};

}  // namespace

void drop_targets(CommandContext& context, const std::vector<DropTarget>& targets, ast::DropBehavior behavior, bool quiet) {
  Dropper dropper(context, targets);
  dropper.collect();
  dropper.report(behavior, quiet);
  dropper.remove(quiet);
}

}  // namespace aegis::commands
