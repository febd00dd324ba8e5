// Types, casts, ranges, collations.
#include <algorithm>
#include <optional>

#include "aegis/functions/function.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

using namespace columns;  // NOLINT: the column numbers are what this file is about
namespace oid = types::oid;

// Functions of a type by number.
struct TypeFunctions {
  Oid type, input, output, receive, send, typmod_in, typmod_out, analyze, subscript;
};
constexpr TypeFunctions kTypeFunctions[] = {
#define AEGIS_TYPE_IO(...) {__VA_ARGS__},
#define AEGIS_OPFAMILY(...)
#define AEGIS_OPCLASS(...)
#define AEGIS_AMOP(...)
#define AEGIS_AMPROC(...)
#define AEGIS_RANGE(...)
#include "system/facts.def"
#undef AEGIS_TYPE_IO
#undef AEGIS_RANGE
};
struct Range {
  Oid range, subtype, multirange, collation, opclass, canonical, difference;
};
constexpr Range kRanges[] = {
#define AEGIS_TYPE_IO(...)
#define AEGIS_RANGE(...) {__VA_ARGS__},
#include "system/facts.def"
#undef AEGIS_TYPE_IO
#undef AEGIS_OPFAMILY
#undef AEGIS_OPCLASS
#undef AEGIS_AMOP
#undef AEGIS_AMPROC
#undef AEGIS_RANGE
};

// The default btree operator class of a type, 0 if it has none of its own.
Oid default_class(Oid type) {
  struct Class {
    Oid oid, method;
    const char* name;
    Oid family, input;
    bool is_default;
    Oid key = kInvalidOid;
  };
  static constexpr Class kClasses[] = {
#define AEGIS_TYPE_IO(...)
#define AEGIS_RANGE(...)
#define AEGIS_OPFAMILY(...)
#define AEGIS_OPCLASS(...) {__VA_ARGS__},
#define AEGIS_AMOP(...)
#define AEGIS_AMPROC(...)
#include "system/facts.def"
#undef AEGIS_TYPE_IO
#undef AEGIS_RANGE
#undef AEGIS_OPFAMILY
#undef AEGIS_OPCLASS
#undef AEGIS_AMOP
#undef AEGIS_AMPROC
  };
  constexpr Oid kBtree = 403;
  type = types::base_type(type);
  if (type == oid::kVarchar) type = oid::kText;
  const auto* info = types::find_type(type);
  if (info != nullptr && type >= kFirstNormalOid) {
    type = info->kind == 'e' ? oid::kAnyenum : info->kind == 'c' ? oid::kRecord : info->kind == 'r' ? oid::kAnyrange : info->kind == 'm' ? oid::kAnymultirange : type;
  }
  if (info != nullptr && info->category == 'A') type = oid::kAnyarray;
  for (const Class& candidate : kClasses) {
    if (candidate.method == kBtree && candidate.input == type && candidate.is_default) return candidate.oid;
  }
  return kInvalidOid;
}

const TypeFunctions* functions_of(Oid type) {
  auto found = std::lower_bound(std::begin(kTypeFunctions), std::end(kTypeFunctions), type,
                                [](const TypeFunctions& entry, Oid wanted) { return entry.type < wanted; });
  return found != std::end(kTypeFunctions) && found->type == type ? found : nullptr;
}

void set_functions(Row& row, Oid like) {
  const TypeFunctions* functions = functions_of(like);
  if (functions == nullptr) return;
  row.set(pg_type::typinput, functions->input)
      .set(pg_type::typoutput, functions->output)
      .set(pg_type::typreceive, functions->receive)
      .set(pg_type::typsend, functions->send)
      .set(pg_type::typmodin, functions->typmod_in)
      .set(pg_type::typmodout, functions->typmod_out)
      .set(pg_type::typanalyze, functions->analyze)
      .set(pg_type::typsubscript, functions->subscript);
}

// Types that are subscripted without being arrays.
Oid subscript_element(const types::TypeInfo& type) {
  switch (type.oid) {
    case oid::kName: return oid::kChar;
    case oid::kPoint: return oid::kFloat8;
    case oid::kLseg:
    case oid::kBox: return oid::kPoint;
    case oid::kLine: return oid::kFloat8;
    default: return type.element;
  }
}

void set_common(Row& row, Oid type, std::string_view name, Oid schema, Oid owner) {
  row.set(pg_type::oid, type)
      .set(pg_type::typname, name)
      .set(pg_type::typnamespace, schema)
      .set(pg_type::typowner, owner)
      .set(pg_type::typisdefined, true)
      .set(pg_type::typdelim, ',')
      .set(pg_type::typtypmod, -1);
}

