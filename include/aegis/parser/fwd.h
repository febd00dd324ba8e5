#pragma once

namespace aegis::ast {
struct Node;
struct RawStmt;
struct SelectStmt;
struct TypeName;
}  // namespace aegis::ast

namespace aegis::parser {
struct ParseResult;
}  // namespace aegis::parser
