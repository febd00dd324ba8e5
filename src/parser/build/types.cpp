// Type names.
#include "build/builder.h"

namespace aegis::parser {
namespace {

// PostgreSQL's interval masks: a bit for each field.
constexpr int kYear = 1 << 2;
constexpr int kMonth = 1 << 1;
constexpr int kDay = 1 << 3;
constexpr int kHour = 1 << 10;
constexpr int kMinute = 1 << 11;
constexpr int kSecond = 1 << 12;

int field_bit(size_t type) {
  switch (type) {
    case P::YEAR:
      return kYear;
    case P::MONTH:
      return kMonth;
    case P::DAY:
      return kDay;
    case P::HOUR:
      return kHour;
    case P::MINUTE:
      return kMinute;
    default:
      return kSecond;
  }
}

// The fields between two, coarse to fine.
int field_range(size_t first, size_t last) {
  static constexpr size_t kOrder[] = {P::YEAR, P::MONTH, P::DAY, P::HOUR, P::MINUTE, P::SECOND};
  int mask = 0;
  bool inside = false;
  for (size_t field : kOrder) {
    inside |= field == first;
    if (inside) mask |= field_bit(field);
    if (field == last) break;
  }
  return mask;
}

}  // namespace

TypeName* Builder::system_type(std::string_view name, int location) {
  auto* node = make<TypeName>(location);
  node->names = names({"pg_catalog", name});
  return node;
}

TypeName* Builder::type(P::Type_nameContext* context) {
  TypeName* node = type(context->simple_type_name());
  node->setof = context->setof != nullptr;
  if (context->array != nullptr) {
    int32_t bound = context->bound != nullptr ? integer(context->bound) : -1;
    node->array_bounds = arena_.copy(std::span<const int32_t>(&bound, 1));
  } else if (auto bounds = context->array_bound(); !bounds.empty()) {
    node->array_bounds = {arena_.allocate_array<int32_t>(bounds.size()), bounds.size()};
    for (size_t i = 0; i < bounds.size(); ++i) {
      auto* size = bounds[i]->ICONST();
      node->array_bounds[i] = size != nullptr ? integer(size->getSymbol()) : -1;
    }
  }
  return node;
}

TypeName* Builder::type(P::Simple_type_nameContext* context) {
  if (auto* generic = context->generic_type()) return generic_type(generic);
  if (auto* numeric = context->numeric_type()) return numeric_type(numeric);
  if (auto* character = context->character_type()) return character_type(character, CharacterUse::Type);
  if (auto* datetime = context->datetime_type()) return datetime_type(datetime);
  if (auto* bit = context->bit_type()) return bit_type(bit, CharacterUse::Type);
  P::Interval_typeContext* interval = context->interval_type();
  TypeName* node = system_type("interval", loc(interval->start));
  if (interval->ICONST() != nullptr) {
    node->typmods =
        list<Node>({integer_constant(kIntervalFullRange, -1), constant(interval->ICONST()->getSymbol())});
  } else if (interval->interval_fields() != nullptr) {
    node->typmods = interval_typmods(interval->interval_fields());
  }
  return node;
}

TypeName* Builder::const_type(P::Const_typeContext* context) {
  if (auto* numeric = context->numeric_type()) return numeric_type(numeric);
  if (auto* character = context->character_type()) return character_type(character, CharacterUse::Constant);
  if (auto* datetime = context->datetime_type()) return datetime_type(datetime);
  return bit_type(context->bit_type(), CharacterUse::Constant);
}

TypeName* Builder::generic_type(P::Generic_typeContext* context) {
  auto* node = make<TypeName>(context);
  std::vector<std::string_view> parts{word(context->type_function_name())};
  for (P::Name_attrContext* attr : context->name_attr()) parts.push_back(word(attr->col_label()));
  node->names = copy_names(parts);
  if (context->typmods() != nullptr) node->typmods = expressions(context->typmods()->expr_list());
  return node;
}

TypeName* Builder::numeric_type(P::Numeric_typeContext* context) {
  int location = loc(context->start);
  switch (context->kind->getType()) {
    case P::INT:
    case P::INTEGER:
      return system_type("int4", location);
    case P::SMALLINT:
      return system_type("int2", location);
    case P::BIGINT:
      return system_type("int8", location);
    case P::REAL:
      return system_type("float4", location);
    case P::BOOLEAN:
      return system_type("bool", location);
    case P::DOUBLE:
      return system_type("float8", location);
    case P::FLOAT: {
      if (context->ICONST() == nullptr) return system_type("float8", location);
      antlr4::Token* token = context->ICONST()->getSymbol();
      int precision = integer(token);
      if (precision < 1 || precision > 53) {
        throw SqlError(Sqlstate::InvalidParameterValue,
                       precision < 1 ? "precision for type float must be at least 1 bit"
                                     : "precision for type float must be less than 54 bits")
            .position(character_position(sql_, loc(token)));
      }
      return system_type(precision <= 24 ? "float4" : "float8", location);
    }
    default:
      break;
  }
  TypeName* node = system_type("numeric", location);
  if (context->typmods() != nullptr) node->typmods = expressions(context->typmods()->expr_list());
  return node;
}

// A bare `bit` is bit(1) as a type, and of any length in front of a constant.
TypeName* Builder::bit_type(P::Bit_typeContext* context, CharacterUse use) {
  bool varying = context->varying != nullptr;
  TypeName* node = system_type(varying ? "varbit" : "bit", loc(context->start));
  if (context->typmods() != nullptr) {
    node->typmods = expressions(context->typmods()->expr_list());
  } else if (!varying && use == CharacterUse::Type) {
    node->typmods = list<Node>({integer_constant(1, -1)});
  }
  return node;
}

TypeName* Builder::character_type(P::Character_typeContext* context, CharacterUse use) {
  bool varying = context->varying != nullptr || context->kind->getType() == P::VARCHAR;
  TypeName* node = system_type(varying ? "varchar" : "bpchar", loc(context->start));
  if (context->ICONST() != nullptr) {
    node->typmods = list<Node>({constant(context->ICONST()->getSymbol())});
  } else if (!varying && use == CharacterUse::Type) {
    node->typmods = list<Node>({integer_constant(1, -1)});
  }
  return node;
}

TypeName* Builder::datetime_type(P::Datetime_typeContext* context) {
  bool zoned = context->zone != nullptr && context->zone->getType() == P::WITH;
  bool stamp = context->kind->getType() == P::TIMESTAMP;
  TypeName* node = system_type(stamp ? (zoned ? "timestamptz" : "timestamp") : (zoned ? "timetz" : "time"),
                               loc(context->start));
  if (context->ICONST() != nullptr) node->typmods = list<Node>({constant(context->ICONST()->getSymbol())});
  return node;
}

NodeList Builder::interval_typmods(P::Interval_fieldsContext* context) {
  size_t first = context->first->getType();
  size_t last = context->last != nullptr ? context->last->getType() : first;
  Node* mask = integer_constant(field_range(first, last), loc(context->start));
  if (context->seconds_precision() == nullptr) return list<Node>({mask});
  return list<Node>({mask, constant(context->seconds_precision()->ICONST()->getSymbol())});
}

TypeName* Builder::func_type(P::Func_typeContext* context) {
  if (context->type_name() != nullptr) return type(context->type_name());
  auto* node = make<TypeName>(context->type_function_name());
  std::vector<std::string_view> parts{word(context->type_function_name())};
  for (P::Name_attrContext* attr : context->name_attr()) parts.push_back(word(attr->col_label()));
  node->names = copy_names(parts);
  node->pct_type = true;
  node->setof = context->setof != nullptr;
  return node;
}

List<TypeName> Builder::types(P::Type_listContext* context) {
  if (context == nullptr) return {};
  return list_of<TypeName>(context->items, [&](P::Type_nameContext* item) { return type(item); });
}

}  // namespace aegis::parser
