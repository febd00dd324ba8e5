#include "aegis/commands/large_object.h"

#include <algorithm>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/storage/engine.h"
#include "aegis/storage/index.h"
#include "aegis/storage/key_encoding.h"
#include "aegis/vector/vector.h"

namespace aegis::commands {
namespace {

using types::PhysicalType;
using types::Value;

// PostgreSQL's OIDs of pg_largeobject and its index.
constexpr TableId kTable{2613};
constexpr IndexId kIndex{2683};
constexpr uint32_t kColumns[] = {0, 1, 2};
constexpr size_t kBatch = 512;

void add_columns(vector::Chunk& chunk) {
  chunk.add_column(types::oid::kInt8);
  chunk.add_column(types::oid::kInt4);
  chunk.add_column(types::oid::kBytea);
  chunk.reset();
}

std::string page_key(Oid object, int32_t page) {
  storage::KeyColumn by_object{0, PhysicalType::Int64, storage::KeyKind::Signed};
  storage::KeyColumn by_page{1, PhysicalType::Int32, storage::KeyKind::Signed};
  std::string key;
  storage::append_key(key, by_object, Value::of_i64(object));
  storage::append_key(key, by_page, Value::of_i32(page));
  return key;
}

}  // namespace

void prepare_large_objects(storage::Engine& engine, txn::TransactionManager& transactions) {
  if (engine.table(kTable) == nullptr) {
    txn::Backend backend(transactions, 0);
    auto transaction = transactions.begin(backend);
    storage::TableSchema schema;
    schema.columns = {{PhysicalType::Int64}, {PhysicalType::Int32}, {PhysicalType::String}};
    engine.create_table(transaction->context(), kTable, schema);
    transactions.commit(std::move(transaction));
  }
  if (engine.index(kIndex) != nullptr) return;
  storage::IndexDefinition definition;
  definition.id = kIndex;
  definition.table = kTable;
  definition.columns = {{0, PhysicalType::Int64, storage::KeyKind::Signed}, {1, PhysicalType::Int32, storage::KeyKind::Signed}};
  engine.build_index(nullptr, definition);
}

std::shared_ptr<const catalog::LargeObject> find_large_object(const catalog::Version& version, Oid database, Oid number) {
  return std::static_pointer_cast<const catalog::LargeObject>(version.named_object(catalog::ObjectKind::LargeObject, database, 0, std::to_string(number)));
}

std::shared_ptr<const catalog::LargeObject> require_large_object(const catalog::Version& version, Oid database, Oid number) {
  auto found = find_large_object(version, database, number);
  if (found == nullptr) throw SqlError(Sqlstate::UndefinedObject, "large object " + std::to_string(number) + " does not exist");
  return found;
}

void lock_large_object(txn::TransactionManager& transactions, txn::Transaction& transaction, Oid object) {
  transactions.locks().lock(transaction.backend(), txn::LockTag::object(0, catalog::kPgLargeobjectOid, object), txn::LockMode::AccessExclusive);
}

void remove_large_object_pages(storage::Engine& engine, txn::TransactionManager& transactions, txn::Transaction& transaction, Oid object) {
  lock_large_object(transactions, transaction, object);
  auto snapshot = transaction.take_latest_snapshot();
  LargeObjectPages(engine, object, *snapshot).remove(transactions, transaction);
}

LargeObjectPages::LargeObjectPages(storage::Engine& engine, Oid object, const storage::Snapshot& snapshot)
    : table_(engine.table(kTable)), index_(engine.index(kIndex)), object_(object), snapshot_(snapshot) {
  AEGIS_CHECK(table_ != nullptr && index_ != nullptr);
}

void LargeObjectPages::scan(int32_t first, int32_t last, bool backward, const std::function<bool(Page&&)>& visit) const {
  storage::KeyRange range{page_key(object_, first), page_key(object_, last), true, true};
  auto cursor = index_->scan(std::move(range), backward ? storage::ScanDirection::Backward : storage::ScanDirection::Forward);
  storage::IndexEntry entries[kBatch];
  std::vector<RowId> rows;
  std::vector<uint32_t> found;
  vector::Chunk chunk;
  add_columns(chunk);
  // The first look is a short one: most ask for a page or two.
  for (size_t batch = 4;; batch = kBatch) {
    size_t count = cursor->next(std::span(entries, batch));
    if (count == 0) return;
    rows.clear();
    for (size_t i = 0; i < count; ++i) rows.push_back(entries[i].row);
    chunk.reset();
    table_->fetch(snapshot_, rows, kColumns, chunk, found);
    for (size_t i = 0; i < found.size(); ++i) {
      int32_t number = chunk.column(1).get(i).i32;
      if (static_cast<Oid>(chunk.column(0).get(i).i64) != object_ || number < first || number > last) continue;
      if (!visit({rows[found[i]], number, std::string(chunk.column(2).get(i).text())})) return;
    }
  }
}

int64_t LargeObjectPages::size() const {
  int64_t size = 0;
  scan(0, INT32_MAX, true, [&](Page&& page) {
    size = page.number * kLargeObjectPage + static_cast<int64_t>(page.bytes.size());
    return false;
  });
  return size;
}

std::string LargeObjectPages::read(int64_t offset, int64_t count) const {
  std::string out;
  if (count <= 0) return out;
  int64_t end = std::min(offset + count, kMaxLargeObject);
  int64_t filled = offset;  // what is known up to here
  scan(static_cast<int32_t>(offset / kLargeObjectPage), static_cast<int32_t>((end - 1) / kLargeObjectPage), false, [&](Page&& page) {
    int64_t start = page.number * kLargeObjectPage;
    int64_t stop = std::min<int64_t>(start + static_cast<int64_t>(page.bytes.size()), end);
    if (start > filled) {
      out.append(static_cast<size_t>(start - filled), '\0');
      filled = start;
    }
    if (stop > filled) {
      out.append(page.bytes, static_cast<size_t>(filled - start), static_cast<size_t>(stop - filled));
      filled = stop;
    }
    return true;
  });
  // What lies before a later page is zeros.
  if (filled < end) out.append(static_cast<size_t>(std::max<int64_t>(std::min(end, size()) - filled, 0)), '\0');
  return out;
}

void LargeObjectPages::for_each(const std::function<void(int32_t, std::string_view)>& visit) const {
  scan(0, INT32_MAX, false, [&](Page&& page) {
    visit(page.number, page.bytes);
    return true;
  });
}

void LargeObjectPages::put(txn::TransactionManager& transactions, txn::Transaction& transaction, const Page* before, int32_t number,
                           std::string_view bytes) {
  vector::Chunk chunk;
  add_columns(chunk);
  chunk.column(0).set(0, Value::of_i64(object_));
  chunk.column(1).set(0, Value::of_i32(number));
  chunk.column(2).set(0, Value::of_string(bytes));
  chunk.set_size(1);
  if (before == nullptr) {
    RowId row = table_->insert(transaction.context(), {}, chunk);
    index_->insert(page_key(object_, number), row);
    return;
  }
  auto result = transactions.write_row(transaction, kTable, before->row, [&] {
    return table_->update(transaction.context(), snapshot_, before->row, kColumns, chunk, 0, storage::RowLockMode::NoKeyUpdate);
  });
  AEGIS_CHECK(static_cast<bool>(result));
}

void LargeObjectPages::write(txn::TransactionManager& transactions, txn::Transaction& transaction, int64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  auto first = static_cast<int32_t>(offset / kLargeObjectPage);
  auto last = static_cast<int32_t>((offset + static_cast<int64_t>(bytes.size()) - 1) / kLargeObjectPage);
  std::vector<Page> pages;
  scan(first, last, false, [&](Page&& page) {
    pages.push_back(std::move(page));
    return true;
  });
  size_t known = 0;
  for (int32_t number = first;; ++number) {
    Page* before = known < pages.size() && pages[known].number == number ? &pages[known++] : nullptr;
    std::string content = before == nullptr ? std::string() : before->bytes;
    auto within = static_cast<size_t>(offset - number * kLargeObjectPage);
    size_t count = std::min(bytes.size(), static_cast<size_t>(kLargeObjectPage) - within);
    if (content.size() < within + count) content.resize(within + count);
    content.replace(within, count, bytes.substr(0, count));
    put(transactions, transaction, before, number, content);
    bytes.remove_prefix(count);
    offset += static_cast<int64_t>(count);
    if (number == last) return;
  }
}

void LargeObjectPages::truncate(txn::TransactionManager& transactions, txn::Transaction& transaction, int64_t size) {
  auto number = static_cast<int32_t>(size / kLargeObjectPage);
  std::vector<Page> pages;
  scan(number, number, false, [&](Page&& page) {
    pages.push_back(std::move(page));
    return false;
  });
  std::string content = pages.empty() ? std::string() : pages[0].bytes;
  content.resize(static_cast<size_t>(size % kLargeObjectPage));
  // An empty page says how long the object is.
  put(transactions, transaction, pages.empty() ? nullptr : &pages[0], number, content);
  if (number < INT32_MAX) remove_from(transactions, transaction, number + 1);
}

void LargeObjectPages::remove_from(txn::TransactionManager& transactions, txn::Transaction& transaction, int32_t first) {
  std::vector<RowId> rows;
  scan(first, INT32_MAX, false, [&](Page&& page) {
    rows.push_back(page.row);
    return true;
  });
  for (RowId row : rows) {
    auto result = transactions.write_row(transaction, kTable, row, [&] { return table_->remove(transaction.context(), snapshot_, row); });
    AEGIS_CHECK(static_cast<bool>(result));
  }
}

}  // namespace aegis::commands
