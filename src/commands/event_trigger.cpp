// Event triggers: their definition, when they fire, and what they are told.
#include "event_trigger.h"

#include <algorithm>
#include <set>

#include "aegis/base/error.h"
#include "aegis/catalog/identify.h"
#include "aegis/catalog/system.h"
#include "command_dispatch.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

using ast::NodeTag;
using ast::ObjectType;
using catalog::ObjectKind;
using Event = EventState::Event;

struct TagRecord {
  std::string_view tag;
  bool triggers, rewrites;
};
#define AEGIS_EVENT_TAG(tag, triggers, rewrites) {tag, triggers, rewrites},
constexpr TagRecord kTags[] = {
#include "event_tags.def"
};
#undef AEGIS_EVENT_TAG

const TagRecord* find_tag(std::string_view tag) {
  for (const auto& record : kTags) {
    if (record.tag == tag) return &record;
  }
  return nullptr;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(::toupper(c)); });
  return out;
}

std::vector<std::string> filter_tags(const ast::CreateEventTrigStmt& statement, bool rewrite) {
  const ast::DefElem* filter = nullptr;
  for (const auto* item : statement.whenclause) {
    if (item->defname != "tag") throw SqlError(Sqlstate::SyntaxError, "unrecognized filter variable \"" + std::string(item->defname) + "\"");
    if (filter != nullptr) throw SqlError(Sqlstate::SyntaxError, "filter variable \"" + std::string(item->defname) + "\" specified more than once");
    filter = item;
  }
  std::vector<std::string> tags;
  if (filter == nullptr) return tags;
  for (const auto* value : static_cast<const ast::ListNode*>(filter->arg)->items) {
    std::string written(static_cast<const ast::String*>(value)->sval);
    std::string tag = upper(written);
    const auto* record = find_tag(tag);
    if (record == nullptr) {
      throw SqlError(Sqlstate::SyntaxError, "filter value \"" + written + "\" not recognized for filter variable \"tag\"");
    }
    if (rewrite ? !record->rewrites : !record->triggers) {
      throw SqlError(Sqlstate::FeatureNotSupported, (rewrite ? "event triggers are not supported for " : "event triggers are not supported for ") + written);
    }
    tags.push_back(std::move(tag));
  }
  return tags;
}

Oid trigger_function(CommandContext& context, ast::NameList names) {
  auto version = context.catalog_version();
  const auto* function = analyzer::find_exact_function(context.analyzer_context(*version), names, {});
  if (function == nullptr) throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(names) + "() does not exist");
  if (function->result != types::oid::kEventTrigger) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "function " + dotted(names) + " must return type event_trigger");
  }
  return function->oid;
}

// Kinds that several databases share, and event triggers themselves, fire nothing.
bool is_shared(ObjectType type) {
  switch (type) {
    case ObjectType::Database:
    case ObjectType::Tablespace:
    case ObjectType::Role:
    case ObjectType::EventTrigger:
    case ObjectType::ParameterAcl: return true;
    default: return false;
  }
}

bool fires(const ast::Node& node, std::string_view tag) {
  switch (node.tag) {
    case NodeTag::CommentStmt: return !is_shared(static_cast<const ast::CommentStmt&>(node).objtype);
    case NodeTag::GrantStmt: return !is_shared(static_cast<const ast::GrantStmt&>(node).objtype);
    default: break;
  }
  const auto* record = find_tag(tag);
  return record != nullptr && record->triggers;
}

const char* event_name(Event event) {
  switch (event) {
    case Event::CommandStart: return "ddl_command_start";
    case Event::CommandEnd: return "ddl_command_end";
    case Event::Drop: return "sql_drop";
    case Event::TableRewrite: return "table_rewrite";
    case Event::None: break;
  }
  return "";
}

void fire(CommandContext& context, EventState& state, Event event) {
  bool replica = context.setting("session_replication_role") == "replica";
  struct Running {
    Running(EventState& s, Event e) : state(s), before(s.running) { state.running = e; }
    ~Running() { state.running = before; }
    EventState& state;
    Event before;
  } running(state, event);
  for (const auto& trigger : context.catalog_version()->event_triggers(context.database())) {
    if (trigger->event != event_name(event)) continue;
    char enabled = trigger->enabled;
    if (enabled == 'D' || (replica ? enabled == 'O' : enabled == 'R')) continue;
    if (!trigger->tags.empty() && std::find(trigger->tags.begin(), trigger->tags.end(), state.tag) == trigger->tags.end()) continue;
    context.fire_event_trigger(trigger->function, trigger->event, state.tag);
  }
}

