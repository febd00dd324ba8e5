// Builds our tree from the generated parser's. One Builder builds one text.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "aegis/parser/ast.h"
#include "build/driver.h"

namespace aegis::parser {

using namespace aegis::ast;  // NOLINT: the builder is about these names

class Builder {
 public:
  Builder(std::string_view sql, Arena& arena, SqlTokenStream& stream)
      : sql_(sql), arena_(arena), stream_(stream) {}

  Node* expression(P::A_exprContext* context);
  void statements(P::Statement_listContext* context, std::vector<RawStmt>& out);
  TypeName* type(P::Type_nameContext* context);

 private:
  struct Flat;
  struct FlatTail;
  enum class CharacterUse { Type, Constant };
  enum class RoleOptionUse { Create, Alter };
  enum ConstraintPermission : int { kAllowDeferrable = 1, kAllowNotValid = 2, kAllowNoInherit = 4 };
  static constexpr int kIntervalFullRange = 0x7FFF;

  // Guards what recurses as deep as the text nests.
  struct DepthGuard {
    explicit DepthGuard(Builder&) { check_stack_depth(); }
  };

  template <typename T>
  T* make(int location) {
    T* node = arena_.make<T>();
    node->location = location;
    return node;
  }
  template <typename T>
  T* make(antlr4::ParserRuleContext* context) {
    return make<T>(loc(context->start));
  }
  static int loc(antlr4::Token* token) { return sql_token(token)->start(); }
  static std::string_view text(antlr4::Token* token) { return sql_token(token)->value(); }
  // The value of a rule that is one token.
  static std::string_view word(antlr4::ParserRuleContext* context) { return text(context->start); }

  template <typename T>
  List<T> list(std::initializer_list<T*> items) {
    return arena_.copy(std::span<T* const>(items.begin(), items.size()));
  }
  template <typename T>
  List<T> to_list(const std::vector<T*>& items) {
    return arena_.copy(std::span<T* const>(items));
  }
  template <typename T>
  NodeList as_nodes(List<T> items) {
    NodeList result{arena_.allocate_array<Node*>(items.size()), items.size()};
    for (size_t i = 0; i < items.size(); ++i) result[i] = items[i];
    return result;
  }
  // One T for each context.
  template <typename T, typename Context, typename Make>
  List<T> list_of(const std::vector<Context*>& contexts, Make make_one) {
    if (contexts.empty()) return {};
    List<T> result{arena_.allocate_array<T*>(contexts.size()), contexts.size()};
    for (size_t i = 0; i < contexts.size(); ++i) result[i] = make_one(contexts[i]);
    return result;
  }

