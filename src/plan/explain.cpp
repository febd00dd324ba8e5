#include "aegis/plan/explain.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "explain_tree.h"

namespace aegis::plan {

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char code[8];
          std::snprintf(code, sizeof code, "\\u%04x", c);
          out += code;
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

namespace {

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ", ") + value;
  return out;
}

// What is put aside is read once.
double temp_blocks(const ExplainCounters& counters) { return std::ceil(counters.spilled_bytes / 8192); }

// Threads that help a node count for its children only.
void add_blocks_of_children(ExplainNode& node) {
  double hit = 0, read = 0, spilled = 0;
  for (auto* list : {&node.children, &node.subplans}) {
    for (auto& child : *list) {
      add_blocks_of_children(*child);
      hit += child->counters.blocks_hit;
      read += child->counters.blocks_read;
      spilled += child->counters.spilled_bytes;
    }
  }
  node.counters.blocks_hit = std::max(node.counters.blocks_hit, hit);
  node.counters.blocks_read = std::max(node.counters.blocks_read, read);
  node.counters.spilled_bytes += spilled;
}

class TextWriter {
 public:
  explicit TextWriter(const ExplainInput& input) : options_(input.options) {}

  void node(const ExplainNode& node, int indent, bool arrow) {
    std::string line(static_cast<size_t>(indent), ' ');
    if (arrow) line += "->  ";
    lines.push_back(line + node.label + numbers(node));
    int inside = arrow ? indent + 6 : indent + 2;
    std::string margin(static_cast<size_t>(inside), ' ');
    for (const auto& target : node.targets) lines.push_back(margin + target);
    for (const auto& property : node.properties) lines.push_back(margin + property.name + ": " + joined(property.values));
    if (!node.resources.empty()) lines.push_back(margin + node.resources);
    if (std::string groups = row_groups(node); !groups.empty()) lines.push_back(margin + groups);
    if (std::string blocks = buffers(node); !blocks.empty()) lines.push_back(margin + blocks);
    for (const auto& sub : node.subplans) {
      lines.push_back(margin + sub->subplan_name);
      this->node(*sub, inside + 2, true);
    }
    for (const auto& child : node.children) this->node(*child, inside, true);
  }

  std::vector<std::string> lines;

 private:
  std::string row_groups(const ExplainNode& node) const {
    const auto& c = node.counters;
    if (!options_.analyze || !options_.costs || c.row_groups_skipped + c.blocks_skipped == 0) return {};
    return "Row Groups: total=" + fixed(c.row_groups, 0) + " skipped=" + fixed(c.row_groups_skipped, 0) +
           "  Column Blocks: skipped=" + fixed(c.blocks_skipped, 0);
  }
  std::string buffers(const ExplainNode& node) const {
    const auto& c = node.counters;
    if (!options_.buffers || !options_.analyze || c.loops <= 0) return {};
    std::string out;
    if (c.blocks_hit > 0 || c.blocks_read > 0) out += " shared";
    if (c.blocks_hit > 0) out += " hit=" + fixed(c.blocks_hit, 0);
    if (c.blocks_read > 0) out += " read=" + fixed(c.blocks_read, 0);
    std::string temp = fixed(temp_blocks(c), 0);
    if (c.spilled_bytes > 0) out += std::string(out.empty() ? "" : ",") + " temp read=" + temp + " written=" + temp;
    return out.empty() ? out : "Buffers:" + out;
  }
  std::string numbers(const ExplainNode& node) {
    std::string out;
    if (options_.costs) {
      out += "  (cost=" + fixed(node.startup_cost, 2) + ".." + fixed(node.total_cost, 2) + " rows=" + fixed(node.rows, 0) +
             " width=" + std::to_string(node.width) + ")";
    }
    if (!options_.analyze) return out;
    const auto& c = node.counters;
    if (c.loops <= 0) return out + " (never executed)";
    out += " (actual ";
    if (options_.timing) out += "time=" + fixed(std::min(c.startup_ms, c.time_ms / c.loops), 3) + ".." + fixed(c.time_ms / c.loops, 3) + " ";
    return out + "rows=" + fixed(c.rows / c.loops, 0) + " loops=" + fixed(c.loops, 0) + ")";
  }

  const ExplainOptions& options_;
};

class JsonWriter {
 public:
  explicit JsonWriter(const ExplainInput& input) : options_(input.options) {}

  std::string run(const ExplainInput& input, const ExplainNode& root) {
    out_ = "[\n  {\n    \"Plan\": ";
    node(root, 4);
    if (input.show_settings) settings(input);
    if (options_.summary) member(4, "Planning Time", fixed(input.planning_ms, 3));
    if (options_.analyze) out_ += ",\n    \"Triggers\": [\n    ]";
    if (options_.analyze && options_.summary) member(4, "Execution Time", fixed(input.execution_ms, 3));
    return out_ + "\n  }\n]";
  }

