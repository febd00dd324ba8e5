// Access methods and what they index: operator classes and families of btree and hash.
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

using namespace columns;  // NOLINT: the column numbers are what this file is about

struct Family {
  Oid oid, method;
  const char* name;
};
struct Class {
  Oid oid, method;
  const char* name;
  Oid family, input;
  bool is_default;
  Oid key = kInvalidOid;
};
struct FamilyOperator {
  Oid oid, family, left, right;
  int strategy;
  Oid op, method;
  Oid sort_family = kInvalidOid;
};
struct FamilyFunction {
  Oid oid, family, left, right;
  int number;
  Oid function;
};

#define AEGIS_TYPE_IO(...)
#define AEGIS_RANGE(...)
#define AEGIS_OPCLASS(...)
#define AEGIS_AMOP(...)
#define AEGIS_AMPROC(...)
#define AEGIS_OPFAMILY(...) {__VA_ARGS__},
constexpr Family kFamilies[] = {
#include "system/facts.def"
};
#undef AEGIS_OPFAMILY
#undef AEGIS_OPCLASS
#define AEGIS_OPFAMILY(...)
#define AEGIS_OPCLASS(...) {__VA_ARGS__},
constexpr Class kClasses[] = {
#include "system/facts.def"
};
#undef AEGIS_OPCLASS
#undef AEGIS_AMOP
#define AEGIS_OPCLASS(...)
#define AEGIS_AMOP(...) {__VA_ARGS__},
constexpr FamilyOperator kOperators[] = {
#include "system/facts.def"
};
#undef AEGIS_AMOP
#undef AEGIS_AMPROC
#define AEGIS_AMOP(...)
#define AEGIS_AMPROC(...) {__VA_ARGS__},
constexpr FamilyFunction kFunctions[] = {
#include "system/facts.def"
};
#undef AEGIS_TYPE_IO
#undef AEGIS_RANGE
#undef AEGIS_OPFAMILY
#undef AEGIS_OPCLASS
#undef AEGIS_AMOP
#undef AEGIS_AMPROC

struct Method {
  Oid oid;
  const char* name;
  Oid handler;
  char kind;
};
constexpr Method kMethods[] = {{2, "heap", 3, 't'}, {403, "btree", 330, 'i'}, {405, "hash", 331, 'i'}, {783, "gist", 332, 'i'},
                                {2742, "gin", 333, 'i'}, {4000, "spgist", 334, 'i'}, {3580, "brin", 335, 'i'}};

template <typename T, typename F>
void for_each(const SystemContext& context, ObjectKind kind, F&& visit) {
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == kind) visit(static_cast<const T&>(*object));
  }
}

}  // namespace

Oid access_method(std::string_view name) {
  for (const auto& method : kMethods) {
    if (method.name == name) return method.oid;
  }
  return kInvalidOid;
}

Oid default_opclass(Oid method, Oid type) {
  namespace oid = types::oid;
  // Types that borrow another's operators.
  if (type == oid::kVarchar) type = oid::kText;
  if (type == oid::kCidr) type = oid::kInet;
  if (type >= oid::kRegproc && type < oid::kText) type = oid::kOid;
  if ((type >= oid::kRegprocedure && type <= oid::kRegtype) || type == oid::kRegnamespace || type == oid::kRegrole) type = oid::kOid;
  if (types::is_array(type)) type = oid::kAnyarray;
  const auto* info = types::find_type(type);
  switch (info == nullptr ? 'c' : info->kind) {
    case 'c': type = oid::kRecord; break;
    case 'e': type = oid::kAnyenum; break;
    case 'r': type = oid::kAnyrange; break;
    case 'm': type = oid::kAnymultirange; break;
    default: break;
  }
  for (const auto& entry : kClasses) {
    if (entry.method == method && entry.input == type && entry.is_default) return entry.oid;
  }
  return kInvalidOid;
}

Oid built_in_default_opclass(Oid method, Oid type) {
  for (const auto& entry : kClasses) {
    if (entry.method == method && entry.input == type && entry.is_default) return entry.oid;
  }
  return kInvalidOid;
}

std::string_view access_method_name(Oid oid) {
  for (const auto& method : kMethods) {
    if (method.oid == oid) return method.name;
  }
  return {};
}

Oid built_in_opclass_family(Oid opclass) {
  for (const auto& entry : kClasses) {
    if (entry.oid == opclass) return entry.family;
  }
  return kInvalidOid;
}

Oid built_in_opclass_input(Oid opclass) {
  for (const auto& entry : kClasses) {
    if (entry.oid == opclass) return entry.input;
  }
  return kInvalidOid;
}

std::string_view built_in_opfamily_name(Oid oid) {
  for (const auto& family : kFamilies) {
    if (family.oid == oid) return family.name;
  }
  return {};
}

std::string_view built_in_opclass_name(Oid oid) {
  for (const auto& entry : kClasses) {
    if (entry.oid == oid) return entry.name;
  }
  return {};
}

Oid find_built_in_opclass(Oid method, std::string_view name, Oid type) {
  for (const auto& entry : kClasses) {
    if (entry.method == method && entry.name == name && (type == kInvalidOid || entry.input == type)) return entry.oid;
  }
  return kInvalidOid;
}

Oid built_in_opfamily(Oid method, std::string_view name) {
  for (const auto& family : kFamilies) {
    if (family.method == method && family.name == name) return family.oid;
  }
  return kInvalidOid;
}

