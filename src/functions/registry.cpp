#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include "aegis/functions/output.h"
#include "binding.h"
#include "extension/bindings.h"

namespace aegis::functions {

namespace {

struct FunctionRow {
  Oid oid;
  const char* name;
  const char* symbol;
  char kind, volatility;
  bool strict, set;
  Oid variadic;
  uint8_t default_count;
  const char* defaults;
  Oid result;
  const char *arguments, *out_types, *out_names, *argument_names;
};

constexpr FunctionRow kFunctionRows[] = {
#define AEGIS_FUNCTION(...) {__VA_ARGS__},
#include "pg_proc.def"
#undef AEGIS_FUNCTION
};

constexpr Operator kOperatorRows[] = {
#define AEGIS_OPERATOR(...) {__VA_ARGS__},
#include "pg_operator.def"
#undef AEGIS_OPERATOR
};

constexpr Cast kCastRows[] = {
#define AEGIS_CAST(source, target, function, context, method) \
  {source, target, function, static_cast<CastContext>(context), static_cast<CastMethod>(method)},
#include "pg_cast.def"
#undef AEGIS_CAST
};

constexpr BuiltInAggregate kAggregateRows[] = {
#define AEGIS_AGGREGATE(...) {__VA_ARGS__},
#include "pg_aggregate.def"
#undef AEGIS_AGGREGATE
};

struct WindowRow {
  std::string_view symbol;
  WindowKind kind;
};
constexpr WindowRow kWindowRows[] = {
    {"window_row_number", WindowKind::RowNumber},
    {"window_rank", WindowKind::Rank},
    {"window_dense_rank", WindowKind::DenseRank},
    {"window_percent_rank", WindowKind::PercentRank},
    {"window_cume_dist", WindowKind::CumeDist},
    {"window_ntile", WindowKind::Ntile},
    {"window_lag", WindowKind::Lag},
    {"window_lag_with_offset", WindowKind::Lag},
    {"window_lag_with_offset_and_default", WindowKind::Lag},
    {"window_lead", WindowKind::Lead},
    {"window_lead_with_offset", WindowKind::Lead},
    {"window_lead_with_offset_and_default", WindowKind::Lead},
    {"window_first_value", WindowKind::FirstValue},
    {"window_last_value", WindowKind::LastValue},
    {"window_nth_value", WindowKind::NthValue},
};

class Registry {
 public:
  Registry() {
    collect_bindings();
    for (const FunctionRow& row : kFunctionRows) add(row);
    for (const BuiltInAggregate& row : kAggregateRows) {
      Function* function = by_oid_.at(row.function);
      function->aggregate_kind = row.kind;
      function->direct_argument_count = static_cast<uint8_t>(row.direct_arguments);
    }
    for (const Function* function : all_) by_name_[function->name].push_back(function);
    for (const Operator& op : kOperatorRows) {
      operators_.push_back(&op);
      operators_by_oid_[op.oid] = &op;
      operators_by_name_[op.name].push_back(&op);
    }
  }

  std::span<const Function* const> functions(std::string_view name) const {
    auto found = by_name_.find(name);
    if (found == by_name_.end()) return {};
    return found->second;
  }
  const Function* function(Oid oid) const {
    auto found = by_oid_.find(oid);
    return found == by_oid_.end() ? nullptr : found->second;
  }
  std::span<const Operator* const> operators(std::string_view name) const {
    auto found = operators_by_name_.find(name);
    if (found == operators_by_name_.end()) return {};
    return found->second;
  }
  const Operator* op(Oid oid) const {
    auto found = operators_by_oid_.find(oid);
    return found == operators_by_oid_.end() ? nullptr : found->second;
  }
  NativeFunction native(std::string_view symbol) const {
    NativeFunction found;
    if (auto scalar = scalars_.find(symbol); scalar != scalars_.end()) found.kernel = scalar->second;
    if (auto set = sets_.find(symbol); set != sets_.end()) found.set = set->second;
    return found;
  }
  const AggregateKernel* aggregate_kernel(Oid transition, Oid final) const {
    for (const BuiltInAggregate& row : kAggregateRows) {
      const Function* function = by_oid_.at(row.function);
      if (function->aggregate != nullptr && row.transition == transition && row.final == final) return function->aggregate;
    }
    return nullptr;
  }
  std::span<const Function* const> all_functions() const { return all_; }
  std::span<const Operator* const> all_operators() const { return operators_; }

