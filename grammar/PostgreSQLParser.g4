// PostgreSQL 15's SQL. The tokens come from src/parser/lexer; two of them need explaining: IDENT is any identifier that
// is no keyword (or is quoted), and LPS is an opening parenthesis in front of a subquery, told apart by the lexer so that
// the parser needs no unbounded lookahead. `lp` takes either where no choice depends on it.
//
// An expression is a flat list of operands and tails; src/parser/build resolves precedence and associativity, and
// rejects what that resolution cannot accept.
parser grammar PostgreSQLParser;

options { tokenVocab = PostgreSQLTokens; }

root : statement_list EOF ;
statement_list : statement? (sep+=';' statement?)* ;
root_expression : a_expr EOF ;
root_type_name : type_name EOF ;

statement
  : plain_select
  | with_stmt
  | insert_stmt
  | update_stmt
  | delete_stmt
  | merge_stmt
  | transaction_stmt
  | create_stmt
  | alter_stmt
  | drop_stmt
  | truncate_stmt
  | comment_stmt
  | security_label_stmt
  | grant_stmt
  | revoke_stmt
  | copy_stmt
  | explain_stmt
  | set_stmt
  | reset_stmt
  | show_stmt
  | prepare_stmt
  | execute_stmt
  | deallocate_stmt
  | declare_cursor_stmt
  | fetch_stmt
  | close_stmt
  | vacuum_stmt
  | analyze_stmt
  | cluster_stmt
  | reindex_stmt
  | lock_stmt
  | listen_stmt
  | unlisten_stmt
  | notify_stmt
  | checkpoint_stmt
  | discard_stmt
  | load_stmt
  | do_stmt
  | call_stmt
  | refresh_stmt
  | reassign_stmt
  | import_stmt
  ;

lp : '(' | LPS ;

// ======================================================= names =======================================================
any_name : colid name_attr* ;
name_attr : '.' col_label ;
any_name_list : items+=any_name (',' items+=any_name)* ;
name_list : items+=colid (',' items+=colid)* ;
paren_names : '(' name_list ')' ;
function_name : colid name_attr+ | type_function_name ;
role_spec : nonreserved_word | CURRENT_ROLE | CURRENT_USER | SESSION_USER ;
role_list : items+=role_spec (',' items+=role_spec)* ;
relation_expr
  : any_name star='*'?
  | only=ONLY any_name
  | only=ONLY '(' any_name ')'
  ;
relation_list : items+=relation_expr (',' items+=relation_expr)* ;
word_or_string : nonreserved_word | SCONST ;
if_exists : IF EXISTS ;
if_not_exists : IF NOT EXISTS ;
or_replace : OR REPLACE ;
drop_behavior : CASCADE | RESTRICT ;
signed_integer : sign=('+' | '-')? ICONST ;
numeric_only : sign=('+' | '-')? value=(ICONST | FCONST) ;

// Operator names.
all_op : OP | math_op ;
math_op : '+' | '-' | '*' | '/' | '%' | '^' | '<' | '>' | '=' | '<=' | '>=' | '<>' ;
any_operator : (schemas+=colid '.')* all_op ;
qualified_op : OPERATOR '(' any_operator ')' ;
qual_all_op : all_op | qualified_op ;

// ==================================================== expressions ====================================================
a_expr
  : DEFAULT
  | pre+=prefix_op* operand=c_expr tails+=a_tail*
  ;
prefix_op : op=('+' | '-' | NOT | OP) | qualified_op ;
a_tail
  : op=('+' | '-' | '*' | '/' | '%' | '^' | '<' | '>' | '=' | '<=' | '>=' | '<>' | OP | AND | OR | OVERLAPS | ESCAPE)
    (pre+=prefix_op* operand=c_expr | quantified)
  | qualified_op (pre+=prefix_op* operand=c_expr | quantified)
  | op=TYPECAST type_name
  | op=COLLATE any_name
  | op=AT TIME ZONE pre+=prefix_op* operand=c_expr
  | negated=NOT? op=(LIKE | ILIKE) (pre+=prefix_op* operand=c_expr | quantified)
  | negated=NOT? op=SIMILAR TO pre+=prefix_op* operand=c_expr
  | negated=NOT? op=BETWEEN sym=(SYMMETRIC | ASYMMETRIC)? pre+=prefix_op* operand=c_expr
  | negated=NOT? op=IN (select_with_parens | '(' expr_list ')')
  | op=IS negated=NOT? (test=(NULL_ | TRUE | FALSE | UNKNOWN | DOCUMENT) | form=(NFC | NFD | NFKC | NFKD)? test=NORMALIZED)
  | op=IS negated=NOT? test=DISTINCT FROM pre+=prefix_op* operand=c_expr
  | op=(ISNULL | NOTNULL)
  ;
quantified : (ANY | SOME | ALL) (select_with_parens | '(' a_expr ')') ;

// Expressions that end before AND, NOT, IN, …, for DEFAULT, POSITION and XMLTABLE.
b_expr : pre+=prefix_op* operand=c_expr tails+=b_tail* ;
b_tail
  : op=('+' | '-' | '*' | '/' | '%' | '^' | '<' | '>' | '=' | '<=' | '>=' | '<>' | OP) pre+=prefix_op* operand=c_expr
  | qualified_op pre+=prefix_op* operand=c_expr
  | op=TYPECAST type_name
  | op=IS negated=NOT? test=DOCUMENT
  | op=IS negated=NOT? test=DISTINCT FROM pre+=prefix_op* operand=c_expr
  ;

expr_list : items+=a_expr (',' items+=a_expr)* ;

c_expr
  : constant=(ICONST | FCONST | SCONST | BCONST | XCONST | TRUE | FALSE | NULL_)
  | name_expr
  | param=PARAM indirection_el*
  | '(' expr_list ')' indirection_el*
  | select_with_parens indirection_el*
  | case_expr
  | typed_constant
  | special_function
  | keyword_function
  | exists=EXISTS select_with_parens
  | array=ARRAY (select_with_parens | array_expr)
  | row=ROW lp expr_list? ')'
  | grouping=GROUPING lp expr_list ')'
  ;

// A column, a function call, or a constant of the named type.
name_expr
  : plain_name indirection_el* (args=func_args (literal=SCONST | func_tail) | literal=SCONST)?
  | column_name_keyword (indirection_el+ (args=func_args (literal=SCONST | func_tail) | literal=SCONST)?)?
  ;
keyword_function : type_func_name_keyword (args=func_args (literal=SCONST | func_tail) | literal=SCONST) ;
indirection_el
  : '.' col_label
  | '.' star='*'
  | '[' lower=a_expr? slice=':' upper=a_expr? ']'
  | '[' lower=a_expr ']'
  ;

func_args
  : ('(' | LPS)
    (star='*' | quantifier=(ALL | DISTINCT)? (items+=func_arg (',' items+=func_arg)* order_by?)?)
    ')'
  ;
func_arg : variadic=VARIADIC? (type_function_name arrow=(':=' | '=>'))? a_expr ;
func_tail : within_group? filter_clause? over_clause? ;
within_group : WITHIN GROUP '(' order_by ')' ;
filter_clause : FILTER '(' WHERE a_expr ')' ;
over_clause : OVER (window_specification | colid) ;
window_specification : '(' base=colid? (PARTITION BY expr_list)? order_by? frame_clause? ')' ;
frame_clause
  : how=(RANGE | ROWS | GROUPS) (first=frame_bound | BETWEEN first=frame_bound AND second=frame_bound)
    (EXCLUDE (exclude_row=CURRENT ROW | exclude=GROUP | exclude=TIES | exclude_no=NO OTHERS))?
  ;
frame_bound
  : UNBOUNDED direction=(PRECEDING | FOLLOWING)
  | current=CURRENT ROW
  | a_expr direction=(PRECEDING | FOLLOWING)
  ;

case_expr : CASE arg=a_expr? whens+=case_when+ (ELSE otherwise=a_expr)? END ;
case_when : WHEN condition=a_expr THEN result=a_expr ;

array_expr : '[' (expr_list | rows+=array_expr (',' rows+=array_expr)*)? ']' ;

typed_constant
  : const_type SCONST
  | INTERVAL SCONST interval_fields?
  | INTERVAL '(' precision=ICONST ')' SCONST
  ;
const_type : numeric_type | bit_type | character_type | datetime_type ;

// What looks like a function call but has a syntax of its own.
special_function
  : kind=COLLATION FOR lp a_expr ')'
  | kind=CURRENT_DATE
  | kind=(CURRENT_TIME | CURRENT_TIMESTAMP | LOCALTIME | LOCALTIMESTAMP) ('(' ICONST ')')?
  | kind=(CURRENT_ROLE | CURRENT_USER | SESSION_USER | USER | CURRENT_CATALOG | CURRENT_SCHEMA)
  | kind=(CAST | TREAT) lp a_expr AS type_name ')'
  | kind=EXTRACT '(' extract_field FROM a_expr ')'
  | kind=NORMALIZE lp a_expr (',' form=(NFC | NFD | NFKC | NFKD))? ')'
  | kind=OVERLAY lp a_expr PLACING second=a_expr FROM third=a_expr (FOR fourth=a_expr)? ')'
  | kind=OVERLAY args=func_args
  | kind=POSITION lp needle=b_expr IN haystack=b_expr ')'
  | kind=SUBSTRING lp a_expr substring_part+ ')'
  | kind=SUBSTRING lp a_expr SIMILAR pattern=a_expr ')'
  | kind=SUBSTRING args=func_args
  | kind=TRIM lp side=(BOTH | LEADING | TRAILING)? (a_expr? from=FROM)? expr_list ')'
  | kind=NULLIF lp a_expr ',' second=a_expr ')'
  | kind=(COALESCE | GREATEST | LEAST | XMLCONCAT) lp expr_list ')'
  | kind=XMLELEMENT '(' NAME col_label (',' xml_attributes)? (',' expr_list)? ')'
  | kind=XMLEXISTS lp c_expr xml_passing ')'
  | kind=XMLFOREST lp xml_attribute_list ')'
  | kind=XMLPARSE '(' content=(DOCUMENT | CONTENT) a_expr (whitespace=(PRESERVE | STRIP) WHITESPACE)? ')'
  | kind=XMLPI '(' NAME col_label (',' a_expr)? ')'
  | kind=XMLROOT lp a_expr ',' VERSION (second=a_expr | NO VALUE) (',' STANDALONE (yes=YES | no=NO no_value=VALUE?))? ')'
  | kind=XMLSERIALIZE '(' content=(DOCUMENT | CONTENT) a_expr AS simple_type_name ')'
  ;
substring_part : kind=(FROM | FOR) a_expr ;
extract_field : IDENT | YEAR | MONTH | DAY | HOUR | MINUTE | SECOND | SCONST ;
xml_attributes : XMLATTRIBUTES lp xml_attribute_list ')' ;
xml_attribute_list : items+=xml_attribute (',' items+=xml_attribute)* ;
xml_attribute : a_expr (AS col_label)? ;
xml_passing : PASSING xml_mechanism? c_expr xml_mechanism? ;
xml_mechanism : BY (REF | VALUE) ;

// ======================================================= types =======================================================
type_name
  : setof=SETOF? simple_type_name (array_bound* | array=ARRAY ('[' bound=ICONST ']')?)
  ;
array_bound : '[' ICONST? ']' ;
simple_type_name : numeric_type | bit_type | character_type | datetime_type | interval_type | generic_type ;
generic_type : type_function_name name_attr* typmods? ;
typmods : lp expr_list ')' ;
numeric_type
  : kind=(INT | INTEGER | SMALLINT | BIGINT | REAL | BOOLEAN)
  | kind=FLOAT ('(' ICONST ')')?
  | kind=DOUBLE PRECISION
  | kind=(DECIMAL | DEC | NUMERIC) typmods?
  ;
bit_type : BIT varying=VARYING? typmods? ;
character_type
  : (kind=(CHARACTER | CHAR | NCHAR) | NATIONAL kind=(CHARACTER | CHAR)) varying=VARYING? ('(' ICONST ')')?
  | kind=VARCHAR ('(' ICONST ')')?
  ;
datetime_type : kind=(TIMESTAMP | TIME) ('(' ICONST ')')? (zone=(WITH | WITHOUT) TIME ZONE)? ;
interval_type : INTERVAL ('(' ICONST ')' | interval_fields)? ;
interval_fields
  : first=YEAR (TO last=MONTH)?
  | first=MONTH
  | first=DAY (TO (last=(HOUR | MINUTE) | last=SECOND seconds_precision?))?
  | first=HOUR (TO (last=MINUTE | last=SECOND seconds_precision?))?
  | first=MINUTE (TO last=SECOND seconds_precision?)?
  | first=SECOND seconds_precision?
  ;