void generate_pg_am(const SystemContext& context, RowSink& sink) {
  Row row(pg_am::kTable, sink);
  for (const auto& method : kMethods) {
    row.set(pg_am::oid, method.oid).set(pg_am::amname, method.name).set(pg_am::amhandler, method.handler).set(pg_am::amtype, method.kind).emit();
  }
  for_each<AccessMethod>(context, ObjectKind::AccessMethod, [&](const AccessMethod& made) {
    row.set(pg_am::oid, made.oid).set(pg_am::amname, made.name).set(pg_am::amhandler, made.handler).set(pg_am::amtype, made.amtype).emit();
  });
}

void generate_pg_opfamily(const SystemContext& context, RowSink& sink) {
  Row row(pg_opfamily::kTable, sink);
  for (const auto& family : kFamilies) {
    row.set(pg_opfamily::oid, family.oid)
        .set(pg_opfamily::opfmethod, family.method)
        .set(pg_opfamily::opfname, family.name)
        .set(pg_opfamily::opfnamespace, kPgCatalogSchema)
        .set(pg_opfamily::opfowner, kBootstrapRole)
        .emit();
  }
  for_each<OperatorFamily>(context, ObjectKind::OperatorFamily, [&](const OperatorFamily& family) {
    row.set(pg_opfamily::oid, family.oid)
        .set(pg_opfamily::opfmethod, access_method(family.method))
        .set(pg_opfamily::opfname, family.name)
        .set(pg_opfamily::opfnamespace, family.schema)
        .set(pg_opfamily::opfowner, family.owner)
        .emit();
  });
}

void generate_pg_opclass(const SystemContext& context, RowSink& sink) {
  Row row(pg_opclass::kTable, sink);
  for (const auto& entry : kClasses) {
    row.set(pg_opclass::oid, entry.oid)
        .set(pg_opclass::opcmethod, entry.method)
        .set(pg_opclass::opcname, entry.name)
        .set(pg_opclass::opcnamespace, kPgCatalogSchema)
        .set(pg_opclass::opcowner, kBootstrapRole)
        .set(pg_opclass::opcfamily, entry.family)
        .set(pg_opclass::opcintype, entry.input)
        .set(pg_opclass::opcdefault, entry.is_default)
        .set(pg_opclass::opckeytype, entry.key)
        .emit();
  }
  for_each<OperatorClass>(context, ObjectKind::OperatorClass, [&](const OperatorClass& made) {
    row.set(pg_opclass::oid, made.oid)
        .set(pg_opclass::opcmethod, access_method(made.method))
        .set(pg_opclass::opcname, made.name)
        .set(pg_opclass::opcnamespace, made.schema)
        .set(pg_opclass::opcowner, made.owner)
        .set(pg_opclass::opcfamily, made.family)
        .set(pg_opclass::opcintype, made.input)
        .set(pg_opclass::opcdefault, made.is_default)
        .set(pg_opclass::opckeytype, made.key)
        .emit();
  });
}

void generate_pg_amop(const SystemContext& context, RowSink& sink) {
  Row row(pg_amop::kTable, sink);
  for (const auto& entry : kOperators) {
    row.set(pg_amop::oid, entry.oid)
        .set(pg_amop::amopfamily, entry.family)
        .set(pg_amop::amoplefttype, entry.left)
        .set(pg_amop::amoprighttype, entry.right)
        .set(pg_amop::amopstrategy, entry.strategy)
        .set(pg_amop::amoppurpose, entry.sort_family == kInvalidOid ? 's' : 'o')
        .set(pg_amop::amopopr, entry.op)
        .set(pg_amop::amopmethod, entry.method)
        .set(pg_amop::amopsortfamily, entry.sort_family)
        .emit();
  }
  for_each<OperatorFamily>(context, ObjectKind::OperatorFamily, [&](const OperatorFamily& family) {
    for (const auto& member : family.operators) {
      row.set(pg_amop::oid, member.oid)
          .set(pg_amop::amopfamily, family.oid)
          .set(pg_amop::amoplefttype, member.left)
          .set(pg_amop::amoprighttype, member.right)
          .set(pg_amop::amopstrategy, member.number)
          .set(pg_amop::amoppurpose, member.sort_family == kInvalidOid ? 's' : 'o')
          .set(pg_amop::amopopr, member.object)
          .set(pg_amop::amopmethod, access_method(family.method))
          .set(pg_amop::amopsortfamily, member.sort_family)
          .emit();
    }
  });
}

void generate_pg_amproc(const SystemContext& context, RowSink& sink) {
  Row row(pg_amproc::kTable, sink);
  for (const auto& entry : kFunctions) {
    row.set(pg_amproc::oid, entry.oid)
        .set(pg_amproc::amprocfamily, entry.family)
        .set(pg_amproc::amproclefttype, entry.left)
        .set(pg_amproc::amprocrighttype, entry.right)
        .set(pg_amproc::amprocnum, entry.number)
        .set(pg_amproc::amproc, entry.function)
        .emit();
  }
  for_each<OperatorFamily>(context, ObjectKind::OperatorFamily, [&](const OperatorFamily& family) {
    for (const auto& member : family.functions) {
      row.set(pg_amproc::oid, member.oid)
          .set(pg_amproc::amprocfamily, family.oid)
          .set(pg_amproc::amproclefttype, member.left)
          .set(pg_amproc::amprocrighttype, member.right)
          .set(pg_amproc::amprocnum, member.number)
          .set(pg_amproc::amproc, member.object)
          .emit();
    }
  });
}

}  // namespace aegis::catalog
