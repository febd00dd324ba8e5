#pragma once

#include "aegis/base/arena.h"
#include "lexer/token.h"

namespace aegis::parser {

struct LexerSettings;

// Splits `text`, which must outlive the tokens, as PostgreSQL's scanner does. Values that differ from their
// text are put in the arena. Never throws for what the text holds: an error ends the list and is left in
// `out.error`.
void tokenize(std::string_view text, const LexerSettings& settings, Arena& arena, TokenList& out);

// Turns the opening parentheses of subqueries into kSubqueryParen.
void mark_subquery_parens(std::vector<Token>& tokens);

// Cuts at 63 bytes, at a character's border.
std::string_view truncate_identifier(std::string_view name);

}  // namespace aegis::parser
