#include "aegis/functions/collation_key.h"

#include "aegis/types/collation.h"
#include "aegis/types/encoding.h"
#include "call.h"

namespace aegis::functions {
namespace {

Value key_of(Call& call, std::span<const Value> row) {
  return types::string_value(collation_key(row[0], call.context.site.arguments[0], call.context.site.collation, call.types()), call.arena());
}

}  // namespace

std::string collation_key(const Value& text, Type type, Oid collation, const types::TypeContext& context) {
  std::string_view bytes = text.text();
  if (types::base_type(type).oid == types::oid::kBpchar) bytes = types::trim_trailing_blanks(bytes);
  std::string key;
  if (const types::Collator* collator = types::collator(collation, context)) collator->append_sort_key(bytes, key);
  else key = bytes;
  return key;
}

const Function& collation_key_function() {
  static constexpr Oid kArguments[] = {types::oid::kText};
  static const Function* const made = [] {
    static Function function;
    function.name = function.symbol = "collation_key";
    function.arguments = kArguments;
    function.result = types::oid::kBytea;
    function.kernel = strict_value_kernel<key_of>;
    return &function;
  }();
  return *made;
}

}  // namespace aegis::functions
