// Sets made of one value: arrays unnested, texts split, regular expression matches; and lists of the server's.
#include "aegis/functions/quoting.h"
#include "aegis/types/array.h"
#include "aegis/types/record.h"
#include "aegis/types/datetime.h"
#include "aegis/types/time_zone.h"
#include "binding.h"
#include "call.h"
#include "regex_match.h"
#include "table/list_scan.h"

namespace aegis::functions {

namespace {

class UnnestScan : public SetScan {
 public:
  explicit UnnestScan(std::string_view array) : array_(array) {}
  bool next(Chunk& out) override {
    Vector& column = out.column(0);
    column.reset();
    size_t count = 0;
    for (; count < vector::chunk_rows() && next_ < array_.size(); ++next_) column.set(count++, array_.get(next_));
    out.set_size(count);
    return count > 0;
  }

 private:
  types::ArrayView array_;
  size_t next_ = 0;
};

std::unique_ptr<SetScan> unnest(CallContext&, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  return std::make_unique<UnnestScan>(arguments[0].text());
}

std::unique_ptr<SetScan> text_to_table(CallContext&, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  auto scan = std::make_unique<ListScan>();
  for (Text piece : split_text(arguments[0].text(), arguments[1].is_null ? nullptr : &arguments[1])) {
    bool is_null = arguments.size() > 2 && !arguments[2].is_null && piece == arguments[2].text();
    scan->add({is_null ? Value::null() : types::string_value(piece, scan->arena())});
  }
  return scan;
}

std::unique_ptr<SetScan> regexp_matches(CallContext&, std::span<const Value> arguments) {
  for (const Value& value : arguments) {
    if (value.is_null) return nullptr;
  }
  RegexFlags flags = arguments.size() > 2 ? parse_regex_flags(arguments[2].text()) : RegexFlags();
  Regex regex(arguments[1].text(), flags);
  auto scan = std::make_unique<ListScan>();
  Text text = arguments[0].text();
  for (const RegexGroups& match : find_matches(regex, text, 0, flags.global, EmptyMatches::Keep)) {
    scan->add({groups_array(regex, text, match, scan->arena())});
  }
  return scan;
}

std::unique_ptr<SetScan> regexp_split(CallContext&, std::span<const Value> arguments) {
  for (const Value& value : arguments) {
    if (value.is_null) return nullptr;
  }
  RegexFlags flags = arguments.size() > 2 ? parse_regex_flags(arguments[2].text()) : RegexFlags();
  if (flags.global) {
    throw SqlError(Sqlstate::InvalidParameterValue, "regexp_split_to_table() does not support the \"global\" option");
  }
  Regex regex(arguments[1].text(), flags);
  auto scan = std::make_unique<ListScan>();
  for (Text piece : split_by_regex(regex, arguments[0].text())) scan->add({types::string_value(piece, scan->arena())});
  return scan;
}

Value interval_of_seconds(int seconds) {
  return Value::of_interval({seconds * types::kMicrosecondsPerSecond, 0, 0});
}

std::unique_ptr<SetScan> time_zone_names(CallContext& context, std::span<const Value>) {
  auto scan = std::make_unique<ListScan>();
  int64_t now = (context.services.transaction_timestamp() - types::kUnixEpochMicroseconds) / types::kMicrosecondsPerSecond;
  for (int i = 0; i < types::time_zone_name_count(); ++i) {
    const types::TimeZone* zone = types::TimeZone::find(types::time_zone_name(i));
    if (zone == nullptr) continue;
    auto local = zone->at(now);
    scan->add({Value::of_string(types::time_zone_name(i)), types::string_value(local.abbreviation, scan->arena()),
               interval_of_seconds(local.offset), Value::of_bool(local.is_dst)});
  }
  return scan;
}

std::unique_ptr<SetScan> time_zone_abbreviations(CallContext& context, std::span<const Value>) {
  auto scan = std::make_unique<ListScan>();
  int64_t now = (context.services.transaction_timestamp() - types::kUnixEpochMicroseconds) / types::kMicrosecondsPerSecond;
  for (int i = 0; i < types::zone_abbreviation_count(); ++i) {
    const types::ZoneAbbreviation& abbreviation = types::zone_abbreviation(i);
    int offset = abbreviation.offset;
    bool is_dst = abbreviation.is_dst;
    if (!abbreviation.zone.empty()) {
      const types::TimeZone* zone = types::TimeZone::find(abbreviation.zone);
      if (zone == nullptr) continue;
      std::string name(abbreviation.name);
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      zone->interpret(name, now, offset, is_dst);
    }
    scan->add({Value::of_string(abbreviation.name), interval_of_seconds(offset), Value::of_bool(is_dst)});
  }
  return scan;
}

// (value, position) of a one-dimensional array.
std::unique_ptr<SetScan> expand_array(CallContext&, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  types::ArrayView array(arguments[0].text());
  auto scan = std::make_unique<ListScan>();
  for (size_t i = 0; i < array.size(); ++i) scan->add({array.get(i), Value::of_i32(static_cast<int32_t>(i) + 1)});
  return scan;
}

// "name=value" texts taken apart.
std::unique_ptr<SetScan> options_to_table(CallContext&, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  types::ArrayView array(arguments[0].text());
  auto scan = std::make_unique<ListScan>();
  for (size_t i = 0; i < array.size(); ++i) {
    Value option = array.get(i);
    if (option.is_null) continue;
    Text text = option.text();
    size_t equals = text.find('=');
    bool bare = equals == Text::npos;
    scan->add({types::string_value(text.substr(0, equals), scan->arena()),
               bare ? Value::null() : types::string_value(text.substr(equals + 1), scan->arena())});
  }
  return scan;
}

// Rows of `width` numbers that the catalog gives as one array of OIDs.
template <bool tree>
std::unique_ptr<SetScan> partition_members(CallContext& context, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  auto scan = std::make_unique<ListScan>();
  Value flat;
  if (!context.services.catalog_function(tree ? "pg_partition_tree" : "pg_partition_ancestors", arguments, scan->arena(), flat)) return nullptr;
  types::ArrayView list(flat.text());
  for (size_t i = 0; i + (tree ? 3 : 0) < list.size(); i += tree ? 4 : 1) {
    if constexpr (tree) {
      Value parent = list.get(i + 1);
      scan->add({list.get(i), parent.oid() == kInvalidOid ? Value::null() : parent, Value::of_bool(list.get(i + 2).oid() != 0),
                 Value::of_i32(static_cast<int32_t>(list.get(i + 3).oid()))});
    } else {
      scan->add({list.get(i)});
    }
  }
  return scan;
}

template <size_t N>
struct Symbol {
  char text[N];
  constexpr Symbol(const char (&literal)[N]) {  // NOLINT: a literal becomes a template argument
    for (size_t i = 0; i < N; ++i) text[i] = literal[i];
  }
  constexpr Text view() const { return {text, N - 1}; }
};

std::unique_ptr<SetScan> list_records(std::string_view array) {
  auto scan = std::make_unique<ListScan>();
  types::ArrayView list(array);
  for (size_t i = 0; i < list.size(); ++i) {
    types::RecordView record(list.get(i).text());
    std::vector<Value> row;
    for (size_t f = 0; f < record.size(); ++f) row.push_back(record.get(f));
    scan->add(std::move(row));
  }
  return scan;
}

// A value of type pg_mcv_list is an array of the rows.
std::unique_ptr<SetScan> most_common_items(CallContext&, std::span<const Value> arguments) {
  return arguments[0].is_null ? nullptr : list_records(arguments[0].text());
}

// Rows that are answered above as an array of records.
template <Symbol symbol>
std::unique_ptr<SetScan> rows_from_above(CallContext& context, std::span<const Value> arguments) {
  for (const Value& value : arguments) {
    if (value.is_null) return nullptr;
  }
  auto scan = std::make_unique<ListScan>();
  Value rows;
  if (!context.services.catalog_function(symbol.view(), arguments, scan->arena(), rows)) throw_not_supported("function " + std::string(symbol.view()));
  types::ArrayView list(rows.text());
  for (size_t i = 0; i < list.size(); ++i) {
    types::RecordView record(list.get(i).text());
    std::vector<Value> row;
    for (size_t f = 0; f < record.size(); ++f) row.push_back(record.get(f));
    scan->add(std::move(row));
  }
  return scan;
}

// The same of single values.
template <Symbol symbol>
std::unique_ptr<SetScan> values_from_above(CallContext& context, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  auto scan = std::make_unique<ListScan>();
  Value rows;
  if (!context.services.catalog_function(symbol.view(), arguments, scan->arena(), rows)) throw_not_supported("function " + std::string(symbol.view()));
  types::ArrayView list(rows.text());
  for (size_t i = 0; i < list.size(); ++i) scan->add({list.get(i)});
  return scan;
}

// The same of functions that take nulls, or nothing.
template <Symbol symbol>
std::unique_ptr<SetScan> reported_rows(CallContext& context, std::span<const Value> arguments) {
  Arena arena;
  Value rows;
  if (!context.services.catalog_function(symbol.view(), arguments, arena, rows)) throw_not_supported("function " + std::string(symbol.view()));
  auto scan = std::make_unique<ListScan>();
  types::ArrayView list(scan->arena().copy(rows.text()));
  for (size_t i = 0; i < list.size(); ++i) {
    types::RecordView record(list.get(i).text());
    std::vector<Value> row;
    for (size_t f = 0; f < record.size(); ++f) row.push_back(record.get(f));
    scan->add(std::move(row));
  }
  return scan;
}
template <Symbol symbol>
std::unique_ptr<SetScan> reported_values(CallContext& context, std::span<const Value> arguments) {
  auto scan = std::make_unique<ListScan>();
  Value rows;
  if (!context.services.catalog_function(symbol.view(), arguments, scan->arena(), rows)) throw_not_supported("function " + std::string(symbol.view()));
  types::ArrayView list(rows.text());
  for (size_t i = 0; i < list.size(); ++i) scan->add({list.get(i)});
  return scan;
}
// Sets of what is not here: replication, shared-memory caches, commands that say how far they are.
std::unique_ptr<SetScan> no_rows(CallContext&, std::span<const Value>) { return nullptr; }
std::unique_ptr<SetScan> no_progress(CallContext&, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  for (Text known : {"VACUUM", "ANALYZE", "CLUSTER", "CREATE INDEX", "BASEBACKUP", "COPY"}) {
    Text given = arguments[0].text();
    if (given.size() == known.size() && std::equal(given.begin(), given.end(), known.begin(), [](char a, char b) { return std::toupper(a) == b; })) return nullptr;
  }
  throw SqlError(Sqlstate::InvalidParameterValue, "invalid command name: \"" + std::string(arguments[0].text()) + "\"");
}

constexpr SetBinding kBindings[] = {
    {"pg_stat_get_backend_idset", reported_values<"pg_stat_get_backend_idset">},
    {"pg_stat_get_activity", reported_rows<"pg_stat_get_activity">},
    {"pg_available_extensions", reported_rows<"pg_available_extensions">},
    {"pg_available_extension_versions", reported_rows<"pg_available_extension_versions">},
    {"pg_show_all_file_settings", reported_rows<"pg_show_all_file_settings">},
    {"pg_hba_file_rules", reported_rows<"pg_hba_file_rules">},
    {"pg_prepared_xact", reported_rows<"pg_prepared_xact">},
    {"pg_listening_channels", reported_values<"pg_listening_channels">},
    {"pg_stat_get_wal_senders", no_rows},
    {"pg_get_replication_slots", no_rows},
    {"pg_show_replication_origin_status", no_rows},
    {"pg_stat_get_progress_info", no_progress},
    {"pg_tablespace_databases", values_from_above<"pg_tablespace_databases">},
    {"pg_stats_ext_mcvlist_items", most_common_items},
    {"pg_event_trigger_dropped_objects", rows_from_above<"pg_event_trigger_dropped_objects">},
    {"pg_event_trigger_ddl_commands", rows_from_above<"pg_event_trigger_ddl_commands">},
    {"pg_options_to_table", options_to_table},
    {"pg_partition_ancestors", partition_members<false>},
    {"pg_partition_tree", partition_members<true>},
    {"array_unnest", unnest},
    {"_pg_expandarray(anyarray)", expand_array},
    {"text_to_table", text_to_table},
    {"text_to_table_null", text_to_table},
    {"regexp_matches", regexp_matches},
    {"regexp_matches_no_flags", regexp_matches},
    {"regexp_split_to_table", regexp_split},
    {"regexp_split_to_table_no_flags", regexp_split},
    {"pg_timezone_names", time_zone_names},
    {"pg_timezone_abbrevs", time_zone_abbreviations},
};

}  // namespace

std::span<const SetBinding> set_bindings() { return kBindings; }

}  // namespace aegis::functions