seconds_precision : '(' ICONST ')' ;
type_list : items+=type_name (',' items+=type_name)* ;
// A type of a function's argument or result.
func_type : setof=SETOF? type_function_name name_attr+ '%' TYPE | type_name ;

// ====================================================== queries ======================================================
select_stmt : with_clause? plain_select ;
plain_select : set_expr query_tail ;
query_tail : order_by? (limits+=limit_part | lockings+=locking_clause)* ;
select_with_parens : LPS select_stmt ')' ;
set_expr : select_primary (set_tail)* ;
set_tail : op=(UNION | INTERSECT | EXCEPT) quantifier=(ALL | DISTINCT)? select_primary ;
select_primary
  : simple_select
  | values_clause
  | TABLE relation_expr
  | select_with_parens
  ;
simple_select
  : SELECT (all=ALL | distinct=DISTINCT (ON lp distinct_on=expr_list ')')?)? target_list?
    into_clause? from_clause? where_clause? group_clause? (HAVING having=a_expr)? window_clause?
  ;
target_list : items+=target_el (',' items+=target_el)* ;
target_el : star='*' | a_expr (AS col_label | bare_col_label)? ;
into_clause : INTO into_target ;
into_target
  : scope=(LOCAL | GLOBAL)? temp=(TEMPORARY | TEMP) TABLE? any_name
  | unlogged=UNLOGGED TABLE? any_name
  | TABLE? any_name
  ;
from_clause : FROM from_list ;
from_list : items+=table_ref (',' items+=table_ref)* ;
where_clause : WHERE a_expr ;
group_clause : GROUP BY quantifier=(ALL | DISTINCT)? group_list ;
group_list : items+=group_item (',' items+=group_item)* ;
group_item
  : '(' empty=')'
  | kind=(CUBE | ROLLUP) lp expr_list ')'
  | kind=GROUPING SETS '(' group_list ')'
  | a_expr
  ;
window_clause : WINDOW items+=window_definition (',' items+=window_definition)* ;
window_definition : colid AS window_specification ;
values_clause : VALUES rows+=values_row (',' rows+=values_row)* ;
values_row : lp expr_list ')' ;
order_by : ORDER BY items+=sort_item (',' items+=sort_item)* ;
sort_item : a_expr (USING qual_all_op | dir=(ASC | DESC))? (NULLS nulls=(FIRST | LAST))? ;
limit_part
  : kind=LIMIT (a_expr | all=ALL) (',' second=a_expr)?
  | kind=OFFSET a_expr (ROW | ROWS)?
  | kind=FETCH (FIRST | NEXT) (a_expr)? (ROW | ROWS) (ONLY | WITH ties=TIES)
  ;
locking_clause
  : FOR (strength=UPDATE | nokey=NO KEY UPDATE | strength=SHARE | key=KEY SHARE) (OF any_name_list)?
    (wait=NOWAIT | wait=SKIP LOCKED)?
  | FOR read=READ ONLY
  ;

with_clause : WITH recursive=RECURSIVE? items+=cte (',' items+=cte)* ;
cte
  : colid paren_names? AS (NOT? materialized=MATERIALIZED)? lp preparable_stmt ')' search_clause? cycle_clause?
  ;
search_clause : SEARCH order=(DEPTH | BREADTH) FIRST BY name_list SET colid ;
cycle_clause
  : CYCLE name_list SET mark=colid (TO value=literal_constant DEFAULT otherwise=literal_constant)? USING path=colid
  ;
literal_constant : c_expr ;
preparable_stmt : plain_select | with_stmt | insert_stmt | update_stmt | delete_stmt | merge_stmt ;

table_ref : table_primary joins+=join_tail* ;
join_tail
  : CROSS JOIN primary=table_primary
  | NATURAL kind=join_kind? JOIN primary=table_primary
  | kind=join_kind? JOIN ref=table_ref join_qual
  ;
join_kind : kind=(FULL | LEFT | RIGHT) OUTER? | kind=INNER ;
join_qual : USING '(' name_list ')' (AS colid)? | ON a_expr ;
table_primary
  : relation_expr alias_clause? tablesample?
  | lateral=LATERAL? func_table func_alias?
  | lateral=LATERAL? xmltable alias_clause?
  | lateral=LATERAL? select_with_parens alias_clause?
  | '(' table_ref ')' alias_clause?
  ;
alias_clause : AS? colid paren_names? ;
func_alias
  : AS? colid ('(' (name_list | table_func_elements) ')')?
  | AS '(' table_func_elements ')'
  ;
table_func_elements : items+=table_func_element (',' items+=table_func_element)* ;
table_func_element : colid type_name (COLLATE any_name)? ;
tablesample : TABLESAMPLE function_name lp expr_list ')' (REPEATABLE lp a_expr ')')? ;
func_table
  : windowless_function ordinality?
  | ROWS FROM '(' items+=rows_from_item (',' items+=rows_from_item)* ')' ordinality?
  ;
ordinality : WITH ORDINALITY ;
rows_from_item : windowless_function (AS '(' table_func_elements ')')? ;
windowless_function : function_name func_args | special_function ;
xmltable
  : XMLTABLE lp (XMLNAMESPACES '(' namespaces+=xml_namespace (',' namespaces+=xml_namespace)* ')' ',')?
    c_expr xml_passing COLUMNS columns+=xmltable_column (',' columns+=xmltable_column)* ')'
  ;
xml_namespace : b_expr AS col_label | DEFAULT b_expr ;
xmltable_column : colid (FOR ORDINALITY | type_name options+=xmltable_column_option*) ;
xmltable_column_option : word=IDENT b_expr | dflt=DEFAULT b_expr | NOT NULL_ | NULL_ ;

// ================================================== data modification ==================================================
// Together, so that which statement it is need not be known before the WITH clause, of any length, is over.
with_stmt : with_clause (plain_select | insert_stmt | update_stmt | delete_stmt | merge_stmt) ;
insert_stmt
  : INSERT INTO any_name (AS colid)? insert_rest on_conflict? returning_clause?
  ;
insert_rest
  : DEFAULT VALUES
  | ('(' insert_columns ')')? (OVERRIDING override=(USER | SYSTEM) VALUE)? select_stmt
  ;
insert_columns : items+=insert_column (',' items+=insert_column)* ;
insert_column : colid indirection_el* ;
on_conflict : ON CONFLICT conflict_target? DO (UPDATE SET set_clauses where_clause? | nothing=NOTHING) ;
conflict_target : lp index_elems ')' where_clause? | ON CONSTRAINT colid ;
returning_clause : RETURNING target_list ;
update_stmt
  : UPDATE dml_relation SET set_clauses from_clause? where_or_current? returning_clause?
  ;
dml_relation : relation_expr (AS? colid)? ;
set_clauses : items+=set_clause (',' items+=set_clause)* ;
set_clause : insert_column '=' a_expr | '(' insert_columns ')' '=' a_expr ;
where_or_current : WHERE (CURRENT OF colid | a_expr) ;
delete_stmt : DELETE FROM dml_relation (USING from_list)? where_or_current? returning_clause? ;
merge_stmt : MERGE INTO dml_relation USING table_ref ON a_expr merge_when+ ;
merge_when
  : WHEN not_matched=NOT? MATCHED (AND a_expr)? THEN
    ( UPDATE SET set_clauses
    | del=DELETE
    | INSERT ('(' insert_columns ')')? (OVERRIDING override=(USER | SYSTEM) VALUE)? VALUES lp expr_list ')'
    | INSERT DEFAULT dflt=VALUES
    | DO nothing=NOTHING
    )
  ;

// ====================================================== CREATE =======================================================
create_stmt
  : create_table
  | create_view
  | create_index
  | create_matview
  | create_sequence
  | create_function
  | create_schema
  | create_type
  | create_domain
  | create_trigger
  | create_database
  | create_role
  | create_extension
  | create_rule
  | create_aggregate
  | create_operator
  | create_operator_class
  | create_operator_family
  | create_collation
  | create_text_search
  | create_cast
  | create_conversion
  | create_transform
  | create_language
  | create_policy
  | create_event_trigger
  | create_statistics
  | create_tablespace
  | create_access_method
  | create_fdw
  | create_server
  | create_foreign_table
  | create_user_mapping
  | create_publication
  | create_subscription
  | create_assertion
  ;

opt_temp : scope=(LOCAL | GLOBAL)? temp=(TEMPORARY | TEMP) | unlogged=UNLOGGED ;

create_table
  : CREATE opt_temp? TABLE if_not_exists? any_name
    ( '(' table_elements? ')' inherits? partition_by? table_access? with_options? on_commit? tablespace?
    | OF of_type=any_name ('(' typed_elements ')')? partition_by? table_access? with_options? on_commit? tablespace?
    | PARTITION OF partition_of=any_name ('(' typed_elements ')')? partition_bound partition_by? table_access? with_options?
      on_commit? tablespace?
    | columns=paren_names? table_access? with_options? on_commit? tablespace? AS
      (select_stmt | EXECUTE prepared=colid execute_params?) with_data?
    )
  ;
with_data : WITH no=NO? DATA ;
inherits : INHERITS '(' any_name_list ')' ;
table_access : USING colid ;
with_options : WITH reloptions | WITHOUT OIDS ;
on_commit : ON COMMIT (action=DROP | action=DELETE ROWS | action=PRESERVE ROWS) ;
tablespace : TABLESPACE colid ;
table_elements : items+=table_element (',' items+=table_element)* ;
table_element : column_def | table_like | table_constraint ;
typed_elements : items+=typed_element (',' items+=typed_element)* ;
typed_element : colid (WITH OPTIONS)? column_constraint* | table_constraint ;
column_def : colid type_name column_compression? generic_options? column_constraint* ;
column_compression : COMPRESSION (colid | DEFAULT) ;
column_constraint
  : (CONSTRAINT name=colid)? column_constraint_elem
  | constraint_attr
  | COLLATE any_name
  ;
column_constraint_elem
  : NOT kind=NULL_
  | kind=NULL_
  | kind=UNIQUE null_treatment? with_definition? index_tablespace?
  | kind=PRIMARY KEY with_definition? index_tablespace?
  | kind=CHECK lp a_expr ')' no_inherit?
  | kind=DEFAULT b_expr
  | kind=GENERATED generated_when AS IDENTITY ('(' sequence_options ')')?
  | kind=GENERATED generated_when AS lp a_expr ')' STORED
  | kind=REFERENCES any_name paren_names? key_match? key_action*
  ;
null_treatment : NULLS NOT? DISTINCT ;
no_inherit : NO INHERIT ;
generated_when : ALWAYS | BY DEFAULT ;
constraint_attr : NOT? DEFERRABLE | INITIALLY when=(DEFERRED | IMMEDIATE) ;
table_like : LIKE any_name like_option* ;
like_option
  : how=(INCLUDING | EXCLUDING)
    what=(COMMENTS | COMPRESSION | CONSTRAINTS | DEFAULTS | IDENTITY | GENERATED | INDEXES | STATISTICS | STORAGE | ALL)
  ;
table_constraint : (CONSTRAINT name=colid)? table_constraint_elem ;
table_constraint_elem
  : kind=CHECK lp a_expr ')' constraint_option*
  | kind=UNIQUE null_treatment? paren_names include_columns? with_definition? index_tablespace? constraint_option*
  | kind=UNIQUE existing_index constraint_option*
  | kind=PRIMARY KEY paren_names include_columns? with_definition? index_tablespace? constraint_option*
  | kind=PRIMARY KEY existing_index constraint_option*
  | kind=EXCLUDE (USING method=colid)? '(' items+=exclusion_elem (',' items+=exclusion_elem)* ')' include_columns?
    with_definition? index_tablespace? (WHERE lp a_expr ')')? constraint_option*
  | kind=FOREIGN KEY keys=paren_names REFERENCES any_name pk=paren_names? key_match? key_action* constraint_option*
  ;
constraint_option
  : no=NOT? kind=DEFERRABLE
  | INITIALLY kind=(DEFERRED | IMMEDIATE)
  | NOT kind=VALID
  | NO kind=INHERIT
  ;
include_columns : INCLUDE paren_names ;
existing_index : USING INDEX colid ;
index_tablespace : USING INDEX TABLESPACE colid ;
exclusion_elem : index_elem WITH (any_operator | qualified_op) ;
key_match : MATCH kind=(FULL | PARTIAL | SIMPLE) ;
key_action
  : ON event=(UPDATE | DELETE)
    (NO action=ACTION | action=(RESTRICT | CASCADE) | SET action=(NULL_ | DEFAULT) paren_names?)
  ;
