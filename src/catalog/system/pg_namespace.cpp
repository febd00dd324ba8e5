#include "system/tables.h"

namespace aegis::catalog {
namespace {

namespace oid = types::oid;
using types::Value;

constexpr SystemColumn kColumns[] = {{"oid", oid::kOid}, {"nspname", oid::kName}, {"nspowner", oid::kOid}, {"nspacl", oid::kAclitemArray, false}};

void generate(const SystemContext& context, RowSink& sink) {
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Schema) continue;
    const Value row[] = {Value::of_oid(object->oid), Value::of_string(object->name), Value::of_oid(object->owner), Value::null()};
    sink.add(row);
  }
}

}  // namespace

const SystemTable kPgNamespace{2615, "pg_catalog", "pg_namespace", kColumns, generate};

}  // namespace aegis::catalog
