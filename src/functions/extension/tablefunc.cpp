// tablefunc: crosstab, connectby, normal_rand. Queries are run as texts, and values travel as texts, as PostgreSQL's do.
#include <cmath>
#include <map>
#include <numbers>
#include <unordered_map>

#include "aegis/functions/quoting.h"
#include "call.h"
#include "extension/bindings.h"

namespace aegis::functions {
namespace {

namespace oid = types::oid;
using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;

[[noreturn]] void fail(Sqlstate state, std::string message, std::string detail = {}) {
  SqlError error(state, std::move(message));
  if (!detail.empty()) error.detail(std::move(detail));
  throw error;
}

// All rows of a query, as texts.
class TextRows : public RowReceiver {
 public:
  explicit TextRows(const TypeContext& types) : context_(types) {}
  void columns(std::span<const Type> found) override { types.assign(found.begin(), found.end()); }
  bool row(std::span<const Value> values) override {
    Row row;
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].is_null) {
        row.emplace_back();
        continue;
      }
      std::string text;
      types::type_info(types[i].oid).output(context_, values[i], types[i].oid, text);
      row.emplace_back(std::move(text));
    }
    rows.push_back(std::move(row));
    return true;
  }

  std::vector<Type> types;
  std::vector<Row> rows;

 private:
  const TypeContext& context_;
};

// Gives rows made of texts once the columns wanted are known.
class TextScan : public SetScan {
 public:
  explicit TextScan(const TypeContext& types) : context_(types) {}

  bool next(Chunk& out) override {
    if (!made_) {
      made_ = true;
      std::vector<Oid> wanted;
      for (size_t c = 0; c < out.column_count(); ++c) wanted.push_back(out.column(c).type());
      make(wanted);
    }
    size_t count = std::min(vector::chunk_rows(), rows_.size() - next_);
    for (size_t c = 0; c < out.column_count(); ++c) {
      auto& column = out.column(c);
      column.reset();
      const auto& info = types::type_info(column.type());
      for (size_t i = 0; i < count; ++i) {
        const Cell& cell = rows_[next_ + i][c];
        column.set(i, cell ? info.input(context_, *cell, {column.type(), -1}, arena_) : Value::null());
      }
    }
    next_ += count;
    out.set_size(count);
    return count > 0;
  }

 protected:
  virtual void make(const std::vector<Oid>& wanted) = 0;

  const TypeContext& context_;
  std::vector<Row> rows_;

 private:
  Arena arena_;
  size_t next_ = 0;
  bool made_ = false;
};

constexpr char kBadReturn[] = "invalid return type";

class CrosstabScan : public TextScan {
 public:
  CrosstabScan(CallContext& context, Text sql) : TextScan(context.types), source_(context.types) {
    context.services.run_query(sql, source_);
    if (source_.types.size() != 3) {
      fail(Sqlstate::InvalidParameterValue, "invalid source data SQL statement", "The provided SQL must return 3 columns: rowid, category, and values.");
    }
  }

 protected:
  void make(const std::vector<Oid>& wanted) override {
    if (wanted.size() < 2) fail(Sqlstate::SyntaxError, "return and sql tuple descriptions are incompatible");
    if (wanted[0] != source_.types[0].oid) fail(Sqlstate::SyntaxError, kBadReturn, "SQL rowid datatype does not match return rowid datatype.");
    for (size_t i = 1; i < wanted.size(); ++i) {
      if (wanted[i] != source_.types[2].oid) fail(Sqlstate::SyntaxError, "return and sql tuple descriptions are incompatible");
    }
    size_t at = 0;
    for (size_t i = 0; i < source_.rows.size(); ++i) {
      const Row& row = source_.rows[i];
      if (rows_.empty() || rows_.back()[0] != row[0]) {
        rows_.emplace_back(wanted.size());
        rows_.back()[0] = row[0];
        at = 1;
      }
      if (at < wanted.size()) rows_.back()[at++] = row[2];
    }
  }

 private:
  TextRows source_;
};

