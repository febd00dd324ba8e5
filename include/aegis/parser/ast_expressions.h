// Expression nodes of the raw parse tree, named as in PostgreSQL's parsenodes.h and primnodes.h.
#pragma once

#include "aegis/parser/node.h"

namespace aegis::ast {

struct SelectStmt;
struct WindowDef;

// ---- Values that stand where a Node* is wanted (options, object names) ----
struct Integer : NodeOf<NodeTag::Integer> {
  int32_t ival = 0;
};
// A number that is no int32, as it was written.
struct Float : NodeOf<NodeTag::Float> {
  std::string_view fval;
};
struct Boolean : NodeOf<NodeTag::Boolean> {
  bool boolval = false;
};
struct String : NodeOf<NodeTag::String> {
  std::string_view sval;
};
// 'b' or 'x' followed by the digits.
struct BitString : NodeOf<NodeTag::BitString> {
  std::string_view bsval;
};
struct ListNode : NodeOf<NodeTag::ListNode> {
  NodeList items;
};
// A qualified name where PostgreSQL keeps a List of String.
struct QualifiedName : NodeOf<NodeTag::QualifiedName> {
  NameList names;
};

enum class ConstKind : uint8_t { Integer, Float, String, BitString, Boolean, Null };

struct AConst : NodeOf<NodeTag::AConst> {
  ConstKind kind = ConstKind::Null;
  int32_t ival = 0;       // Integer
  bool boolval = false;   // Boolean
  std::string_view text;  // Float: digits; String: the value; BitString: 'b' or 'x', then digits
};

struct TypeName : NodeOf<NodeTag::TypeName> {
  NameList names;  // e.g. {"pg_catalog", "int4"}
  bool setof = false;
  bool pct_type = false;            // names is a column: name%TYPE
  NodeList typmods;                 // expressions
  std::span<int32_t> array_bounds;  // one a dimension, -1 where not given
};

struct AStar : NodeOf<NodeTag::AStar> {};

// `fields` holds the names; a trailing `*` is `star`. Both may be there: t.*
struct ColumnRef : NodeOf<NodeTag::ColumnRef> {
  NameList fields;
  bool star = false;
};

struct ParamRef : NodeOf<NodeTag::ParamRef> {
  int number = 0;
};

enum class AExprKind : uint8_t {
  Op,           // normal operator; lexpr is null for a prefix operator
  OpAny,        // scalar op ANY (array)
  OpAll,        // scalar op ALL (array)
  Distinct,     // IS DISTINCT FROM, name is "="
  NotDistinct,  // IS NOT DISTINCT FROM, name is "="
  NullIf,       // name is "="
  In,           // [NOT] IN: name is "=" or "<>", rexpr a ListNode
  Like,         // name is "~~" or "!~~"
  Ilike,        // "~~*" or "!~~*"
  Similar,      // "~" or "!~"; rexpr is a call of pg_catalog.similar_to_escape
  Between,      // name "BETWEEN", rexpr a ListNode of two
  NotBetween,
  BetweenSym,
  NotBetweenSym,
};

struct AExpr : NodeOf<NodeTag::AExpr> {
  AExprKind kind = AExprKind::Op;
  NameList name;
  Node* lexpr = nullptr;
  Node* rexpr = nullptr;
};

enum class BoolExprType : uint8_t { And, Or, Not };

// AND and OR are flattened: `a AND b AND c` is one node of three.
struct BoolExpr : NodeOf<NodeTag::BoolExpr> {
  BoolExprType boolop = BoolExprType::And;
  NodeList args;
};

enum class CoercionForm : uint8_t { ExplicitCall, ExplicitCast, ImplicitCast, SqlSyntax };

struct SortBy;

struct FuncCall : NodeOf<NodeTag::FuncCall> {
  NameList funcname;
  NodeList args;  // NamedArgExpr among them
  List<SortBy> agg_order;
  Node* agg_filter = nullptr;
  WindowDef* over = nullptr;  // with `name` set for OVER name
  bool agg_within_group = false;
  bool agg_star = false;
  bool agg_distinct = false;
  bool func_variadic = false;  // the last argument is VARIADIC
  CoercionForm funcformat = CoercionForm::ExplicitCall;
};

struct NamedArgExpr : NodeOf<NodeTag::NamedArgExpr> {
  std::string_view name;
  Node* arg = nullptr;
};

struct TypeCast : NodeOf<NodeTag::TypeCast> {
  Node* arg = nullptr;
  TypeName* type_name = nullptr;
};

struct CollateClause : NodeOf<NodeTag::CollateClause> {
  Node* arg = nullptr;  // null in a column definition
  NameList collname;
};

enum class SubLinkType : uint8_t { Exists, All, Any, RowCompare, Expr, MultiExpr, Array, Cte };

// `x IN (select)` is Any with an empty oper_name; NOT IN is that under a BoolExpr Not.
struct SubLink : NodeOf<NodeTag::SubLink> {
  SubLinkType sub_link_type = SubLinkType::Expr;
  Node* testexpr = nullptr;
  NameList oper_name;
  Node* subselect = nullptr;
};

struct CaseWhen : NodeOf<NodeTag::CaseWhen> {
  Node* expr = nullptr;
  Node* result = nullptr;
};
struct CaseExpr : NodeOf<NodeTag::CaseExpr> {
  Node* arg = nullptr;  // null: searched case
  List<CaseWhen> args;
  Node* defresult = nullptr;
};

struct CoalesceExpr : NodeOf<NodeTag::CoalesceExpr> {
  NodeList args;
};

enum class MinMaxOp : uint8_t { Greatest, Least };
struct MinMaxExpr : NodeOf<NodeTag::MinMaxExpr> {
  MinMaxOp op = MinMaxOp::Greatest;
  NodeList args;
};

enum class NullTestType : uint8_t { IsNull, IsNotNull };
struct NullTest : NodeOf<NodeTag::NullTest> {
  Node* arg = nullptr;
  NullTestType nulltesttype = NullTestType::IsNull;
};

enum class BoolTestType : uint8_t { IsTrue, IsNotTrue, IsFalse, IsNotFalse, IsUnknown, IsNotUnknown };
struct BooleanTest : NodeOf<NodeTag::BooleanTest> {
  Node* arg = nullptr;
  BoolTestType booltesttype = BoolTestType::IsTrue;
};

struct RowExpr : NodeOf<NodeTag::RowExpr> {
  NodeList args;
  CoercionForm row_format = CoercionForm::ExplicitCall;  // ImplicitCast when written (a, b)
};

struct AArrayExpr : NodeOf<NodeTag::AArrayExpr> {
  NodeList elements;
};

// A subscript or a slice; a missing bound of a slice is null.
struct AIndices : NodeOf<NodeTag::AIndices> {
  bool is_slice = false;
  Node* lidx = nullptr;
  Node* uidx = nullptr;
};

// `indirection` elements are String (field), AStar or AIndices.
struct AIndirection : NodeOf<NodeTag::AIndirection> {
  Node* arg = nullptr;
  NodeList indirection;
};

enum class SQLValueFunctionOp : uint8_t {
  CurrentDate,
  CurrentTime,
  CurrentTimeN,
  CurrentTimestamp,
  CurrentTimestampN,
  Localtime,
  LocaltimeN,
  Localtimestamp,
  LocaltimestampN,
  CurrentRole,
  CurrentUser,
  User,
  SessionUser,
  CurrentCatalog,
  CurrentSchema,
};
struct SQLValueFunction : NodeOf<NodeTag::SQLValueFunction> {
  SQLValueFunctionOp op = SQLValueFunctionOp::CurrentDate;
  int32_t typmod = -1;
};

struct GroupingFunc : NodeOf<NodeTag::GroupingFunc> {
  NodeList args;
};
struct SetToDefault : NodeOf<NodeTag::SetToDefault> {};
struct CurrentOfExpr : NodeOf<NodeTag::CurrentOfExpr> {
  std::string_view cursor_name;
};

enum class XmlExprOp : uint8_t { Concat, Element, Forest, Parse, Pi, Root, Serialize, Document };
enum class XmlOptionType : uint8_t { Document, Content };
struct ResTarget;
struct XmlExpr : NodeOf<NodeTag::XmlExpr> {
  XmlExprOp op = XmlExprOp::Concat;
  std::string_view name;
  List<ResTarget> named_args;
  NodeList args;
  XmlOptionType xmloption = XmlOptionType::Document;
};
struct XmlSerialize : NodeOf<NodeTag::XmlSerialize> {
  XmlOptionType xmloption = XmlOptionType::Document;
  Node* expr = nullptr;
  TypeName* type_name = nullptr;
};

enum class SortByDir : uint8_t { Default, Asc, Desc, Using };
enum class SortByNulls : uint8_t { Default, First, Last };
struct SortBy : NodeOf<NodeTag::SortBy> {
  Node* node = nullptr;
  SortByDir sortby_dir = SortByDir::Default;
  SortByNulls sortby_nulls = SortByNulls::Default;
  NameList use_op;
};

// PostgreSQL's FRAMEOPTION_ bits.
enum FrameOption : int {
  kFrameNonDefault = 0x00001,
  kFrameRange = 0x00002,
  kFrameRows = 0x00004,
  kFrameGroups = 0x00008,
  kFrameBetween = 0x00010,
  kFrameStartUnboundedPreceding = 0x00020,
  kFrameEndUnboundedPreceding = 0x00040,
  kFrameStartUnboundedFollowing = 0x00080,
  kFrameEndUnboundedFollowing = 0x00100,
  kFrameStartCurrentRow = 0x00200,
  kFrameEndCurrentRow = 0x00400,
  kFrameStartOffsetPreceding = 0x00800,
  kFrameEndOffsetPreceding = 0x01000,
  kFrameStartOffsetFollowing = 0x02000,
  kFrameEndOffsetFollowing = 0x04000,
  kFrameExcludeCurrentRow = 0x08000,
  kFrameExcludeGroup = 0x10000,
  kFrameExcludeTies = 0x20000,
  kFrameDefaults = kFrameRange | kFrameStartUnboundedPreceding | kFrameEndCurrentRow,
};

struct WindowDef : NodeOf<NodeTag::WindowDef> {
  std::string_view name;     // its own name, or the one OVER refers to
  std::string_view refname;  // the window it copies
  NodeList partition_clause;
  List<SortBy> order_clause;
  int frame_options = kFrameDefaults;
  Node* start_offset = nullptr;
  Node* end_offset = nullptr;
};

}  // namespace aegis::ast
