// Physical plans as EXPLAIN shows them, in PostgreSQL's layout.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "aegis/plan/physical.h"
#include "aegis/types/type.h"

namespace aegis::catalog {
class Version;
}

namespace aegis::plan {

struct ExplainOptions {
  bool analyze = false;
  bool verbose = false;
  bool costs = true;
  bool timing = true;
  bool summary = false;
  bool json = false;
  bool buffers = false;
};

struct ExplainCounters {
  double rows = 0;
  double time_ms = 0;     // over all loops
  double startup_ms = 0;  // of the first loop
  double loops = 1;
  double rows_removed = 0;
  double memory_bytes = 0;
  double spilled_bytes = 0;  // to temporary files
  double batches = 0;        // of a hash table; 0: never spilled
  double blocks_hit = 0;
  double blocks_read = 0;
  double row_groups = 0;  // of a scan that may skip some
  double row_groups_skipped = 0;
  double blocks_skipped = 0;
};

struct ExplainInput {
  const PhysicalPlan& plan;
  const catalog::Version& catalog;
  const types::TypeContext& types;
  ExplainOptions options;
  std::function<ExplainCounters(uint32_t id)> counters;  // with analyze
  double planning_ms = 0;
  double execution_ms = 0;
  bool show_settings = false;
  std::vector<std::pair<std::string, std::string>> settings;  // those that change plans and are not the default
};

// Lines of the text form, or one text of JSON.
std::vector<std::string> explain(const ExplainInput& input);

}  // namespace aegis::plan
