#include "aegis/catalog/objects.h"

#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"

namespace aegis::catalog {

bool is_shared_catalog(Oid relation) {
  // pg_authid, pg_tablespace, pg_shdepend, pg_database, pg_db_role_setting, pg_shdescription, pg_auth_members, pg_shseclabel,
  // pg_replication_origin, pg_subscription, pg_parameter_acl
  constexpr Oid kShared[] = {1260, 1213, 1214, 1262, 2964, 2396, 1261, 3592, 6000, 6100, 6243};
  return std::find(std::begin(kShared), std::end(kShared), relation) != std::end(kShared);
}
namespace {

// The durable form is each struct's fields in the order of the visit functions below, behind a format number.
// Fields are only ever added at a struct's end, with a new format number checked in the visit function.
// 2: Column::compression, 3: inheritance, 4: aggregates and base types, 5: rules, materialized views, deferrable keys,
// 6: Operator::orders, 7: IndexColumn::opclass, 8: Database::icu_locale, 9: Statistics::built, Relation::of_type, Index::exclusion,
// operator classes and families, 10: foreign data, replica identity, tablespaces, Relation::access_method
constexpr uint8_t kFormat = 10;

class Encoder {
 public:
  std::string bytes;
  const uint8_t format = kFormat;

  template <typename T>
  void operator()(const T& item) {
    if constexpr (std::is_arithmetic_v<T>) {
      bytes.append(reinterpret_cast<const char*>(&item), sizeof item);
    } else {
      visit(*this, const_cast<T&>(item));
    }
  }
  void operator()(const std::string& text) {
    (*this)(static_cast<uint32_t>(text.size()));
    bytes += text;
  }
  template <typename T>
  void operator()(const std::vector<T>& items) {
    (*this)(static_cast<uint32_t>(items.size()));
    for (const auto& item : items) (*this)(item);
  }
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}
  uint8_t format = 0;

  template <typename T>
  void operator()(T& item) {
    if constexpr (std::is_arithmetic_v<T>) {
      std::memcpy(&item, take(sizeof item).data(), sizeof item);
    } else {
      visit(*this, item);
    }
  }
  void operator()(std::string& text) {
    uint32_t size;
    (*this)(size);
    text = take(size);
  }
  template <typename T>
  void operator()(std::vector<T>& items) {
    uint32_t count;
    (*this)(count);
    if (count > rest_.size()) corrupt();
    items.resize(count);
    for (auto& item : items) (*this)(item);
  }

