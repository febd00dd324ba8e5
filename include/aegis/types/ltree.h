// ltree, lquery and ltxtquery as values: their texts in canonical form. Labels order as the texts do, since a point comes
// before whatever a label may have.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::types {

// Of a path; empty for the empty path.
std::vector<std::string_view> ltree_labels(std::string_view path);

struct LabelPattern {
  std::string text;
  bool prefix = false, any_case = false, words = false;  // *, @, %
  bool matches(std::string_view label) const;
};

// One level of an lquery; a star has no variants.
struct LqueryLevel {
  bool negated = false;
  bool counted = false;
  int low = 1, high = 1;
  std::vector<LabelPattern> variants;
  bool matches(std::string_view label) const;
};
std::vector<LqueryLevel> read_lquery(std::string_view text);
bool lquery_matches(const std::vector<LqueryLevel>& query, const std::vector<std::string_view>& labels);

struct LtxtqueryNode {
  char kind = 'w';  // w a word, & | !
  LabelPattern word;
  std::unique_ptr<LtxtqueryNode> left, right;  // of ! the left one
};
std::unique_ptr<LtxtqueryNode> read_ltxtquery(std::string_view text);
bool ltxtquery_matches(const LtxtqueryNode& query, const std::vector<std::string_view>& labels);

}  // namespace aegis::types
