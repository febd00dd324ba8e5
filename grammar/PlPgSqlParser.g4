// PL/pgSQL's structure: blocks, branches and loops. What stands between their keywords is SQL, kept as runs of tokens
// (`text…`) that src/parser/build/plpgsql.cpp takes apart and the session parses as SQL; the tokens are those of the SQL
// lexer, with PL/pgSQL's keywords told apart (src/parser/plpgsql_tokens.def).
parser grammar PlPgSqlParser;

options { tokenVocab = PlPgSqlTokens; }

root : option* block SEMI? EOF ;
option : HASH any_word any_word? ;

block : label? (DECLARE declaration*)? BEGIN body exception_part? END end_label=any_word? ;
label : LABEL_OPEN any_word LABEL_CLOSE ;
exception_part : EXCEPTION handler+ ;
handler : WHEN text_then THEN body ;

declaration
  : name=any_word ALIAS FOR text SEMI                                       # alias_declaration
  | name=any_word (NO? SCROLL)? CURSOR (LP cursor_argument (COMMA cursor_argument)* RP)? (IS | FOR) text SEMI  # cursor_declaration
  | name=any_word CONSTANT? type_text (COLLATE text_type)? (NOT NULL_P)? (init=(ASSIGN | EQUAL | DEFAULT) text)? SEMI  # variable_declaration
  ;
cursor_argument : any_word argument_type ;
argument_type : type_part+ ;
type_text : type_part+ ;
text_type : any_word (DOT any_word)* ;
type_part
  : LP nested* RP
  | LB nested* RB
  | ~(SEMI | ASSIGN | EQUAL | DEFAULT | NOT | COLLATE | LP | RP | LB | RB | CONSTANT | COMMA)
  ;

body : statement* ;
statement
  : block SEMI                                                             # block_statement
  | IF text_then THEN body elsif_part* else_part? END IF SEMI              # if_statement
  | CASE text_when? case_when+ else_part? END CASE SEMI                    # case_statement
  | label? LOOP loop_body                                                  # loop_statement
  | label? WHILE text_loop LOOP loop_body                                  # while_statement
  | label? FOR text_loop LOOP loop_body                                    # for_statement
  | label? FOREACH text_loop LOOP loop_body                                # foreach_statement
  | kind=(EXIT | CONTINUE) any_word? (WHEN text)? SEMI                     # exit_statement
  | NULL_P SEMI                                                            # null_statement
  | kind=(RETURN | RAISE | ASSERT | PERFORM | EXECUTE | GET | OPEN | FETCH | MOVE | CLOSE | COMMIT | ROLLBACK) text? SEMI  # simple_statement
  | sql_start text? SEMI                                                   # sql_statement
  ;
elsif_part : ELSIF text_then THEN body ;
else_part : ELSE body ;
case_when : WHEN text_then THEN body ;
loop_body : body END LOOP any_word? SEMI ;

sql_start : WORD | PARAM | LP nested* RP | LB nested* RB
  | ALIAS | ARRAY | COLLATE | CONSTANT | CURSOR | DEFAULT | DIAGNOSTICS | IS | NEXT | NO | QUERY | REVERSE | SCROLL | SLICE ;

text : part+ ;
text_then : (LP nested* RP | LB nested* RB | ~(SEMI | LP | RP | LB | RB | THEN))+ ;
text_when : (LP nested* RP | LB nested* RB | ~(SEMI | LP | RP | LB | RB | WHEN))+ ;
text_loop : (LP nested* RP | LB nested* RB | ~(SEMI | LP | RP | LB | RB | LOOP))+ ;
part : LP nested* RP | LB nested* RB | ~(SEMI | LP | RP | LB | RB) ;
nested : LP nested* RP | LB nested* RB | ~(LP | RP | LB | RB) ;

any_word : WORD
  | ALIAS | ARRAY | ASSERT | CLOSE | COLLATE | COMMIT | CONSTANT | CONTINUE | CURSOR | DEFAULT | DIAGNOSTICS | ELSIF | EXCEPTION | EXIT | FETCH | GET | IS | MOVE | NEXT | NO | OPEN | PERFORM | QUERY | RAISE | RETURN | REVERSE | ROLLBACK | SCROLL | SLICE ;