partition_by : PARTITION BY colid '(' items+=partition_elem (',' items+=partition_elem)* ')' ;
partition_elem
  : (windowless_function | colid | lp a_expr ')') (COLLATE collation=any_name)? opclass=any_name?
  ;
partition_bound
  : FOR VALUES WITH '(' items+=hash_bound (',' items+=hash_bound)* ')'
  | FOR VALUES in=IN lp expr_list ')'
  | FOR VALUES from=FROM lp lower=expr_list ')' TO lp upper=expr_list ')'
  | dflt=DEFAULT
  ;
hash_bound : nonreserved_word ICONST ;

create_matview
  : CREATE unlogged=UNLOGGED? MATERIALIZED VIEW if_not_exists? any_name columns=paren_names? table_access?
    (WITH reloptions)? tablespace? AS select_stmt with_data?
  ;
create_view
  : CREATE or_replace? opt_temp? recursive=RECURSIVE? VIEW any_name columns=paren_names? (WITH reloptions)? AS select_stmt
    check_option?
  ;
check_option : WITH kind=(CASCADED | LOCAL)? CHECK OPTION ;

create_index
  : CREATE unique=UNIQUE? INDEX concurrently=CONCURRENTLY? (if_not_exists? name=colid)? ON relation_expr
    (USING method=colid)? lp index_elems ')' (INCLUDE lp including=index_elems ')')? null_treatment? (WITH reloptions)?
    tablespace? where_clause?
  ;
index_elems : items+=index_elem (',' items+=index_elem)* ;
index_elem
  : (windowless_function | colid | lp a_expr ')') (COLLATE collation=any_name)? (opclass=any_name reloptions?)?
    dir=(ASC | DESC)? (NULLS nulls=(FIRST | LAST))?
  ;

create_sequence : CREATE opt_temp? SEQUENCE if_not_exists? any_name sequence_options? ;
sequence_options : items+=sequence_option+ ;
sequence_option
  : kind=AS simple_type_name
  | kind=CACHE numeric_only
  | no=NO? kind=CYCLE
  | kind=INCREMENT BY? numeric_only
  | kind=(MAXVALUE | MINVALUE) numeric_only
  | no=NO kind=(MAXVALUE | MINVALUE)
  | kind=OWNED BY any_name
  | kind=SEQUENCE NAME any_name
  | kind=START WITH? numeric_only
  | kind=RESTART (WITH? numeric_only)?
  | kind=(LOGGED | UNLOGGED)
  ;

create_schema
  : CREATE SCHEMA if_not_exists? (name=colid? AUTHORIZATION role_spec | name=colid) elements+=schema_element*
  ;
schema_element : create_table | create_index | create_sequence | create_trigger | grant_stmt | create_view ;

create_type
  : CREATE TYPE any_name
    ( AS composite='(' table_func_elements? ')'
    | AS enumerated=ENUM '(' (values+=SCONST (',' values+=SCONST)*)? ')'
    | AS range=RANGE definition
    | definition
    )?
  ;
definition : '(' items+=def_elem (',' items+=def_elem)* ')' ;
with_definition : WITH definition ;
def_elem : col_label ('=' def_arg)? ;
def_arg : none=NONE | SCONST | numeric_only | qual_all_op | func_type | reserved_keyword ;
reloptions : '(' items+=reloption (',' items+=reloption)* ')' ;
reloption : first=col_label ('.' second=col_label)? ('=' def_arg)? ;

create_domain : CREATE DOMAIN any_name AS? type_name column_constraint* ;

create_aggregate : CREATE or_replace? AGGREGATE function_name (aggr_args definition | old_definition) ;
old_definition : '(' items+=old_def_elem (',' items+=old_def_elem)* ')' ;
old_def_elem : IDENT '=' def_arg ;
aggr_args : '(' (star='*' | direct=param_list? (ORDER BY ordered=param_list)?) ')' ;
create_operator : CREATE OPERATOR any_operator definition ;
create_operator_class
  : CREATE OPERATOR CLASS any_name dflt=DEFAULT? FOR TYPE type_name USING colid (FAMILY family=any_name)? AS
    items+=opclass_item (',' items+=opclass_item)*
  ;
opclass_item
  : kind=OPERATOR ICONST (operator_with_args | any_operator) (FOR (SEARCH | ORDER BY any_name))? RECHECK?
  | kind=FUNCTION ICONST ('(' type_list ')')? function_with_args
  | kind=STORAGE type_name
  ;
create_operator_family : CREATE OPERATOR FAMILY any_name USING colid ;
create_collation : CREATE COLLATION if_not_exists? any_name (definition | FROM source=any_name) ;
create_text_search : CREATE TEXT SEARCH kind=(PARSER | DICTIONARY | TEMPLATE | CONFIGURATION) any_name definition ;

create_function
  : CREATE or_replace? kind=(FUNCTION | PROCEDURE) function_name '(' params=param_list? ')'
    (RETURNS (func_type | TABLE '(' columns+=table_column (',' columns+=table_column)* ')'))?
    items+=function_option* routine_body?
  ;
table_column : type_function_name func_type ;
param_list : items+=func_param (',' items+=func_param)* ;
func_param
  : ( how=param_mode? type_function_name how=param_mode? func_type
    | how=param_mode? func_type
    )
    ((DEFAULT | '=') a_expr)?
  ;
param_mode : IN OUT? | OUT | INOUT | VARIADIC ;
function_option
  : kind=AS code=SCONST (',' symbol=SCONST)?
  | kind=LANGUAGE word_or_string
  | kind=TRANSFORM FOR TYPE types+=type_name (',' FOR TYPE types+=type_name)*
  | kind=WINDOW
  | common_function_option
  ;
common_function_option
  : kind=CALLED ON NULL_ INPUT
  | kind=RETURNS NULL_ ON NULL_ INPUT
  | kind=(STRICT | IMMUTABLE | STABLE | VOLATILE)
  | EXTERNAL? kind=SECURITY security=(DEFINER | INVOKER)
  | no=NOT? kind=LEAKPROOF
  | kind=(COST | ROWS) numeric_only
  | kind=SUPPORT any_name
  | kind=PARALLEL colid
  | kind=SET set_rest_more
  | kind=RESET reset_target
  ;
routine_body : RETURN a_expr | BEGIN ATOMIC (routine_stmts+=routine_statement ';')* END ;
routine_statement : statement? | RETURN a_expr ;
function_with_args : function_name '(' param_list? ')' | function_name_only ;
function_name_only : type_func_name_keyword | colid name_attr* ;
function_with_args_list : items+=function_with_args (',' items+=function_with_args)* ;
aggregate_with_args : function_name aggr_args ;
aggregate_with_args_list : items+=aggregate_with_args (',' items+=aggregate_with_args)* ;
operator_with_args : any_operator '(' (type_name | leftnone=NONE) (',' (type_name | rightnone=NONE))? ')' ;
operator_with_args_list : items+=operator_with_args (',' items+=operator_with_args)* ;

create_trigger
  : CREATE or_replace? constraint=CONSTRAINT? TRIGGER trigger_name=colid timing=(BEFORE | AFTER | INSTEAD) OF?
    events+=trigger_event (OR events+=trigger_event)* ON relation=any_name (FROM constrrel=any_name)? constraint_option*
    (REFERENCING transitions+=trigger_transition+)?
    (FOR EACH? level=(ROW | STATEMENT))? (WHEN lp a_expr ')')? EXECUTE (FUNCTION | PROCEDURE) function_name
    '(' (args+=trigger_arg (',' args+=trigger_arg)*)? ')'
  ;
trigger_event : kind=(INSERT | DELETE | TRUNCATE) | kind=UPDATE (OF name_list)? ;
trigger_transition : which=(NEW | OLD) what=(TABLE | ROW) AS? colid ;
trigger_arg : constant=(ICONST | FCONST | SCONST) | col_label ;
create_event_trigger
  : CREATE EVENT TRIGGER colid ON col_label (WHEN items+=event_trigger_filter (AND items+=event_trigger_filter)*)?
    EXECUTE (FUNCTION | PROCEDURE) function_name '(' ')'
  ;
event_trigger_filter : colid IN '(' values+=SCONST (',' values+=SCONST)* ')' ;

create_database : CREATE DATABASE colid WITH? items+=database_option* ;
database_option
  : (IDENT | conn=CONNECTION LIMIT | word=(ENCODING | LOCATION | OWNER | TABLESPACE | TEMPLATE)) '='?
    (numeric_only | boolean_or_string | dflt=DEFAULT)
  ;
boolean_or_string : constant=(TRUE | FALSE | ON) | word_or_string ;

create_role : CREATE kind=(ROLE | USER | GROUP) role_spec WITH? items+=role_option* ;
role_option
  : kind=PASSWORD (SCONST | NULL_)
  | (ENCRYPTED | unencrypted=UNENCRYPTED) kind=PASSWORD SCONST
  | kind=INHERIT
  | kind=CONNECTION LIMIT signed_integer
  | kind=VALID UNTIL SCONST
  | kind=SYSID ICONST
  | in=IN? kind=(ROLE | GROUP) role_list
  | kind=(ADMIN | USER) role_list
  | kind=IDENT
  ;

create_extension : CREATE EXTENSION if_not_exists? colid WITH? items+=extension_option* ;
extension_option : kind=SCHEMA colid | kind=(VERSION | FROM) word_or_string | kind=CASCADE ;

create_rule
  : CREATE or_replace? RULE rule_name=colid AS ON event=(SELECT | UPDATE | DELETE | INSERT) TO relation=any_name where_clause?
    DO instead=(INSTEAD | ALSO)? (nothing=NOTHING | rule_action | lp rule_action? (';' rule_action?)* ')')
  ;
rule_action : plain_select | with_stmt | insert_stmt | update_stmt | delete_stmt | notify_stmt ;

create_cast
  : CREATE CAST '(' source=type_name AS target=type_name ')'
    (WITH FUNCTION function_with_args | WITHOUT without=FUNCTION | WITH inout=INOUT) (AS context=(IMPLICIT | ASSIGNMENT))?
  ;
create_conversion
  : CREATE dflt=DEFAULT? CONVERSION name=any_name FOR source=SCONST TO target=SCONST FROM func=any_name
  ;
create_transform
  : CREATE or_replace? TRANSFORM FOR type_name LANGUAGE colid '(' items+=transform_elem (',' items+=transform_elem)? ')'
  ;
transform_elem : kind=(FROM | TO) SQL WITH FUNCTION function_with_args ;
create_language
  : CREATE or_replace? trusted=TRUSTED? PROCEDURAL? LANGUAGE colid
    (HANDLER handler=any_name (INLINE inline_handler=any_name)? (VALIDATOR validator=any_name | NO VALIDATOR)?)?
  ;
create_policy
  : CREATE POLICY policy_name=colid ON relation=any_name (AS permissive=IDENT)?
    (FOR command=(ALL | SELECT | INSERT | UPDATE | DELETE))? (TO role_list)?
    (USING lp qual=a_expr ')')? (WITH CHECK lp check=a_expr ')')?
  ;
create_statistics
  : CREATE STATISTICS if_not_exists? any_name paren_names? ON items+=statistics_param (',' items+=statistics_param)* FROM from_list
  ;
statistics_param : windowless_function | colid | lp a_expr ')' ;
create_tablespace : CREATE TABLESPACE colid (OWNER role_spec)? LOCATION SCONST (WITH reloptions)? ;
create_access_method : CREATE ACCESS METHOD colid TYPE kind=(INDEX | TABLE) HANDLER handler=any_name ;
create_fdw : CREATE FOREIGN DATA WRAPPER colid items+=fdw_option* generic_options? ;
fdw_option : no=NO? kind=(HANDLER | VALIDATOR) any_name? ;
generic_options : OPTIONS '(' items+=generic_option (',' items+=generic_option)* ')' ;
generic_option : col_label SCONST ;
alter_generic_options : OPTIONS '(' items+=alter_generic_option (',' items+=alter_generic_option)* ')' ;
alter_generic_option : action=(SET | ADD)? generic_option | action=DROP col_label ;
create_server
  : CREATE SERVER if_not_exists? server=colid (TYPE server_type=SCONST)? server_version? FOREIGN DATA WRAPPER wrapper=colid
    generic_options?
  ;
server_version : VERSION (SCONST | NULL_) ;
create_foreign_table
  : CREATE FOREIGN TABLE if_not_exists? any_name
    ( '(' table_elements? ')' inherits?
    | PARTITION OF partition_of=any_name ('(' typed_elements ')')? partition_bound
    )
    SERVER server=colid generic_options?
  ;
