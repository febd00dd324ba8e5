// WITH (name = value, …) of tables, views and indexes, and what of it storage follows.
#include <algorithm>
#include <cctype>
#include <cfloat>
#include <charconv>
#include <climits>
#include <cstdio>
#include <set>

#include "aegis/base/error.h"
#include "objects.h"
#include "table.h"

namespace aegis::commands {
namespace {

enum class OptionType : uint8_t { Bool, Integer, Real, Choice };

// What an option is for: bits.
constexpr unsigned kTable = 1, kToast = 2, kView = 4, kIndex = 8, kTablespace = 16, kColumn = 32;

struct OptionRecord {
  std::string_view name;
  unsigned of;
  OptionType type;
  double low = 0, high = 0;
  std::string_view choices = {};  // each between commas
  std::string_view detail = {};   // names them in an error
};

constexpr std::string_view kCompressionDetail = "Valid values are \"none\", \"lz4\", \"zstd\", and \"default\".";
constexpr std::string_view kCleanupDetail = "Valid values are \"on\", \"off\", and \"auto\".";
constexpr std::string_view kCheckDetail = "Valid values are \"local\" and \"cascaded\".";

// PostgreSQL 15's, and `compression`, which is ours. fillfactor, parallel_workers, toast_tuple_target, user_catalog_table
// and all of vacuum's are checked and kept, and change nothing here.
constexpr OptionRecord kOptions[] = {
    {"compression", kTable, OptionType::Choice, 0, 0, ",none,lz4,zstd,default,", kCompressionDetail},
    {"fillfactor", kTable | kIndex, OptionType::Integer, 10, 100},
    {"parallel_workers", kTable, OptionType::Integer, 0, 1024},
    {"toast_tuple_target", kTable, OptionType::Integer, 128, 8160},
    {"user_catalog_table", kTable, OptionType::Bool},
    {"autovacuum_enabled", kTable | kToast, OptionType::Bool},
    {"autovacuum_vacuum_threshold", kTable | kToast, OptionType::Integer, 0, INT_MAX},
    {"autovacuum_vacuum_insert_threshold", kTable | kToast, OptionType::Integer, -1, INT_MAX},
    {"autovacuum_analyze_threshold", kTable, OptionType::Integer, 0, INT_MAX},
    {"autovacuum_vacuum_cost_limit", kTable | kToast, OptionType::Integer, 1, 10000},
    {"autovacuum_vacuum_cost_delay", kTable | kToast, OptionType::Real, 0, 100},
    {"autovacuum_vacuum_scale_factor", kTable | kToast, OptionType::Real, 0, 100},
    {"autovacuum_vacuum_insert_scale_factor", kTable | kToast, OptionType::Real, 0, 100},
    {"autovacuum_analyze_scale_factor", kTable, OptionType::Real, 0, 100},
    {"autovacuum_freeze_min_age", kTable | kToast, OptionType::Integer, 0, 1000000000},
    {"autovacuum_freeze_max_age", kTable | kToast, OptionType::Integer, 100000, 2000000000},
    {"autovacuum_freeze_table_age", kTable | kToast, OptionType::Integer, 0, 2000000000},
    {"autovacuum_multixact_freeze_min_age", kTable | kToast, OptionType::Integer, 0, 1000000000},
    {"autovacuum_multixact_freeze_max_age", kTable | kToast, OptionType::Integer, 10000, 2000000000},
    {"autovacuum_multixact_freeze_table_age", kTable | kToast, OptionType::Integer, 0, 2000000000},
    {"log_autovacuum_min_duration", kTable | kToast, OptionType::Integer, -1, INT_MAX},
    {"vacuum_index_cleanup", kTable | kToast, OptionType::Choice, 0, 0, ",auto,on,off,true,false,yes,no,1,0,", kCleanupDetail},
    {"vacuum_truncate", kTable | kToast, OptionType::Bool},
    {"deduplicate_items", kIndex, OptionType::Bool},
    {"fastupdate", kIndex, OptionType::Bool},
    {"pages_per_range", kIndex, OptionType::Integer, 1, 131072},
    {"autosummarize", kIndex, OptionType::Bool},
    {"gin_pending_list_limit", kIndex, OptionType::Integer, 64, INT_MAX},
    {"random_page_cost", kTablespace, OptionType::Real, 0, DBL_MAX},
    {"seq_page_cost", kTablespace, OptionType::Real, 0, DBL_MAX},
    {"effective_io_concurrency", kTablespace, OptionType::Integer, 0, 1000},
    {"maintenance_io_concurrency", kTablespace, OptionType::Integer, 0, 1000},
    {"security_barrier", kView, OptionType::Bool},
    {"security_invoker", kView, OptionType::Bool},
    {"n_distinct", kColumn, OptionType::Real, -1, 1.7976931348623157e308},
    {"n_distinct_inherited", kColumn, OptionType::Real, -1, 1.7976931348623157e308},
    {"check_option", kView, OptionType::Choice, 0, 0, ",local,cascaded,", kCheckDetail},
};

const OptionRecord* find_option(std::string_view name, unsigned of) {
  for (const OptionRecord& option : kOptions) {
    if (option.name == name && (option.of & of) != 0) return &option;
  }
  return nullptr;
}

std::string text_of(const ast::DefElem& option) {
  if (auto* value = ast::node_cast<ast::Integer>(option.arg)) return std::to_string(value->ival);
  if (auto* number = ast::node_cast<ast::Float>(option.arg)) return std::string(number->fval);
  if (auto* text = ast::node_cast<ast::String>(option.arg)) return std::string(text->sval);
  if (auto* word = ast::node_cast<ast::TypeName>(option.arg)) return std::string(word->names.back());
  if (auto* flag = ast::node_cast<ast::Boolean>(option.arg)) return flag->boolval ? "true" : "false";
  return "true";
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

SqlError invalid(const char* type, std::string_view name, const std::string& text) {
  return SqlError(Sqlstate::InvalidParameterValue,
                  std::string("invalid value for ") + type + " option \"" + std::string(name) + "\": " + text);
}

void check_range(const OptionRecord& option, double value, const std::string& text) {
  if (value >= option.low && value <= option.high) return;
  char detail[1024];
  bool real = option.type == OptionType::Real;
  std::snprintf(detail, sizeof detail, real ? "Valid values are between \"%f\" and \"%f\"." : "Valid values are between \"%.0f\" and \"%.0f\".",
                option.low, option.high);
  throw SqlError(Sqlstate::InvalidParameterValue, "value " + text + " out of bounds for option \"" + std::string(option.name) + "\"").detail(detail);
}

void check_value(const OptionRecord& option, const std::string& text) {
  const char* end = text.data() + text.size();
  switch (option.type) {
    case OptionType::Bool: {
      std::string word = lower(text);
      static const std::set<std::string> kWords = {"t", "tr", "tru", "true", "f", "fa", "fal", "fals", "false", "y", "ye", "yes", "n", "no", "on", "of", "off", "1", "0"};
      if (!kWords.contains(word)) throw invalid("boolean", option.name, text);
      return;
    }
    case OptionType::Integer: {
      int value = 0;
      auto [stop, error] = std::from_chars(text.data() + (text.starts_with("+") ? 1 : 0), end, value);
      if (error != std::errc() || stop != end) throw invalid("integer", option.name, text);
      return check_range(option, value, text);
    }
    case OptionType::Real: {
      double value = 0;
      auto [stop, error] = std::from_chars(text.data() + (text.starts_with("+") ? 1 : 0), end, value);
      if (error != std::errc() || stop != end) throw invalid("floating point", option.name, text);
      return check_range(option, value, text);
    }
    case OptionType::Choice:
      if (option.choices.find("," + lower(text) + ",") == std::string_view::npos) {
        throw invalid("enum", option.name, text).detail(std::string(option.detail));
      }
      return;
  }
}

// False for what is checked but not kept.
bool add_option(const ast::DefElem& option, unsigned of, bool reset, std::set<std::string>& seen, std::string& out) {
  std::string name(option.defname);
  std::string space(option.defnamespace);
  if (!space.empty() && (space != "toast" || of != kTable)) {
    throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized parameter namespace \"" + space + "\"");
  }
  if (reset && option.arg != nullptr) throw SqlError(Sqlstate::SyntaxError, "RESET must not include values for parameters");
  if (name == "oids" && of == kTable && space.empty()) {
    if (lower(text_of(option)) != "false") throw SqlError(Sqlstate::FeatureNotSupported, "tables declared WITH OIDS are not supported");
    return false;
  }
  const OptionRecord* known = find_option(name, space.empty() ? of : kToast);
  if (known == nullptr && !reset) throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized parameter \"" + name + "\"");
  if (!seen.insert(space + "." + name).second && !reset) {
    throw SqlError(Sqlstate::InvalidParameterValue, "parameter \"" + name + "\" specified more than once");
  }
  std::string text = text_of(option);
  if (!reset) check_value(*known, text);
  if (!space.empty()) return false;
  if (known != nullptr && known->type == OptionType::Choice) text = lower(text);
  out = name + "=" + text;
  return true;
}

std::vector<std::string> checked_options(ast::List<ast::DefElem> options, unsigned of, OptionUse use) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const auto* option : options) {
    std::string text;
    if (add_option(*option, of, use == OptionUse::Reset, seen, text)) out.push_back(std::move(text));
  }
  return out;
}

