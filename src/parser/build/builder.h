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
  Builder(std::string_view sql, Arena& arena, SqlTokenStream& stream) : sql_(sql), arena_(arena), stream_(stream) {}

  Node* expression(P::A_exprContext* context);
  void statements(P::Statement_listContext* context, std::vector<RawStmt>& out);
  TypeName* type(P::Type_nameContext* context);

 private:
  struct Flat;
  struct FlatTail;
  enum class CharacterUse { Type, Constant };
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
  // One T for each context.
  template <typename T, typename Context, typename Make>
  List<T> list_of(const std::vector<Context*>& contexts, Make make_one) {
    if (contexts.empty()) return {};
    List<T> result{arena_.allocate_array<T*>(contexts.size()), contexts.size()};
    for (size_t i = 0; i < contexts.size(); ++i) result[i] = make_one(contexts[i]);
    return result;
  }

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
  // modifications.cpp
  Node* with_modification(P::With_dmlContext* context);
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
  // special_functions.cpp
  Node* special_function(P::Special_functionContext* context);
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
  // stubs_tmp.cpp
  Node* create(antlr4::ParserRuleContext* context);
  Node* alter(antlr4::ParserRuleContext* context);
  Node* drop(P::Drop_stmtContext* context);
  Node* utility(antlr4::ParserRuleContext* context);
  List<IndexElem> index_elements(P::Index_elemsContext* context);
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

  std::string_view sql_;
  Arena& arena_;
  SqlTokenStream& stream_;
};

}  // namespace aegis::parser