create_user_mapping : CREATE USER MAPPING if_not_exists? FOR auth_ident SERVER colid generic_options? ;
auth_ident : role_spec | USER ;
import_stmt
  : IMPORT FOREIGN SCHEMA remote=colid ((LIMIT TO | except=EXCEPT) '(' relation_list ')')? FROM SERVER server=colid
    INTO local=colid generic_options?
  ;
create_publication
  : CREATE PUBLICATION colid (FOR (ALL all=TABLES | publication_objects))? with_definition?
  ;
publication_objects : items+=publication_object (',' items+=publication_object)* ;
publication_object
  : TABLES IN schema=SCHEMA (colid | current=CURRENT_SCHEMA)
  | TABLE relation_expr paren_names? (WHERE lp a_expr ')')?
  | relation_expr paren_names? (WHERE lp a_expr ')')?
  | current=CURRENT_SCHEMA
  ;
create_subscription : CREATE SUBSCRIPTION colid CONNECTION SCONST PUBLICATION name_list with_definition? ;
create_assertion : CREATE ASSERTION any_name CHECK lp a_expr ')' constraint_option* ;

// ======================================================= ALTER =======================================================
alter_stmt
  : alter_table
  | alter_all_in_tablespace
  | alter_sequence
  | alter_type
  | alter_domain
  | alter_role
  | alter_role_set
  | alter_group
  | alter_database
  | alter_function
  | alter_operator
  | alter_operator_family
  | alter_default_privileges
  | alter_extension
  | alter_system
  | alter_tablespace
  | alter_policy
  | alter_event_trigger
  | alter_statistics
  | alter_collation
  | alter_text_search
  | alter_fdw
  | alter_server
  | alter_user_mapping
  | alter_publication
  | alter_subscription
  | alter_object
  ;

alter_table
  : ALTER kind=alter_table_kind if_exists? relation_expr
    ( items+=alter_table_cmd (',' items+=alter_table_cmd)*
    | partition_cmd
    | rename_action
    | object_change
    )
  ;
alter_table_kind : TABLE | INDEX | SEQUENCE | VIEW | MATERIALIZED VIEW | FOREIGN TABLE ;
rename_action
  : RENAME constraint=CONSTRAINT from_name=colid TO to_name=colid
  | RENAME COLUMN? from_name=colid TO to_name=colid
  ;
// The changes that apply to most objects.
object_change
  : RENAME rename=TO colid
  | OWNER owner=TO role_spec
  | SET schema=SCHEMA colid
  | no=NO? DEPENDS depends=ON EXTENSION colid
  ;
partition_cmd
  : kind=ATTACH PARTITION any_name partition_bound?
  | kind=DETACH PARTITION any_name how=(CONCURRENTLY | FINALIZE)?
  ;
alter_table_cmd
  : kind=ADD COLUMN? if_not_exists? column_def
  | kind=ADD table_constraint
  | kind=ALTER COLUMN? (colid | ICONST) alter_column_action
  | kind=ALTER CONSTRAINT name=colid constraint_option*
  | kind=DROP constraint=CONSTRAINT if_exists? colid drop_behavior?
  | kind=DROP COLUMN? if_exists? colid drop_behavior?
  | kind=VALIDATE CONSTRAINT colid
  | kind=SET WITHOUT what=(OIDS | CLUSTER)
  | kind=SET what=(LOGGED | UNLOGGED)
  | kind=SET what=ACCESS METHOD colid
  | kind=SET what=TABLESPACE colid
  | kind=(SET | RESET) reloptions
  | kind=CLUSTER ON colid
  | kind=ENABLE how=(ALWAYS | REPLICA)? what=(TRIGGER | RULE) name=colid
  | kind=DISABLE what=(TRIGGER | RULE) name=colid
  | kind=(ENABLE | DISABLE) what=TRIGGER which=(ALL | USER)
  | kind=(ENABLE | DISABLE) what=ROW LEVEL SECURITY
  | no=NO? kind=FORCE ROW LEVEL SECURITY
  | no=NO? kind=INHERIT any_name
  | kind=OF any_name
  | no=NOT kind=OF
  | kind=OWNER TO role_spec
  | kind=REPLICA IDENTITY (identity=(NOTHING | FULL | DEFAULT) | USING INDEX colid)
  | alter_generic_options
  ;
alter_column_action
  : SET kind=DEFAULT a_expr
  | drop=DROP kind=DEFAULT
  | (SET | drop=DROP) NOT kind=NULL_
  | drop=DROP kind=(EXPRESSION | IDENTITY) if_exists?
  | SET kind=STATISTICS signed_integer
  | (SET | reset=RESET) reloptions
  | SET kind=STORAGE colid
  | SET column_compression
  | ADD kind=GENERATED generated_when AS IDENTITY ('(' sequence_options ')')?
  | identity_options+=alter_identity_option+
  | (SET DATA)? kind=TYPE type_name (COLLATE any_name)? (USING a_expr)?
  | alter_generic_options
  ;
alter_identity_option
  : kind=RESTART (WITH? numeric_only)?
  | SET sequence_option
  | SET kind=GENERATED generated_when
  ;
alter_all_in_tablespace
  : ALTER (kind=TABLE | kind=INDEX | kind=MATERIALIZED VIEW) ALL IN TABLESPACE source=colid (OWNED BY role_list)? SET TABLESPACE
    target=colid NOWAIT?
  ;
alter_sequence : ALTER SEQUENCE if_exists? any_name sequence_options ;

alter_type
  : ALTER TYPE any_name
    ( items+=alter_type_cmd (',' items+=alter_type_cmd)*
    | ADD add_value=VALUE if_not_exists? value=SCONST (where=(BEFORE | AFTER) neighbor=SCONST)?
    | RENAME rename_value=VALUE value=SCONST TO neighbor=SCONST
    | RENAME attribute=ATTRIBUTE from_name=colid TO to_name=colid drop_behavior?
    | SET definition
    )
  ;
alter_type_cmd
  : kind=ADD ATTRIBUTE table_func_element drop_behavior?
  | kind=DROP ATTRIBUTE if_exists? colid drop_behavior?
  | kind=ALTER ATTRIBUTE colid (SET DATA)? TYPE type_name (COLLATE any_name)? drop_behavior?
  ;
alter_domain
  : ALTER DOMAIN any_name
    ( SET kind=DEFAULT a_expr
    | drop=DROP kind=DEFAULT
    | (SET | drop=DROP) NOT kind=NULL_
    | ADD table_constraint
    | drop=DROP kind=CONSTRAINT if_exists? name=colid drop_behavior?
    | VALIDATE kind=CONSTRAINT name=colid
    | RENAME kind=CONSTRAINT from_name=colid TO to_name=colid
    )
  ;
alter_role : ALTER (ROLE | USER) role_spec WITH? items+=role_option* ;
alter_role_set : ALTER (ROLE | USER) (role_spec | all=ALL) (IN DATABASE colid)? set_reset ;
alter_group : ALTER GROUP role_spec action=(ADD | DROP) USER role_list ;
set_reset : SET set_rest | RESET reset_target ;
alter_database
  : ALTER DATABASE colid
    ( set_reset
    | SET TABLESPACE space=colid
    | refresh=REFRESH COLLATION VERSION
    | WITH? items+=database_option*
    )
  ;
alter_function
  : ALTER kind=(FUNCTION | PROCEDURE | ROUTINE) function_with_args items+=common_function_option+ RESTRICT?
  ;
alter_operator : ALTER OPERATOR operator_with_args SET definition ;
alter_operator_family
  : ALTER OPERATOR FAMILY any_name USING colid
    ( ADD items+=opclass_item (',' items+=opclass_item)*
    | DROP drops+=opclass_drop (',' drops+=opclass_drop)*
    )
  ;
opclass_drop : kind=(OPERATOR | FUNCTION) ICONST '(' type_list ')' ;
alter_default_privileges : ALTER DEFAULT PRIVILEGES options+=default_acl_option* (grant_default | revoke_default) ;
default_acl_option : IN kind=SCHEMA name_list | FOR kind=(ROLE | USER) role_list ;
default_acl_target : TABLES | FUNCTIONS | ROUTINES | SEQUENCES | TYPES | SCHEMAS ;
grant_default : GRANT privileges ON default_acl_target TO grantee_list grant_option? ;
revoke_default
  : REVOKE (GRANT option=OPTION FOR)? privileges ON default_acl_target FROM grantee_list drop_behavior?
  ;
alter_extension
  : ALTER EXTENSION extension=colid
    ( UPDATE (versions+=extension_version)*
    | action=(ADD | DROP) object_ref
    )
  ;
extension_version : TO word_or_string ;
alter_system : ALTER SYSTEM (SET generic_set | RESET (var_name | all=ALL)) ;
alter_tablespace : ALTER TABLESPACE colid (SET | reset=RESET) reloptions ;
alter_policy
  : ALTER POLICY policy_name=colid ON relation=any_name (TO role_list)? (USING lp qual=a_expr ')')?
    (WITH CHECK lp check=a_expr ')')?
  ;
alter_event_trigger
  : ALTER EVENT TRIGGER colid (enable=ENABLE how=(REPLICA | ALWAYS)? | DISABLE)
  ;
alter_statistics : ALTER STATISTICS if_exists? any_name SET STATISTICS signed_integer ;
alter_collation : ALTER COLLATION any_name REFRESH VERSION ;
alter_text_search
  : ALTER TEXT SEARCH DICTIONARY dictionary=any_name definition
  | ALTER TEXT SEARCH CONFIGURATION configuration=any_name
    ( action=(ADD | ALTER) MAPPING FOR name_list WITH any_name_list
    | action=ALTER MAPPING (FOR name_list)? REPLACE old_dict=any_name WITH new_dict=any_name
    | action=DROP MAPPING if_exists? FOR name_list
    )
  ;
alter_fdw : ALTER FOREIGN DATA WRAPPER colid items+=fdw_option* alter_generic_options? ;
alter_server : ALTER SERVER colid server_version? alter_generic_options? ;
alter_user_mapping : ALTER USER MAPPING FOR auth_ident SERVER colid alter_generic_options ;
alter_publication
  : ALTER PUBLICATION colid (SET definition | action=(ADD | SET | DROP) publication_objects)
  ;
alter_subscription
  : ALTER SUBSCRIPTION colid
    ( kind=(SET | SKIP) definition
    | kind=CONNECTION SCONST
    | kind=REFRESH PUBLICATION with_definition?
    | kind=(ADD | DROP | SET) PUBLICATION name_list with_definition?
    | kind=(ENABLE | DISABLE)
    )
  ;
// RENAME, OWNER, SET SCHEMA and DEPENDS of everything that is no table.
alter_object : ALTER if_exists_object object_change ;
if_exists_object : POLICY policy_exists=if_exists? name=colid ON relation=any_name | object_ref ;

// An object named by its kind, as in COMMENT ON, SECURITY LABEL, ALTER and ALTER EXTENSION.
object_ref
  : kind=(TABLE | SEQUENCE | VIEW | INDEX | COLLATION | CONVERSION | STATISTICS | COLUMN) any_name
  | kind=MATERIALIZED VIEW any_name
  | kind=FOREIGN TABLE any_name
  | kind=TEXT SEARCH text_search=(PARSER | DICTIONARY | TEMPLATE | CONFIGURATION) any_name
  | kind=(DATABASE | ROLE | USER | GROUP | SUBSCRIPTION | TABLESPACE | EXTENSION | PUBLICATION | SCHEMA | SERVER) colid
  | kind=ACCESS METHOD colid
  | kind=EVENT TRIGGER colid
  | kind=FOREIGN wrapper=DATA WRAPPER colid
  | PROCEDURAL? kind=LANGUAGE colid
  | kind=(TYPE | DOMAIN) type_name
  | kind=AGGREGATE aggregate_with_args
  | kind=(FUNCTION | PROCEDURE | ROUTINE) function_with_args
  | kind=OPERATOR operator_with_args
  | kind=OPERATOR class_or_family=(CLASS | FAMILY) any_name USING colid
  | kind=CONSTRAINT colid ON on_domain=DOMAIN? any_name
  | kind=(POLICY | RULE | TRIGGER) colid ON any_name
  | kind=TRANSFORM FOR type_name LANGUAGE colid
  | kind=LARGE OBJECT numeric_only
  | kind=CAST '(' source=type_name AS target=type_name ')'
  ;