bool is_index_file_option(std::string_view name) {
  return name == "filter" || name == "learned_index" || name == "compaction" || name == "compress" || name == "memtable";
}

storage::ColumnCompression table_compression(const catalog::Relation& table) {
  using storage::ColumnCompression;
  for (const std::string& option : table.options) {
    if (!option.starts_with("compression=")) continue;
    std::string method = lower(option.substr(12));
    if (method == "none") return ColumnCompression::None;
    if (method == "lz4") return ColumnCompression::Lz4;
    if (method == "zstd") return ColumnCompression::Zstd;
  }
  return ColumnCompression::Auto;
}

}  // namespace

std::vector<std::string> table_options(ast::List<ast::DefElem> options, OptionUse use) { return checked_options(options, kTable, use); }

std::vector<std::string> view_options(ast::List<ast::DefElem> options, OptionUse use) { return checked_options(options, kView, use); }

std::vector<std::string> tablespace_options(ast::List<ast::DefElem> options, OptionUse use) { return checked_options(options, kTablespace, use); }

std::vector<std::string> index_options(ast::List<ast::DefElem> options, OptionUse use) {
  std::vector<ast::DefElem*> others;
  std::vector<std::string> out;
  for (auto* option : options) {
    if (is_index_file_option(option->defname)) {
      out.push_back(std::string(option->defname) + "=" + text_of(*option));
    } else {
      others.push_back(option);
    }
  }
  if (use == OptionUse::Set) executor::index_file_options(out);
  for (auto& option : checked_options(others, kIndex, use)) out.push_back(std::move(option));
  return out;
}

