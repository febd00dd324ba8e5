// Rows that an inverted index has for a question.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aegis/functions/inverted.h"
#include "aegis/storage/index.h"
#include "operator.h"

namespace aegis::executor {

// Ascending row numbers, or all that the index has.
struct RowSet {
  bool every = false;
  std::vector<uint64_t> rows;
};

// What keys of an inverted index's column begin with.
std::string inverted_prefix(size_t column);

class InvertedSearch {
 public:
  InvertedSearch(const storage::Index& index, functions::Services& services) : index_(index), services_(services) {}

  RowSet find(const functions::InvertedQuery& query, const std::string& prefix) const;
  // All rows with a key in the column.
  std::vector<uint64_t> all(size_t column) const;
  static RowSet intersect(std::vector<RowSet> parts);

 private:
  std::vector<uint64_t> lookup(const std::string& key) const;
  std::vector<uint64_t> scan(storage::KeyRange range) const;
  std::vector<uint64_t> scan_prefix(std::string prefix) const;

  const storage::Index& index_;
  functions::Services& services_;
};

}  // namespace aegis::executor
