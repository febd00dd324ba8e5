#include <doctest/doctest.h>

#include <string>

#include "aegis/base/error.h"
#include "aegis/parser/parser.h"
#include "show.h"

namespace aegis::parser {
namespace {

using namespace aegis::ast;

// The tree of one statement; the result keeps it alive.
template <typename T>
struct Parsed {
  ParseResult result;
  T* operator->() const {
    REQUIRE(result.statements.size() == 1);
    T* node = node_cast<T>(result.statements[0].stmt);
    REQUIRE(node != nullptr);
    return node;
  }
};

template <typename T>
Parsed<T> parsed(std::string_view sql) {
  return {parse(sql)};
}

std::string tag(std::string_view sql) {
  ParseResult result = parse(sql);
  REQUIRE(result.statements.size() == 1);
  return std::string(node_tag_name(result.statements[0].stmt->tag));
}

std::string error(std::string_view sql) {
  try {
    parse(sql);
  } catch (const SqlError& failure) {
    return failure.fields().message;
  }
  return "";
}

}  // namespace

TEST_CASE("statements are split, located and empty ones dropped") {
  ParseResult result = parse(";; select 1 ; /* c */ ; select 2\n; ");
  REQUIRE(result.statements.size() == 2);
  CHECK(result.statements[0].stmt_location == 3);
  CHECK(result.statements[0].stmt_len == 8);
  CHECK(result.statements[1].stmt_location == 24);
  CHECK(parse("").statements.empty());
  CHECK(parse(" -- nothing").statements.empty());
}

TEST_CASE("select") {
  auto select = parsed<SelectStmt>(
      "with recursive c(x) as materialized (select 1) select distinct on (a) a as select, b value, t.* from "
      "only s.t as "
      "u(p, q) natural left join v, lateral f(1) with ordinality g where a = 1 group by distinct rollup (a, "
      "b), () having c "
      "window w as (partition by a order by b rows between 1 preceding and current row exclude ties) order "
      "by 1 desc nulls "
      "last limit 10 offset 2 rows for update of u skip locked");
  CHECK(select->with_clause->recursive);
  CHECK(select->with_clause->ctes[0]->ctematerialized == CTEMaterialize::Always);
  CHECK(select->distinct);
  CHECK(select->distinct_clause.size() == 1);
  CHECK(select->target_list[0]->name == "select");
  CHECK(select->target_list[1]->name == "value");
  CHECK(show(select->target_list[2]->val) == "t.*");
  REQUIRE(select->from_clause.size() == 2);
  auto* join = node_cast<JoinExpr>(select->from_clause[0]);
  REQUIRE(join != nullptr);
  CHECK(join->is_natural);
  CHECK(join->jointype == JoinType::Left);
  auto* table = node_cast<RangeVar>(join->larg);
  CHECK(table->schemaname == "s");
  CHECK(table->inh == false);
  CHECK(table->alias->colnames.size() == 2);
  CHECK(select->group_distinct);
  CHECK(node_cast<GroupingSet>(select->group_clause[0])->kind == GroupingSetKind::Rollup);
  CHECK(select->window_clause[0]->frame_options ==
        (kFrameNonDefault | kFrameRows | kFrameBetween | kFrameStartOffsetPreceding | kFrameEndCurrentRow |
         kFrameExcludeTies));
  CHECK(select->sort_clause[0]->sortby_nulls == SortByNulls::Last);
  CHECK(show(select->limit_count) == "10");
  CHECK(show(select->limit_offset) == "2");
  CHECK(select->locking_clause[0]->wait_policy == LockWaitPolicy::Skip);
}

TEST_CASE("set operations, VALUES and TABLE") {
  auto select =
      parsed<SelectStmt>("select 1 union all select 2 intersect select 3 except values (4), (5) order by 1");
  CHECK(select->op == SetOperation::Except);
  CHECK(select->larg->op == SetOperation::Union);
  CHECK(select->larg->all);
  CHECK(select->larg->rarg->op == SetOperation::Intersect);
  CHECK(select->rarg->values_lists.size() == 2);
  CHECK(select->sort_clause.size() == 1);
  CHECK(parsed<SelectStmt>("table t")->from_clause.size() == 1);
  CHECK(parsed<SelectStmt>("((select 1))")->target_list.size() == 1);
  CHECK(error("(select 1 limit 1) limit 2") == "multiple LIMIT clauses not allowed");
}

TEST_CASE("queries that PostgreSQL refuses while it parses") {
  CHECK(error("(select 1 order by 1) order by 1") == "multiple ORDER BY clauses not allowed");
  CHECK(error("select * from (select 1)") == "subquery in FROM must have an alias");
  CHECK(error("select 1 limit 1, 2") == "LIMIT #,# syntax is not supported");
  CHECK(error("select 1 fetch first row with ties") ==
        "WITH TIES cannot be specified without ORDER BY clause");
  CHECK(error("select sum(a) over (rows between unbounded following and current row)") ==
        "frame start cannot be UNBOUNDED FOLLOWING");
}

TEST_CASE("data modification") {
  auto insert = parsed<InsertStmt>(
      "with x as (select 1) insert into t as u (a, b[1], c.d) overriding user value select 1, 2, 3 on "
      "conflict (a, lower(b)) "
      "where c do update set (a, b) = (1, default), c = excluded.c where d returning *");
  CHECK(insert->with_clause != nullptr);
  CHECK(insert->cols.size() == 3);
  CHECK(insert->override == OverridingKind::UserValue);
  CHECK(insert->on_conflict_clause->infer->index_elems.size() == 2);
  REQUIRE(insert->on_conflict_clause->target_list.size() == 3);
  CHECK(node_cast<MultiAssignRef>(insert->on_conflict_clause->target_list[1]->val)->colno == 2);
  CHECK(insert->returning_list.size() == 1);
  CHECK(parsed<InsertStmt>("insert into t default values")->select_stmt == nullptr);
  auto update = parsed<UpdateStmt>("update only t u set a = a + 1 from v where current of c returning a");
  CHECK(update->relation->alias->aliasname == "u");
  CHECK(is_node<CurrentOfExpr>(update->where_clause));
  CHECK(parsed<DeleteStmt>("delete from t using u where t.a = u.a")->using_clause.size() == 1);
  auto merge = parsed<MergeStmt>(
      "merge into t using s on t.a = s.a when matched and b then update set c = 1 when matched then delete "
      "when not matched "
      "then insert (a) values (1) when not matched then do nothing");
  REQUIRE(merge->merge_when_clauses.size() == 4);
  CHECK(merge->merge_when_clauses[2]->command_type == MergeCommand::Insert);
  CHECK(merge->merge_when_clauses[3]->matched == false);
}

TEST_CASE("create table") {
  auto table = parsed<CreateStmt>(
      "create temp table if not exists s.t (a int primary key, b text collate \"C\" default 'x' || 'y' not "
      "null, c int "
      "generated by default as identity (start 5), d int references u (x) on delete set null deferrable, "
      "check (a > 0) no "
      "inherit, constraint k unique nulls not distinct (a, b) include (c) with (fillfactor = 70), foreign "
      "key (a, b) "
      "references v match full on update cascade initially deferred, exclude using gist (a with =) where (b "
      "is null), like w "
      "including all excluding comments) inherits (p) partition by range (a, lower(b)) using heap with "
      "(fillfactor = 10) on "
      "commit drop tablespace ts");
  CHECK(table->relation->relpersistence == RelPersistence::Temp);
  CHECK(table->if_not_exists);
  REQUIRE(table->table_elts.size() == 9);
  auto* b = node_cast<ColumnDef>(table->table_elts[1]);
  CHECK(b->coll_clause->collname[0] == "C");
  REQUIRE(b->constraints.size() == 2);
  CHECK(show(b->constraints[0]->raw_expr) == "('x' || 'y')");
  CHECK(b->constraints[1]->contype == ConstrType::NotNull);
  auto* c = node_cast<ColumnDef>(table->table_elts[2]);
  CHECK(c->constraints[0]->generated_when == 'd');
  CHECK(c->constraints[0]->options[0]->defname == "start");
  auto* unique = node_cast<Constraint>(table->table_elts[5]);
  CHECK(unique->conname == "k");
  CHECK(unique->nulls_not_distinct);
  CHECK(unique->including.size() == 1);
  auto* foreign = node_cast<Constraint>(table->table_elts[6]);
  CHECK(foreign->fk_matchtype == 'f');
  CHECK(foreign->fk_upd_action == 'c');
  CHECK(foreign->initdeferred);
  CHECK(node_cast<TableLikeClause>(table->table_elts[8])->options == (kLikeAll & ~kLikeComments));
  CHECK(table->partspec->part_params.size() == 2);
  CHECK(table->oncommit == OnCommitAction::Drop);
  CHECK(parsed<CreateStmt>("create table p partition of t for values from (1, minvalue) to (2, maxvalue)")
            ->partbound->strategy == 'r');
  CHECK(parsed<CreateTableAsStmt>("create table t (a) as select 1 with no data")->into->skip_data);
  CHECK(error("create table t (a int check (a > 0) deferrable, check (a > 0) deferrable)") ==
        "CHECK constraints cannot be marked DEFERRABLE");
}

TEST_CASE("indexes, sequences and views") {
  auto index = parsed<IndexStmt>(
      "create unique index concurrently i on t using btree (a desc nulls last, lower(b) text_ops, (a + 1)) "
      "include (c) where a > 0");
  CHECK(index->unique);
  CHECK(index->concurrent);
  REQUIRE(index->index_params.size() == 3);
  CHECK(index->index_params[0]->ordering == SortByDir::Desc);
  CHECK(index->index_params[1]->opclass[0] == "text_ops");
  CHECK(parsed<IndexStmt>("create index on t (a)")->access_method == "btree");
  auto sequence = parsed<CreateSeqStmt>(
      "create sequence s as bigint increment by -1 no minvalue cache 5 cycle owned by t.a");
  REQUIRE(sequence->options.size() == 6);
  CHECK(node_cast<Integer>(sequence->options[1]->arg)->ival == -1);
  CHECK(sequence->options[2]->arg == nullptr);
  CHECK(node_cast<Boolean>(sequence->options[4]->arg)->boolval);
  auto view = parsed<ViewStmt>(
      "create or replace view v (a) with (security_barrier) as select 1 with local check option");
  CHECK(view->replace);
  CHECK(view->with_check_option == ViewCheckOption::Local);
  CHECK(node_cast<SelectStmt>(parsed<ViewStmt>("create recursive view v (a) as select 1")->query)
            ->with_clause->recursive);
}

TEST_CASE("alter table") {
  auto alter = parsed<AlterTableStmt>(
      "alter table if exists only t add column if not exists a int, drop column if exists b cascade, alter c "
      "set default 1, "
      "alter c drop not null, alter d type text using d::text, add constraint k check (a > 0) not valid, "
      "drop constraint k, "
      "owner to current_user, enable row level security, set (fillfactor = 1)");
  CHECK(alter->missing_ok);
  REQUIRE(alter->cmds.size() == 10);
  CHECK(alter->cmds[1]->behavior == DropBehavior::Cascade);
  CHECK(alter->cmds[2]->subtype == AlterTableType::ColumnDefault);
  CHECK(show(node_cast<ColumnDef>(alter->cmds[4]->def)->raw_default) == "d::text");
  CHECK(node_cast<Constraint>(alter->cmds[5]->def)->skip_validation);
  CHECK(alter->cmds[7]->newowner->roletype == RoleSpecType::CurrentUser);
  auto rename = parsed<RenameStmt>("alter table t rename a to b");
  CHECK(rename->rename_type == ObjectType::Column);
  CHECK(rename->subname == "a");
  CHECK(parsed<RenameStmt>("alter index i rename to j")->rename_type == ObjectType::Index);
  CHECK(parsed<AlterObjectSchemaStmt>("alter table t set schema s")->newschema == "s");
  CHECK(parsed<AlterOwnerStmt>("alter schema s owner to r")->object_type == ObjectType::Schema);
}

TEST_CASE("functions and triggers") {
  auto function = parsed<CreateFunctionStmt>(
      "create or replace function s.f(a int, out b text, variadic c int[] default '{}') returns setof record "
      "language sql "
      "stable strict cost 5 set x to 1 as $$select 1$$");
  CHECK(function->parameters.size() == 3);
  CHECK(function->parameters[2]->mode == FunctionParameterMode::Variadic);
  CHECK(function->return_type->setof);
  CHECK(function->options.size() == 6);
  CHECK(
      is_node<ReturnStmt>(parsed<CreateFunctionStmt>("create function f() returns int return 1")->sql_body));
  CHECK(
      parsed<CreateFunctionStmt>("create procedure p() begin atomic select 1; select 2; end")->is_procedure);
  CHECK(parsed<CreateFunctionStmt>("create function f() returns table (a int, b int) as 'x' language c")
            ->parameters.size() == 2);
  auto trigger = parsed<CreateTrigStmt>(
      "create trigger g before insert or update of a, b on t referencing new table as n for each row when (a "
      "> 0) execute "
      "function f(1, 'x')");
  CHECK(trigger->timing == kTriggerBefore);
  CHECK(trigger->events == (kTriggerInsert | kTriggerUpdate));
  CHECK(trigger->columns.size() == 2);
  CHECK(trigger->args.size() == 2);
  CHECK(trigger->row);
}

TEST_CASE("sessions and settings") {
  CHECK(parsed<VariableSetStmt>("set local a.b to 1, 'x', on")->args.size() == 3);
  CHECK(parsed<VariableSetStmt>("set time zone 'UTC'")->name == "timezone");
  CHECK(parsed<VariableSetStmt>("set session characteristics as transaction read only")->kind ==
        VariableSetKind::SetMulti);
  CHECK(parsed<VariableSetStmt>("reset all")->kind == VariableSetKind::ResetAll);
  CHECK(parsed<VariableShowStmt>("show transaction isolation level")->name == "transaction_isolation");
  auto begin = parsed<TransactionStmt>("begin isolation level repeatable read, read only, not deferrable");
  CHECK(begin->options.size() == 3);
  CHECK(show(begin->options[0]->arg) == "'repeatable read'");
  CHECK(parsed<TransactionStmt>("rollback to savepoint s")->kind == TransactionStmtKind::RollbackTo);
  CHECK(parsed<TransactionStmt>("commit and chain")->chain);
  CHECK(parsed<LockStmt>("lock table t in share row exclusive mode nowait")->mode ==
        LockMode::ShareRowExclusive);
}

TEST_CASE("copy, cursors and explain") {
  auto copy = parsed<CopyStmt>("copy t (a, b) from stdin (format csv, header, force_null (a)) where a > 0");
  CHECK(copy->is_from);
  CHECK(copy->options.size() == 3);
  CHECK(is_given(copy->filename) == false);
  CHECK(parsed<CopyStmt>("copy (select 1) to '/tmp/x' csv delimiter '|'")->options.size() == 2);
  CHECK(error("copy t to stdout where a") == "WHERE clause not allowed with COPY TO");
  auto fetch = parsed<FetchStmt>("fetch backward all in c");
  CHECK(fetch->how_many == kFetchAll);
  CHECK(fetch->direction == FetchDirection::Backward);
  CHECK(parsed<FetchStmt>("move -5 from c")->how_many == -5);
  CHECK(parsed<DeclareCursorStmt>("declare c no scroll cursor with hold for select 1")->options ==
        (kCursorNoScroll | kCursorHold));
  CHECK(parsed<ExplainStmt>("explain (analyze, format json) select 1")->options.size() == 2);
  CHECK(parsed<ExplainStmt>("explain analyze verbose delete from t")->options.size() == 2);
}

TEST_CASE("grants and roles") {
  auto grant = parsed<GrantStmt>("grant select (a, b), update on s.t, u to public, r with grant option");
  CHECK(grant->privileges.size() == 2);
  CHECK(grant->objects.size() == 2);
  CHECK(grant->grantees[0]->roletype == RoleSpecType::Public);
  CHECK(parsed<GrantStmt>("revoke all on all tables in schema s from r cascade")->targtype ==
        GrantTargetType::AllInSchema);
  CHECK(parsed<GrantRoleStmt>("grant a, b to c with admin option")->admin_opt);
  auto role = parsed<CreateRoleStmt>(
      "create user u with superuser nologin password 'x' connection limit 5 in role a, b");
  CHECK(role->options.size() == 5);
  CHECK(role->options[1]->defname == "canlogin");
  CHECK(error("create role public") == "role name \"public\" is reserved");
  CHECK(error("create role r nonsense") == "unrecognized role option \"nonsense\"");
}

TEST_CASE("every other kind of statement has its node") {
  CHECK(tag("drop table if exists a, b.c cascade") == "DropStmt");
  CHECK(tag("drop function f(int, text), g") == "DropStmt");
  CHECK(tag("drop database d with (force)") == "DropdbStmt");
  CHECK(tag("drop role r") == "DropRoleStmt");
  CHECK(tag("create schema s authorization r create table t (a int) create view v as select 1") ==
        "CreateSchemaStmt");
  CHECK(tag("create database d owner = o encoding 'UTF8'") == "CreatedbStmt");
  CHECK(tag("create type t as (a int, b text)") == "CompositeTypeStmt");
  CHECK(tag("create type t as enum ('a', 'b')") == "CreateEnumStmt");
  CHECK(tag("create type t as range (subtype = int4)") == "CreateRangeStmt");
  CHECK(tag("alter type t add value 'c' after 'b'") == "AlterEnumStmt");
  CHECK(tag("create domain d as int default 1 check (value > 0)") == "CreateDomainStmt");
  CHECK(tag("alter domain d set not null") == "AlterDomainStmt");
  CHECK(tag("create extension if not exists x schema s") == "CreateExtensionStmt");
  CHECK(tag("create rule r as on insert to t do instead (select 1; delete from u)") == "RuleStmt");
  CHECK(tag("create aggregate a (int) (sfunc = f, stype = int)") == "DefineStmt");
  CHECK(tag("create operator ## (leftarg = int, procedure = f)") == "DefineStmt");
  CHECK(tag("create operator class c default for type int using btree as operator 1 <, function 1 f(int, "
            "int)") == "CreateOpClassStmt");
  CHECK(tag("create cast (a as b) with function f(a) as implicit") == "CreateCastStmt");
  CHECK(tag("create policy p on t for select to public using (a)") == "CreatePolicyStmt");
  CHECK(tag("create statistics s (ndistinct) on a, b from t") == "CreateStatsStmt");
  CHECK(tag("create publication p for table t where (a > 0), tables in schema s") == "CreatePublicationStmt");
  CHECK(tag("create subscription s connection 'x' publication p") == "CreateSubscriptionStmt");
  CHECK(tag("create server s foreign data wrapper w options (a 'b')") == "CreateForeignServerStmt");
  CHECK(tag("create foreign table t (a int) server s") == "CreateForeignTableStmt");
  CHECK(tag("create event trigger e on ddl_command_start execute function f()") == "CreateEventTrigStmt");
  CHECK(tag("create materialized view m as select 1 with no data") == "CreateTableAsStmt");
  CHECK(tag("refresh materialized view concurrently m") == "RefreshMatViewStmt");
  CHECK(tag("comment on column t.a is 'x'") == "CommentStmt");
  CHECK(tag("security label on table t is 'x'") == "SecLabelStmt");
  CHECK(tag("alter role r set a = 1") == "AlterRoleSetStmt");
  CHECK(tag("alter database d set a to default") == "AlterDatabaseSetStmt");
  CHECK(tag("alter system set a = 1") == "AlterSystemStmt");
  CHECK(tag("alter default privileges in schema s grant select on tables to r") ==
        "AlterDefaultPrivilegesStmt");
  CHECK(tag("alter sequence s restart with 5") == "AlterSeqStmt");
  CHECK(tag("alter function f(int) strict") == "AlterFunctionStmt");
  CHECK(tag("prepare p (int) as select $1") == "PrepareStmt");
  CHECK(tag("execute p (1, 'x')") == "ExecuteStmt");
  CHECK(tag("deallocate all") == "DeallocateStmt");
  CHECK(tag("close c") == "ClosePortalStmt");
  CHECK(tag("vacuum (full, analyze) t (a)") == "VacuumStmt");
  CHECK(tag("analyze verbose t") == "VacuumStmt");
  CHECK(tag("truncate table a, b restart identity cascade") == "TruncateStmt");
  CHECK(tag("cluster t using i") == "ClusterStmt");
  CHECK(tag("reindex table concurrently t") == "ReindexStmt");
  CHECK(tag("listen x") == "ListenStmt");
  CHECK(tag("notify x, 'y'") == "NotifyStmt");
  CHECK(tag("unlisten *") == "UnlistenStmt");
  CHECK(tag("checkpoint") == "CheckPointStmt");
  CHECK(tag("discard all") == "DiscardStmt");
  CHECK(tag("do $$begin end$$ language plpgsql") == "DoStmt");
  CHECK(tag("call p(1)") == "CallStmt");
  CHECK(tag("set constraints all deferred") == "ConstraintsSetStmt");
  CHECK(tag("reassign owned by a to b") == "ReassignOwnedStmt");
  CHECK(tag("import foreign schema s limit to (t) from server r into l") == "ImportForeignSchemaStmt");
}

}  // namespace aegis::parser