// ======================================================= DROP ========================================================
drop_stmt
  : DROP drop_any_kind if_exists? any_name_list drop_behavior?
  | DROP index=INDEX CONCURRENTLY if_exists? any_name_list drop_behavior?
  | DROP drop_name_kind if_exists? name_list drop_behavior?
  | DROP on_table=(POLICY | RULE | TRIGGER) if_exists? colid ON any_name drop_behavior?
  | DROP type=(TYPE | DOMAIN) if_exists? type_list drop_behavior?
  | DROP function=(FUNCTION | PROCEDURE | ROUTINE) if_exists? function_with_args_list drop_behavior?
  | DROP aggregate=AGGREGATE if_exists? aggregate_with_args_list drop_behavior?
  | DROP oper=OPERATOR if_exists? operator_with_args_list drop_behavior?
  | DROP OPERATOR class_or_family=(CLASS | FAMILY) if_exists? any_name USING colid drop_behavior?
  | DROP cast=CAST if_exists? '(' source=type_name AS target=type_name ')' drop_behavior?
  | DROP transform=TRANSFORM if_exists? FOR type_name LANGUAGE colid drop_behavior?
  | DROP role=(ROLE | USER | GROUP) if_exists? role_list
  | DROP owned=OWNED BY role_list drop_behavior?
  | DROP database=DATABASE if_exists? colid (WITH? '(' force+=FORCE (',' force+=FORCE)* ')')?
  | DROP subscription=SUBSCRIPTION if_exists? colid drop_behavior?
  | DROP space=TABLESPACE if_exists? colid
  | DROP USER mapping=MAPPING if_exists? FOR auth_ident SERVER colid
  ;
drop_any_kind
  : kind=(TABLE | SEQUENCE | VIEW | INDEX | COLLATION | CONVERSION | STATISTICS)
  | kind=MATERIALIZED VIEW
  | kind=FOREIGN TABLE
  | kind=TEXT SEARCH text_search=(PARSER | DICTIONARY | TEMPLATE | CONFIGURATION)
  ;
drop_name_kind
  : kind=ACCESS METHOD
  | kind=EVENT TRIGGER
  | kind=(EXTENSION | PUBLICATION | SCHEMA | SERVER)
  | kind=FOREIGN DATA WRAPPER
  | PROCEDURAL? kind=LANGUAGE
  ;

// ================================================ grants, comments, misc =================================================
comment_stmt : COMMENT ON object_ref IS (SCONST | NULL_) ;
security_label_stmt : SECURITY LABEL (FOR word_or_string)? ON object_ref IS (SCONST | NULL_) ;

grant_stmt
  : GRANT privileges ON privilege_target TO grantee_list grant_option? granted_by?
  | GRANT privilege_list TO roles=role_list (WITH ADMIN admin=OPTION)? granted_by?
  ;
revoke_stmt
  : REVOKE (GRANT option=OPTION FOR)? privileges ON privilege_target FROM grantee_list granted_by? drop_behavior?
  | REVOKE (ADMIN admin=OPTION FOR)? privilege_list FROM roles=role_list granted_by? drop_behavior?
  ;
grant_option : WITH GRANT OPTION ;
granted_by : GRANTED BY role_spec ;
privileges : privilege_list | all=ALL PRIVILEGES? paren_names? ;
privilege_list : items+=privilege (',' items+=privilege)* ;
privilege : (word=(SELECT | REFERENCES | CREATE) | alter=ALTER SYSTEM | colid) paren_names? ;
privilege_target
  : (kind=TABLE | kind=SEQUENCE)? any_name_list
  | kind=FOREIGN DATA wrapper=WRAPPER name_list
  | kind=FOREIGN server=SERVER name_list
  | kind=(FUNCTION | PROCEDURE | ROUTINE) function_with_args_list
  | kind=(DATABASE | LANGUAGE | SCHEMA | TABLESPACE) name_list
  | kind=(DOMAIN | TYPE) any_name_list
  | kind=LARGE OBJECT numbers+=numeric_only (',' numbers+=numeric_only)*
  | kind=PARAMETER any_name_list
  | all=ALL kind=(TABLES | SEQUENCES | FUNCTIONS | PROCEDURES | ROUTINES) IN SCHEMA name_list
  ;
grantee_list : items+=grantee (',' items+=grantee)* ;
grantee : GROUP? role_spec ;
reassign_stmt : REASSIGN OWNED BY role_list TO role_spec ;

truncate_stmt
  : TRUNCATE TABLE? relation_list (identity=(CONTINUE | RESTART) IDENTITY)? drop_behavior?
  ;
refresh_stmt : REFRESH MATERIALIZED VIEW concurrently=CONCURRENTLY? any_name with_data? ;

transaction_stmt
  : kind=(ABORT | COMMIT | ROLLBACK | END) (WORK | TRANSACTION)? (AND no=NO? chain=CHAIN)?
  | kind=BEGIN (WORK | TRANSACTION)? transaction_modes?
  | kind=START TRANSACTION transaction_modes?
  | kind=SAVEPOINT colid
  | kind=RELEASE SAVEPOINT? colid
  | kind=ROLLBACK (WORK | TRANSACTION)? to=TO SAVEPOINT? colid
  | kind=PREPARE TRANSACTION SCONST
  | kind=(COMMIT | ROLLBACK) prepared=PREPARED SCONST
  ;
transaction_modes : items+=transaction_mode (','? items+=transaction_mode)* ;
transaction_mode
  : kind=ISOLATION LEVEL iso_level
  | kind=READ write=(ONLY | WRITE)
  | no=NOT? kind=DEFERRABLE
  ;
iso_level : READ level=(UNCOMMITTED | COMMITTED) | level=REPEATABLE READ | level=SERIALIZABLE ;

set_stmt
  : SET constraints=CONSTRAINTS (all=ALL | any_name_list) when=(DEFERRED | IMMEDIATE)
  | SET scope=(LOCAL | SESSION)? set_rest
  ;
set_rest
  : kind=TRANSACTION transaction_modes
  | kind=SESSION CHARACTERISTICS AS TRANSACTION transaction_modes
  | set_rest_more
  ;
set_rest_more
  : kind=TIME ZONE zone_value
  | kind=CATALOG SCONST
  | kind=SCHEMA SCONST
  | kind=NAMES (SCONST | dflt=DEFAULT)?
  | kind=ROLE word_or_string
  | kind=SESSION AUTHORIZATION (word_or_string | dflt=DEFAULT)
  | kind=XML OPTION content=(DOCUMENT | CONTENT)
  | kind=TRANSACTION SNAPSHOT SCONST
  | var_name kind=FROM CURRENT
  | generic_set
  ;
generic_set : var_name (TO | '=') (dflt=DEFAULT | items+=var_value (',' items+=var_value)*) ;
var_name : items+=colid ('.' items+=colid)* ;
var_value : boolean_or_string | numeric_only ;
zone_value
  : SCONST
  | IDENT
  | interval=INTERVAL SCONST interval_fields?
  | interval=INTERVAL '(' ICONST ')' SCONST
  | numeric_only
  | dflt=(DEFAULT | LOCAL)
  ;
reset_stmt : RESET reset_target ;
reset_target
  : kind=TIME ZONE
  | kind=TRANSACTION ISOLATION LEVEL
  | kind=SESSION AUTHORIZATION
  | kind=ALL
  | var_name
  ;
show_stmt : SHOW reset_target ;

copy_stmt
  : COPY binary=BINARY? any_name paren_names? direction=(FROM | TO) program=PROGRAM? copy_file copy_delimiter? WITH?
    copy_options? where_clause?
  | COPY lp preparable_stmt ')' direction=TO program=PROGRAM? copy_file WITH? copy_options?
  ;
copy_file : SCONST | STDIN | STDOUT ;
copy_delimiter : USING? DELIMITERS SCONST ;
copy_options : '(' items+=copy_generic_option (',' items+=copy_generic_option)* ')' | old_items+=copy_old_option+ ;
copy_generic_option
  : col_label (boolean_or_string | numeric_only | star='*' | '(' values+=boolean_or_string (',' values+=boolean_or_string)* ')')?
  ;
copy_old_option
  : kind=(BINARY | FREEZE | CSV | HEADER)
  | kind=(DELIMITER | NULL_ | QUOTE | ESCAPE) AS? SCONST
  | kind=FORCE (what=QUOTE | no=NOT what=NULL_ | what=NULL_) (name_list | star='*')
  | kind=ENCODING SCONST
  ;

explain_stmt
  : EXPLAIN (analyze=(ANALYZE | ANALYSE)? verbose=VERBOSE? | utility_options) explainable_stmt
  ;
explainable_stmt
  : preparable_stmt
  | declare_cursor_stmt
  | create_table
  | create_matview
  | refresh_stmt
  | execute_stmt
  ;
utility_options : '(' items+=utility_option (',' items+=utility_option)* ')' ;
utility_option : (nonreserved_word | ANALYZE | ANALYSE) (boolean_or_string | numeric_only)? ;

prepare_stmt : PREPARE colid ('(' type_list ')')? AS preparable_stmt ;
execute_stmt : EXECUTE colid execute_params? ;
execute_params : lp expr_list ')' ;
deallocate_stmt : DEALLOCATE PREPARE? (all=ALL | colid) ;

declare_cursor_stmt : DECLARE colid options+=cursor_option* CURSOR (hold=(WITH | WITHOUT) HOLD)? FOR select_stmt ;
cursor_option : no=NO? kind=SCROLL | kind=(BINARY | ASENSITIVE | INSENSITIVE) ;
fetch_stmt : verb=(FETCH | MOVE) fetch_direction? (FROM | IN)? colid ;
fetch_direction
  : kind=(NEXT | PRIOR | FIRST | LAST | ALL)
  | kind=(ABSOLUTE | RELATIVE) signed_integer
  | kind=(FORWARD | BACKWARD) (signed_integer | all=ALL)?
  | signed_integer
  ;
close_stmt : CLOSE (all=ALL | colid) ;

vacuum_stmt
  : VACUUM (full=FULL? freeze=FREEZE? verbose=VERBOSE? analyze=(ANALYZE | ANALYSE)? | utility_options) vacuum_relations?
  ;
analyze_stmt : (ANALYZE | ANALYSE) (verbose=VERBOSE | utility_options)? vacuum_relations? ;
vacuum_relations : items+=vacuum_relation (',' items+=vacuum_relation)* ;
vacuum_relation : any_name paren_names? ;
cluster_stmt
  : CLUSTER (verbose=VERBOSE? | utility_options) (relation=any_name (USING index=colid)?)?
  | CLUSTER verbose=VERBOSE? old_index=colid ON relation=any_name
  ;
reindex_stmt
  : REINDEX utility_options? kind=(INDEX | TABLE) CONCURRENTLY? any_name
  | REINDEX utility_options? kind=(SCHEMA | SYSTEM | DATABASE) CONCURRENTLY? colid
  ;
lock_stmt : LOCK TABLE? relation_list (IN lock_mode MODE)? nowait=NOWAIT? ;
lock_mode
  : first=ACCESS second=(SHARE | EXCLUSIVE)
  | first=ROW second=(SHARE | EXCLUSIVE)
  | first=SHARE (UPDATE second=EXCLUSIVE | ROW row_exclusive=EXCLUSIVE)?
  | first=EXCLUSIVE
  ;
listen_stmt : LISTEN colid ;
unlisten_stmt : UNLISTEN (colid | all='*') ;
notify_stmt : NOTIFY colid (',' SCONST)? ;
checkpoint_stmt : CHECKPOINT ;
discard_stmt : DISCARD target=(ALL | TEMP | TEMPORARY | PLANS | SEQUENCES) ;
load_stmt : LOAD SCONST ;
do_stmt : DO items+=do_option+ ;
do_option : SCONST | LANGUAGE word_or_string ;
call_stmt : CALL function_name func_args ;

