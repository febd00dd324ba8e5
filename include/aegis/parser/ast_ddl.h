// Nodes of the statements that define objects other than tables, named as in PostgreSQL's parsenodes.h.
#pragma once

#include "aegis/parser/ast_tables.h"

namespace aegis::ast {

// ---- Schemas, databases, tablespaces ----
struct CreateSchemaStmt : NodeOf<NodeTag::CreateSchemaStmt> {
  std::string_view schemaname;
  RoleSpec* authrole = nullptr;
  NodeList schema_elts;
  bool if_not_exists = false;
};
struct CreatedbStmt : NodeOf<NodeTag::CreatedbStmt> {
  std::string_view dbname;
  List<DefElem> options;
};
struct AlterDatabaseStmt : NodeOf<NodeTag::AlterDatabaseStmt> {
  std::string_view dbname;
  List<DefElem> options;
};
struct AlterDatabaseRefreshCollStmt : NodeOf<NodeTag::AlterDatabaseRefreshCollStmt> {
  std::string_view dbname;
};
struct VariableSetStmt;
struct AlterDatabaseSetStmt : NodeOf<NodeTag::AlterDatabaseSetStmt> {
  std::string_view dbname;
  VariableSetStmt* setstmt = nullptr;
};
struct DropdbStmt : NodeOf<NodeTag::DropdbStmt> {
  std::string_view dbname;
  bool missing_ok = false;
  List<DefElem> options;
};
struct CreateTableSpaceStmt : NodeOf<NodeTag::CreateTableSpaceStmt> {
  std::string_view tablespacename;
  RoleSpec* owner = nullptr;
  std::string_view location_path;
  List<DefElem> options;
};
struct DropTableSpaceStmt : NodeOf<NodeTag::DropTableSpaceStmt> {
  std::string_view tablespacename;
  bool missing_ok = false;
};
struct AlterTableSpaceOptionsStmt : NodeOf<NodeTag::AlterTableSpaceOptionsStmt> {
  std::string_view tablespacename;
  List<DefElem> options;
  bool is_reset = false;
};

// ---- Types ----
// CREATE AGGREGATE, OPERATOR, TYPE, COLLATION and the text search objects.
struct DefineStmt : NodeOf<NodeTag::DefineStmt> {
  ObjectType kind = ObjectType::Type;
  bool oldstyle = false;
  NameList defnames;
  NodeList args;             // of an aggregate: FunctionParameters
  int num_direct_args = -1;  // of an ordered-set aggregate; -1: plain
  List<DefElem> definition;
  bool if_not_exists = false;
  bool replace = false;
};
struct CompositeTypeStmt : NodeOf<NodeTag::CompositeTypeStmt> {
  RangeVar* typevar = nullptr;
  List<ColumnDef> coldeflist;
};
struct CreateEnumStmt : NodeOf<NodeTag::CreateEnumStmt> {
  NameList type_name;
  NameList vals;
};
struct AlterEnumStmt : NodeOf<NodeTag::AlterEnumStmt> {
  NameList type_name;
  std::string_view old_val;
  std::string_view new_val;
  std::string_view new_val_neighbor;
  bool new_val_is_after = false;
  bool skip_if_new_val_exists = false;
};
struct CreateRangeStmt : NodeOf<NodeTag::CreateRangeStmt> {
  NameList type_name;
  List<DefElem> params;
};
struct AlterTypeStmt : NodeOf<NodeTag::AlterTypeStmt> {
  NameList type_name;
  List<DefElem> options;
};
struct CreateDomainStmt : NodeOf<NodeTag::CreateDomainStmt> {
  NameList domainname;
  TypeName* type_name = nullptr;
  CollateClause* coll_clause = nullptr;
  List<Constraint> constraints;
};
struct AlterDomainStmt : NodeOf<NodeTag::AlterDomainStmt> {
  char subtype =
      0;  // 'T' default, 'N' drop not null, 'O' set not null, 'C' add, 'X' drop, 'V' validate constraint
  NameList type_name;
  std::string_view name;
  Node* def = nullptr;
  DropBehavior behavior = DropBehavior::Restrict;
  bool missing_ok = false;
};

// ---- Functions, casts, operators, languages ----
struct CreateFunctionStmt : NodeOf<NodeTag::CreateFunctionStmt> {
  bool is_procedure = false;
  bool replace = false;
  NameList funcname;
  List<FunctionParameter> parameters;
  TypeName* return_type = nullptr;
  List<DefElem> options;
  Node* sql_body = nullptr;  // ReturnStmt, or a ListNode of one ListNode of statements for BEGIN ATOMIC
};
struct AlterFunctionStmt : NodeOf<NodeTag::AlterFunctionStmt> {
  ObjectType objtype = ObjectType::Function;
  ObjectWithArgs* func = nullptr;
  List<DefElem> actions;
};
struct DoStmt : NodeOf<NodeTag::DoStmt> {
  List<DefElem> args;
};
struct CallStmt : NodeOf<NodeTag::CallStmt> {
  FuncCall* funccall = nullptr;
};
struct AlterOperatorStmt : NodeOf<NodeTag::AlterOperatorStmt> {
  ObjectWithArgs* opername = nullptr;
  List<DefElem> options;
};
struct CreateOpClassItem : NodeOf<NodeTag::CreateOpClassItem> {
  enum class ItemType : uint8_t { Operator = 1, Function = 2, StorageType = 3 };
  ItemType itemtype = ItemType::Operator;
  ObjectWithArgs* name = nullptr;
  int number = 0;
  NameList order_family;
  List<TypeName> class_args;
  TypeName* storedtype = nullptr;
};
struct CreateOpClassStmt : NodeOf<NodeTag::CreateOpClassStmt> {
  NameList opclassname;
  NameList opfamilyname;
  std::string_view amname;
  TypeName* datatype = nullptr;
  List<CreateOpClassItem> items;
  bool is_default = false;
};
struct CreateOpFamilyStmt : NodeOf<NodeTag::CreateOpFamilyStmt> {
  NameList opfamilyname;
  std::string_view amname;
};
struct AlterOpFamilyStmt : NodeOf<NodeTag::AlterOpFamilyStmt> {
  NameList opfamilyname;
  std::string_view amname;
  bool is_drop = false;
  List<CreateOpClassItem> items;
};
struct CreateCastStmt : NodeOf<NodeTag::CreateCastStmt> {
  TypeName* sourcetype = nullptr;
  TypeName* targettype = nullptr;
  ObjectWithArgs* func = nullptr;
  CoercionForm context =
      CoercionForm::ExplicitCast;  // ImplicitCast: AS IMPLICIT; ExplicitCall: AS ASSIGNMENT
  bool inout = false;
};
struct CreateConversionStmt : NodeOf<NodeTag::CreateConversionStmt> {
  NameList conversion_name;
  std::string_view for_encoding_name;
  std::string_view to_encoding_name;
  NameList func_name;
  bool def = false;
};
struct CreateTransformStmt : NodeOf<NodeTag::CreateTransformStmt> {
  bool replace = false;
  TypeName* type_name = nullptr;
  std::string_view lang;
  ObjectWithArgs* fromsql = nullptr;
  ObjectWithArgs* tosql = nullptr;
};
struct CreatePLangStmt : NodeOf<NodeTag::CreatePLangStmt> {
  bool replace = false;
  std::string_view plname;
  NameList plhandler;
  NameList plinline;
  NameList plvalidator;
  bool pltrusted = false;
};
struct CreateAmStmt : NodeOf<NodeTag::CreateAmStmt> {
  std::string_view amname;
  NameList handler_name;
  char amtype = 0;  // 'i' index, 't' table
};

// ---- Triggers, rules, policies ----
// TRIGGER_TYPE_ bits of CreateTrigStmt::timing and ::events.
enum TriggerBits : int16_t {
  kTriggerRow = 1 << 0,
  kTriggerBefore = 1 << 1,
  kTriggerInsert = 1 << 2,
  kTriggerDelete = 1 << 3,
  kTriggerUpdate = 1 << 4,
  kTriggerTruncate = 1 << 5,
  kTriggerInstead = 1 << 6,
};
struct TriggerTransition : NodeOf<NodeTag::TriggerTransition> {
  std::string_view name;
  bool is_new = false;
  bool is_table = false;
};
struct CreateTrigStmt : NodeOf<NodeTag::CreateTrigStmt> {
  bool replace = false;
  bool isconstraint = false;
  std::string_view trigname;
  RangeVar* relation = nullptr;
  NameList funcname;
  NameList args;
  bool row = false;
  int16_t timing = 0;  // kTriggerBefore, kTriggerInstead, 0 for AFTER
  int16_t events = 0;
  NameList columns;
  Node* when_clause = nullptr;
  List<TriggerTransition> transition_rels;
  bool deferrable = false;
  bool initdeferred = false;
  RangeVar* constrrel = nullptr;
};
struct CreateEventTrigStmt : NodeOf<NodeTag::CreateEventTrigStmt> {
  std::string_view trigname;
  std::string_view eventname;
  List<DefElem> whenclause;
  NameList funcname;
};
struct AlterEventTrigStmt : NodeOf<NodeTag::AlterEventTrigStmt> {
  std::string_view trigname;
  char tgenabled = 0;  // 'O' enable, 'R' replica, 'A' always, 'D' disable
};
enum class RuleEvent : uint8_t { Select, Insert, Update, Delete };
struct RuleStmt : NodeOf<NodeTag::RuleStmt> {
  RangeVar* relation = nullptr;
  std::string_view rulename;
  Node* where_clause = nullptr;
  RuleEvent event = RuleEvent::Select;
  bool instead = false;
  NodeList actions;
  bool replace = false;
};
struct CreatePolicyStmt : NodeOf<NodeTag::CreatePolicyStmt> {
  std::string_view policy_name;
  RangeVar* table = nullptr;
  std::string_view cmd_name;  // "all", "select", …
  bool permissive = true;
  List<RoleSpec> roles;
  Node* qual = nullptr;
  Node* with_check = nullptr;
};
struct AlterPolicyStmt : NodeOf<NodeTag::AlterPolicyStmt> {
  std::string_view policy_name;
  RangeVar* table = nullptr;
  List<RoleSpec> roles;
  Node* qual = nullptr;
  Node* with_check = nullptr;
};

// ---- Any object ----
// DROP of most kinds. An element of `objects` is a QualifiedName, a TypeName (types, domains), an
// ObjectWithArgs (functions, operators), or a ListNode: {TypeName, TypeName} a cast, {TypeName, String} a
// transform, {String access method, QualifiedName} an operator class or family. Of a trigger, rule or policy
// it is a QualifiedName: the relation's name and the object's.
struct DropStmt : NodeOf<NodeTag::DropStmt> {
  NodeList objects;
  ObjectType remove_type = ObjectType::Table;
  DropBehavior behavior = DropBehavior::Restrict;
  bool missing_ok = false;
  bool concurrent = false;
};
struct RenameStmt : NodeOf<NodeTag::RenameStmt> {
  ObjectType rename_type = ObjectType::Table;
  ObjectType relation_type = ObjectType::Table;  // of a column or attribute: what holds it
  RangeVar* relation = nullptr;
  Node* object = nullptr;
  std::string_view subname;  // the column, constraint, trigger, rule, or the plain name of a schema, role, …
  std::string_view newname;
  DropBehavior behavior = DropBehavior::Restrict;
  bool missing_ok = false;
};
struct AlterObjectDependsStmt : NodeOf<NodeTag::AlterObjectDependsStmt> {
  ObjectType object_type = ObjectType::Function;
  RangeVar* relation = nullptr;
  Node* object = nullptr;
  std::string_view extname;
  bool remove = false;
};
struct AlterObjectSchemaStmt : NodeOf<NodeTag::AlterObjectSchemaStmt> {
  ObjectType object_type = ObjectType::Table;
  RangeVar* relation = nullptr;
  Node* object = nullptr;
  std::string_view newschema;
  bool missing_ok = false;
};
struct AlterOwnerStmt : NodeOf<NodeTag::AlterOwnerStmt> {
  ObjectType object_type = ObjectType::Table;
  RangeVar* relation = nullptr;
  Node* object = nullptr;
  RoleSpec* newowner = nullptr;
};
struct CommentStmt : NodeOf<NodeTag::CommentStmt> {
  ObjectType objtype = ObjectType::Table;
  Node* object = nullptr;
  std::string_view comment;  // not given: NULL
};
struct SecLabelStmt : NodeOf<NodeTag::SecLabelStmt> {
  ObjectType objtype = ObjectType::Table;
  Node* object = nullptr;
  std::string_view provider;
  std::string_view label;
};

// ---- Text search, collations ----
struct AlterTSDictionaryStmt : NodeOf<NodeTag::AlterTSDictionaryStmt> {
  NameList dictname;
  List<DefElem> options;
};
enum class AlterTSConfigType : uint8_t {
  AddMapping,
  AlterMappingForToken,
  ReplaceDict,
  ReplaceDictForToken,
  DropMapping,
};
struct AlterTSConfigurationStmt : NodeOf<NodeTag::AlterTSConfigurationStmt> {
  AlterTSConfigType kind = AlterTSConfigType::AddMapping;
  NameList cfgname;
  NameList tokentype;
  List<QualifiedName> dicts;
  bool override = false;
  bool replace = false;
  bool missing_ok = false;
};
struct AlterCollationStmt : NodeOf<NodeTag::AlterCollationStmt> {
  NameList collname;
};

// ---- Extensions, foreign data, publications ----
struct CreateExtensionStmt : NodeOf<NodeTag::CreateExtensionStmt> {
  std::string_view extname;
  bool if_not_exists = false;
  List<DefElem> options;
};
struct AlterExtensionStmt : NodeOf<NodeTag::AlterExtensionStmt> {
  std::string_view extname;
  List<DefElem> options;
};
struct AlterExtensionContentsStmt : NodeOf<NodeTag::AlterExtensionContentsStmt> {
  std::string_view extname;
  int action = 1;  // 1 ADD, -1 DROP
  ObjectType objtype = ObjectType::Table;
  Node* object = nullptr;
};
struct CreateFdwStmt : NodeOf<NodeTag::CreateFdwStmt> {
  std::string_view fdwname;
  List<DefElem> func_options;
  List<DefElem> options;
};
struct AlterFdwStmt : NodeOf<NodeTag::AlterFdwStmt> {
  std::string_view fdwname;
  List<DefElem> func_options;
  List<DefElem> options;
};
struct CreateForeignServerStmt : NodeOf<NodeTag::CreateForeignServerStmt> {
  std::string_view servername;
  std::string_view servertype;
  std::string_view version;
  std::string_view fdwname;
  bool if_not_exists = false;
  List<DefElem> options;
};
struct AlterForeignServerStmt : NodeOf<NodeTag::AlterForeignServerStmt> {
  std::string_view servername;
  std::string_view version;
  List<DefElem> options;
  bool has_version = false;
};
struct CreateUserMappingStmt : NodeOf<NodeTag::CreateUserMappingStmt> {
  RoleSpec* user = nullptr;
  std::string_view servername;
  bool if_not_exists = false;
  List<DefElem> options;
};
struct AlterUserMappingStmt : NodeOf<NodeTag::AlterUserMappingStmt> {
  RoleSpec* user = nullptr;
  std::string_view servername;
  List<DefElem> options;
};
struct DropUserMappingStmt : NodeOf<NodeTag::DropUserMappingStmt> {
  RoleSpec* user = nullptr;
  std::string_view servername;
  bool missing_ok = false;
};
enum class ImportForeignSchemaType : uint8_t { All, LimitTo, Except };
struct ImportForeignSchemaStmt : NodeOf<NodeTag::ImportForeignSchemaStmt> {
  std::string_view server_name;
  std::string_view remote_schema;
  std::string_view local_schema;
  ImportForeignSchemaType list_type = ImportForeignSchemaType::All;
  List<RangeVar> table_list;
  List<DefElem> options;
};
struct PublicationTable : NodeOf<NodeTag::PublicationTable> {
  RangeVar* relation = nullptr;
  Node* where_clause = nullptr;
  NameList columns;
};
enum class PublicationObjSpecType : uint8_t { Table, TablesInSchema, TablesInCurSchema };
struct PublicationObjSpec : NodeOf<NodeTag::PublicationObjSpec> {
  PublicationObjSpecType pubobjtype = PublicationObjSpecType::Table;
  std::string_view name;
  PublicationTable* pubtable = nullptr;
};
struct CreatePublicationStmt : NodeOf<NodeTag::CreatePublicationStmt> {
  std::string_view pubname;
  List<DefElem> options;
  List<PublicationObjSpec> pubobjects;
  bool for_all_tables = false;
};
enum class AlterPublicationAction : uint8_t { AddObjects, DropObjects, SetObjects };
struct AlterPublicationStmt : NodeOf<NodeTag::AlterPublicationStmt> {
  std::string_view pubname;
  List<DefElem> options;
  List<PublicationObjSpec> pubobjects;
  bool for_all_tables = false;
  AlterPublicationAction action = AlterPublicationAction::SetObjects;
};
struct CreateSubscriptionStmt : NodeOf<NodeTag::CreateSubscriptionStmt> {
  std::string_view subname;
  std::string_view conninfo;
  NameList publication;
  List<DefElem> options;
};
enum class AlterSubscriptionType : uint8_t {
  Options,
  Connection,
  SetPublication,
  AddPublication,
  DropPublication,
  Refresh,
  Enabled,
  Skip,
};
struct AlterSubscriptionStmt : NodeOf<NodeTag::AlterSubscriptionStmt> {
  AlterSubscriptionType kind = AlterSubscriptionType::Options;
  std::string_view subname;
  std::string_view conninfo;
  NameList publication;
  List<DefElem> options;
};
struct DropSubscriptionStmt : NodeOf<NodeTag::DropSubscriptionStmt> {
  std::string_view subname;
  bool missing_ok = false;
  DropBehavior behavior = DropBehavior::Restrict;
};

}  // namespace aegis::ast