 private:
  void collect_bindings() {
    using Scalars = std::span<const ScalarBinding> (*)();
    for (Scalars list :
         {boolean_bindings, integer_bindings, integer_comparison_bindings, floating_bindings, floating_math_bindings,
          numeric_bindings, text_comparison_bindings, string_bindings, string_edit_bindings, digest_bindings,
          like_bindings, regexp_bindings, bytea_bindings, conversion_bindings, datetime_bindings, datetime_arithmetic_bindings,
          datetime_part_bindings, datetime_truncation_bindings, format_number_bindings,
          format_datetime_bindings, parse_datetime_bindings, window_range_bindings, array_bindings, generic_bindings,
          hash_bindings, cast_bindings, user_type_bindings, json_bindings, xml_bindings, json_record_bindings, jsonb_bindings, jsonb_edit_bindings, json_path_bindings,
          range_bindings, multirange_bindings, geometry_bindings, bit_bindings, network_bindings, money_bindings, value_hash_bindings, type_form_bindings, tsvector_bindings, tsquery_bindings, text_search_bindings, session_bindings, catalog_bindings, snapshot_bindings, identifier_bindings,
          uuid_ossp_bindings, pgcrypto_bindings, openpgp_bindings, citext_bindings, fuzzystrmatch_bindings, trigram_bindings, unaccent_bindings, file_fdw_bindings, btree_gist_bindings, hstore_bindings, ltree_bindings}) {
      for (const ScalarBinding& b : list()) scalars_[b.symbol] = b.kernel;
    }
    for (auto list : {series_bindings, set_bindings, acl_bindings, publication_bindings, keyword_bindings, json_set_bindings, json_path_set_bindings, range_set_bindings, tsvector_set_bindings,
                      text_search_set_bindings, snapshot_set_bindings, tablefunc_bindings, hstore_set_bindings}) {
      for (const SetBinding& b : list()) sets_[b.symbol] = b.kernel;
    }
    for (auto list : {sum_bindings, extreme_bindings, statistics_bindings, collection_bindings, ordered_set_bindings, json_aggregate_bindings, xml_aggregate_bindings,
                      range_aggregate_bindings}) {
      for (const AggregateBinding& b : list()) aggregates_[b.symbol] = b.kernel;
    }
  }

  // "23 25" as OIDs that stay where they are.
  std::span<const Oid> oids(const char* text) {
    std::vector<Oid> list;
    const char* end = text + std::char_traits<char>::length(text);
    while (text < end) {
      Oid oid = 0;
      text = std::from_chars(text, end, oid).ptr;
      list.push_back(oid);
      if (text < end) ++text;
    }
    if (list.empty()) return {};
    oid_lists_.push_back(std::move(list));
    return oid_lists_.back();
  }
  std::span<const std::string_view> names(std::string_view text) {
    if (text.empty()) return {};
    std::vector<std::string_view> list;
    size_t at = 0;
    while (true) {
      size_t blank = text.find(' ', at);
      list.push_back(text.substr(at, blank - at));
      if (blank == std::string_view::npos) break;
      at = blank + 1;
    }
    name_lists_.push_back(std::move(list));
    return name_lists_.back();
  }

