#include "explain_forms.h"

#include "aegis/settings/settings.h"
#include "aegis/types/json.h"

namespace aegis::commands {
namespace {

using types::JsonKind;
using types::JsonNode;

std::string margin(size_t depth) { return std::string(2 * depth, ' '); }

std::string plain(const JsonNode& node) {
  switch (node.kind) {
    case JsonKind::Null: return "null";
    case JsonKind::True: return "true";
    case JsonKind::False: return "false";
    case JsonKind::String:
    case JsonKind::Number:
    case JsonKind::Array:
    case JsonKind::Object: break;
  }
  return node.text;
}

// --- XML ---

std::string tag_of(const std::string& name) {
  std::string tag = name;
  for (char& c : tag) {
    bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!kept) c = '-';
  }
  return tag;
}

std::string xml_text(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '\r') out += "&#x0d;";
    else out += c;
  }
  return out;
}

void append_xml(const JsonNode& node, const std::string& tag, size_t depth, std::string& out) {
  out += margin(depth) + "<" + tag + ">";
  if (node.kind != JsonKind::Array && node.kind != JsonKind::Object) {
    out += xml_text(plain(node)) + "</" + tag + ">\n";
    return;
  }
  out += "\n";
  for (size_t i = 0; i < node.items.size(); ++i) {
    bool list = node.kind == JsonKind::Array;
    append_xml(node.items[i], list ? (tag == "Plans" ? "Plan" : "Item") : tag_of(node.keys[i]), depth + 1, out);
  }
  out += margin(depth) + "</" + tag + ">\n";
}

std::string xml_form(const JsonNode& root) {
  std::string out = "<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n";
  for (const JsonNode& query : root.items) {
    if (query.kind == JsonKind::String) out += "  <Utility-Statement />\n";
    else append_xml(query, "Query", 1, out);
  }
  return out + "</explain>";
}

// --- YAML ---

std::string yaml_text(const JsonNode& node) {
  if (node.kind != JsonKind::String) return plain(node);
  std::string out = "\"";
  for (char c : node.text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
  return out + "\"";
}

void append_yaml(const JsonNode& object, size_t depth, std::string& out);

void append_yaml_list(const JsonNode& list, size_t depth, std::string& out) {
  for (const JsonNode& item : list.items) {
    out += "\n" + margin(depth) + "- ";
    if (item.kind == JsonKind::Object) append_yaml(item, depth + 1, out);
    else out += yaml_text(item);
  }
}

// Its first member goes on where the line is.
void append_yaml(const JsonNode& object, size_t depth, std::string& out) {
  for (size_t i = 0; i < object.items.size(); ++i) {
    const JsonNode& item = object.items[i];
    if (i > 0) out += "\n" + margin(depth);
    out += object.keys[i] + ": ";
    if (item.kind == JsonKind::Array) {
      append_yaml_list(item, depth + 1, out);
    } else if (item.kind == JsonKind::Object) {
      if (!item.items.empty()) out += "\n" + margin(depth + 1);
      append_yaml(item, depth + 1, out);
    } else {
      out += yaml_text(item);
    }
  }
}

std::string yaml_form(const JsonNode& root) {
  std::string out;
  append_yaml_list(root, 0, out);
  return out.substr(1);
}

// Those that PostgreSQL marks so.
constexpr const char* kPlanSettings[] = {
    "constraint_exclusion", "cpu_index_tuple_cost", "cpu_operator_cost", "cpu_tuple_cost",
    "cursor_tuple_fraction", "effective_cache_size", "effective_io_concurrency", "enable_async_append",
    "enable_bitmapscan", "enable_gathermerge", "enable_hashagg", "enable_hashjoin",
    "enable_incremental_sort", "enable_indexonlyscan", "enable_indexscan", "enable_material",
    "enable_memoize", "enable_mergejoin", "enable_nestloop", "enable_parallel_append",
    "enable_parallel_hash", "enable_partition_pruning", "enable_partitionwise_aggregate",
    "enable_partitionwise_join", "enable_seqscan", "enable_sort", "enable_tidscan", "force_parallel_mode",
    "from_collapse_limit", "geqo", "geqo_effort", "geqo_generations", "geqo_pool_size", "geqo_seed",
    "geqo_selection_bias", "geqo_threshold", "hash_mem_multiplier", "jit", "jit_above_cost",
    "jit_inline_above_cost", "jit_optimize_above_cost", "join_collapse_limit", "maintenance_io_concurrency",
    "max_parallel_workers", "max_parallel_workers_per_gather", "min_parallel_index_scan_size",
    "min_parallel_table_scan_size", "parallel_leader_participation", "parallel_setup_cost",
    "parallel_tuple_cost", "plan_cache_mode", "random_page_cost", "recursive_worktable_factor",
    "search_path", "seq_page_cost", "temp_buffers", "work_mem"};

}  // namespace

std::string explain_form(const std::string& json, ExplainForm form) {
  if (form == ExplainForm::Json || form == ExplainForm::Text) return json;
  JsonNode root = types::parse_json(json, types::JsonStrings::Decode);
  return form == ExplainForm::Xml ? xml_form(root) : yaml_form(root);
}

std::vector<std::pair<std::string, std::string>> explain_settings(CommandContext& context) {
  std::vector<std::pair<std::string, std::string>> changed;
  for (const char* name : kPlanSettings) {
    auto id = settings::find(name);
    if (!id) continue;
    const settings::Definition& definition = settings::definition(*id);
    std::string value = context.setting(name);
    if (value == settings::parse_value(definition, definition.boot)) continue;
    changed.emplace_back(definition.name, settings::display_value(definition, value));
  }
  return changed;
}

}  // namespace aegis::commands