 private:
  [[noreturn]] static void corrupt() {
    throw StorageError(Sqlstate::DataCorrupted, "catalog object has an unreadable form");
  }
  std::string_view take(size_t size) {
    if (size > rest_.size()) corrupt();
    auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest_;
};

template <typename A, typename... Fields>
void each(A& archive, Fields&... fields) {
  (archive(fields), ...);
}

template <typename A>
void visit(A& a, Type& t) { each(a, t.oid, t.typmod); }
template <typename A, typename Tag, typename Rep>
void visit(A& a, StrongId<Tag, Rep>& id) { a(id.value); }
template <typename A>
void visit(A& a, Dependency& d) { each(a, d.object, d.column, d.kind); }
template <typename A>
void visit(A& a, Column& c) {
  each(a, c.name, c.type, c.collation, c.not_null, c.dropped, c.default_sql, c.default_oid, c.identity, c.generated,
       c.identity_sequence, c.comment, c.statistics_target, c.missing_text, c.has_missing);
  if (a.format >= 2) each(a, c.compression, c.acl);
  if (a.format >= 3) each(a, c.local, c.inherit_count);
  if (a.format >= 10) each(a, c.foreign_options, c.storage, c.options);
}
template <typename A>
void visit(A& a, ForeignKey& k) {
  each(a, k.referenced, k.referenced_columns, k.referenced_index, k.on_update, k.on_delete, k.match, k.delete_set_columns);
}
template <typename A>
void visit(A& a, Constraint& c) {
  each(a, c.oid, c.name, c.kind, c.columns, c.check_sql, c.index, c.foreign_key, c.deferrable, c.initially_deferred,
       c.validated, c.no_inherit, c.comment);
  if (a.format >= 3) each(a, c.local, c.inherit_count, c.parent);
}
template <typename A>
void visit(A& a, SequenceInfo& s) {
  each(a, s.type, s.start, s.increment, s.minimum, s.maximum, s.cache, s.cycle, s.owner_table, s.owner_column);
}
template <typename A>
void visit(A& a, Parent& p) { each(a, p.relation, p.detach_pending); }
template <typename A>
void visit(A& a, PartitionColumn& c) { each(a, c.column, c.sql, c.type, c.collation, c.opclass); }
template <typename A>
void visit(A& a, PartitionKey& k) { each(a, k.strategy, k.columns); }
template <typename A>
void visit(A& a, PartitionDatum& d) { each(a, d.kind, d.text); }
template <typename A>
void visit(A& a, PartitionBound& b) { each(a, b.strategy, b.is_default, b.modulus, b.remainder, b.values, b.lower, b.upper); }
template <typename A>
void visit(A& a, IndexColumn& c) {
  each(a, c.column, c.sql, c.type, c.collation, c.descending, c.nulls_first);
  if (a.format >= 7) each(a, c.opclass);
}
template <typename A>
void visit_base(A& a, Object& o) {
  each(a, o.oid, o.database, o.schema, o.name, o.owner, o.comment, o.acl, o.dependencies);
}
template <typename A>
void visit(A& a, Database& d) {
  each(a, d.is_template, d.allow_connections, d.connection_limit, d.encoding, d.collate, d.ctype, d.settings);
  if (a.format >= 8) each(a, d.locale_provider, d.icu_locale);
  if (a.format >= 10) each(a, d.tablespace);
}
template <typename A>
void visit(A& a, Role& r) {
  each(a, r.superuser, r.inherit, r.create_role, r.create_database, r.can_login, r.replication, r.bypass_rls,
       r.connection_limit, r.password, r.valid_until, r.member_of, r.admin_of, r.settings);
}
template <typename A>
void visit(A&, Schema&) {}
template <typename A>
void visit(A& a, Policy& p) {
  each(a, p.oid, p.name, p.command, p.permissive, p.roles, p.using_sql, p.check_sql, p.search_path, p.comment);
}
template <typename A>
void visit(A& a, Rule& r) { each(a, r.oid, r.name, r.event, r.instead, r.enabled, r.where_sql, r.actions, r.search_path, r.comment); }
template <typename A>
void visit(A& a, EventTrigger& t) { each(a, t.event, t.function, t.enabled, t.tags); }
template <typename A>
void visit(A& a, StatisticsItem& i) { each(a, i.values, i.nulls, i.frequency, i.base_frequency); }
template <typename A>
void visit(A& a, ExpressionStatistics& e) { each(a, e.null_fraction, e.average_width, e.distinct, e.values, e.frequencies); }
template <typename A>
void visit(A& a, BuiltStatistics& b) { each(a, b.inherited, b.ndistinct, b.dependencies, b.most_common, b.expressions); }
template <typename A>
void visit(A& a, Statistics& s) {
  each(a, s.table, s.columns, s.expressions, s.kinds, s.target);
  if (a.format >= 9) each(a, s.built);
}
template <typename A>
void visit(A& a, DefaultAcl& d) { each(a, d.object_type); }
template <typename A>
void visit(A& a, Annotation& n) { each(a, n.class_oid, n.target); }
template <typename A>
void visit(A& a, Relation& r) {
  each(a, r.relkind, r.persistence, r.on_commit, r.storage, r.columns, r.constraints, r.indexes, r.view_sql, r.view_search_path,
       r.check_option, r.sequence, r.row_type, r.array_type, r.options);
  if (a.format >= 2) each(a, r.row_security, r.force_row_security, r.policies);
  if (a.format >= 3) each(a, r.parents, r.partition_key, r.partition_bound);
  if (a.format >= 5) each(a, r.rules, r.populated);
  if (a.format >= 9) each(a, r.of_type);
  if (a.format >= 10) each(a, r.server, r.foreign_options, r.replica_identity, r.replica_index, r.tablespace, r.access_method);
}
template <typename A>
void visit(A& a, Index& i) {
  each(a, i.table, i.storage, i.method, i.unique, i.primary, i.nulls_not_distinct, i.valid, i.constraint, i.columns,
       i.included, i.predicate_sql, i.options);
  if (a.format >= 3) each(a, i.parent);
  if (a.format >= 5) each(a, i.immediate);
  if (a.format >= 9) each(a, i.exclusion);
  if (a.format >= 10) each(a, i.tablespace, i.clustered);
}

template <typename A>
void visit(A& a, RoutineArgument& r) { each(a, r.name, r.type, r.mode, r.default_sql); }
template <typename A>
void visit(A& a, AggregateInfo& g) {
  each(a, g.kind, g.direct_arguments, g.transition, g.final, g.combine, g.serialize, g.deserialize, g.final_extra, g.final_modify, g.sort_operator,
       g.state, g.state_bytes, g.has_initial, g.initial, g.moving_transition, g.moving_inverse, g.moving_final, g.moving_final_extra,
       g.moving_final_modify, g.moving_state, g.moving_state_bytes, g.has_moving_initial, g.moving_initial);
}
template <typename A>
void visit(A& a, Routine& r) {
  each(a, r.routine_kind, r.language, r.arguments, r.result, r.returns_set, r.result_relation, r.result_columns, r.body, r.sql_standard_body, r.volatility,
       r.strict, r.security_definer, r.leakproof, r.parallel, r.cost, r.rows, r.settings, r.search_path);
  if (a.format >= 4) each(a, r.aggregate);
}
template <typename A>
void visit(A& a, Trigger& t) {
  each(a, t.table, t.function, t.type, t.enabled, t.columns, t.arguments, t.when_sql, t.old_table, t.new_table, t.deferrable,
       t.initially_deferred, t.is_constraint);
  if (a.format >= 3) each(a, t.parent);
  if (a.format >= 5) each(a, t.constraint_table);
}

template <typename A>
void visit(A& a, EnumLabel& l) { each(a, l.oid, l.name, l.sort_order, l.position); }
template <typename A>
void visit(A& a, UserType& t) {
  each(a, t.typtype, t.array_type, t.labels, t.base, t.collation, t.not_null, t.default_sql, t.checks, t.multirange,
       t.multirange_array, t.multirange_name);
  if (a.format >= 4) {
    each(a, t.input, t.output, t.receive, t.send, t.representation, t.length, t.by_value, t.alignment, t.storage, t.category, t.preferred, t.delimiter);
  }
}
template <typename A>
void visit(A& a, Operator& o) {
  each(a, o.left, o.right, o.result, o.function, o.commutator, o.negator, o.restrict_estimator, o.join_estimator, o.can_hash, o.can_merge);
  if (a.format >= 6) each(a, o.orders);
}
template <typename A>
void visit(A& a, Cast& c) { each(a, c.source, c.target, c.function, c.context, c.method); }
template <typename A>
void visit(A& a, Collation& c) { each(a, c.provider, c.deterministic, c.collate, c.ctype, c.icu_locale, c.version); }
template <typename A>
void visit(A& a, FamilyMember& m) { each(a, m.oid, m.left, m.right, m.number, m.object, m.sort_family, m.opclass); }
template <typename A>
void visit(A& a, OperatorFamily& f) { each(a, f.method, f.operators, f.functions); }
template <typename A>
void visit(A& a, OperatorClass& c) { each(a, c.method, c.family, c.input, c.key, c.is_default, c.keys); }
template <typename A>
void visit(A& a, Extension& e) { each(a, e.version); }

template <typename A>
void visit(A& a, ForeignDataWrapper& w) { each(a, w.handler, w.validator, w.options); }
template <typename A>
void visit(A& a, ForeignServer& s) { each(a, s.wrapper, s.type, s.version, s.options); }
template <typename A>
void visit(A& a, UserMapping& m) { each(a, m.server, m.user, m.options); }
template <typename A>
void visit(A& a, Publication& p) { each(a, p.all_tables, p.inserts, p.updates, p.deletes, p.truncates, p.via_root); }
template <typename A>
void visit(A& a, PublicationTable& t) { each(a, t.publication, t.table, t.where_sql, t.columns); }
template <typename A>
void visit(A& a, PublicationSchema& s) { each(a, s.publication, s.published); }
template <typename A>
void visit(A& a, Subscription& s) {
  each(a, s.enabled, s.binary, s.stream, s.disable_on_error, s.two_phase, s.skip_lsn, s.connection, s.slot, s.synchronous_commit, s.publications);
}
template <typename A>
void visit(A& a, Tablespace& t) { each(a, t.location, t.options); }
template <typename A>
void visit(A& a, Conversion& c) { each(a, c.source, c.target, c.function, c.is_default); }
template <typename A>
void visit(A& a, LargeObject& l) { each(a, l.number); }
template <typename A>
void visit(A&, ParameterAcl&) {}
template <typename A>
void visit(A& a, AccessMethod& m) { each(a, m.amtype, m.handler); }
template <typename A>
void visit(A& a, TsDictionary& d) { each(a, d.template_oid, d.option_names, d.option_values); }
template <typename A>
void visit(A& a, TsMapping& m) { each(a, m.token, m.dictionaries); }
template <typename A>
void visit(A& a, TsConfiguration& c) { each(a, c.mappings); }

template <typename A>
void visit_object(A& a, Object& object) {
  visit_base(a, object);
  switch (object.kind) {
    case ObjectKind::Database: return visit(a, static_cast<Database&>(object));
    case ObjectKind::Role: return visit(a, static_cast<Role&>(object));
    case ObjectKind::Schema: return visit(a, static_cast<Schema&>(object));
    case ObjectKind::Relation: return visit(a, static_cast<Relation&>(object));
    case ObjectKind::Index: return visit(a, static_cast<Index&>(object));
    case ObjectKind::Routine: return visit(a, static_cast<Routine&>(object));
    case ObjectKind::Trigger: return visit(a, static_cast<Trigger&>(object));
    case ObjectKind::Type: return visit(a, static_cast<UserType&>(object));
    case ObjectKind::Operator: return visit(a, static_cast<Operator&>(object));
    case ObjectKind::Cast: return visit(a, static_cast<Cast&>(object));
    case ObjectKind::Collation: return visit(a, static_cast<Collation&>(object));
    case ObjectKind::Extension: return visit(a, static_cast<Extension&>(object));
    case ObjectKind::EventTrigger: return visit(a, static_cast<EventTrigger&>(object));
    case ObjectKind::Statistics: return visit(a, static_cast<Statistics&>(object));
    case ObjectKind::DefaultAcl: return visit(a, static_cast<DefaultAcl&>(object));
    case ObjectKind::Annotation: return visit(a, static_cast<Annotation&>(object));
    case ObjectKind::TsDictionary: return visit(a, static_cast<TsDictionary&>(object));
    case ObjectKind::TsConfiguration: return visit(a, static_cast<TsConfiguration&>(object));
    case ObjectKind::OperatorFamily: return visit(a, static_cast<OperatorFamily&>(object));
    case ObjectKind::OperatorClass: return visit(a, static_cast<OperatorClass&>(object));
    case ObjectKind::ForeignDataWrapper: return visit(a, static_cast<ForeignDataWrapper&>(object));
    case ObjectKind::ForeignServer: return visit(a, static_cast<ForeignServer&>(object));
    case ObjectKind::UserMapping: return visit(a, static_cast<UserMapping&>(object));
    case ObjectKind::Publication: return visit(a, static_cast<Publication&>(object));
    case ObjectKind::PublicationTable: return visit(a, static_cast<PublicationTable&>(object));
    case ObjectKind::PublicationSchema: return visit(a, static_cast<PublicationSchema&>(object));
    case ObjectKind::Subscription: return visit(a, static_cast<Subscription&>(object));
    case ObjectKind::Tablespace: return visit(a, static_cast<Tablespace&>(object));
    case ObjectKind::Conversion: return visit(a, static_cast<Conversion&>(object));
    case ObjectKind::LargeObject: return visit(a, static_cast<LargeObject&>(object));
    case ObjectKind::ParameterAcl: return visit(a, static_cast<ParameterAcl&>(object));
    case ObjectKind::AccessMethod: return visit(a, static_cast<AccessMethod&>(object));
  }
}

}  // namespace

int Relation::find_column(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].dropped && columns[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

const Constraint* Relation::primary_key() const {
  for (const auto& constraint : constraints) {
    if (constraint.kind == 'p') return &constraint;
  }
  return nullptr;
}

std::string encode_object(const Object& object) {
  Encoder encoder;
  encoder(kFormat);
  encoder(static_cast<uint8_t>(object.kind));
  visit_object(encoder, const_cast<Object&>(object));
  return std::move(encoder.bytes);
}

std::shared_ptr<Object> decode_object(std::string_view bytes) {
  Decoder decoder(bytes);
  uint8_t kind;
  decoder(decoder.format);
  decoder(kind);
  if (decoder.format == 0 || decoder.format > kFormat) throw StorageError(Sqlstate::DataCorrupted, "catalog object has an unknown format");
  std::shared_ptr<Object> object;
  switch (static_cast<ObjectKind>(kind)) {
    case ObjectKind::Database: object = std::make_shared<Database>(); break;
    case ObjectKind::Role: object = std::make_shared<Role>(); break;
    case ObjectKind::Schema: object = std::make_shared<Schema>(); break;
    case ObjectKind::Relation: object = std::make_shared<Relation>(); break;
    case ObjectKind::Index: object = std::make_shared<Index>(); break;
    case ObjectKind::Routine: object = std::make_shared<Routine>(); break;
    case ObjectKind::Trigger: object = std::make_shared<Trigger>(); break;
    case ObjectKind::Type: object = std::make_shared<UserType>(); break;
    case ObjectKind::Operator: object = std::make_shared<Operator>(); break;
    case ObjectKind::Cast: object = std::make_shared<Cast>(); break;
    case ObjectKind::Collation: object = std::make_shared<Collation>(); break;
    case ObjectKind::Extension: object = std::make_shared<Extension>(); break;
    case ObjectKind::EventTrigger: object = std::make_shared<EventTrigger>(); break;
    case ObjectKind::Statistics: object = std::make_shared<Statistics>(); break;
    case ObjectKind::DefaultAcl: object = std::make_shared<DefaultAcl>(); break;
    case ObjectKind::Annotation: object = std::make_shared<Annotation>(); break;
    case ObjectKind::TsDictionary: object = std::make_shared<TsDictionary>(); break;
    case ObjectKind::TsConfiguration: object = std::make_shared<TsConfiguration>(); break;
    case ObjectKind::OperatorFamily: object = std::make_shared<OperatorFamily>(); break;
    case ObjectKind::OperatorClass: object = std::make_shared<OperatorClass>(); break;
    case ObjectKind::ForeignDataWrapper: object = std::make_shared<ForeignDataWrapper>(); break;
    case ObjectKind::ForeignServer: object = std::make_shared<ForeignServer>(); break;
    case ObjectKind::UserMapping: object = std::make_shared<UserMapping>(); break;
    case ObjectKind::Publication: object = std::make_shared<Publication>(); break;
    case ObjectKind::PublicationTable: object = std::make_shared<PublicationTable>(); break;
    case ObjectKind::PublicationSchema: object = std::make_shared<PublicationSchema>(); break;
    case ObjectKind::Subscription: object = std::make_shared<Subscription>(); break;
    case ObjectKind::Tablespace: object = std::make_shared<Tablespace>(); break;
    case ObjectKind::Conversion: object = std::make_shared<Conversion>(); break;
    case ObjectKind::LargeObject: object = std::make_shared<LargeObject>(); break;
    case ObjectKind::ParameterAcl: object = std::make_shared<ParameterAcl>(); break;
    case ObjectKind::AccessMethod: object = std::make_shared<AccessMethod>(); break;
  }
  if (object == nullptr) throw StorageError(Sqlstate::DataCorrupted, "catalog object has an unknown kind");
  visit_object(decoder, *object);
  return object;
}

}  // namespace aegis::catalog