// --- What a command did ---

struct Change {
  catalog::ObjectPtr before, after;
};

std::vector<Change> changes_of(CommandContext& context, const catalog::Version& before, size_t from) {
  std::vector<Change> out;
  std::set<Oid> seen;
  auto now = context.catalog_version();
  for (Oid oid : context.catalog_changes().changed_since(from)) {
    if (seen.insert(oid).second) out.push_back({before.find(oid), now->find(oid)});
  }
  return out;
}

class Collector {
 public:
  Collector(CommandContext& context, EventState& state, const ast::Node& node, const catalog::Version& before, size_t from, size_t at)
      : context_(context), state_(state), node_(node), tag_(command_tag(node)), changes_(changes_of(context, before, from)), at_(at) {}

  void collect() {
    if (node_.tag == NodeTag::GrantStmt || node_.tag == NodeTag::AlterDefaultPrivilegesStmt) {
      const auto& grant = node_.tag == NodeTag::GrantStmt ? static_cast<const ast::GrantStmt&>(node_) : *static_cast<const ast::AlterDefaultPrivilegesStmt&>(node_).action;
      state_.commands.push_back({kInvalidOid, kInvalidOid, 0, tag_, std::string(object_words(grant.objtype))});
      return;
    }
    if (tag_.starts_with("DROP")) return;
    if (tag_.starts_with("CREATE") || tag_ == "SELECT INTO") {
      if (collect_parts(true) || collect_new()) return;
    } else if (collect_parts(false)) {
      return;
    }
    collect_changed();
  }

 private:
  void add(std::string tag, Oid catalog, Oid object, int column = 0) {
    auto at = state_.commands.begin() + static_cast<ptrdiff_t>(std::min(at_, state_.commands.size()));
    state_.commands.insert(at, {catalog, object, column, std::move(tag), {}});
    ++at_;
  }
  static bool is_sequence(const catalog::Object& object) {
    return object.kind == ObjectKind::Relation && static_cast<const catalog::Relation&>(object).relkind == 'S';
  }

  bool collect_new() {
    std::vector<catalog::ObjectPtr> made;
    for (const auto& change : changes_) {
      if (change.before == nullptr && change.after != nullptr && catalog_of(*change.after) != kInvalidOid) made.push_back(change.after);
    }
    if (made.empty()) return false;
    std::sort(made.begin(), made.end(), [](const auto& a, const auto& b) { return a->oid < b->oid; });
    if (tag_ == "CREATE SCHEMA" || tag_ == "CREATE EXTENSION") {
      auto wanted = tag_ == "CREATE SCHEMA" ? ObjectKind::Schema : ObjectKind::Extension;
      for (const auto& object : made) {
        if (object->kind == wanted) add(tag_, catalog_of(*object), object->oid);
      }
      return true;
    }
    if (tag_ == "CREATE INDEX" || tag_ == "CREATE SEQUENCE") {
      add(tag_, catalog::kPgClassOid, made[0]->oid);
      return true;
    }
    for (const auto& object : made) {
      if (is_sequence(*object)) add("CREATE SEQUENCE", catalog::kPgClassOid, object->oid);
    }
    bool partition = false, foreign = false;
    for (const auto& object : made) {
      if (is_sequence(*object) || object->kind == ObjectKind::Index) continue;
      if (object->kind == ObjectKind::Relation) {
        const auto& relation = static_cast<const catalog::Relation&>(*object);
        partition = relation.is_partition();
        for (const auto& constraint : relation.constraints) foreign = foreign || (constraint.kind == 'f' && constraint.local);
        if (relation.relkind == 'c') {
          add(tag_, catalog::kPgTypeOid, relation.row_type);
          continue;
        }
      }
      add(tag_, catalog_of(*object), object->oid);
      if (object->kind == ObjectKind::Trigger) return true;  // those of partitions belong to it
    }
    for (const auto& object : made) {
      if (object->kind == ObjectKind::Index && !partition) add("CREATE INDEX", catalog::kPgClassOid, object->oid);
    }
    for (const auto& object : made) {
      if (is_sequence(*object) && static_cast<const catalog::Relation&>(*object).sequence.owner_table != kInvalidOid) {
        add("ALTER SEQUENCE", catalog::kPgClassOid, object->oid);
      }
      if (object->kind == ObjectKind::Relation && foreign && static_cast<const catalog::Relation&>(*object).relkind != 'S') {
        add("ALTER TABLE", catalog::kPgClassOid, object->oid);
      }
    }
    return true;
  }