// ---- Names by keyword class; the classes are those of include/aegis/base/keywords.def ----
// A column or table name.
colid
  : IDENT | ABORT | ABSOLUTE | ACCESS | ACTION | ADD | ADMIN | AFTER | AGGREGATE | ALSO | ALTER | ALWAYS
  | ASENSITIVE | ASSERTION | ASSIGNMENT | AT | ATOMIC | ATTACH | ATTRIBUTE | BACKWARD | BEFORE | BEGIN
  | BREADTH | BY | CACHE | CALL | CALLED | CASCADE | CASCADED | CATALOG | CHAIN | CHARACTERISTICS
  | CHECKPOINT | CLASS | CLOSE | CLUSTER | COLUMNS | COMMENT | COMMENTS | COMMIT | COMMITTED | COMPRESSION
  | CONFIGURATION | CONFLICT | CONNECTION | CONSTRAINTS | CONTENT | CONTINUE | CONVERSION | COPY | COST
  | CSV | CUBE | CURRENT | CURSOR | CYCLE | DATA | DATABASE | DAY | DEALLOCATE | DECLARE | DEFAULTS
  | DEFERRED | DEFINER | DELETE | DELIMITER | DELIMITERS | DEPENDS | DEPTH | DETACH | DICTIONARY | DISABLE
  | DISCARD | DOCUMENT | DOMAIN | DOUBLE | DROP | EACH | ENABLE | ENCODING | ENCRYPTED | ENUM | ESCAPE
  | EVENT | EXCLUDE | EXCLUDING | EXCLUSIVE | EXECUTE | EXPLAIN | EXPRESSION | EXTENSION | EXTERNAL | FAMILY
  | FILTER | FINALIZE | FIRST | FOLLOWING | FORCE | FORWARD | FUNCTION | FUNCTIONS | GENERATED | GLOBAL
  | GRANTED | GROUPS | HANDLER | HEADER | HOLD | HOUR | IDENTITY | IF | IMMEDIATE | IMMUTABLE | IMPLICIT
  | IMPORT | INCLUDE | INCLUDING | INCREMENT | INDEX | INDEXES | INHERIT | INHERITS | INLINE | INPUT
  | INSENSITIVE | INSERT | INSTEAD | INVOKER | ISOLATION | KEY | LABEL | LANGUAGE | LARGE | LAST | LEAKPROOF
  | LEVEL | LISTEN | LOAD | LOCAL | LOCATION | LOCK | LOCKED | LOGGED | MAPPING | MATCH | MATCHED
  | MATERIALIZED | MAXVALUE | MERGE | METHOD | MINUTE | MINVALUE | MODE | MONTH | MOVE | NAME | NAMES | NEW
  | NEXT | NFC | NFD | NFKC | NFKD | NO | NORMALIZED | NOTHING | NOTIFY | NOWAIT | NULLS | OBJECT | OF | OFF
  | OIDS | OLD | OPERATOR | OPTION | OPTIONS | ORDINALITY | OTHERS | OVER | OVERRIDING | OWNED | OWNER
  | PARALLEL | PARAMETER | PARSER | PARTIAL | PARTITION | PASSING | PASSWORD | PLANS | POLICY | PRECEDING
  | PREPARE | PREPARED | PRESERVE | PRIOR | PRIVILEGES | PROCEDURAL | PROCEDURE | PROCEDURES | PROGRAM
  | PUBLICATION | QUOTE | RANGE | READ | REASSIGN | RECHECK | RECURSIVE | REF | REFERENCING | REFRESH
  | REINDEX | RELATIVE | RELEASE | RENAME | REPEATABLE | REPLACE | REPLICA | RESET | RESTART | RESTRICT
  | RETURN | RETURNS | REVOKE | ROLE | ROLLBACK | ROLLUP | ROUTINE | ROUTINES | ROWS | RULE | SAVEPOINT
  | SCHEMA | SCHEMAS | SCROLL | SEARCH | SECOND | SECURITY | SEQUENCE | SEQUENCES | SERIALIZABLE | SERVER
  | SESSION | SET | SETS | SHARE | SHOW | SIMPLE | SKIP | SNAPSHOT | SQL | STABLE | STANDALONE | START
  | STATEMENT | STATISTICS | STDIN | STDOUT | STORAGE | STORED | STRICT | STRIP | SUBSCRIPTION | SUPPORT
  | SYSID | SYSTEM | TABLES | TABLESPACE | TEMP | TEMPLATE | TEMPORARY | TEXT | TIES | TRANSACTION
  | TRANSFORM | TRIGGER | TRUNCATE | TRUSTED | TYPE | TYPES | UESCAPE | UNBOUNDED | UNCOMMITTED
  | UNENCRYPTED | UNKNOWN | UNLISTEN | UNLOGGED | UNTIL | UPDATE | VACUUM | VALID | VALIDATE | VALIDATOR
  | VALUE | VARYING | VERSION | VIEW | VIEWS | VOLATILE | WHITESPACE | WITHIN | WITHOUT | WORK | WRAPPER
  | WRITE | XML | YEAR | YES | ZONE | BETWEEN | BIGINT | BIT | BOOLEAN | CHAR | CHARACTER | COALESCE | DEC
  | DECIMAL | EXISTS | EXTRACT | FLOAT | GREATEST | GROUPING | INOUT | INT | INTEGER | INTERVAL | LEAST
  | NATIONAL | NCHAR | NONE | NORMALIZE | NULLIF | NUMERIC | OUT | OVERLAY | POSITION | PRECISION | REAL
  | ROW | SETOF | SMALLINT | SUBSTRING | TIME | TIMESTAMP | TREAT | TRIM | VALUES | VARCHAR | XMLATTRIBUTES
  | XMLCONCAT | XMLELEMENT | XMLEXISTS | XMLFOREST | XMLNAMESPACES | XMLPARSE | XMLPI | XMLROOT
  | XMLSERIALIZE | XMLTABLE
  ;
// A function or type name.
type_function_name
  : IDENT | ABORT | ABSOLUTE | ACCESS | ACTION | ADD | ADMIN | AFTER | AGGREGATE | ALSO | ALTER | ALWAYS
  | ASENSITIVE | ASSERTION | ASSIGNMENT | AT | ATOMIC | ATTACH | ATTRIBUTE | BACKWARD | BEFORE | BEGIN
  | BREADTH | BY | CACHE | CALL | CALLED | CASCADE | CASCADED | CATALOG | CHAIN | CHARACTERISTICS
  | CHECKPOINT | CLASS | CLOSE | CLUSTER | COLUMNS | COMMENT | COMMENTS | COMMIT | COMMITTED | COMPRESSION
  | CONFIGURATION | CONFLICT | CONNECTION | CONSTRAINTS | CONTENT | CONTINUE | CONVERSION | COPY | COST
  | CSV | CUBE | CURRENT | CURSOR | CYCLE | DATA | DATABASE | DAY | DEALLOCATE | DECLARE | DEFAULTS
  | DEFERRED | DEFINER | DELETE | DELIMITER | DELIMITERS | DEPENDS | DEPTH | DETACH | DICTIONARY | DISABLE
  | DISCARD | DOCUMENT | DOMAIN | DOUBLE | DROP | EACH | ENABLE | ENCODING | ENCRYPTED | ENUM | ESCAPE
  | EVENT | EXCLUDE | EXCLUDING | EXCLUSIVE | EXECUTE | EXPLAIN | EXPRESSION | EXTENSION | EXTERNAL | FAMILY
  | FILTER | FINALIZE | FIRST | FOLLOWING | FORCE | FORWARD | FUNCTION | FUNCTIONS | GENERATED | GLOBAL
  | GRANTED | GROUPS | HANDLER | HEADER | HOLD | HOUR | IDENTITY | IF | IMMEDIATE | IMMUTABLE | IMPLICIT
  | IMPORT | INCLUDE | INCLUDING | INCREMENT | INDEX | INDEXES | INHERIT | INHERITS | INLINE | INPUT
  | INSENSITIVE | INSERT | INSTEAD | INVOKER | ISOLATION | KEY | LABEL | LANGUAGE | LARGE | LAST | LEAKPROOF
  | LEVEL | LISTEN | LOAD | LOCAL | LOCATION | LOCK | LOCKED | LOGGED | MAPPING | MATCH | MATCHED
  | MATERIALIZED | MAXVALUE | MERGE | METHOD | MINUTE | MINVALUE | MODE | MONTH | MOVE | NAME | NAMES | NEW
  | NEXT | NFC | NFD | NFKC | NFKD | NO | NORMALIZED | NOTHING | NOTIFY | NOWAIT | NULLS | OBJECT | OF | OFF
  | OIDS | OLD | OPERATOR | OPTION | OPTIONS | ORDINALITY | OTHERS | OVER | OVERRIDING | OWNED | OWNER
  | PARALLEL | PARAMETER | PARSER | PARTIAL | PARTITION | PASSING | PASSWORD | PLANS | POLICY | PRECEDING
  | PREPARE | PREPARED | PRESERVE | PRIOR | PRIVILEGES | PROCEDURAL | PROCEDURE | PROCEDURES | PROGRAM
  | PUBLICATION | QUOTE | RANGE | READ | REASSIGN | RECHECK | RECURSIVE | REF | REFERENCING | REFRESH
  | REINDEX | RELATIVE | RELEASE | RENAME | REPEATABLE | REPLACE | REPLICA | RESET | RESTART | RESTRICT
  | RETURN | RETURNS | REVOKE | ROLE | ROLLBACK | ROLLUP | ROUTINE | ROUTINES | ROWS | RULE | SAVEPOINT
  | SCHEMA | SCHEMAS | SCROLL | SEARCH | SECOND | SECURITY | SEQUENCE | SEQUENCES | SERIALIZABLE | SERVER
  | SESSION | SET | SETS | SHARE | SHOW | SIMPLE | SKIP | SNAPSHOT | SQL | STABLE | STANDALONE | START
  | STATEMENT | STATISTICS | STDIN | STDOUT | STORAGE | STORED | STRICT | STRIP | SUBSCRIPTION | SUPPORT
  | SYSID | SYSTEM | TABLES | TABLESPACE | TEMP | TEMPLATE | TEMPORARY | TEXT | TIES | TRANSACTION
  | TRANSFORM | TRIGGER | TRUNCATE | TRUSTED | TYPE | TYPES | UESCAPE | UNBOUNDED | UNCOMMITTED
  | UNENCRYPTED | UNKNOWN | UNLISTEN | UNLOGGED | UNTIL | UPDATE | VACUUM | VALID | VALIDATE | VALIDATOR
  | VALUE | VARYING | VERSION | VIEW | VIEWS | VOLATILE | WHITESPACE | WITHIN | WITHOUT | WORK | WRAPPER
  | WRITE | XML | YEAR | YES | ZONE | AUTHORIZATION | BINARY | COLLATION | CONCURRENTLY | CROSS
  | CURRENT_SCHEMA | FREEZE | FULL | ILIKE | INNER | IS | ISNULL | JOIN | LEFT | LIKE | NATURAL | NOTNULL
  | OUTER | OVERLAPS | RIGHT | SIMILAR | TABLESAMPLE | VERBOSE
  ;
