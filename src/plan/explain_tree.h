// What EXPLAIN shows of one plan node, independent of the output's form.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aegis/plan/explain.h"

namespace aegis::plan {

struct ExplainNode {
  std::string label;      // text form: "Hash Left Join"
  std::string node_type;  // JSON: "Hash Join"
  // JSON members before the costs, values already encoded.
  std::vector<std::pair<std::string, std::string>> attributes;
  // Both forms: "Filter", …; a list shows as "a, b" in text and as an array in JSON.
  struct Property {
    std::string name;
    std::vector<std::string> values;
    bool is_list = false;
    bool is_number = false;
  };
  std::vector<Property> properties;
  std::vector<std::string> targets;  // of a writer: the tables below the one named, "Update on p1 p_1"
  // With ANALYZE: memory and disk used, as a line of text and as JSON members.
  std::string resources;
  std::vector<std::pair<std::string, std::string>> resource_members;
  std::string relationship;  // Outer, Inner, Member, InitPlan
  std::string subplan_name;  // "CTE x", "InitPlan 1 (returns $0)"
  std::vector<std::unique_ptr<ExplainNode>> subplans;  // CTEs and InitPlans
  std::vector<std::unique_ptr<ExplainNode>> children;

  double startup_cost = 0;
  double total_cost = 0;
  double rows = 0;
  int width = 0;
  ExplainCounters counters;
  std::vector<std::string> output;  // the columns' texts
};

std::string json_text(const std::string& text);
std::unique_ptr<ExplainNode> build_explain_tree(const ExplainInput& input);

}  // namespace aegis::plan