void add_built_in(Row& row, const types::TypeInfo& type) {
  set_common(row, type.oid, type.name, kPgCatalogSchema, kBootstrapRole);
  set_functions(row, type.oid);
  row.set(pg_type::typlen, type.length)
      .set(pg_type::typbyval, type.by_value)
      .set(pg_type::typtype, type.kind)
      .set(pg_type::typcategory, type.category)
      .set(pg_type::typispreferred, type.preferred)
      .set(pg_type::typdelim, type.oid == oid::kBox || type.oid == oid::kBoxArray ? ';' : ',')
      .set(pg_type::typelem, subscript_element(type))
      .set(pg_type::typarray, type.array)
      .set(pg_type::typalign, type.alignment)
      .set(pg_type::typstorage, type.storage)
      .set(pg_type::typcollation, type.collation)
      .emit();
}

void add_array(Row& row, const Object& owner, Oid array, const std::string& element_name, Oid element, char alignment) {
  std::string name = "_" + element_name;
  set_common(row, array, name, owner.schema, owner.owner);
  set_functions(row, oid::kInt4Array);
  row.set(pg_type::typlen, -1)
      .set(pg_type::typtype, 'b')
      .set(pg_type::typcategory, 'A')
      .set(pg_type::typelem, element)
      .set(pg_type::typalign, alignment)
      .set(pg_type::typstorage, 'x')
      .emit();
}

// A table's row type, and the array of it.
void add_row_type(Row& row, const Relation& relation) {
  if (relation.row_type == kInvalidOid) return;
  set_common(row, relation.row_type, relation.name, relation.schema, relation.owner);
  set_functions(row, oid::kRecord);
  row.set(pg_type::typlen, -1)
      .set(pg_type::typtype, 'c')
      .set(pg_type::typcategory, 'C')
      .set(pg_type::typrelid, relation.oid)
      .set(pg_type::typarray, relation.array_type)
      .set(pg_type::typalign, 'd')
      .set(pg_type::typstorage, 'x')
      .emit();
  if (relation.array_type != kInvalidOid) add_array(row, relation, relation.array_type, relation.name, relation.row_type, 'd');
}

// A type whose functions are those of `like`.
void add_user(Row& row, const UserType& type, Oid number, const std::string& name, Oid array, Oid like) {
  const auto* info = types::find_type(number);
  if (info == nullptr) return;
  set_common(row, number, name, type.schema, type.owner);
  set_functions(row, like);
  row.set(pg_type::typlen, info->length)
      .set(pg_type::typbyval, info->by_value)
      .set(pg_type::typtype, info->kind)
      .set(pg_type::typcategory, info->category)
      .set(pg_type::typarray, array)
      .set(pg_type::typalign, info->alignment)
      .set(pg_type::typstorage, info->storage)
      .set(pg_type::typcollation, info->collation);
  if (type.typtype == 'd') {
    constexpr Oid kDomainIn = 2597;
    constexpr Oid kDomainRecv = 2598;
    row.set(pg_type::typinput, kDomainIn)
        .set(pg_type::typreceive, kDomainRecv)
        .set(pg_type::typmodin, kInvalidOid)
        .set(pg_type::typmodout, kInvalidOid)
        .set(pg_type::typsubscript, kInvalidOid)
        .set(pg_type::typbasetype, type.base.oid)
        .set(pg_type::typtypmod, type.base.typmod)
        .set(pg_type::typnotnull, type.not_null)
        .set_text_or_null(pg_type::typdefault, type.default_sql)
        .set_text_or_null(pg_type::typdefaultbin, type.default_sql);
    const auto* base = types::find_type(info->base);
    row.set(pg_type::typndims, base != nullptr && base->category == 'A' ? 1 : 0);
  }
  row.emit();
  if (array != kInvalidOid) add_array(row, type, array, name, number, info->alignment == 'd' ? 'd' : 'i');
}

void add_base(Row& row, const UserType& type) {
  const auto* info = types::find_type(type.oid);
  if (info == nullptr) return;
  set_common(row, type.oid, type.name, type.schema, type.owner);
  row.set(pg_type::typtype, type.typtype)
      .set(pg_type::typlen, type.typtype == 'p' ? 4 : info->length)
      .set(pg_type::typbyval, type.typtype == 'p' || info->by_value)
      .set(pg_type::typcategory, type.typtype == 'p' ? 'P' : type.category)
      .set(pg_type::typispreferred, type.preferred)
      .set(pg_type::typisdefined, type.typtype != 'p')
      .set(pg_type::typdelim, type.delimiter)
      .set(pg_type::typarray, type.array_type)
      .set(pg_type::typinput, type.input)
      .set(pg_type::typoutput, type.output)
      .set(pg_type::typreceive, type.receive)
      .set(pg_type::typsend, type.send)
      .set(pg_type::typalign, type.alignment)
      .set(pg_type::typstorage, type.storage)
      .set(pg_type::typcollation, type.collation)
      .set_text_or_null(pg_type::typdefault, type.default_sql)
      .emit();
  if (type.array_type != kInvalidOid) add_array(row, type, type.array_type, type.name, type.oid, type.alignment == 'd' ? 'd' : 'i');
}