  std::string aggregate_symbol(const Function& function) {
    std::string symbol(function.name);
    symbol += '(';
    for (size_t i = 0; i < function.arguments.size(); ++i) {
      if (i > 0) symbol += ',';
      const types::TypeInfo* type = types::find_type(function.arguments[i]);
      if (type != nullptr) symbol += type->name;
    }
    return symbol + ')';
  }

  void add(const FunctionRow& row) {
    Function& f = functions_.emplace_back();
    f.oid = row.oid;
    f.name = row.name;
    f.symbol = row.symbol;
    f.arguments = oids(row.arguments);
    f.result = row.result;
    f.kind = static_cast<Kind>(row.kind);
    f.volatility = static_cast<Volatility>(row.volatility);
    f.strict = row.strict;
    f.returns_set = row.set;
    f.variadic = row.variadic;
    f.default_count = row.default_count;
    f.defaults = row.defaults;
    f.out_types = oids(row.out_types);
    f.out_names = names(row.out_names);
    f.argument_names = names(row.argument_names);
    if (f.argument_names.size() != f.arguments.size()) f.argument_names = {};
    bind(f);
    all_.push_back(&f);
    by_oid_[f.oid] = &f;
  }

  void bind(Function& f) {
    if (f.kind == Kind::Aggregate) {
      auto found = aggregates_.find(aggregate_symbol(f));
      if (found != aggregates_.end()) f.aggregate = found->second;
      return;
    }
    if (f.kind == Kind::Window) {
      for (const WindowRow& w : kWindowRows) {
        if (w.symbol == f.symbol) f.window = w.kind;
      }
      return;
    }
    if (auto found = sets_.find(f.symbol); found != sets_.end()) f.set = found->second;
    if (auto found = scalars_.find(f.symbol); found != scalars_.end()) f.kernel = found->second;
    bool sends = f.kernel == nullptr && f.result == types::oid::kBytea && f.arguments.size() == 1 && f.symbol.ends_with("send");
    if (sends) f.kernel = binary_form_kernel();
    if (f.kernel == nullptr && f.set == nullptr) f.kernel = form_kernel(f);
  }

