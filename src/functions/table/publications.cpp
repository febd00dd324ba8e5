// pg_get_publication_tables: what a publication publishes, partitions as their root or by themselves. pg_stat_get_subscription.
#include <string>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {
namespace {

constexpr std::string_view kQuery = R"sql(
WITH RECURSIVE
  listed(relid) AS (
    SELECT r.prrelid FROM pg_catalog.pg_publication_rel AS r WHERE r.prpubid = $pub
    UNION
    SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_publication_namespace AS n ON n.pnnspid = c.relnamespace
    WHERE n.pnpubid = $pub AND c.relkind IN ('r', 'p') AND pg_catalog.pg_relation_is_publishable(c.oid)
    UNION
    SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_publication AS p ON p.puballtables
    WHERE p.oid = $pub AND c.relkind IN ('r', 'p') AND pg_catalog.pg_relation_is_publishable(c.oid)),
  below(relid) AS (
    SELECT i.inhrelid FROM listed AS l JOIN pg_catalog.pg_inherits AS i ON i.inhparent = l.relid
    JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid WHERE c.relispartition
    UNION
    SELECT i.inhrelid FROM below AS b JOIN pg_catalog.pg_inherits AS i ON i.inhparent = b.relid
    JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid WHERE c.relispartition),
  published(relid) AS (
    SELECT l.relid FROM listed AS l JOIN pg_catalog.pg_publication AS p ON p.oid = $pub
    WHERE p.pubviaroot AND l.relid NOT IN (SELECT b.relid FROM below AS b)
    UNION
    SELECT a.relid FROM (SELECT l.relid FROM listed AS l UNION SELECT b.relid FROM below AS b) AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.relid JOIN pg_catalog.pg_publication AS p ON p.oid = $pub
    WHERE NOT p.pubviaroot AND c.relkind = 'r' AND pg_catalog.pg_relation_is_publishable(c.oid))
SELECT t.relid, CASE WHEN n.oid IS NULL THEN r.prattrs END, CASE WHEN n.oid IS NULL THEN r.prqual END FROM published AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.relid
LEFT JOIN pg_catalog.pg_publication_rel AS r ON r.prrelid = t.relid AND r.prpubid = $pub
LEFT JOIN pg_catalog.pg_publication_namespace AS n ON n.pnpubid = $pub AND n.pnnspid = c.relnamespace
ORDER BY t.relid)sql";

class Rows : public RowReceiver {
 public:
  void columns(std::span<const Type>) override {}
  bool row(std::span<const Value> values) override {
    for (const auto& value : values) {
      Value kept = value;
      if (!value.is_null && (values_.size() % 3) != 0) kept = Value::of_string(arena_.copy(value.text()));
      values_.push_back(kept);
    }
    width_ = values.size();
    return true;
  }
  size_t count() const { return width_ == 0 ? 0 : values_.size() / width_; }
  const Value& at(size_t row, size_t column) const { return values_[row * width_ + column]; }

 private:
  Arena arena_;
  std::vector<Value> values_;
  size_t width_ = 0;
};

class PublishedTables : public SetScan {
 public:
  PublishedTables(CallContext& context, std::string_view name) {
    Rows publication;
    context.services.run_query("SELECT oid FROM pg_catalog.pg_publication WHERE pubname = " + quote_literal(name), publication);
    if (publication.count() == 0) throw SqlError(Sqlstate::UndefinedObject, "publication \"" + std::string(name) + "\" does not exist");
    std::string oid = std::to_string(publication.at(0, 0).oid()) + "::pg_catalog.oid", sql(kQuery);
    for (size_t at = 0; (at = sql.find("$pub", at)) != std::string::npos; at += oid.size()) sql.replace(at, 4, oid);
    context.services.run_query(sql, rows_);
  }

  bool next(Chunk& out) override {
    size_t count = std::min(vector::chunk_rows(), rows_.count() - next_);
    for (size_t c = 0; c < out.column_count(); ++c) {
      for (size_t i = 0; i < count; ++i) out.column(c).set(i, rows_.at(next_ + i, c));
    }
    next_ += count;
    out.set_size(count);
    return count > 0;
  }

 private:
  Rows rows_;
  size_t next_ = 0;
};

std::unique_ptr<SetScan> publication_tables(CallContext& context, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  return std::make_unique<PublishedTables>(context, arguments[0].text());
}

// Workers that receive changes: there are none.
std::unique_ptr<SetScan> no_workers(CallContext&, std::span<const Value>) { return nullptr; }

constexpr SetBinding kSets[] = {{"pg_get_publication_tables", publication_tables}, {"pg_stat_get_subscription", no_workers}};

}  // namespace

std::span<const SetBinding> publication_bindings() { return kSets; }

}  // namespace aegis::functions