void add_user_type(Row& row, const UserType& type) {
  switch (type.typtype) {
    case 'b':
    case 'p': return add_base(row, type);
    case 'e': return add_user(row, type, type.oid, type.name, type.array_type, oid::kAnyenum);
    case 'd': return add_user(row, type, type.oid, type.name, type.array_type, types::base_type(type.oid));
    default:
      add_user(row, type, type.oid, type.name, type.array_type, 3904);
      return add_user(row, type, type.multirange, type.multirange_name, type.multirange_array, 4451);
  }
}

}  // namespace

void generate_pg_type(const SystemContext& context, RowSink& sink) {
  Row row(pg_type::kTable, sink);
  for (const auto& type : types::all_types()) add_built_in(row, type);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Relation) add_row_type(row, static_cast<const Relation&>(*object));
    if (object->kind == ObjectKind::Type) add_user_type(row, static_cast<const UserType&>(*object));
  }
}

void generate_pg_enum(const SystemContext& context, RowSink& sink) {
  Row row(pg_enum::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Type) continue;
    const auto& type = static_cast<const UserType&>(*object);
    for (const auto& label : type.labels) {
      row.set(pg_enum::oid, label.oid)
          .set(pg_enum::enumtypid, type.oid)
          .set_real(pg_enum::enumsortorder, label.sort_order)
          .set(pg_enum::enumlabel, label.name)
          .emit();
    }
  }
}

void generate_pg_range(const SystemContext& context, RowSink& sink) {
  Row row(pg_range::kTable, sink);
  for (const auto& range : kRanges) {
    row.set(pg_range::rngtypid, range.range)
        .set(pg_range::rngsubtype, range.subtype)
        .set(pg_range::rngmultitypid, range.multirange)
        .set(pg_range::rngcollation, range.collation)
        .set(pg_range::rngsubopc, range.opclass)
        .set(pg_range::rngcanonical, range.canonical)
        .set(pg_range::rngsubdiff, range.difference)
        .emit();
  }
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Type) continue;
    const auto& type = static_cast<const UserType&>(*object);
    if (type.typtype != 'r') continue;
    row.set(pg_range::rngtypid, type.oid)
        .set(pg_range::rngsubtype, type.base.oid)
        .set(pg_range::rngmultitypid, type.multirange)
        .set(pg_range::rngcollation, type.collation)
        .set(pg_range::rngsubopc, default_class(type.base.oid))
        .emit();
  }
}

void generate_pg_cast(const SystemContext& context, RowSink& sink) {
  constexpr Oid kFirstCast = 10000;
  Row row(pg_cast::kTable, sink);
  Oid number = kFirstCast;
  for (const auto& cast : functions::all_casts()) {
    row.set(pg_cast::oid, number++)
        .set(pg_cast::castsource, cast.source)
        .set(pg_cast::casttarget, cast.target)
        .set(pg_cast::castfunc, cast.function)
        .set(pg_cast::castcontext, static_cast<char>(cast.context))
        .set(pg_cast::castmethod, static_cast<char>(cast.method))
        .emit();
  }
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Cast) continue;
    const auto& cast = static_cast<const Cast&>(*object);
    row.set(pg_cast::oid, cast.oid)
        .set(pg_cast::castsource, cast.source)
        .set(pg_cast::casttarget, cast.target)
        .set(pg_cast::castfunc, cast.function)
        .set(pg_cast::castcontext, cast.context)
        .set(pg_cast::castmethod, cast.method)
        .emit();
  }
}

void generate_pg_collation(const SystemContext& context, RowSink& sink) {
  Row row(pg_collation::kTable, sink);
  auto emit = [&](const types::CollationInfo& info, Oid schema, Oid owner, const std::string& version) {
    row.set(pg_collation::oid, info.oid)
        .set(pg_collation::collname, info.name)
        .set(pg_collation::collnamespace, schema)
        .set(pg_collation::collowner, owner)
        .set(pg_collation::collprovider, info.provider)
        .set(pg_collation::collisdeterministic, info.deterministic)
        .set(pg_collation::collencoding, info.encoding)
        .set_text_or_null(pg_collation::collcollate, info.collate)
        .set_text_or_null(pg_collation::collctype, info.ctype)
        .set_text_or_null(pg_collation::colliculocale, info.icu_locale)
        .set_text_or_null(pg_collation::collversion, version)
        .emit();
  };
  static const std::string& icu_version = *new std::string(types::open_collator({0, "", 'i', true, -1, "", "", "und"})->version());
  for (const auto& info : types::built_in_collations()) emit(info, kPgCatalogSchema, kBootstrapRole, info.provider == 'i' ? icu_version : std::string());
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Collation) continue;
    const auto& collation = static_cast<const Collation&>(*object);
    emit(collation.info(), collation.schema, collation.owner, collation.version);
  }
}

}  // namespace aegis::catalog