  // Policies and rules live in their relations.
  bool collect_parts(bool made) {
    bool policy = tag_.ends_with(" POLICY"), rule = tag_.ends_with(" RULE");
    if (!policy && !rule) return false;
    for (const auto& change : changes_) {
      if (change.after == nullptr || change.after->kind != ObjectKind::Relation) continue;
      const auto& now = static_cast<const catalog::Relation&>(*change.after);
      const auto* before = static_cast<const catalog::Relation*>(change.before.get());
      std::string_view name = node_.tag == NodeTag::RenameStmt        ? static_cast<const ast::RenameStmt&>(node_).newname
                              : node_.tag == NodeTag::CreatePolicyStmt ? static_cast<const ast::CreatePolicyStmt&>(node_).policy_name
                              : node_.tag == NodeTag::AlterPolicyStmt  ? static_cast<const ast::AlterPolicyStmt&>(node_).policy_name
                              : node_.tag == NodeTag::RuleStmt         ? static_cast<const ast::RuleStmt&>(node_).rulename
                                                                       : std::string_view();
      (void)before;
      (void)made;
      for (const auto& part : now.policies) {
        if (policy && part.name == name) add(tag_, catalog::kPgPolicyOid, part.oid);
      }
      for (const auto& part : now.rules) {
        if (rule && part.name == name) add(tag_, catalog::kPgRewriteOid, part.oid);
      }
      break;
    }
    return true;
  }

  void collect_changed() {
    const catalog::Object* main = nullptr;
    for (const auto& change : changes_) {
      if (change.after == nullptr || catalog_of(*change.after) == kInvalidOid) continue;
      if (is_sequence(*change.after) && tag_ == "ALTER TABLE" && change.before != nullptr) add("ALTER SEQUENCE", catalog::kPgClassOid, change.after->oid);
    }
    bool wants_table = tag_ == "ALTER TABLE";
    for (const auto& change : changes_) {
      if (change.after == nullptr || catalog_of(*change.after) == kInvalidOid) continue;
      if (wants_table && (change.after->kind != ObjectKind::Relation || is_sequence(*change.after))) continue;
      main = change.after.get();
      break;
    }
    if (main == nullptr) {
      for (const auto& change : changes_) {
        if (change.after != nullptr && catalog_of(*change.after) != kInvalidOid) main = change.after.get();
      }
    }
    if (main == nullptr) return;
    Oid catalog = catalog_of(*main), object = main->oid;
    if (main->kind == ObjectKind::Relation && static_cast<const catalog::Relation*>(main)->relkind == 'c') {
      catalog = catalog::kPgTypeOid;
      object = static_cast<const catalog::Relation*>(main)->row_type;
    }
    add(tag_, catalog, object, renamed_column(*main));
  }

  int renamed_column(const catalog::Object& object) const {
    const auto* rename = ast::node_cast<ast::RenameStmt>(&node_);
    if (rename == nullptr || rename->rename_type != ObjectType::Column || object.kind != ObjectKind::Relation) return 0;
    return static_cast<const catalog::Relation&>(object).find_column(rename->newname) + 1;
  }

  CommandContext& context_;
  EventState& state_;
  const ast::Node& node_;
  std::string tag_;
  std::vector<Change> changes_;
  size_t at_;
};

// A state on the session's stack while its command runs.
class Pushed {
 public:
  Pushed(CommandContext& context, EventState* state) : states_(context.event_states()) { states_.push_back(state); }
  ~Pushed() { states_.pop_back(); }