std::vector<std::string> column_options(ast::List<ast::DefElem> options, OptionUse use) { return checked_options(options, kColumn, use); }

char column_storage(types::Type type, std::string_view written) {
  std::string name = lower(std::string(written));
  const auto* info = types::find_type(type.oid);
  char natural = info == nullptr ? 'x' : info->storage;
  if (name == "default") return 0;
  char storage = name == "plain" ? 'p' : name == "external" ? 'e' : name == "extended" ? 'x' : name == "main" ? 'm' : 0;
  if (storage == 0) throw SqlError(Sqlstate::InvalidParameterValue, "invalid storage type \"" + std::string(written) + "\"");
  if (storage != 'p' && natural == 'p') {
    throw SqlError(Sqlstate::FeatureNotSupported, "column data type " + types::format_type({type.oid}) + " can only have storage PLAIN");
  }
  return storage == natural ? 0 : storage;
}

const char* storage_name(types::Type type, char storage) {
  const auto* info = types::find_type(type.oid);
  switch (storage != 0 ? storage : info == nullptr ? 'x' : info->storage) {
    case 'p': return "PLAIN";
    case 'e': return "EXTERNAL";
    case 'm': return "MAIN";
    default: return "EXTENDED";
  }
}

char column_compression_method(types::Type type, std::string_view method) {
  if (method.empty() || method == "default") return 0;
  const auto* info = types::find_type(type.oid);
  bool compressible = info == nullptr || (info->length == -1 && info->storage != 'p');
  if (!compressible) {
    throw SqlError(Sqlstate::FeatureNotSupported, "column data type " + types::format_type({type.oid}) + " does not support compression");
  }
  if (method == "pglz") return 'p';
  if (method == "lz4") return 'l';
  throw SqlError(Sqlstate::InvalidParameterValue, "invalid compression method \"" + std::string(method) + "\"");
}

std::vector<storage::ColumnCompression> storage_compression(const catalog::Relation& table) {
  std::vector<storage::ColumnCompression> out(table.columns.size(), table_compression(table));
  for (size_t i = 0; i < out.size(); ++i) {
    // pglz stands for the smaller and slower of two methods.
    if (table.columns[i].compression == 'p') out[i] = storage::ColumnCompression::Zstd;
    if (table.columns[i].compression == 'l') out[i] = storage::ColumnCompression::Lz4;
    if (table.columns[i].storage == 'e' || table.columns[i].storage == 'p') out[i] = storage::ColumnCompression::None;
  }
  return out;
}

void apply_compression(CommandContext& context, const catalog::Relation& table) {
  context.engine().set_compression(context.transaction().context(), table.storage, storage_compression(table));
}

}  // namespace aegis::commands