// Starts a column reference or a function call.
plain_name
  : IDENT | ABORT | ABSOLUTE | ACCESS | ACTION | ADD | ADMIN | AFTER | AGGREGATE | ALSO | ALTER | ALWAYS
  | ASENSITIVE | ASSERTION | ASSIGNMENT | AT | ATOMIC | ATTACH | ATTRIBUTE | BACKWARD | BEFORE | BEGIN
  | BREADTH | BY | CACHE | CALL | CALLED | CASCADE | CASCADED | CATALOG | CHAIN | CHARACTERISTICS
  | CHECKPOINT | CLASS | CLOSE | CLUSTER | COLUMNS | COMMENT | COMMENTS | COMMIT | COMMITTED | COMPRESSION
  | CONFIGURATION | CONFLICT | CONNECTION | CONSTRAINTS | CONTENT | CONTINUE | CONVERSION | COPY | COST
  | CSV | CUBE | CURRENT | CURSOR | CYCLE | DATA | DATABASE | DAY | DEALLOCATE | DECLARE | DEFAULTS
  | DEFERRED | DEFINER | DELETE | DELIMITER | DELIMITERS | DEPENDS | DEPTH | DETACH | DICTIONARY | DISABLE
  | DISCARD | DOCUMENT | DOMAIN | DOUBLE | DROP | EACH | ENABLE | ENCODING | ENCRYPTED | ENUM | ESCAPE
  | EVENT | EXCLUDE | EXCLUDING | EXCLUSIVE | EXECUTE | EXPLAIN | EXPRESSION | EXTENSION | EXTERNAL | FAMILY
  | FILTER | FINALIZE | FIRST | FOLLOWING | FORCE | FORWARD | FUNCTION | FUNCTIONS | GENERATED | GLOBAL
  | GRANTED | GROUPS | HANDLER | HEADER | HOLD | HOUR | IDENTITY | IF | IMMEDIATE | IMMUTABLE | IMPLICIT
  | IMPORT | INCLUDE | INCLUDING | INCREMENT | INDEX | INDEXES | INHERIT | INHERITS | INLINE | INPUT
  | INSENSITIVE | INSERT | INSTEAD | INVOKER | ISOLATION | KEY | LABEL | LANGUAGE | LARGE | LAST | LEAKPROOF
  | LEVEL | LISTEN | LOAD | LOCAL | LOCATION | LOCK | LOCKED | LOGGED | MAPPING | MATCH | MATCHED
  | MATERIALIZED | MAXVALUE | MERGE | METHOD | MINUTE | MINVALUE | MODE | MONTH | MOVE | NAME | NAMES | NEW
  | NEXT | NFC | NFD | NFKC | NFKD | NO | NORMALIZED | NOTHING | NOTIFY | NOWAIT | NULLS | OBJECT | OF | OFF
  | OIDS | OLD | OPERATOR | OPTION | OPTIONS | ORDINALITY | OTHERS | OVER | OVERRIDING | OWNED | OWNER
  | PARALLEL | PARAMETER | PARSER | PARTIAL | PARTITION | PASSING | PASSWORD | PLANS | POLICY | PRECEDING
  | PREPARE | PREPARED | PRESERVE | PRIOR | PRIVILEGES | PROCEDURAL | PROCEDURE | PROCEDURES | PROGRAM
  | PUBLICATION | QUOTE | RANGE | READ | REASSIGN | RECHECK | RECURSIVE | REF | REFERENCING | REFRESH
  | REINDEX | RELATIVE | RELEASE | RENAME | REPEATABLE | REPLACE | REPLICA | RESET | RESTART | RESTRICT
  | RETURN | RETURNS | REVOKE | ROLE | ROLLBACK | ROLLUP | ROUTINE | ROUTINES | ROWS | RULE | SAVEPOINT
  | SCHEMA | SCHEMAS | SCROLL | SEARCH | SECOND | SECURITY | SEQUENCE | SEQUENCES | SERIALIZABLE | SERVER
  | SESSION | SET | SETS | SHARE | SHOW | SIMPLE | SKIP | SNAPSHOT | SQL | STABLE | STANDALONE | START
  | STATEMENT | STATISTICS | STDIN | STDOUT | STORAGE | STORED | STRICT | STRIP | SUBSCRIPTION | SUPPORT
  | SYSID | SYSTEM | TABLES | TABLESPACE | TEMP | TEMPLATE | TEMPORARY | TEXT | TIES | TRANSACTION
  | TRANSFORM | TRIGGER | TRUNCATE | TRUSTED | TYPE | TYPES | UESCAPE | UNBOUNDED | UNCOMMITTED
  | UNENCRYPTED | UNKNOWN | UNLISTEN | UNLOGGED | UNTIL | UPDATE | VACUUM | VALID | VALIDATE | VALIDATOR
  | VALUE | VARYING | VERSION | VIEW | VIEWS | VOLATILE | WHITESPACE | WITHIN | WITHOUT | WORK | WRAPPER
  | WRITE | XML | YEAR | YES | ZONE
  ;
column_name_keyword
  : BETWEEN | BIGINT | BIT | BOOLEAN | CHAR | CHARACTER | COALESCE | DEC | DECIMAL | EXISTS | EXTRACT
  | FLOAT | GREATEST | GROUPING | INOUT | INT | INTEGER | INTERVAL | LEAST | NATIONAL | NCHAR | NONE
  | NORMALIZE | NULLIF | NUMERIC | OUT | OVERLAY | POSITION | PRECISION | REAL | ROW | SETOF | SMALLINT
  | SUBSTRING | TIME | TIMESTAMP | TREAT | TRIM | VALUES | VARCHAR | XMLATTRIBUTES | XMLCONCAT | XMLELEMENT
  | XMLEXISTS | XMLFOREST | XMLNAMESPACES | XMLPARSE | XMLPI | XMLROOT | XMLSERIALIZE | XMLTABLE
  ;
type_func_name_keyword
  : AUTHORIZATION | BINARY | COLLATION | CONCURRENTLY | CROSS | CURRENT_SCHEMA | FREEZE | FULL | ILIKE
  | INNER | IS | ISNULL | JOIN | LEFT | LIKE | NATURAL | NOTNULL | OUTER | OVERLAPS | RIGHT | SIMILAR
  | TABLESAMPLE | VERBOSE
  ;
nonreserved_word
  : IDENT | ABORT | ABSOLUTE | ACCESS | ACTION | ADD | ADMIN | AFTER | AGGREGATE | ALSO | ALTER | ALWAYS
  | ASENSITIVE | ASSERTION | ASSIGNMENT | AT | ATOMIC | ATTACH | ATTRIBUTE | BACKWARD | BEFORE | BEGIN
  | BREADTH | BY | CACHE | CALL | CALLED | CASCADE | CASCADED | CATALOG | CHAIN | CHARACTERISTICS
  | CHECKPOINT | CLASS | CLOSE | CLUSTER | COLUMNS | COMMENT | COMMENTS | COMMIT | COMMITTED | COMPRESSION
  | CONFIGURATION | CONFLICT | CONNECTION | CONSTRAINTS | CONTENT | CONTINUE | CONVERSION | COPY | COST
  | CSV | CUBE | CURRENT | CURSOR | CYCLE | DATA | DATABASE | DAY | DEALLOCATE | DECLARE | DEFAULTS
  | DEFERRED | DEFINER | DELETE | DELIMITER | DELIMITERS | DEPENDS | DEPTH | DETACH | DICTIONARY | DISABLE
  | DISCARD | DOCUMENT | DOMAIN | DOUBLE | DROP | EACH | ENABLE | ENCODING | ENCRYPTED | ENUM | ESCAPE
  | EVENT | EXCLUDE | EXCLUDING | EXCLUSIVE | EXECUTE | EXPLAIN | EXPRESSION | EXTENSION | EXTERNAL | FAMILY
  | FILTER | FINALIZE | FIRST | FOLLOWING | FORCE | FORWARD | FUNCTION | FUNCTIONS | GENERATED | GLOBAL
  | GRANTED | GROUPS | HANDLER | HEADER | HOLD | HOUR | IDENTITY | IF | IMMEDIATE | IMMUTABLE | IMPLICIT
  | IMPORT | INCLUDE | INCLUDING | INCREMENT | INDEX | INDEXES | INHERIT | INHERITS | INLINE | INPUT
  | INSENSITIVE | INSERT | INSTEAD | INVOKER | ISOLATION | KEY | LABEL | LANGUAGE | LARGE | LAST | LEAKPROOF
  | LEVEL | LISTEN | LOAD | LOCAL | LOCATION | LOCK | LOCKED | LOGGED | MAPPING | MATCH | MATCHED
  | MATERIALIZED | MAXVALUE | MERGE | METHOD | MINUTE | MINVALUE | MODE | MONTH | MOVE | NAME | NAMES | NEW
  | NEXT | NFC | NFD | NFKC | NFKD | NO | NORMALIZED | NOTHING | NOTIFY | NOWAIT | NULLS | OBJECT | OF | OFF
  | OIDS | OLD | OPERATOR | OPTION | OPTIONS | ORDINALITY | OTHERS | OVER | OVERRIDING | OWNED | OWNER
  | PARALLEL | PARAMETER | PARSER | PARTIAL | PARTITION | PASSING | PASSWORD | PLANS | POLICY | PRECEDING
  | PREPARE | PREPARED | PRESERVE | PRIOR | PRIVILEGES | PROCEDURAL | PROCEDURE | PROCEDURES | PROGRAM
  | PUBLICATION | QUOTE | RANGE | READ | REASSIGN | RECHECK | RECURSIVE | REF | REFERENCING | REFRESH
  | REINDEX | RELATIVE | RELEASE | RENAME | REPEATABLE | REPLACE | REPLICA | RESET | RESTART | RESTRICT
  | RETURN | RETURNS | REVOKE | ROLE | ROLLBACK | ROLLUP | ROUTINE | ROUTINES | ROWS | RULE | SAVEPOINT
  | SCHEMA | SCHEMAS | SCROLL | SEARCH | SECOND | SECURITY | SEQUENCE | SEQUENCES | SERIALIZABLE | SERVER
  | SESSION | SET | SETS | SHARE | SHOW | SIMPLE | SKIP | SNAPSHOT | SQL | STABLE | STANDALONE | START
  | STATEMENT | STATISTICS | STDIN | STDOUT | STORAGE | STORED | STRICT | STRIP | SUBSCRIPTION | SUPPORT
  | SYSID | SYSTEM | TABLES | TABLESPACE | TEMP | TEMPLATE | TEMPORARY | TEXT | TIES | TRANSACTION
  | TRANSFORM | TRIGGER | TRUNCATE | TRUSTED | TYPE | TYPES | UESCAPE | UNBOUNDED | UNCOMMITTED
  | UNENCRYPTED | UNKNOWN | UNLISTEN | UNLOGGED | UNTIL | UPDATE | VACUUM | VALID | VALIDATE | VALIDATOR
  | VALUE | VARYING | VERSION | VIEW | VIEWS | VOLATILE | WHITESPACE | WITHIN | WITHOUT | WORK | WRAPPER
  | WRITE | XML | YEAR | YES | ZONE | BETWEEN | BIGINT | BIT | BOOLEAN | CHAR | CHARACTER | COALESCE | DEC
  | DECIMAL | EXISTS | EXTRACT | FLOAT | GREATEST | GROUPING | INOUT | INT | INTEGER | INTERVAL | LEAST
  | NATIONAL | NCHAR | NONE | NORMALIZE | NULLIF | NUMERIC | OUT | OVERLAY | POSITION | PRECISION | REAL
  | ROW | SETOF | SMALLINT | SUBSTRING | TIME | TIMESTAMP | TREAT | TRIM | VALUES | VARCHAR | XMLATTRIBUTES
  | XMLCONCAT | XMLELEMENT | XMLEXISTS | XMLFOREST | XMLNAMESPACES | XMLPARSE | XMLPI | XMLROOT
  | XMLSERIALIZE | XMLTABLE | AUTHORIZATION | BINARY | COLLATION | CONCURRENTLY | CROSS | CURRENT_SCHEMA
  | FREEZE | FULL | ILIKE | INNER | IS | ISNULL | JOIN | LEFT | LIKE | NATURAL | NOTNULL | OUTER | OVERLAPS
  | RIGHT | SIMILAR | TABLESAMPLE | VERBOSE
  ;
reserved_keyword
  : ALL | ANALYSE | ANALYZE | AND | ANY | ARRAY | AS | ASC | ASYMMETRIC | BOTH | CASE | CAST | CHECK
  | COLLATE | COLUMN | CONSTRAINT | CREATE | CURRENT_CATALOG | CURRENT_DATE | CURRENT_ROLE | CURRENT_TIME
  | CURRENT_TIMESTAMP | CURRENT_USER | DEFAULT | DEFERRABLE | DESC | DISTINCT | DO | ELSE | END | EXCEPT
  | FALSE | FETCH | FOR | FOREIGN | FROM | GRANT | GROUP | HAVING | IN | INITIALLY | INTERSECT | INTO
  | LATERAL | LEADING | LIMIT | LOCALTIME | LOCALTIMESTAMP | NOT | NULL_ | OFFSET | ON | ONLY | OR | ORDER
  | PLACING | PRIMARY | REFERENCES | RETURNING | SELECT | SESSION_USER | SOME | SYMMETRIC | TABLE | THEN
  | TO | TRAILING | TRUE | UNION | UNIQUE | USER | USING | VARIADIC | WHEN | WHERE | WINDOW | WITH
  ;
