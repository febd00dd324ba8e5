// The whole raw parse tree. It mirrors the tree PostgreSQL 15's grammar builds: the same node and field
// names, in snake_case. Differences: strings and lists are views into the arena, qualified names are lists of
// strings, and SelectStmt has a `distinct` flag of its own.
#pragma once

#include "aegis/parser/ast_ddl.h"
#include "aegis/parser/ast_expressions.h"
#include "aegis/parser/ast_queries.h"
#include "aegis/parser/ast_tables.h"
#include "aegis/parser/ast_utility.h"
