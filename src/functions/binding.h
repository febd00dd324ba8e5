// Joins implementations to the catalog's records by symbol: pg_proc's prosrc, or "name(argument types)" for
// aggregates and for functions that PostgreSQL writes in SQL. Each topic's file has one table of bindings;
// registry.cpp lists the tables.
#pragma once

#include <span>
#include <string_view>

#include "aegis/functions/function.h"

namespace aegis::functions {

struct ScalarBinding {
  std::string_view symbol;
  ScalarKernel kernel;
};
struct SetBinding {
  std::string_view symbol;
  SetKernel kernel;
};
struct AggregateBinding {
  std::string_view symbol;
  const AggregateKernel* kernel;
};

// scalar/
std::span<const ScalarBinding> boolean_bindings();
std::span<const ScalarBinding> integer_bindings();
std::span<const ScalarBinding> integer_comparison_bindings();
std::span<const ScalarBinding> floating_bindings();
std::span<const ScalarBinding> floating_math_bindings();
std::span<const ScalarBinding> numeric_bindings();
std::span<const ScalarBinding> text_comparison_bindings();
std::span<const ScalarBinding> string_bindings();
std::span<const ScalarBinding> string_edit_bindings();
std::span<const ScalarBinding> digest_bindings();
std::span<const ScalarBinding> like_bindings();
std::span<const ScalarBinding> regexp_bindings();
std::span<const ScalarBinding> bytea_bindings();
std::span<const ScalarBinding> conversion_bindings();
std::span<const ScalarBinding> datetime_bindings();
std::span<const ScalarBinding> datetime_arithmetic_bindings();
std::span<const ScalarBinding> datetime_part_bindings();
std::span<const ScalarBinding> datetime_truncation_bindings();
std::span<const ScalarBinding> format_number_bindings();
std::span<const ScalarBinding> format_datetime_bindings();
std::span<const ScalarBinding> parse_datetime_bindings();
std::span<const ScalarBinding> window_range_bindings();
std::span<const ScalarBinding> array_bindings();
std::span<const ScalarBinding> generic_bindings();
std::span<const ScalarBinding> hash_bindings();
std::span<const ScalarBinding> cast_bindings();
std::span<const ScalarBinding> user_type_bindings();
std::span<const ScalarBinding> json_bindings();
std::span<const ScalarBinding> xml_bindings();
std::span<const AggregateBinding> xml_aggregate_bindings();
std::span<const ScalarBinding> json_record_bindings();
std::span<const ScalarBinding> jsonb_bindings();
std::span<const ScalarBinding> jsonb_edit_bindings();
std::span<const ScalarBinding> json_path_bindings();
std::span<const ScalarBinding> geometry_bindings();
std::span<const ScalarBinding> bit_bindings();
std::span<const ScalarBinding> network_bindings();
std::span<const ScalarBinding> money_bindings();
std::span<const ScalarBinding> range_bindings();
std::span<const ScalarBinding> multirange_bindings();
std::span<const ScalarBinding> value_hash_bindings();
std::span<const ScalarBinding> type_form_bindings();
// Of a type's input or output function; null for any other.
ScalarKernel form_kernel(const Function& function);
// text_search/
std::span<const ScalarBinding> tsvector_bindings();
std::span<const ScalarBinding> tsquery_bindings();
std::span<const ScalarBinding> text_search_bindings();
std::span<const SetBinding> tsvector_set_bindings();
std::span<const ScalarBinding> snapshot_bindings();
std::span<const SetBinding> snapshot_set_bindings();
std::span<const ScalarBinding> identifier_bindings();
// Of the functions that give a type's binary form.
ScalarKernel binary_form_kernel();
std::span<const SetBinding> text_search_set_bindings();
// system/
std::span<const ScalarBinding> session_bindings();
std::span<const ScalarBinding> catalog_bindings();
// table/
std::span<const SetBinding> series_bindings();
std::span<const SetBinding> acl_bindings();
std::span<const SetBinding> publication_bindings();
std::span<const SetBinding> keyword_bindings();
std::span<const SetBinding> set_bindings();
std::span<const SetBinding> json_set_bindings();
std::span<const SetBinding> json_path_set_bindings();
std::span<const SetBinding> range_set_bindings();
// aggregate/
std::span<const AggregateBinding> sum_bindings();
std::span<const AggregateBinding> extreme_bindings();
std::span<const AggregateBinding> statistics_bindings();
std::span<const AggregateBinding> collection_bindings();
std::span<const AggregateBinding> ordered_set_bindings();
std::span<const AggregateBinding> json_aggregate_bindings();
std::span<const AggregateBinding> range_aggregate_bindings();

}  // namespace aegis::functions