// What AS may be followed by.
col_label
  : IDENT | ABORT | ABSOLUTE | ACCESS | ACTION | ADD | ADMIN | AFTER | AGGREGATE | ALL | ALSO | ALTER
  | ALWAYS | ANALYSE | ANALYZE | AND | ANY | ARRAY | AS | ASC | ASENSITIVE | ASSERTION | ASSIGNMENT
  | ASYMMETRIC | AT | ATOMIC | ATTACH | ATTRIBUTE | AUTHORIZATION | BACKWARD | BEFORE | BEGIN | BETWEEN
  | BIGINT | BINARY | BIT | BOOLEAN | BOTH | BREADTH | BY | CACHE | CALL | CALLED | CASCADE | CASCADED
  | CASE | CAST | CATALOG | CHAIN | CHAR | CHARACTER | CHARACTERISTICS | CHECK | CHECKPOINT | CLASS | CLOSE
  | CLUSTER | COALESCE | COLLATE | COLLATION | COLUMN | COLUMNS | COMMENT | COMMENTS | COMMIT | COMMITTED
  | COMPRESSION | CONCURRENTLY | CONFIGURATION | CONFLICT | CONNECTION | CONSTRAINT | CONSTRAINTS | CONTENT
  | CONTINUE | CONVERSION | COPY | COST | CREATE | CROSS | CSV | CUBE | CURRENT | CURRENT_CATALOG
  | CURRENT_DATE | CURRENT_ROLE | CURRENT_SCHEMA | CURRENT_TIME | CURRENT_TIMESTAMP | CURRENT_USER | CURSOR
  | CYCLE | DATA | DATABASE | DAY | DEALLOCATE | DEC | DECIMAL | DECLARE | DEFAULT | DEFAULTS | DEFERRABLE
  | DEFERRED | DEFINER | DELETE | DELIMITER | DELIMITERS | DEPENDS | DEPTH | DESC | DETACH | DICTIONARY
  | DISABLE | DISCARD | DISTINCT | DO | DOCUMENT | DOMAIN | DOUBLE | DROP | EACH | ELSE | ENABLE | ENCODING
  | ENCRYPTED | END | ENUM | ESCAPE | EVENT | EXCEPT | EXCLUDE | EXCLUDING | EXCLUSIVE | EXECUTE | EXISTS
  | EXPLAIN | EXPRESSION | EXTENSION | EXTERNAL | EXTRACT | FALSE | FAMILY | FETCH | FILTER | FINALIZE
  | FIRST | FLOAT | FOLLOWING | FOR | FORCE | FOREIGN | FORWARD | FREEZE | FROM | FULL | FUNCTION
  | FUNCTIONS | GENERATED | GLOBAL | GRANT | GRANTED | GREATEST | GROUP | GROUPING | GROUPS | HANDLER
  | HAVING | HEADER | HOLD | HOUR | IDENTITY | IF | ILIKE | IMMEDIATE | IMMUTABLE | IMPLICIT | IMPORT | IN
  | INCLUDE | INCLUDING | INCREMENT | INDEX | INDEXES | INHERIT | INHERITS | INITIALLY | INLINE | INNER
  | INOUT | INPUT | INSENSITIVE | INSERT | INSTEAD | INT | INTEGER | INTERSECT | INTERVAL | INTO | INVOKER
  | IS | ISNULL | ISOLATION | JOIN | KEY | LABEL | LANGUAGE | LARGE | LAST | LATERAL | LEADING | LEAKPROOF
  | LEAST | LEFT | LEVEL | LIKE | LIMIT | LISTEN | LOAD | LOCAL | LOCALTIME | LOCALTIMESTAMP | LOCATION
  | LOCK | LOCKED | LOGGED | MAPPING | MATCH | MATCHED | MATERIALIZED | MAXVALUE | MERGE | METHOD | MINUTE
  | MINVALUE | MODE | MONTH | MOVE | NAME | NAMES | NATIONAL | NATURAL | NCHAR | NEW | NEXT | NFC | NFD
  | NFKC | NFKD | NO | NONE | NORMALIZE | NORMALIZED | NOT | NOTHING | NOTIFY | NOTNULL | NOWAIT | NULL_
  | NULLIF | NULLS | NUMERIC | OBJECT | OF | OFF | OFFSET | OIDS | OLD | ON | ONLY | OPERATOR | OPTION
  | OPTIONS | OR | ORDER | ORDINALITY | OTHERS | OUT | OUTER | OVER | OVERLAPS | OVERLAY | OVERRIDING
  | OWNED | OWNER | PARALLEL | PARAMETER | PARSER | PARTIAL | PARTITION | PASSING | PASSWORD | PLACING
  | PLANS | POLICY | POSITION | PRECEDING | PRECISION | PREPARE | PREPARED | PRESERVE | PRIMARY | PRIOR
  | PRIVILEGES | PROCEDURAL | PROCEDURE | PROCEDURES | PROGRAM | PUBLICATION | QUOTE | RANGE | READ | REAL
  | REASSIGN | RECHECK | RECURSIVE | REF | REFERENCES | REFERENCING | REFRESH | REINDEX | RELATIVE | RELEASE
  | RENAME | REPEATABLE | REPLACE | REPLICA | RESET | RESTART | RESTRICT | RETURN | RETURNING | RETURNS
  | REVOKE | RIGHT | ROLE | ROLLBACK | ROLLUP | ROUTINE | ROUTINES | ROW | ROWS | RULE | SAVEPOINT | SCHEMA
  | SCHEMAS | SCROLL | SEARCH | SECOND | SECURITY | SELECT | SEQUENCE | SEQUENCES | SERIALIZABLE | SERVER
  | SESSION | SESSION_USER | SET | SETOF | SETS | SHARE | SHOW | SIMILAR | SIMPLE | SKIP | SMALLINT
  | SNAPSHOT | SOME | SQL | STABLE | STANDALONE | START | STATEMENT | STATISTICS | STDIN | STDOUT | STORAGE
  | STORED | STRICT | STRIP | SUBSCRIPTION | SUBSTRING | SUPPORT | SYMMETRIC | SYSID | SYSTEM | TABLE
  | TABLES | TABLESAMPLE | TABLESPACE | TEMP | TEMPLATE | TEMPORARY | TEXT | THEN | TIES | TIME | TIMESTAMP
  | TO | TRAILING | TRANSACTION | TRANSFORM | TREAT | TRIGGER | TRIM | TRUE | TRUNCATE | TRUSTED | TYPE
  | TYPES | UESCAPE | UNBOUNDED | UNCOMMITTED | UNENCRYPTED | UNION | UNIQUE | UNKNOWN | UNLISTEN | UNLOGGED
  | UNTIL | UPDATE | USER | USING | VACUUM | VALID | VALIDATE | VALIDATOR | VALUE | VALUES | VARCHAR
  | VARIADIC | VARYING | VERBOSE | VERSION | VIEW | VIEWS | VOLATILE | WHEN | WHERE | WHITESPACE | WINDOW
  | WITH | WITHIN | WITHOUT | WORK | WRAPPER | WRITE | XML | XMLATTRIBUTES | XMLCONCAT | XMLELEMENT
  | XMLEXISTS | XMLFOREST | XMLNAMESPACES | XMLPARSE | XMLPI | XMLROOT | XMLSERIALIZE | XMLTABLE | YEAR
  | YES | ZONE
  ;
// A label without AS.
bare_col_label
  : IDENT | ABORT | ABSOLUTE | ACCESS | ACTION | ADD | ADMIN | AFTER | AGGREGATE | ALL | ALSO | ALTER
  | ALWAYS | ANALYSE | ANALYZE | AND | ANY | ASC | ASENSITIVE | ASSERTION | ASSIGNMENT | ASYMMETRIC | AT
  | ATOMIC | ATTACH | ATTRIBUTE | AUTHORIZATION | BACKWARD | BEFORE | BEGIN | BETWEEN | BIGINT | BINARY
  | BIT | BOOLEAN | BOTH | BREADTH | BY | CACHE | CALL | CALLED | CASCADE | CASCADED | CASE | CAST | CATALOG
  | CHAIN | CHARACTERISTICS | CHECK | CHECKPOINT | CLASS | CLOSE | CLUSTER | COALESCE | COLLATE | COLLATION
  | COLUMN | COLUMNS | COMMENT | COMMENTS | COMMIT | COMMITTED | COMPRESSION | CONCURRENTLY | CONFIGURATION
  | CONFLICT | CONNECTION | CONSTRAINT | CONSTRAINTS | CONTENT | CONTINUE | CONVERSION | COPY | COST | CROSS
  | CSV | CUBE | CURRENT | CURRENT_CATALOG | CURRENT_DATE | CURRENT_ROLE | CURRENT_SCHEMA | CURRENT_TIME
  | CURRENT_TIMESTAMP | CURRENT_USER | CURSOR | CYCLE | DATA | DATABASE | DEALLOCATE | DEC | DECIMAL
  | DECLARE | DEFAULT | DEFAULTS | DEFERRABLE | DEFERRED | DEFINER | DELETE | DELIMITER | DELIMITERS
  | DEPENDS | DEPTH | DESC | DETACH | DICTIONARY | DISABLE | DISCARD | DISTINCT | DO | DOCUMENT | DOMAIN
  | DOUBLE | DROP | EACH | ELSE | ENABLE | ENCODING | ENCRYPTED | END | ENUM | ESCAPE | EVENT | EXCLUDE
  | EXCLUDING | EXCLUSIVE | EXECUTE | EXISTS | EXPLAIN | EXPRESSION | EXTENSION | EXTERNAL | EXTRACT | FALSE
  | FAMILY | FINALIZE | FIRST | FLOAT | FOLLOWING | FORCE | FOREIGN | FORWARD | FREEZE | FULL | FUNCTION
  | FUNCTIONS | GENERATED | GLOBAL | GRANTED | GREATEST | GROUPING | GROUPS | HANDLER | HEADER | HOLD
  | IDENTITY | IF | ILIKE | IMMEDIATE | IMMUTABLE | IMPLICIT | IMPORT | IN | INCLUDE | INCLUDING | INCREMENT
  | INDEX | INDEXES | INHERIT | INHERITS | INITIALLY | INLINE | INNER | INOUT | INPUT | INSENSITIVE | INSERT
  | INSTEAD | INT | INTEGER | INTERVAL | INVOKER | IS | ISOLATION | JOIN | KEY | LABEL | LANGUAGE | LARGE
  | LAST | LATERAL | LEADING | LEAKPROOF | LEAST | LEFT | LEVEL | LIKE | LISTEN | LOAD | LOCAL | LOCALTIME
  | LOCALTIMESTAMP | LOCATION | LOCK | LOCKED | LOGGED | MAPPING | MATCH | MATCHED | MATERIALIZED | MAXVALUE
  | MERGE | METHOD | MINVALUE | MODE | MOVE | NAME | NAMES | NATIONAL | NATURAL | NCHAR | NEW | NEXT | NFC
  | NFD | NFKC | NFKD | NO | NONE | NORMALIZE | NORMALIZED | NOT | NOTHING | NOTIFY | NOWAIT | NULL_
  | NULLIF | NULLS | NUMERIC | OBJECT | OF | OFF | OIDS | OLD | ONLY | OPERATOR | OPTION | OPTIONS | OR
  | ORDINALITY | OTHERS | OUT | OUTER | OVERLAY | OVERRIDING | OWNED | OWNER | PARALLEL | PARAMETER | PARSER
  | PARTIAL | PARTITION | PASSING | PASSWORD | PLACING | PLANS | POLICY | POSITION | PRECEDING | PREPARE
  | PREPARED | PRESERVE | PRIMARY | PRIOR | PRIVILEGES | PROCEDURAL | PROCEDURE | PROCEDURES | PROGRAM
  | PUBLICATION | QUOTE | RANGE | READ | REAL | REASSIGN | RECHECK | RECURSIVE | REF | REFERENCES
  | REFERENCING | REFRESH | REINDEX | RELATIVE | RELEASE | RENAME | REPEATABLE | REPLACE | REPLICA | RESET
  | RESTART | RESTRICT | RETURN | RETURNS | REVOKE | RIGHT | ROLE | ROLLBACK | ROLLUP | ROUTINE | ROUTINES
  | ROW | ROWS | RULE | SAVEPOINT | SCHEMA | SCHEMAS | SCROLL | SEARCH | SECURITY | SELECT | SEQUENCE
  | SEQUENCES | SERIALIZABLE | SERVER | SESSION | SESSION_USER | SET | SETOF | SETS | SHARE | SHOW | SIMILAR
  | SIMPLE | SKIP | SMALLINT | SNAPSHOT | SOME | SQL | STABLE | STANDALONE | START | STATEMENT | STATISTICS
  | STDIN | STDOUT | STORAGE | STORED | STRICT | STRIP | SUBSCRIPTION | SUBSTRING | SUPPORT | SYMMETRIC
  | SYSID | SYSTEM | TABLE | TABLES | TABLESAMPLE | TABLESPACE | TEMP | TEMPLATE | TEMPORARY | TEXT | THEN
  | TIES | TIME | TIMESTAMP | TRAILING | TRANSACTION | TRANSFORM | TREAT | TRIGGER | TRIM | TRUE | TRUNCATE
  | TRUSTED | TYPE | TYPES | UESCAPE | UNBOUNDED | UNCOMMITTED | UNENCRYPTED | UNIQUE | UNKNOWN | UNLISTEN
  | UNLOGGED | UNTIL | UPDATE | USER | USING | VACUUM | VALID | VALIDATE | VALIDATOR | VALUE | VALUES
  | VARCHAR | VARIADIC | VERBOSE | VERSION | VIEW | VIEWS | VOLATILE | WHEN | WHITESPACE | WORK | WRAPPER
  | WRITE | XML | XMLATTRIBUTES | XMLCONCAT | XMLELEMENT | XMLEXISTS | XMLFOREST | XMLNAMESPACES | XMLPARSE
  | XMLPI | XMLROOT | XMLSERIALIZE | XMLTABLE | YES | ZONE
  ;