  // alter_table.cpp
  ObjectType alter_table_kind(P::Alter_table_kindContext* context);
  Node* alter_table(P::Alter_tableContext* context);
  Node* rename_part(P::Alter_tableContext* context, ObjectType kind, P::Rename_actionContext* rename);
  Node* change_table(P::Alter_tableContext* context, ObjectType kind, P::Object_changeContext* change);
  AlterTableCmd* partition_command(P::Partition_cmdContext* context, ObjectType kind, bool missing_ok);
  AlterTableCmd* alter_table_command(P::Alter_table_cmdContext* context);
  void alter_constraint(AlterTableCmd* node, P::Alter_table_cmdContext* context);
  void set_table_property(AlterTableCmd* node, P::Alter_table_cmdContext* context);
  void enable_or_disable(AlterTableCmd* node, P::Alter_table_cmdContext* context);
  void other_table_command(AlterTableCmd* node, P::Alter_table_cmdContext* context);
  ListNode* options_node(List<DefElem> options);
  void alter_column(AlterTableCmd* node, P::Alter_table_cmdContext* context);
  void alter_column_kind(AlterTableCmd* node, P::Alter_column_actionContext* action, bool drop);
  DefElem* identity_option(P::Alter_identity_optionContext* context);
  Node* alter_all_in_tablespace(P::Alter_all_in_tablespaceContext* context);
  Node* alter_sequence(P::Alter_sequenceContext* context);
  Node* alter_type(P::Alter_typeContext* context);
  Node* alter_enum(P::Alter_typeContext* context);
  AlterTableCmd* alter_attribute(P::Alter_type_cmdContext* context);
  Node* alter_domain(P::Alter_domainContext* context);
  // definitions.cpp
  Node* create(antlr4::ParserRuleContext* context);
  Node* alter(antlr4::ParserRuleContext* context);
  Node* create_schema(P::Create_schemaContext* context);
  List<DefElem> database_options(const std::vector<P::Database_optionContext*>& items);
  Node* create_database(P::Create_databaseContext* context);
  Node* alter_database(P::Alter_databaseContext* context);
  Node* create_tablespace(P::Create_tablespaceContext* context);
  Node* alter_tablespace(P::Alter_tablespaceContext* context);
  Node* create_type(P::Create_typeContext* context);
  Node* create_domain(P::Create_domainContext* context);
  Node* create_collation(P::Create_collationContext* context);
  Node* alter_collation(P::Alter_collationContext* context);
  Node* create_text_search(P::Create_text_searchContext* context);
  Node* alter_text_search(P::Alter_text_searchContext* context);
  Node* create_statistics(P::Create_statisticsContext* context);
  Node* alter_statistics(P::Alter_statisticsContext* context);
  Node* create_access_method(P::Create_access_methodContext* context);
  Node* create_policy(P::Create_policyContext* context);
  List<RoleSpec> policy_roles(P::Role_listContext* context);
  Node* alter_policy(P::Alter_policyContext* context);
  Node* alter_event_trigger(P::Alter_event_triggerContext* context);
  Node* create_extension(P::Create_extensionContext* context);
  Node* alter_extension(P::Alter_extensionContext* context);
  // expressions.cpp
  AConst* string_constant(std::string_view value, int location);
  AConst* integer_constant(int32_t value, int location);
  AConst* null_constant(int location);
  AConst* constant(antlr4::Token* token);
  NodeList expressions(P::Expr_listContext* context);
  Node* operand(P::C_exprContext* context);
  Node* parameter(antlr4::Token* token);
  Node* subquery_operand(P::C_exprContext* context, P::Select_with_parensContext* query);
  Node* with_indirection(Node* arg, const std::vector<P::Indirection_elContext*>& items,
                         antlr4::ParserRuleContext* context);
  NodeList indirection(const std::vector<P::Indirection_elContext*>& items);
  [[noreturn]] void syntax_error_improper_star(P::Indirection_elContext* item);
  Node* indirection_element(P::Indirection_elContext* item);
  ColumnRef* column_ref(std::string_view first, const std::vector<P::Indirection_elContext*>& items,
                        int location, size_t& used);
  Node* column_or_indirection(std::string_view first, const std::vector<P::Indirection_elContext*>& items,
                              int location);
  Node* name_expression(P::Name_exprContext* context);
  Node* keyword_function(P::Keyword_functionContext* context);
  Node* call_or_constant(NameList name, P::Func_argsContext* args, P::Func_tailContext* tail,
                         antlr4::Token* literal, int location);
  NodeList literal_typmods(P::Func_argsContext* args);
  FuncCall* function_call(NameList name, std::initializer_list<Node*> args, int location);
  FuncCall* system_call(std::string_view name, std::initializer_list<Node*> args, int location);
  FuncCall* function_application(NameList name, P::Func_argsContext* args, int location);
  Node* function_argument(P::Func_argContext* item);
  void apply_function_tail(FuncCall* call, P::Func_tailContext* tail);
  WindowDef* window(P::Window_specificationContext* context);
  void frame(P::Frame_clauseContext* context, WindowDef* node);
  int frame_bound(P::Frame_boundContext* context, Node*& offset);
  Node* case_expression(P::Case_exprContext* context);
  AArrayExpr* array_expression(P::Array_exprContext* context);
  Node* typed_constant(P::Typed_constantContext* context);
  // foreign.cpp
  RoleSpec* mapped_role(P::Auth_identContext* context);
  List<DefElem> fdw_options(const std::vector<P::Fdw_optionContext*>& items);
  Node* create_fdw(P::Create_fdwContext* context);
  Node* alter_fdw(P::Alter_fdwContext* context);
  std::string_view server_version(P::Server_versionContext* context);
  Node* create_server(P::Create_serverContext* context);
  Node* alter_server(P::Alter_serverContext* context);
  Node* create_foreign_table(P::Create_foreign_tableContext* context);
  Node* create_user_mapping(P::Create_user_mappingContext* context);
  Node* alter_user_mapping(P::Alter_user_mappingContext* context);
  Node* import_foreign_schema(P::Import_stmtContext* context);
  List<PublicationObjSpec> publication_objects(P::Publication_objectsContext* context);
  PublicationObjSpec* publication_schema(P::Publication_objectContext* item);
  Node* create_publication(P::Create_publicationContext* context);
  Node* alter_publication(P::Alter_publicationContext* context);
  Node* create_subscription(P::Create_subscriptionContext* context);
  Node* alter_subscription(P::Alter_subscriptionContext* context);
  // functions.cpp
  FunctionParameterMode parameter_mode(P::Param_modeContext* context);
  FunctionParameter* function_parameter(P::Func_paramContext* context);
  List<FunctionParameter> function_parameters(P::Param_listContext* context);
  void reject_defaults(P::Param_listContext* context);
  List<TypeName> input_types(List<FunctionParameter> parameters);
  ObjectWithArgs* function_with_args(P::Function_with_argsContext* context);
  List<FunctionParameter> aggregate_parameters(P::Aggr_argsContext* context, int* direct_count);
  ObjectWithArgs* aggregate_with_args(P::Aggregate_with_argsContext* context);
  ObjectWithArgs* operator_with_args(P::Operator_with_argsContext* context);
  Node* create_function(P::Create_functionContext* context);
  void table_function(CreateFunctionStmt* node, const std::vector<P::Table_columnContext*>& columns);
  Node* routine_body(P::Routine_bodyContext* context);
  DefElem* function_option(P::Function_optionContext* context);
  DefElem* common_function_option(P::Common_function_optionContext* context);
  Node* alter_function(P::Alter_functionContext* context);
  Node* create_aggregate(P::Create_aggregateContext* context);
  Node* create_operator(P::Create_operatorContext* context);
  CreateOpClassItem* operator_class_item(P::Opclass_itemContext* context);
  List<CreateOpClassItem> operator_class_items(const std::vector<P::Opclass_itemContext*>& items);
  Node* create_operator_class(P::Create_operator_classContext* context);
  Node* create_operator_family(P::Create_operator_familyContext* context);
  Node* alter_operator_family(P::Alter_operator_familyContext* context);
  Node* alter_operator(P::Alter_operatorContext* context);
  List<DefElem> operator_definition(P::DefinitionContext* context);
  Node* create_trigger(P::Create_triggerContext* context);
  void check_trigger(P::Create_triggerContext* context, bool is_constraint);
  void trigger_events(CreateTrigStmt* node, P::Create_triggerContext* context);
  std::string_view source(antlr4::Token* token);
  Node* create_event_trigger(P::Create_event_triggerContext* context);
  Node* create_rule(P::Create_ruleContext* context);
  Node* create_cast(P::Create_castContext* context);
  Node* create_conversion(P::Create_conversionContext* context);
  Node* create_transform(P::Create_transformContext* context);
  Node* create_language(P::Create_languageContext* context);
  // modifications.cpp
  Node* with_statement(P::With_stmtContext* context);
  Node* insert(P::Insert_stmtContext* context);
  List<ResTarget> insert_columns(P::Insert_columnsContext* context);
  ResTarget* insert_column(P::Insert_columnContext* context);
  OnConflictClause* on_conflict(P::On_conflictContext* context);
  List<ResTarget> set_clauses(P::Set_clausesContext* context);
  RangeVar* modified_relation(P::Dml_relationContext* context);
  Node* where_or_current(P::Where_or_currentContext* context);
  Node* update(P::Update_stmtContext* context);
  Node* delete_from(P::Delete_stmtContext* context);
  Node* merge(P::Merge_stmtContext* context);
  MergeWhenClause* merge_when(P::Merge_whenContext* context);
  // names.cpp
  [[noreturn]] void syntax_error(antlr4::Token* token);
  antlr4::Token* token_after(antlr4::Token* token);
  antlr4::Token* token_after(antlr4::ParserRuleContext* context);
  antlr4::Token* token_before(antlr4::ParserRuleContext* context);
  int32_t integer(antlr4::Token* token);
  std::string_view concat(std::string_view a, std::string_view b);
  NameList copy_names(const std::vector<std::string_view>& parts);
  NameList names(std::initializer_list<std::string_view> parts);
  ListNode* list_node(NodeList items);
  String* string_node(std::string_view value, int location);
  NameList any_name(P::Any_nameContext* context);
  QualifiedName* qualified_name(P::Any_nameContext* context);
  NodeList qualified_names(P::Any_name_listContext* context);
  NameList name_list(P::Name_listContext* context);
  NameList paren_names(P::Paren_namesContext* context);
  NameList function_name(P::Function_nameContext* context);
  RangeVar* range_var(P::Any_nameContext* context);
  List<RangeVar> range_vars(P::Any_name_listContext* context);
  RangeVar* relation(P::Relation_exprContext* context);
  List<RangeVar> relations(P::Relation_listContext* context);
  NameList operator_name(P::Any_operatorContext* context);
  NameList operator_name(P::Qualified_opContext* context);
  NameList operator_name(P::Qual_all_opContext* context);
  RoleSpec* role(P::Role_specContext* context);
  std::string_view role_name(P::Role_specContext* context);
  List<RoleSpec> roles(P::Role_listContext* context);
  DropBehavior behavior(P::Drop_behaviorContext* context);
  DefElem* option(std::string_view name, Node* arg, int location);
  Boolean* boolean_node(bool value, int location);
  Integer* integer_node(int32_t value, int location);
  Node* numeric(P::Numeric_onlyContext* context);
  int32_t signed_integer(P::Signed_integerContext* context);
  Node* boolean_or_string(P::Boolean_or_stringContext* context);
  Node* definition_argument(P::Def_argContext* context);
  List<DefElem> definition(P::DefinitionContext* context);
  List<DefElem> definition(P::With_definitionContext* context);
  List<DefElem> reloptions(P::ReloptionsContext* context);
  List<DefElem> generic_options(P::Generic_optionsContext* context);
  DefElem* generic_option(P::Generic_optionContext* context);
  List<DefElem> generic_options(P::Alter_generic_optionsContext* context);
  // objects.cpp
  QualifiedName* name_on_relation(P::Any_nameContext* relation, std::string_view name, int location);
  ObjectType object_type(P::Object_refContext* context);
  Node* object(P::Object_refContext* context, ObjectType type);
  Node* comment(P::Comment_stmtContext* context);
  void check_nameable(P::Object_refContext* ref);
  Node* security_label(P::Security_label_stmtContext* context);
  Node* alter_object(P::Alter_objectContext* context);
  Node* rename_object(P::Alter_objectContext* context, P::Object_refContext* ref, ObjectType type,
                      P::Object_changeContext* change);
  QualifiedName* type_as_name(P::Object_refContext* ref);
  Node* change_owner(P::Alter_objectContext* context, P::Object_refContext* ref, ObjectType type,
                     P::Object_changeContext* change);
  Node* change_schema(P::Alter_objectContext* context, P::Object_refContext* ref, ObjectType type,
                      P::Object_changeContext* change);
  Node* change_dependency(P::Alter_objectContext* context, P::Object_refContext* ref, ObjectType type,
                          P::Object_changeContext* change);
  Node* drop(P::Drop_stmtContext* context);
  Node* drop_objects(P::Drop_stmtContext* context);
  // operators.cpp
  Node* expression(P::B_exprContext* context);
  void load_tails(P::A_exprContext* context, Flat& flat);
  std::pair<Node*, Node*> split_escape(P::A_exprContext* context);
  Node* climb(const std::vector<P::Prefix_opContext*>& prefixes, size_t from,
              P::C_exprContext* operand_context, Flat& flat, int minimum);
  Node* prefix_expression(P::Prefix_opContext* prefix, size_t type, Node* argument);
  bool negate(AConst* constant);
  Node* bool_expr(BoolExprType op, std::initializer_list<Node*> args, int location);
  Node* negated_if(bool negated, Node* node, int location);
  Node* and_or(BoolExprType op, Node* left, Node* right, int location);
  Node* apply_tail(Node* left, const FlatTail& tail, int level, Flat& flat, bool& open_ended);
  Node* apply_b_tail(Node* left, P::B_tailContext* context, size_t type, int level, Flat& flat,
                     bool& open_ended);
  Node* type_cast(Node* arg, TypeName* type_name, int location);
  Node* null_test(Node* arg, bool negated, int location);
  Node* distinct_expression(Node* left, Node* right, bool negated, int location);
  Node* xml_is_document(Node* arg, int location);
  Node* is_expression(Node* left, P::A_tailContext* context, Flat& flat, bool& open_ended);
  Node* in_expression(Node* left, P::A_tailContext* context);
  Node* between_expression(Node* left, P::A_tailContext* context, Flat& flat, bool& open_ended);
  std::string_view like_operator(size_t type, bool negated);
  Node* like_expression(Node* left, P::A_tailContext* context, Flat& flat, bool& open_ended);
  Node* overlaps_expression(Node* left, Node* right, int location);
  Node* quantified_expression(Node* left, P::A_tailContext* context, P::QuantifiedContext* quantified);
  // queries.cpp
  SelectStmt* select(P::Select_with_parensContext* context);
  SelectStmt* select(P::Select_stmtContext* context);
  SelectStmt* select(P::Plain_selectContext* context, P::With_clauseContext* with = nullptr);
  SelectStmt* set_operations(P::Set_exprContext* context);
  SelectStmt* set_operation(SelectStmt* left, P::Set_tailContext* tail, SelectStmt* right);
  SelectStmt* select_primary(P::Select_primaryContext* context);
  SelectStmt* simple_select(P::Simple_selectContext* context);
  List<ResTarget> target_list(P::Target_listContext* context);
  IntoClause* into(P::Into_clauseContext* context);
  NodeList group_list(P::Group_listContext* context);
  Node* group_item(P::Group_itemContext* context);
  List<SortBy> sort_clause(P::Order_byContext* context);
  [[noreturn]] void reject(const char* message, int location);
  void apply_query_tail(SelectStmt* node, P::Query_tailContext* tail, P::With_clauseContext* with);
  void limit_part(P::Limit_partContext* part, Node*& count, Node*& offset, bool& ties);
  void apply_locking(SelectStmt* node, const std::vector<P::Locking_clauseContext*>& items);
  WithClause* with_clause(P::With_clauseContext* context);
  CommonTableExpr* common_table(P::CteContext* context);
  CTECycleClause* cycle_clause(P::Cycle_clauseContext* context);
  Node* preparable(P::Preparable_stmtContext* context);
  NodeList from_list(P::From_listContext* context);
  Node* table_ref(P::Table_refContext* context);
  Node* join(Node* left, P::Join_tailContext* tail);
  Alias* alias(P::Alias_clauseContext* context);
  Node* table_primary(P::Table_primaryContext* context);
  [[noreturn]] void reject_unnamed_subquery(Node* query, P::Select_with_parensContext* context);
  Node* table_sample(RangeVar* relation, P::TablesampleContext* context);
  Node* windowless_function(P::Windowless_functionContext* context);
  RangeFunction* range_function(P::Func_tableContext* context);
  void apply_function_alias(RangeFunction* node, P::Func_aliasContext* context);
  List<ColumnDef> column_definitions(P::Table_func_elementsContext* context);
  ColumnDef* column_definition(P::Table_func_elementContext* context);
  CollateClause* collate_clause(P::Any_nameContext* context);
  RangeTableFunc* xml_table(P::XmltableContext* context);
  RangeTableFuncCol* xml_column(P::Xmltable_columnContext* context);
  // roles.cpp
  DefElem* role_option(P::Role_optionContext* context, RoleOptionUse use);
  Node* create_role(P::Create_roleContext* context);
  Node* alter_role(P::Alter_roleContext* context);
  Node* alter_role_set(P::Alter_role_setContext* context);
  Node* alter_group(P::Alter_groupContext* context);
  Node* reassign_owned(P::Reassign_stmtContext* context);
  AccessPriv* privilege(P::PrivilegeContext* context);
  List<AccessPriv> privileges(P::PrivilegesContext* context);
  List<RoleSpec> grantees(P::Grantee_listContext* context);
  void privilege_target(GrantStmt* node, P::Privilege_targetContext* context);
  std::string_view dotted(NameList parts);
  Node* grant(P::Grant_stmtContext* context);
  Node* revoke(P::Revoke_stmtContext* context);
  ObjectType default_acl_target(P::Default_acl_targetContext* context);
  Node* alter_default_privileges(P::Alter_default_privilegesContext* context);
  // settings.cpp
  std::string_view variable_name(P::Var_nameContext* context);
  VariableSetStmt* set_value(std::string_view name, NodeList args, int location);
  VariableSetStmt* set_default(std::string_view name, int location);
  AConst* string_value(P::Word_or_stringContext* context);
  AConst* numeric_constant(P::Numeric_onlyContext* context);
  VariableSetStmt* generic_set(P::Generic_setContext* context);
  VariableSetStmt* set_more(P::Set_rest_moreContext* context);
  VariableSetStmt* set_time_zone(P::Zone_valueContext* context, int location);
  VariableSetStmt* set_rest(P::Set_restContext* context);
  std::string_view reset_name(P::Reset_targetContext* context);
  VariableSetStmt* reset(P::Reset_targetContext* context, int location);
  VariableSetStmt* set_or_reset(P::Set_resetContext* context);
  Node* set(P::Set_stmtContext* context);
  Node* show(P::Show_stmtContext* context);
  Node* alter_system(P::Alter_systemContext* context);
  std::string_view isolation_level(P::Iso_levelContext* context);
  List<DefElem> transaction_modes(P::Transaction_modesContext* context);
  Node* transaction(P::Transaction_stmtContext* context);
  // special_functions.cpp
  Node* special_function(P::Special_functionContext* context);
  Node* normal_form(antlr4::Token* form);
  Node* sql_value_function(P::Special_functionContext* context);
  Node* overlay(P::Special_functionContext* context);
  Node* plain_special(P::Special_functionContext* context, std::string_view name);
  Node* substring(P::Special_functionContext* context);
  Node* trim(P::Special_functionContext* context);
  List<ResTarget> xml_attributes(P::Xml_attribute_listContext* context);
  XmlOptionType xml_option(antlr4::Token* content);
  Node* xml_function(P::Special_functionContext* context);
  // statements.cpp
  Node* statement(antlr4::ParserRuleContext* context);
  // tables.cpp
  RelPersistence persistence(P::Opt_tempContext* context);
  OnCommitAction on_commit(P::On_commitContext* context);
  List<DefElem> with_options(P::With_optionsContext* context);
  std::string_view tablespace(P::TablespaceContext* context);
  std::string_view table_access(P::Table_accessContext* context);
  Node* create_table(P::Create_tableContext* context);
  Node* create_table_as(P::Create_tableContext* context);
  Node* create_matview(P::Create_matviewContext* context);
  NodeList table_elements(P::Table_elementsContext* context);
  NodeList typed_elements(P::Typed_elementsContext* context);
  ColumnDef* column(P::Column_defContext* context);
  std::string_view compression(P::Column_compressionContext* context);
  List<Constraint> column_constraints(const std::vector<P::Column_constraintContext*>& items,
                                      CollateClause** collation);
  Constraint* column_constraint(P::Column_constraintContext* context);
  void fill_column_constraint(Constraint* node, P::Column_constraint_elemContext* elem);
  void fill_generated(Constraint* node, P::Column_constraint_elemContext* elem);
  char generated_when(P::Generated_whenContext* context);
  void fill_foreign_key(Constraint* node, P::Key_matchContext* match,
                        const std::vector<P::Key_actionContext*>& actions);
  TableLikeClause* table_like(P::Table_likeContext* context);
  Constraint* table_constraint(P::Table_constraintContext* context);
  void fill_exclusion(Constraint* node, P::Table_constraint_elemContext* elem);
  void constraint_options(const std::vector<P::Constraint_optionContext*>& items, Constraint* node,
                          const char* kind, int allowed);
  PartitionSpec* partition_spec(P::Partition_byContext* context);
  PartitionBoundSpec* partition_bound(P::Partition_boundContext* context);
  List<IndexElem> index_elements(P::Index_elemsContext* context);
  IndexElem* index_element(P::Index_elemContext* context);
  Node* create_index(P::Create_indexContext* context);
  List<DefElem> sequence_options(P::Sequence_optionsContext* context);
  DefElem* sequence_option(P::Sequence_optionContext* context);
  Node* create_sequence(P::Create_sequenceContext* context);
  Node* create_view(P::Create_viewContext* context);
  SelectStmt* recursive_view_query(std::string_view name, NameList columns, SelectStmt* query);
  // types.cpp
  TypeName* system_type(std::string_view name, int location);
  TypeName* type(P::Simple_type_nameContext* context);
  TypeName* const_type(P::Const_typeContext* context);
  TypeName* generic_type(P::Generic_typeContext* context);
  TypeName* numeric_type(P::Numeric_typeContext* context);
  TypeName* bit_type(P::Bit_typeContext* context, CharacterUse use);
  TypeName* character_type(P::Character_typeContext* context, CharacterUse use);
  TypeName* datetime_type(P::Datetime_typeContext* context);
  NodeList interval_typmods(P::Interval_fieldsContext* context);
  TypeName* func_type(P::Func_typeContext* context);
  List<TypeName> types(P::Type_listContext* context);
  // utility.cpp
  Node* utility(antlr4::ParserRuleContext* context);
  Node* notification_or_simple(antlr4::ParserRuleContext* context);
  Node* copy(P::Copy_stmtContext* context);
  DefElem* copy_option(P::Copy_generic_optionContext* context);
  DefElem* copy_option(P::Copy_old_optionContext* context);
  List<DefElem> utility_options(P::Utility_optionsContext* context);
  Node* explain(P::Explain_stmtContext* context);
  Node* prepare(P::Prepare_stmtContext* context);
  Node* execute(P::Execute_stmtContext* context);
  Node* deallocate(P::Deallocate_stmtContext* context);
  Node* declare_cursor(P::Declare_cursor_stmtContext* context);
  Node* fetch(P::Fetch_stmtContext* context);
  void fetch_direction(FetchStmt* node, P::Fetch_directionContext* context);
  Node* close_cursor(P::Close_stmtContext* context);
  Node* truncate(P::Truncate_stmtContext* context);
  List<VacuumRelation> vacuum_relations(P::Vacuum_relationsContext* context);
  Node* vacuum(P::Vacuum_stmtContext* context);
  Node* analyze(P::Analyze_stmtContext* context);
  Node* cluster(P::Cluster_stmtContext* context);
  Node* reindex(P::Reindex_stmtContext* context);
  Node* lock(P::Lock_stmtContext* context);
  LockMode lock_mode(P::Lock_modeContext* context);
  Node* refresh(P::Refresh_stmtContext* context);
  Node* do_block(P::Do_stmtContext* context);
  Node* call(P::Call_stmtContext* context);

  std::string_view sql_;
  Arena& arena_;
  SqlTokenStream& stream_;
};

}  // namespace aegis::parser
