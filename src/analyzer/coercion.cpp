#include "coercion.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/user_types.h"

namespace aegis::analyzer {

using plan::Expr;
using plan::ExprKind;
using plan::ExprPtr;
namespace oid = types::oid;

namespace {

int strength(CastContext context) {
  switch (context) {
    case CastContext::Implicit: return 0;
    case CastContext::Assignment: return 1;
    case CastContext::Explicit: return 2;
  }
  return 0;
}

}  // namespace

Oid element_type(Oid type) {
  const auto* info = types::find_type(type);
  if (info == nullptr || info->element == kInvalidOid) return kInvalidOid;
  // int2vector, oidvector and the like have elements, but only true arrays are their element's array.
  return info->category == 'A' || type == oid::kRecordArray ? info->element : kInvalidOid;
}

Oid array_type(Oid type) {
  const auto* info = types::find_type(type);
  return info == nullptr ? kInvalidOid : info->array;
}

char type_kind(Oid type) {
  const auto* info = types::find_type(type);
  return info == nullptr ? 'b' : info->kind;
}

char type_category(Oid type) {
  const auto* info = types::find_type(type);
  return info == nullptr ? 'U' : info->category;
}

bool is_preferred(Oid type) {
  const auto* info = types::find_type(type);
  return info != nullptr && info->preferred;
}

Oid type_collation(Oid type) {
  const auto* info = types::find_type(type);
  return info == nullptr ? kInvalidOid : info->collation;
}

void inherit_collation(plan::Expr& expr, const plan::Expr& operand) {
  Oid own = type_collation(expr.type.oid);
  bool inherits = type_collation(operand.type.oid) != kInvalidOid && operand.collation != kInvalidOid;
  expr.collation = own == kInvalidOid || !inherits ? own : operand.collation;
  expr.explicit_collation = own != kInvalidOid && inherits && operand.explicit_collation;
}

bool is_polymorphic(Oid type) {
  switch (type) {
    case oid::kAnyelement:
    case oid::kAnyarray:
    case oid::kAnynonarray:
    case oid::kAnyenum:
    case oid::kAnyrange:
    case oid::kAnymultirange:
    case oid::kAnycompatible:
    case oid::kAnycompatiblearray:
    case oid::kAnycompatiblenonarray:
    case oid::kAnycompatiblerange:
    case oid::kAnycompatiblemultirange: return true;
    default: return false;
  }
}

std::optional<functions::Cast> Casts::find(Oid source, Oid target) const {
  if (const auto* cast = functions::find_cast(source, target)) return *cast;
  if (catalog == nullptr) return std::nullopt;
  auto made = catalog->find_cast(database, source, target);
  if (made == nullptr) return std::nullopt;
  return functions::Cast{source, target, made->function, static_cast<CastContext>(made->context), static_cast<functions::CastMethod>(made->method)};
}

const functions::Function* Casts::function(Oid oid) const {
  if (const auto* built_in = functions::find_function(oid)) return built_in;
  auto routine = catalog == nullptr ? nullptr : catalog->routine(oid);
  return routine == nullptr ? nullptr : &routine->function();
}

bool is_binary_coercible(const Casts& casts, Oid source, Oid target) {
  source = types::base_type(source);
  if (source == target || target == oid::kAny || target == oid::kAnyelement || target == oid::kAnycompatible) return true;
  if (target == oid::kAnyenum) return type_category(source) == 'E';
  if (target == oid::kAnyrange || target == oid::kAnycompatiblerange) return type_kind(source) == 'r';
  if (target == oid::kAnymultirange || target == oid::kAnycompatiblemultirange) return type_kind(source) == 'm';
  if (target == oid::kRecord) return type_category(source) == 'C';
  if (target == oid::kAnyarray || target == oid::kAnycompatiblearray) return element_type(source) != kInvalidOid;
  if (target == oid::kAnynonarray || target == oid::kAnycompatiblenonarray) return element_type(source) == kInvalidOid;
  auto cast = casts.find(source, target);
  return cast && cast->method == functions::CastMethod::Binary && cast->context == CastContext::Implicit;
}

CoercionPath find_path(const Casts& casts, Oid source, Oid target, CastContext context, const functions::Function** function) {
  if (function != nullptr) *function = nullptr;
  source = types::base_type(source);
  target = types::base_type(target);
  if (source == target) return CoercionPath::Relabel;
  if (auto cast = casts.find(source, target)) {
    if (strength(context) < strength(cast->context)) return CoercionPath::None;
    switch (cast->method) {
      case functions::CastMethod::Function:
        if (function != nullptr) *function = casts.function(cast->function);
        return CoercionPath::Function;
      case functions::CastMethod::InOut: return CoercionPath::InOut;
      case functions::CastMethod::Binary: return CoercionPath::Relabel;
    }
  }
  Oid source_element = element_type(source);
  Oid target_element = element_type(target);
  // The vectors would capture what should go to true arrays.
  bool is_vector = target == oid::kInt2vector || target == oid::kOidvector;
  if (source_element != kInvalidOid && target_element != kInvalidOid && !is_vector) {
    CoercionPath path = find_path(casts, source_element, target_element, context, nullptr);
    if (path == CoercionPath::InOut) return CoercionPath::InOut;
    if (path != CoercionPath::None) return CoercionPath::Array;
  }
  if (context != CastContext::Implicit && type_category(target) == 'S') return CoercionPath::InOut;
  if (context == CastContext::Explicit && type_category(source) == 'S') return CoercionPath::InOut;
  return CoercionPath::None;
}

bool can_coerce(const Casts& casts, std::span<const Oid> sources, std::span<const Oid> targets, CastContext context) {
  bool polymorphic = false;
  for (size_t i = 0; i < sources.size(); ++i) {
    Oid source = sources[i];
    Oid target = targets[i];
    if (source == target || target == oid::kAny || source == oid::kUnknown) {
      polymorphic = polymorphic || is_polymorphic(target);
      continue;
    }
    if (is_polymorphic(target)) {
      polymorphic = true;
      continue;
    }
    if (find_path(casts, source, target, context, nullptr) != CoercionPath::None) continue;
    if (source == oid::kRecord && type_category(target) == 'C') continue;
    if (target == oid::kRecord && type_category(types::base_type(source)) == 'C') continue;
    return false;
  }
  if (!polymorphic) return true;
  std::vector<Oid> declared(targets.begin(), targets.end());
  Oid result = kInvalidOid;
  return resolve_polymorphic(casts, sources, declared, result);
}

namespace {

Oid common_type_of(const Casts& casts, std::span<const Oid> types, size_t* conflict) {
  Oid chosen = types.empty() ? oid::kText : types[0];
  // Only where all agree does a domain stay one.
  if (chosen != oid::kUnknown && std::all_of(types.begin(), types.end(), [&](Oid t) { return t == chosen; })) return chosen;
  chosen = types::base_type(chosen);
  for (size_t i = 1; i < types.size(); ++i) {
    Oid next = types::base_type(types[i]);
    if (next == oid::kUnknown || next == chosen) continue;
    if (chosen == oid::kUnknown) {
      chosen = next;
    } else if (type_category(next) != type_category(chosen)) {
      if (conflict != nullptr) *conflict = i;
      return kInvalidOid;
    } else if (!is_preferred(chosen) && find_path(casts, chosen, next, CastContext::Implicit, nullptr) != CoercionPath::None &&
               find_path(casts, next, chosen, CastContext::Implicit, nullptr) == CoercionPath::None) {
      chosen = next;
    }
  }
  return chosen == oid::kUnknown ? oid::kText : chosen;
}

}  // namespace

Oid Coercion::common_type(std::span<const Oid> types, size_t* conflict) const { return common_type_of(casts_, types, conflict); }

Oid Coercion::common_type(std::span<const ExprPtr> exprs, size_t* conflict) const {
  std::vector<Oid> types;
  for (const auto& expr : exprs) types.push_back(expr->type.oid);
  return common_type(types, conflict);
}

int32_t Coercion::common_typmod(std::span<const ExprPtr> exprs, Oid type) {
  int32_t typmod = exprs.empty() ? -1 : exprs[0]->type.typmod;
  for (const auto& expr : exprs) {
    if (expr->type.oid != type || expr->type.typmod != typmod) return -1;
  }
  return typmod;
}

ExprPtr Coercion::coerce_constant(ExprPtr expr, Type target, CastContext context, int position) {
  const types::Value value = expr->value.get();
  const auto* info = types::find_type(target.oid);
  if (value.is_null) {
    auto constant = plan::make_constant({target.oid, -1}, types::Value::null());
    constant->location = expr->location;
    constant->collation = type_collation(target.oid);
    return constant;
  }
  if (info == nullptr || info->input == nullptr) return nullptr;
  Arena arena;
  try {
    Type read_as{target.oid, target.oid == oid::kInterval ? target.typmod : -1};
    auto constant = plan::make_constant(read_as, info->input(types_, value.text(), read_as, arena));
    constant->location = expr->location;
    constant->collation = type_collation(target.oid);
    return apply_length(std::move(constant), target, context);
  } catch (SqlError& error) {
    if (error.fields().position == 0) error.position(position);
    throw;
  }
}

ExprPtr Coercion::apply_length(ExprPtr expr, Type target, CastContext context) {
  if (target.typmod == -1 || expr->type.typmod == target.typmod) return expr;
  auto length = std::make_unique<Expr>(ExprKind::Typmod, target);
  length->location = expr->location;
  length->negated = context != CastContext::Explicit;
  length->args.push_back(std::move(expr));
  inherit_collation(*length, *length->args[0]);
  return length;
}

ExprPtr Coercion::coerce(ExprPtr expr, Type target, CastContext context, int position) {
  Oid source = expr->type.oid;
  if (source == target.oid) return apply_length(std::move(expr), target, context);
  // COLLATE stays outside of what its operand is converted to.
  if (expr->kind == ExprKind::Relabel && expr->explicit_collation && expr->args[0]->type.oid == source && type_collation(target.oid) != kInvalidOid) {
    ExprPtr inner = coerce(std::move(expr->args[0]), target, context, position);
    if (inner == nullptr) return nullptr;
    expr->type = inner->type;
    expr->args[0] = std::move(inner);
    return expr;
  }
  if (target.oid == oid::kAny || is_polymorphic(target.oid) || target.oid == oid::kVoid) return expr;
  if (type_kind(target.oid) == 'd') return coerce_to_domain(std::move(expr), target, context, position);
  if (source == oid::kUnknown) {
    if (expr->kind == ExprKind::Constant) return coerce_constant(std::move(expr), target, context, position);
    if (expr->kind == ExprKind::Param) {
      Type& known = (*parameter_types_)[expr->index];
      if (known.oid == kInvalidOid || known.oid == oid::kUnknown) known = {target.oid, -1};
      // Two uses that disagree: the first decides and the other is converted.
      expr->type = known;
      expr->collation = type_collation(known.oid);
      return known.oid == target.oid ? apply_length(std::move(expr), target, context)
                                     : coerce(std::move(expr), target, context, position);
    }
  }
  auto wrap = [&](ExprKind kind, Type type) {
    auto cast = std::make_unique<Expr>(kind, type);
    cast->location = expr->location;
    cast->args.push_back(std::move(expr));
    inherit_collation(*cast, *cast->args[0]);
    return cast;
  };
  if (Type base = types::base_type(Type{source}); base.oid != source) {
    expr = wrap(ExprKind::Relabel, base);
    source = base.oid;
    if (source == target.oid) return apply_length(std::move(expr), target, context);
  }
  const functions::Function* function = nullptr;
  CoercionPath path = find_path(casts_, source, target.oid, context, &function);
  if (path == CoercionPath::None && source == oid::kUnknown) path = CoercionPath::InOut;
  if (path == CoercionPath::None && source == oid::kRecord && type_category(target.oid) == 'C') {
    return coerce_row(std::move(expr), target, context, position);
  }
  // A row is a record as it is; keeping its type keeps its fields' names.
  if (path == CoercionPath::None && target.oid == oid::kRecord && type_category(source) == 'C') return expr;
  switch (path) {
    case CoercionPath::None: return nullptr;
    case CoercionPath::Relabel: {
      // Types that share their bytes may still differ in typmod's meaning, so it starts over.
      int32_t typmod = expr->type.typmod;
      auto cast = wrap(ExprKind::Relabel, {target.oid, -1});
      bool same_meaning = (source == oid::kVarchar || source == oid::kBpchar) && target.typmod == typmod && typmod != -1;
      if (same_meaning) cast->type.typmod = typmod;
      return apply_length(std::move(cast), target, context);
    }
    case CoercionPath::InOut: return apply_length(wrap(ExprKind::CastIo, {target.oid, -1}), target, context);
    case CoercionPath::Array: {
      Type element{element_type(source), -1};
      ExprPtr convert = coerce(plan::make_input(0, element), {element_type(target.oid), target.typmod}, context, position);
      if (convert == nullptr) return nullptr;
      auto cast = wrap(ExprKind::ArrayCast, target);
      cast->args.push_back(std::move(convert));
      return cast;
    }
    case CoercionPath::Function: break;
  }
  if (function == nullptr) return nullptr;
  auto call = wrap(ExprKind::Call, {target.oid, -1});
  call->function = function;
  call->function_owner = function->self.lock();
  if (function->arguments.size() >= 2) {
    call->args.push_back(plan::make_constant({oid::kInt4}, types::Value::of_i32(target.typmod)));
  }
  if (function->arguments.size() >= 3) call->args.push_back(plan::make_bool(context == CastContext::Explicit));
  return apply_length(std::move(call), target, context);
}

ExprPtr Coercion::coerce_to_domain(ExprPtr expr, Type target, CastContext context, int position) {
  int location = expr->location;
  ExprPtr value = coerce(std::move(expr), types::base_type(target), context, position);
  if (value == nullptr) return nullptr;
  plan::ExprList args;
  args.push_back(std::move(value));
  ExprPtr check = plan::make_call(functions::domain_check_function(), {target.oid, -1}, std::move(args));
  check->location = location;
  inherit_collation(*check, *check->args[0]);
  // A domain's own collation beats its value's.
  if (Oid own = type_collation(target.oid); own != kInvalidOid && own != types::kDefaultCollation) {
    check->collation = own;
    check->explicit_collation = false;
  }
  return check;
}

// ROW(…) field by field.
ExprPtr Coercion::coerce_row(ExprPtr expr, Type target, CastContext context, int position) {
  if (expr->kind == ExprKind::Case && expr->row_test) {
    ExprPtr row = coerce_row(std::move(expr->args[2]), target, context, position);
    if (row == nullptr) return nullptr;
    expr->type = row->type;
    expr->args[1] = plan::make_constant(row->type, types::Value::null());
    expr->args[2] = std::move(row);
    return expr;
  }
  if (expr->kind != ExprKind::Row || types_.names == nullptr) return nullptr;
  auto definition = types_.names->user_type(target.oid);
  if (definition == nullptr) return nullptr;
  auto fail = [&](std::string detail) {
    throw SqlError(Sqlstate::CannotCoerce, "cannot cast type record to " + types::format_type({target.oid}, types_.names))
        .detail(std::move(detail))
        .position(position);
  };
  auto row = std::make_unique<Expr>(ExprKind::Row, Type{target.oid, -1});
  row->location = expr->location;
  size_t next = 0;
  int column = 0;
  for (const auto& field : definition->fields) {
    if (field.dropped) {
      row->args.push_back(plan::make_constant({field.type.oid, -1}, types::Value::null()));
      continue;
    }
    ++column;
    if (next >= expr->args.size()) fail("Input has too few columns.");
    ExprPtr& arg = expr->args[next++];
    Type source = arg->type;
    ExprPtr value = coerce(std::move(arg), field.type, context, position);
    if (value == nullptr) {
      fail("Cannot cast type " + types::format_type({source.oid}, types_.names) + " to " + types::format_type({field.type.oid}, types_.names) +
           " in column " + std::to_string(column) + ".");
    }
    row->args.push_back(std::move(value));
  }
  if (next < expr->args.size()) fail("Input has too many columns.");
  return row;
}

bool resolve_polymorphic(const Casts& casts, std::span<const Oid> actual, std::vector<Oid>& declared, Oid& result) {
  Oid element = kInvalidOid;   // of the anyelement family
  Oid array = kInvalidOid;
  bool non_array = false;
  std::vector<Oid> compatible;  // element types of the anycompatible family
  bool any_polymorphic = false;
  bool any_compatible = false;
  Oid range = kInvalidOid;  // of the anyrange family
  Oid multirange = kInvalidOid;
  Oid compatible_range = kInvalidOid;
  Oid compatible_multirange = kInvalidOid;
  // A range or multirange, which must be the same wherever it stands.
  auto take = [](Oid type, char kind, Oid& known) {
    type = types::base_type(type);
    if (type_kind(type) != kind || (known != kInvalidOid && known != type)) return false;
    known = type;
    return true;
  };
  for (size_t i = 0; i < actual.size(); ++i) {
    Oid type = actual[i];
    bool unknown = type == oid::kUnknown;
    switch (declared[i]) {
      case oid::kAnynonarray: non_array = true; [[fallthrough]];
      case oid::kAnyelement:
      case oid::kAnyenum:
        any_polymorphic = true;
        if (unknown) break;
        if (declared[i] == oid::kAnyenum && type_category(type) != 'E') return false;
        if (element != kInvalidOid && element != type) return false;
        element = type;
        break;
      case oid::kAnyarray:
        any_polymorphic = true;
        if (unknown) break;
        type = types::base_type(type);
        if (element_type(type) == kInvalidOid) return false;
        if (array != kInvalidOid && array != type) return false;
        array = type;
        break;
      case oid::kAnycompatible:
      case oid::kAnycompatiblenonarray:
        any_compatible = true;
        compatible.push_back(type);
        break;
      case oid::kAnycompatiblearray:
        any_compatible = true;
        if (unknown) {
          compatible.push_back(type);
        } else if (Oid of = element_type(types::base_type(type)); of != kInvalidOid) {
          compatible.push_back(of);
        } else {
          return false;
        }
        break;
      case oid::kAnyrange:
        any_polymorphic = true;
        if (!unknown && !take(type, 'r', range)) return false;
        break;
      case oid::kAnymultirange:
        any_polymorphic = true;
        if (!unknown && !take(type, 'm', multirange)) return false;
        break;
      case oid::kAnycompatiblerange:
        any_compatible = true;
        if (!unknown && !take(type, 'r', compatible_range)) return false;
        break;
      case oid::kAnycompatiblemultirange:
        any_compatible = true;
        if (!unknown && !take(type, 'm', compatible_multirange)) return false;
        break;
      default: break;
    }
  }
  // A multirange says what its range is, and the other way round.
  auto complete = [](Oid& of_range, Oid& of_multirange) {
    if (of_multirange != kInvalidOid) {
      Oid wanted = types::type_info(of_multirange).base;
      if (of_range != kInvalidOid && of_range != wanted) return false;
      of_range = wanted;
    } else if (of_range != kInvalidOid) {
      of_multirange = types::type_info(of_range).multirange;
    }
    return true;
  };
  if (!complete(range, multirange) || !complete(compatible_range, compatible_multirange)) return false;
  if (range != kInvalidOid) {
    Oid subtype = types::type_info(range).base;
    if (element != kInvalidOid && element != subtype) return false;
    element = subtype;
  }
  if (compatible_range != kInvalidOid) compatible.push_back(types::type_info(compatible_range).base);
  if (any_polymorphic) {
    if (array != kInvalidOid) {
      Oid of = element_type(array);
      if (element != kInvalidOid && element != of) return false;
      element = of;
    }
    if (element == kInvalidOid) element = oid::kText;  // only unknown literals
    if (non_array && element_type(element) != kInvalidOid) return false;
    if (array == kInvalidOid) array = array_type(element);
  }
  Oid common = kInvalidOid;
  if (any_compatible) {
    common = common_type_of(casts, compatible, nullptr);
    if (common == kInvalidOid) return false;
    for (Oid type : compatible) {
      if (type != oid::kUnknown && find_path(casts, type, common, CastContext::Implicit, nullptr) == CoercionPath::None) return false;
    }
    if (compatible_range != kInvalidOid && types::type_info(compatible_range).base != common) return false;
  }
  auto fill = [&](Oid& type) {
    switch (type) {
      case oid::kAnyelement:
      case oid::kAnynonarray:
      case oid::kAnyenum: type = element; break;
      case oid::kAnyarray: type = array; break;
      case oid::kAnyrange: type = range; break;
      case oid::kAnymultirange: type = multirange; break;
      case oid::kAnycompatiblerange: type = compatible_range; break;
      case oid::kAnycompatiblemultirange: type = compatible_multirange; break;
      case oid::kAnycompatible:
      case oid::kAnycompatiblenonarray: type = common; break;
      case oid::kAnycompatiblearray: type = array_type(common); break;
      default: return true;
    }
    return type != kInvalidOid;
  };
  for (auto& type : declared) {
    if (!fill(type)) return false;
  }
  return fill(result);
}

namespace {

// Keeps the candidates for which `score` is highest.
template <typename Score>
void keep_best(std::vector<Candidate>& candidates, std::vector<int>& alive, Score score) {
  int best = -1;
  std::vector<int> kept;
  for (int index : alive) {
    int points = score(candidates[index]);
    if (points > best) {
      best = points;
      kept.clear();
    }
    if (points == best) kept.push_back(index);
  }
  alive = std::move(kept);
}

}  // namespace

// func_match_argtypes and func_select_candidate.
int select_candidate(const Casts& casts, std::span<const Oid> given, std::vector<Candidate>& candidates) {
  // A domain is called as its base type is.
  std::vector<Oid> actual(given.begin(), given.end());
  for (Oid& type : actual) type = types::base_type(type);
  std::vector<int> alive;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].arguments.size() == actual.size() && can_coerce(casts, actual, candidates[i].arguments, CastContext::Implicit)) {
      alive.push_back(static_cast<int>(i));
    }
  }
  if (alive.empty()) return -1;
  if (alive.size() == 1) return alive[0];

  size_t count = actual.size();
  keep_best(candidates, alive, [&](const Candidate& c) {
    int matches = 0;
    for (size_t i = 0; i < count; ++i) matches += actual[i] != oid::kUnknown && c.arguments[i] == actual[i];
    return matches;
  });
  if (alive.size() == 1) return alive[0];
  keep_best(candidates, alive, [&](const Candidate& c) {
    int matches = 0;
    for (size_t i = 0; i < count; ++i) {
      matches += actual[i] != oid::kUnknown &&
                 (c.arguments[i] == actual[i] ||
                  (is_preferred(c.arguments[i]) && type_category(c.arguments[i]) == type_category(actual[i])));
    }
    return matches;
  });
  if (alive.size() == 1) return alive[0];

  size_t unknown_count = std::count(actual.begin(), actual.end(), oid::kUnknown);
  if (unknown_count == 0) return -2;
  std::vector<char> categories(count, 0);
  std::vector<bool> wants_preferred(count, false);
  bool resolved = true;
  for (size_t i = 0; i < count && resolved; ++i) {
    if (actual[i] != oid::kUnknown) continue;
    bool conflict = false;
    for (int index : alive) {
      Oid type = candidates[index].arguments[i];
      char category = type_category(type);
      if (categories[i] == 0) {
        categories[i] = category;
        wants_preferred[i] = is_preferred(type);
      } else if (categories[i] == category) {
        wants_preferred[i] = wants_preferred[i] || is_preferred(type);
      } else if (category == 'S') {
        categories[i] = category;
        wants_preferred[i] = is_preferred(type);
        conflict = false;
      } else if (categories[i] != 'S') {
        conflict = true;
      }
    }
    if (conflict) resolved = false;
  }
  if (resolved) {
    std::vector<int> kept;
    for (int index : alive) {
      bool fits = true;
      for (size_t i = 0; i < count && fits; ++i) {
        if (actual[i] != oid::kUnknown) continue;
        Oid type = candidates[index].arguments[i];
        fits = type_category(type) == categories[i] && (!wants_preferred[i] || is_preferred(type));
      }
      if (fits) kept.push_back(index);
    }
    if (!kept.empty()) alive = std::move(kept);
    if (alive.size() == 1) return alive[0];
  }

  // All known arguments of one type: assume it for the unknown ones.
  if (unknown_count < count) {
    Oid known = kInvalidOid;
    for (Oid type : actual) {
      if (type == oid::kUnknown) continue;
      if (known != kInvalidOid && known != type) return -2;
      known = type;
    }
    std::vector<Oid> assumed(count, known);
    int found = -1;
    for (int index : alive) {
      if (!can_coerce(casts, assumed, candidates[index].arguments, CastContext::Implicit)) continue;
      if (found >= 0) return -2;
      found = index;
    }
    if (found >= 0) return found;
  }
  return -2;
}

}  // namespace aegis::analyzer