  std::unordered_map<std::string_view, ScalarKernel> scalars_;
  std::unordered_map<std::string_view, SetKernel> sets_;
  std::unordered_map<std::string_view, const AggregateKernel*> aggregates_;
  std::deque<Function> functions_;
  std::deque<std::vector<Oid>> oid_lists_;
  std::deque<std::vector<std::string_view>> name_lists_;
  std::vector<const Function*> all_;
  std::unordered_map<Oid, Function*> by_oid_;
  std::unordered_map<std::string_view, std::vector<const Function*>> by_name_;
  std::vector<const Operator*> operators_;
  std::unordered_map<Oid, const Operator*> operators_by_oid_;
  std::unordered_map<std::string_view, std::vector<const Operator*>> operators_by_name_;
};

const Registry& registry() {
  static const Registry instance;
  return instance;
}

}  // namespace

std::span<const Function* const> find_functions(std::string_view name) { return registry().functions(name); }
const Function* find_function(Oid oid) { return registry().function(oid); }
std::span<const Operator* const> find_operators(std::string_view name) { return registry().operators(name); }
const Operator* find_operator(Oid oid) { return registry().op(oid); }
bool is_comparison(std::string_view symbol, std::string_view operator_name) {
  constexpr std::pair<std::string_view, std::string_view> kEndings[] = {{"=", "_eq"}, {"<>", "_ne"}, {"<", "_lt"}, {"<=", "_le"}, {">", "_gt"}, {">=", "_ge"}};
  for (auto [name, ending] : kEndings) {
    if (name == operator_name) return symbol == "citext" + std::string(ending) || symbol == "hstore" + std::string(ending) || symbol == "ltree" + std::string(ending);
  }
  return false;
}
NativeFunction find_native(std::string_view symbol) { return registry().native(symbol); }
const AggregateKernel* find_aggregate_kernel(const Function& transition, const Function* final) {
  return registry().aggregate_kernel(transition.oid, final == nullptr ? kInvalidOid : final->oid);
}

const Cast* find_cast(Oid source, Oid target) {
  auto less = [](const Cast& a, const std::pair<Oid, Oid>& b) { return std::pair(a.source, a.target) < b; };
  auto found = std::lower_bound(std::begin(kCastRows), std::end(kCastRows), std::pair(source, target), less);
  if (found == std::end(kCastRows) || found->source != source || found->target != target) return nullptr;
  return found;
}

std::span<const Function* const> all_functions() { return registry().all_functions(); }
std::span<const Operator* const> all_operators() { return registry().all_operators(); }
std::span<const BuiltInAggregate> all_aggregates() { return kAggregateRows; }
std::span<const Cast> all_casts() { return kCastRows; }

namespace {

// The place of a polymorphic type in its family, or None.
enum class Polymorphic : uint8_t { None, Element, Array, Range, Multirange };

Polymorphic polymorphic_kind(Oid type, bool& compatible) {
  namespace oid = types::oid;
  compatible = false;
  switch (type) {
    case oid::kAnyelement:
    case oid::kAnynonarray:
    case oid::kAnyenum: return Polymorphic::Element;
    case oid::kAnyarray: return Polymorphic::Array;
    case oid::kAnyrange: return Polymorphic::Range;
    case oid::kAnymultirange: return Polymorphic::Multirange;
    default: break;
  }
  compatible = true;
  switch (type) {
    case oid::kAnycompatible:
    case oid::kAnycompatiblenonarray: return Polymorphic::Element;
    case oid::kAnycompatiblearray: return Polymorphic::Array;
    case oid::kAnycompatiblerange: return Polymorphic::Range;
    case oid::kAnycompatiblemultirange: return Polymorphic::Multirange;
    default: return Polymorphic::None;
  }
}

}  // namespace

Oid output_type(const Function& function, size_t column, std::span<const Oid> arguments) {
  return resolve_declared(function, function.out_types[column], arguments);
}

Oid resolve_declared(const Function& function, Oid declared, std::span<const Oid> arguments) {
  bool wanted_family = false;
  Polymorphic wanted = polymorphic_kind(declared, wanted_family);
  if (wanted == Polymorphic::None) return declared;
  Oid element = kInvalidOid, range = kInvalidOid, multirange = kInvalidOid;
  for (size_t i = 0; i < function.arguments.size() && i < arguments.size(); ++i) {
    bool family = false;
    Polymorphic kind = polymorphic_kind(function.arguments[i], family);
    const types::TypeInfo* actual = types::find_type(arguments[i]);
    if (kind == Polymorphic::None || family != wanted_family || actual == nullptr) continue;
    if (kind == Polymorphic::Element) element = actual->oid;
    if (kind == Polymorphic::Array) element = actual->element;
    if (kind == Polymorphic::Multirange) multirange = actual->oid;
    if (kind == Polymorphic::Multirange || kind == Polymorphic::Range) {
      const types::TypeInfo* info = kind == Polymorphic::Range ? actual : types::find_type(actual->base);
      if (info == nullptr) continue;
      range = info->oid;
      element = info->base;
      if (multirange == kInvalidOid) multirange = info->multirange;
    }
  }
  if (wanted == Polymorphic::Range) return range == kInvalidOid ? declared : range;
  if (wanted == Polymorphic::Multirange) return multirange == kInvalidOid ? declared : multirange;
  const types::TypeInfo* info = types::find_type(element);
  if (info == nullptr) return declared;
  return wanted == Polymorphic::Element ? info->oid : info->array;
}

void throw_absent(const Function& function) {
  std::string name(function.name);
  name += '(';
  for (size_t i = 0; i < function.arguments.size(); ++i) {
    if (i > 0) name += ", ";
    name += types::format_type({function.arguments[i], -1});
  }
  throw_not_supported("function " + name + ")");
}

}  // namespace aegis::functions