class CategoriesScan : public TextScan {
 public:
  CategoriesScan(CallContext& context, Text sql, Text categories_sql) : TextScan(context.types), source_(context.types) {
    TextRows categories(context.types);
    context.services.run_query(categories_sql, categories);
    if (categories.types.size() != 1) fail(Sqlstate::SyntaxError, "provided \"categories\" SQL must return 1 column of at least one row");
    for (const Row& row : categories.rows) {
      if (!row[0]) fail(Sqlstate::SyntaxError, "provided \"categories\" SQL must not return NULL values");
      if (!numbers_.emplace(*row[0], numbers_.size()).second) fail(Sqlstate::DuplicateObject, "duplicate category name");
    }
    if (numbers_.empty()) fail(Sqlstate::SyntaxError, "provided \"categories\" SQL must return 1 column of at least one row");
    context.services.run_query(sql, source_);
    if (source_.types.size() < 3) {
      fail(Sqlstate::InvalidParameterValue, "invalid source data SQL statement", "The provided SQL must return 3  columns; rowid, category, and values.");
    }
  }

 protected:
  void make(const std::vector<Oid>& wanted) override {
    size_t columns = source_.types.size(), before = columns - 2;
    if (wanted.size() != before + numbers_.size()) {
      fail(Sqlstate::SyntaxError, kBadReturn, "Query-specified return tuple has " + std::to_string(wanted.size()) + " columns but crosstab returns " +
                                                  std::to_string(before + numbers_.size()) + ".");
    }
    bool first = true;
    for (const Row& row : source_.rows) {
      if (first || rows_.back()[0] != row[0]) {
        rows_.emplace_back(wanted.size());
        for (size_t i = 0; i < before; ++i) rows_.back()[i] = row[i];
        first = false;
      }
      if (!row[before]) continue;
      auto found = numbers_.find(*row[before]);
      if (found != numbers_.end()) rows_.back()[before + found->second] = row[before + 1];
    }
  }

 private:
  TextRows source_;
  std::unordered_map<std::string, size_t> numbers_;
};

struct ConnectBy {
  std::string relation, key, parent, order, start, delimiter = "~";
  int32_t depth = 0;
  bool show_branch = false, serial = false;
};

class ConnectByScan : public TextScan {
 public:
  ConnectByScan(CallContext& context, ConnectBy asked) : TextScan(context.types), services_(context.services), asked_(std::move(asked)) {}

 protected:
  void make(const std::vector<Oid>& wanted) override {
    check(wanted);
    add(asked_.start, std::nullopt, 0, asked_.start);
    descend(asked_.start, asked_.start, 1, wanted);
  }

 private:
  void check(const std::vector<Oid>& wanted) const {
    size_t count = 3 + (asked_.show_branch ? 1 : 0) + (asked_.serial ? 1 : 0);
    auto bad = [](const char* detail) { fail(Sqlstate::SyntaxError, kBadReturn, detail); };
    if (wanted.size() != count) bad("Query-specified return tuple has wrong number of columns.");
    if (wanted[0] != wanted[1]) bad("First two columns must be the same type.");
    if (wanted[2] != oid::kInt4) bad("Third column must be type integer.");
    if (asked_.show_branch && wanted[3] != oid::kText) bad("Fourth column must be type text.");
    if (asked_.serial && wanted.back() != oid::kInt4) {
      fail(Sqlstate::SyntaxError, "query-specified return tuple not valid for Connectby: " + std::string(asked_.show_branch ? "fifth" : "fourth") +
                                      " column must be type integer");
    }
  }

  void add(const std::string& key, Cell parent, int level, const std::string& branch) {
    Row row{key, std::move(parent), std::to_string(level)};
    if (asked_.show_branch) row.emplace_back(branch);
    if (asked_.serial) row.emplace_back(std::to_string(++serial_));
    rows_.push_back(std::move(row));
  }

