// Checks values of domains, with the checks compiled once per version of the domain.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "aegis/analyzer/analyzer.h"
#include "aegis/catalog/catalog.h"
#include "aegis/executor/executor.h"

namespace aegis::session {

class DomainChecks {
 public:
  // Throws 23502 or 23514 unless `value` may be of that domain. May be called by several threads.
  void check(Oid domain, const types::Value& value, const catalog::Version& version, const analyzer::AnalyzerContext& context,
             functions::Services& services);

 private:
  struct Check {
    std::string domain;
    std::string name;
    plan::ExprPtr expr;
    std::unique_ptr<executor::RowEvaluator> evaluator;
  };
  struct Compiled {
    std::vector<catalog::ObjectPtr> made_from;  // the domain and those below it
    std::string not_null_of;                    // the domain that refuses nulls, if any
    std::vector<Check> checks;
    std::string schema;
  };
  std::unique_ptr<Compiled> compile(std::vector<catalog::ObjectPtr> chain, const catalog::Version& version,
                                    const analyzer::AnalyzerContext& context, functions::Services& services);

  std::recursive_mutex mutex_;
  std::unordered_map<Oid, std::shared_ptr<Compiled>> compiled_;
};

}  // namespace aegis::session