 private:
  std::vector<EventState*>& states_;
};

}  // namespace

Oid catalog_of(const catalog::Object& object) {
  switch (object.kind) {
    case ObjectKind::Schema: return catalog::kPgNamespaceOid;
    case ObjectKind::Routine: return catalog::kPgProcOid;
    case ObjectKind::Trigger: return catalog::kPgTriggerOid;
    case ObjectKind::Type: return catalog::kPgTypeOid;
    case ObjectKind::Operator: return catalog::kPgOperatorOid;
    case ObjectKind::Cast: return catalog::kPgCastOid;
    case ObjectKind::Extension: return catalog::kPgExtensionOid;
    case ObjectKind::Collation: return catalog::kPgCollationOid;
    case ObjectKind::Statistics: return catalog::kPgStatisticExtOid;
    case ObjectKind::DefaultAcl: return catalog::kPgDefaultAclOid;
    case ObjectKind::TsDictionary: return catalog::kPgTsDictionaryOid;
    case ObjectKind::TsConfiguration: return catalog::kPgTsConfigurationOid;
    case ObjectKind::OperatorFamily: return catalog::kPgOpfamilyOid;
    case ObjectKind::OperatorClass: return catalog::kPgOpclassOid;
    case ObjectKind::ForeignDataWrapper: return catalog::kPgForeignDataWrapperOid;
    case ObjectKind::ForeignServer: return catalog::kPgForeignServerOid;
    case ObjectKind::UserMapping: return catalog::kPgUserMappingOid;
    case ObjectKind::Publication: return catalog::kPgPublicationOid;
    case ObjectKind::PublicationTable: return catalog::kPgPublicationRelOid;
    case ObjectKind::PublicationSchema: return catalog::kPgPublicationNamespaceOid;
    case ObjectKind::Subscription: return catalog::kPgSubscriptionOid;
    case ObjectKind::Conversion: return catalog::kPgConversionOid;
    case ObjectKind::AccessMethod: return catalog::kPgAmOid;
    case ObjectKind::LargeObject: return catalog::kPgLargeobjectOid;
    case ObjectKind::Relation:
    case ObjectKind::Index: return catalog::kPgClassOid;
    case ObjectKind::Database:
    case ObjectKind::Role:
    case ObjectKind::EventTrigger:
    case ObjectKind::Tablespace:
    case ObjectKind::ParameterAcl:
    case ObjectKind::Annotation: break;
  }
  return kInvalidOid;
}

CommandResult execute_part(const ast::Node& node, CommandContext& context) {
  auto& states = context.event_states();
  EventState* state = states.empty() ? nullptr : states.back();
  if (state == nullptr) return dispatch_command(node, context);
  auto before = context.catalog_version();
  size_t from = context.catalog_changes().change_count();
  size_t at = state->commands.size();
  CommandResult result = dispatch_command(node, context);
  Collector(context, *state, node, *before, from, at).collect();
  return result;
}

CommandResult execute_command(const ast::Node& node, CommandContext& context) {
  // A command of a function that an earlier command runs has nothing to do with that one's state.
  if (!context.catalog_version()->has_event_triggers(context.database())) {
    if (context.event_states().empty()) return dispatch_command(node, context);
    Pushed none(context, nullptr);
    return dispatch_command(node, context);
  }
  std::string tag = command_tag(node);
  if (!fires(node, tag)) {
    Pushed none(context, nullptr);
    return dispatch_command(node, context);
  }
  EventState state;
  state.tag = tag;
  Pushed pushed(context, &state);
  fire(context, state, Event::CommandStart);
  CommandResult result = execute_part(node, context);
  if (!state.dropped.empty()) fire(context, state, Event::Drop);
  fire(context, state, Event::CommandEnd);
  return result;
}