  void descend(const std::string& start, const std::string& branch, int level, const std::vector<Oid>& wanted) {
    if (asked_.depth > 0 && level > asked_.depth) return;
    services_.check_interrupts();
    if (level > 10000) fail(Sqlstate::StatementTooComplex, "stack depth limit exceeded");
    std::string sql = "SELECT " + asked_.key + ", " + asked_.parent + " FROM " + asked_.relation + " WHERE " + asked_.parent + " = " +
                      quote_literal(start) + " AND " + asked_.key + " IS NOT NULL AND " + asked_.key + " <> " + asked_.parent;
    if (!asked_.order.empty()) sql += " ORDER BY " + asked_.order;
    TextRows found(context_);
    services_.run_query(sql, found);
    if (found.types.size() >= 2 && !found.rows.empty()) {
      if (found.types[0].oid != wanted[0] || found.types[1].oid != wanted[1]) {
        fail(Sqlstate::InvalidParameterValue, kBadReturn, found.types[0].oid != wanted[0]
                                                              ? "SQL key field datatype does not match return key field datatype."
                                                              : "SQL parent key field datatype does not match return parent key field datatype.");
      }
    }
    for (const Row& row : found.rows) {
      const std::string& key = *row[0];
      std::string around = asked_.delimiter + branch + asked_.delimiter;
      if (around.find(asked_.delimiter + key + asked_.delimiter) != std::string::npos) fail(Sqlstate::InvalidRecursion, "infinite recursion detected");
      std::string inner = branch + asked_.delimiter + key;
      add(key, row[1], level, inner);
      descend(key, inner, level + 1, wanted);
    }
  }

  Services& services_;
  ConnectBy asked_;
  int serial_ = 0;
};

class NormalScan : public SetScan {
 public:
  NormalScan(Services& services, int64_t count, double mean, double deviation) : services_(services), left_(count), mean_(mean), deviation_(deviation) {}
  bool next(Chunk& out) override {
    services_.check_interrupts();
    size_t count = std::min<size_t>(vector::chunk_rows(), static_cast<size_t>(left_));
    double* slots = out.column(0).start<double>();
    for (size_t i = 0; i < count; ++i) {
      double radius = std::sqrt(-2 * std::log(1 - services_.random()));
      slots[i] = mean_ + deviation_ * radius * std::cos(2 * std::numbers::pi * services_.random());
    }
    left_ -= static_cast<int64_t>(count);
    out.set_size(count);
    return count > 0;
  }

 private:
  Services& services_;
  int64_t left_;
  double mean_, deviation_;
};

bool any_null(std::span<const Value> arguments) {
  for (const Value& value : arguments) {
    if (value.is_null) return true;
  }
  return false;
}

std::unique_ptr<SetScan> normal_rand(CallContext& context, std::span<const Value> a) {
  if (any_null(a)) return nullptr;
  if (a[0].i32 < 0) fail(Sqlstate::InvalidParameterValue, "number of rows cannot be negative");
  return std::make_unique<NormalScan>(context.services, a[0].i32, a[1].f64, a[2].f64);
}

std::unique_ptr<SetScan> crosstab(CallContext& context, std::span<const Value> a) {
  if (any_null(a)) return nullptr;
  return std::make_unique<CrosstabScan>(context, a[0].text());
}

std::unique_ptr<SetScan> crosstab_categories(CallContext& context, std::span<const Value> a) {
  if (any_null(a)) return nullptr;
  return std::make_unique<CategoriesScan>(context, a[0].text(), a[1].text());
}

std::unique_ptr<SetScan> connect_by(CallContext& context, std::span<const Value> a, bool ordered) {
  if (any_null(a)) return nullptr;
  ConnectBy asked;
  asked.relation = a[0].text();
  asked.key = a[1].text();
  asked.parent = a[2].text();
  size_t at = 3;
  if (ordered) asked.order = a[at++].text();
  asked.start = a[at++].text();
  asked.depth = a[at++].i32;
  asked.serial = ordered;
  if (at < a.size()) {
    asked.show_branch = true;
    asked.delimiter = a[at].text();
  }
  return std::make_unique<ConnectByScan>(context, std::move(asked));
}

std::unique_ptr<SetScan> connect_by_plain(CallContext& context, std::span<const Value> a) { return connect_by(context, a, false); }
std::unique_ptr<SetScan> connect_by_ordered(CallContext& context, std::span<const Value> a) { return connect_by(context, a, true); }

constexpr SetBinding kSets[] = {
    {"tablefunc_normal_rand", normal_rand},     {"tablefunc_crosstab", crosstab},          {"tablefunc_crosstab_categories", crosstab_categories},
    {"tablefunc_connectby", connect_by_plain}, {"tablefunc_connectby_serial", connect_by_ordered},
};

}  // namespace

std::span<const SetBinding> tablefunc_bindings() { return kSets; }

}  // namespace aegis::functions