 private:
  void settings(const ExplainInput& input) {
    std::string object;
    for (const auto& [name, value] : input.settings) {
      object += (object.empty() ? "\n" : ",\n") + std::string(6, ' ') + json_text(name) + ": " + json_text(value);
    }
    member(4, "Settings", "{" + object + (object.empty() ? "}" : "\n    }"));
  }
  void member(int indent, const std::string& name, const std::string& value) {
    out_ += (first_ ? "\n" : ",\n") + std::string(static_cast<size_t>(indent), ' ') + json_text(name) + ": " + value;
    first_ = false;
  }

  void node(const ExplainNode& node, int indent) {
    out_ += "{";
    first_ = true;
    int inside = indent + 2;
    member(inside, "Node Type", json_text(node.node_type));
    if (!node.relationship.empty()) member(inside, "Parent Relationship", json_text(node.relationship));
    if (!node.subplan_name.empty()) member(inside, "Subplan Name", json_text(node.subplan_name));
    member(inside, "Parallel Aware", "false");
    member(inside, "Async Capable", "false");
    for (const auto& [name, value] : node.attributes) member(inside, name, value);
    if (options_.costs) {
      member(inside, "Startup Cost", fixed(node.startup_cost, 2));
      member(inside, "Total Cost", fixed(node.total_cost, 2));
      member(inside, "Plan Rows", fixed(node.rows, 0));
      member(inside, "Plan Width", std::to_string(node.width));
    }
    if (options_.analyze) {
      const auto& c = node.counters;
      double loops = c.loops > 0 ? c.loops : 1;
      if (options_.timing) {
        member(inside, "Actual Startup Time", fixed(std::min(c.startup_ms, c.time_ms / loops), 3));
        member(inside, "Actual Total Time", fixed(c.time_ms / loops, 3));
      }
      member(inside, "Actual Rows", fixed(c.rows / loops, 0));
      member(inside, "Actual Loops", fixed(c.loops, 0));
    }
    for (const auto& property : node.properties) member(inside, property.name, value_of(property));
    for (const auto& [name, value] : node.resource_members) member(inside, name, value);
    if (options_.analyze && node.counters.row_groups > 0) {
      member(inside, "Row Groups", fixed(node.counters.row_groups, 0));
      member(inside, "Row Groups Skipped", fixed(node.counters.row_groups_skipped, 0));
      member(inside, "Column Blocks Skipped", fixed(node.counters.blocks_skipped, 0));
    }
    if (options_.buffers) {
      member(inside, "Shared Hit Blocks", fixed(node.counters.blocks_hit, 0));
      member(inside, "Shared Read Blocks", fixed(node.counters.blocks_read, 0));
      for (const char* none : {"Shared Dirtied Blocks", "Shared Written Blocks", "Local Hit Blocks", "Local Read Blocks", "Local Dirtied Blocks",
                               "Local Written Blocks"}) {
        member(inside, none, "0");
      }
      for (const char* name : {"Temp Read Blocks", "Temp Written Blocks"}) member(inside, name, fixed(temp_blocks(node.counters), 0));
    }
    if (!node.subplans.empty() || !node.children.empty()) children(node, inside);
    out_ += "\n" + std::string(static_cast<size_t>(indent), ' ') + "}";
    first_ = false;
  }

  static std::string value_of(const ExplainNode::Property& property) {
    if (property.is_number) return property.values[0];
    if (!property.is_list) return json_text(joined(property.values));
    std::string out = "[";
    for (const auto& value : property.values) out += (out.size() > 1 ? ", " : "") + json_text(value);
    return out + "]";
  }

  void children(const ExplainNode& node, int indent) {
    member(indent, "Plans", "[");
    bool first = true;
    auto add = [&](const ExplainNode& child) {
      out_ += first ? "\n" : ",\n";
      first = false;
      out_ += std::string(static_cast<size_t>(indent + 2), ' ');
      this->node(child, indent + 2);
    };
    for (const auto& sub : node.subplans) add(*sub);
    for (const auto& child : node.children) add(*child);
    out_ += "\n" + std::string(static_cast<size_t>(indent), ' ') + "]";
    first_ = false;
  }

  const ExplainOptions& options_;
  std::string out_;
  bool first_ = true;
};

}  // namespace

std::vector<std::string> explain(const ExplainInput& input) {
  auto root = build_explain_tree(input);
  if (input.options.buffers && input.options.analyze) add_blocks_of_children(*root);
  if (input.options.json) return {JsonWriter(input).run(input, *root)};
  TextWriter writer(input);
  writer.node(*root, 0, false);
  std::string settings;
  for (const auto& [name, value] : input.settings) settings += (settings.empty() ? "" : ", ") + name + " = '" + value + "'";
  if (!settings.empty()) writer.lines.push_back("Settings: " + settings);
  if (input.options.summary) writer.lines.push_back("Planning Time: " + fixed(input.planning_ms, 3) + " ms");
  if (input.options.analyze && input.options.summary) writer.lines.push_back("Execution Time: " + fixed(input.execution_ms, 3) + " ms");
  return writer.lines;
}

}  // namespace aegis::plan