void fire_table_rewrite(CommandContext& context, Oid table, int reason) {
  auto& states = context.event_states();
  if (states.empty() || states.back() == nullptr) return;
  EventState& state = *states.back();
  const auto* record = find_tag(state.tag);
  if (record == nullptr || !record->rewrites) return;
  if (auto changed = context.catalog_version()->relation(table); changed != nullptr && changed->is_foreign()) return;
  // Once a table, though several of a command's parts may need it.
  if (std::find(state.rewritten_before.begin(), state.rewritten_before.end(), table) != state.rewritten_before.end()) return;
  state.rewritten_before.push_back(table);
  state.rewritten = table;
  state.rewrite_reason = reason;
  fire(context, state, Event::TableRewrite);
  state.rewritten = kInvalidOid;
  state.rewrite_reason = 0;
}

bool notes_drops(CommandContext& context) { return !context.event_states().empty() && context.event_states().back() != nullptr; }

void note_dropped(CommandContext& context, Oid catalog, Oid object, int column, bool original, bool normal) {
  if (!notes_drops(context)) return;
  auto version = context.catalog_version();
  catalog::SystemContext system{*version, context.database(), context.temp_schema(false), {}, context.current_role(), context.search_path()};
  auto identity = catalog::identify_object(system, context.types(), catalog, object, column);
  DroppedObject dropped{catalog, object, column, original, normal, false, identity.type, identity.schema, column == 0 ? identity.name : std::nullopt,
                        identity.identity, identity.names, identity.arguments};
  bool of_table = catalog == catalog::kPgAttrdefOid || catalog == catalog::kPgTriggerOid || catalog == catalog::kPgPolicyOid || catalog == catalog::kPgRewriteOid;
  if (of_table && identity.names.size() > 2) dropped.schema = identity.names[0];
  dropped.temporary = dropped.schema == "pg_temp";
  context.event_states().back()->dropped.push_back(std::move(dropped));
}

// --- Definition ---

CommandResult create_event_trigger(const ast::CreateEventTrigStmt& statement, CommandContext& context) {
  std::string name(statement.trigname);
  if (!context.is_superuser()) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to create event trigger \"" + name + "\"")
        .hint("Must be superuser to create an event trigger.");
  }
  auto event = statement.eventname;
  if (event != "ddl_command_start" && event != "ddl_command_end" && event != "sql_drop" && event != "table_rewrite") {
    throw SqlError(Sqlstate::SyntaxError, "unrecognized event name \"" + std::string(event) + "\"");
  }
  auto trigger = std::make_shared<catalog::EventTrigger>();
  trigger->tags = filter_tags(statement, event == "table_rewrite");
  lock_name(context, catalog::kPgEventTriggerOid, 0, name);
  if (context.catalog_version()->find_event_trigger(context.database(), name) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "event trigger \"" + name + "\" already exists");
  }
  trigger->function = trigger_function(context, statement.funcname);
  trigger->oid = context.catalog().allocate_oid();
  trigger->database = context.database();
  trigger->name = name;
  trigger->owner = context.current_role();
  trigger->event = event;
  if (trigger->function >= kFirstNormalOid) trigger->dependencies.push_back({trigger->function, 0, 'n'});
  context.catalog_changes().put(trigger);
  return {"CREATE EVENT TRIGGER", {}, {}};
}

std::shared_ptr<const catalog::EventTrigger> find_event_trigger(CommandContext& context, std::string_view name, bool missing_ok) {
  auto version = context.catalog_version();
  Oid found = version->find_event_trigger(context.database(), name);
  if (found != kInvalidOid) return std::static_pointer_cast<const catalog::EventTrigger>(version->find(found));
  std::string text = "event trigger \"" + std::string(name) + "\" does not exist";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
  notice(context, text + ", skipping");
  return nullptr;
}

void check_event_trigger_owner(CommandContext& context, const catalog::EventTrigger& trigger, Oid owner) {
  auto role = context.catalog_version()->role(owner);
  if (role != nullptr && role->superuser) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to change owner of event trigger \"" + trigger.name + "\"")
      .hint("The owner of an event trigger must be a superuser.");
}

CommandResult alter_event_trigger(const ast::AlterEventTrigStmt& statement, CommandContext& context) {
  auto trigger = find_event_trigger(context, statement.trigname);
  check_owner(context, *trigger);
  auto changed = copy_of(trigger);
  changed->enabled = statement.tgenabled;
  context.catalog_changes().put(changed);
  return {"ALTER EVENT TRIGGER", {}, {}};
}

}  // namespace aegis::commands
