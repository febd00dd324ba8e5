// Measures the storage engine's point work in process: key_value_bench [thousands of keys] [directory] [part…]. Without a
// directory, or with "-", files are in memory, and nothing is logged. Parts: puts memtables filters styles values transfers.
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "aegis/base/hash.h"
#include "aegis/os/file_system.h"
#include "aegis/os/random.h"
#include "aegis/storage/engine.h"
#include "aegis/storage/key_value.h"
#include "aegis/txn/transaction_manager.h"
#include "aegis/vector/vector.h"

namespace aegis {
namespace {

using storage::KeyValueOptions;
using storage::KeyValueStore;

// A shared machine gives a program less than its two cores: rates for two whole cores say what it would have done.
double cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double seconds_of(const std::function<void()>& work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string key_of(uint64_t n) {
  char key[24];
  std::snprintf(key, sizeof key, "user%012llu", static_cast<unsigned long long>(n));
  return key;
}

class Bench {
 public:
  Bench(uint64_t keys, const char* directory) : keys_(keys), directory_(directory) {}

  void run(const std::set<std::string>& parts) {
    std::printf("%llu keys, %s, 2 threads where not said\n", static_cast<unsigned long long>(keys_),
                directory_ != nullptr ? directory_ : "memory");
    auto wanted = [&](const char* part) { return parts.empty() || parts.contains(part); };
    if (wanted("puts")) puts_and_gets();
    if (wanted("memtables")) memtables();
    if (wanted("filters")) filters();
    if (wanted("styles")) styles();
    if (wanted("values")) value_sizes();
    if (wanted("transfers")) transfers();
  }

 private:
  struct Store {
    std::unique_ptr<os::FileSystem> files;
    std::unique_ptr<KeyValueStore> store;
  };

  Store open(const KeyValueOptions& options) {
    Store result;
    result.files = directory_ != nullptr ? os::make_local_file_system() : os::make_memory_file_system();
    std::string path = std::string(directory_ != nullptr ? directory_ : "kv") + "/" + std::to_string(++number_);
    result.store = KeyValueStore::open(*result.files, path, options);
    return result;
  }

  static double in_threads(int threads, const std::function<void(int)>& work) {
    return seconds_of([&] {
      std::vector<std::thread> all;
      for (int t = 0; t < threads; ++t) all.emplace_back([&, t] { work(t); });
      for (auto& thread : all) thread.join();
    });
  }

  double load(KeyValueStore& store, uint64_t count, size_t value_bytes, int threads, bool random_order) {
    double took = in_threads(threads, [&](int t) {
      os::Random random(static_cast<uint64_t>(t));
      std::string value(value_bytes, 'v');
      for (uint64_t i = static_cast<uint64_t>(t); i < count; i += static_cast<uint64_t>(threads)) {
        uint64_t salt = random.next();
        for (size_t at = 0; at + 8 <= value.size(); at += 64) std::memcpy(value.data() + at, &salt, 8);
        store.put(key_of(random_order ? hash_int(i) % keys_ : i), value);
      }
    });
    return static_cast<double>(count) / took;
  }

  double gets(KeyValueStore& store, uint64_t count, int threads, bool present) {
    std::atomic<uint64_t> found{0};
    double took = in_threads(threads, [&](int t) {
      os::Random random(static_cast<uint64_t>(t) + 100);
      std::string value;
      uint64_t mine = 0;
      for (uint64_t i = 0; i < count; ++i) {
        std::string key = key_of(random.below(keys_));
        if (!present) key += "x";
        mine += store.get(key, value) ? 1 : 0;
      }
      found += mine;
    });
    if (!present && found != 0) std::abort();
    return static_cast<double>(count) * threads / took;
  }

  void puts_and_gets() {
    for (int threads : {1, 2}) {
      KeyValueOptions options;
      options.cache_bytes = size_t{2} << 30;
      Store s = open(options);
      double cpu = cpu_seconds();
      double rate = load(*s.store, keys_, 1024, threads, true);
      std::printf("puts of 1 KB, %d threads: %.0f /s (%.0f for two whole cores)\n", threads, rate,
                  2 * static_cast<double>(keys_) / (cpu_seconds() - cpu));
      s.store->flush();
      s.store->compact(true);
      gets(*s.store, keys_ / 2, threads, true);
      cpu = cpu_seconds();
      rate = gets(*s.store, 1'000'000, threads, true);
      std::printf("cached gets of 1 KB from files, %d threads: %.0f /s (%.0f for two whole cores)\n", threads, rate,
                  2 * 1e6 * threads / (cpu_seconds() - cpu));
    }
  }

  void memtables() {
    std::printf("\n%-10s %14s %14s %14s %14s\n", "memtable", "puts/s", "2 threads", "gets/s", "MB");
    const char* names[] = {"skiplist", "art", "btree"};
    for (int kind = 0; kind < 3; ++kind) {
      KeyValueOptions options;
      options.memtable = static_cast<KeyValueOptions::Memtable>(kind);
      options.memtable_bytes = size_t{4} << 30;
      options.log = false;
      Store one = open(options);
      double alone = load(*one.store, keys_, 100, 1, true);
      Store two = open(options);
      double both = load(*two.store, keys_, 100, 2, true);
      double reads = gets(*two.store, 1'000'000, 2, true);
      std::printf("%-10s %14.0f %14.0f %14.0f %14.1f\n", names[kind], alone, both, reads,
                  static_cast<double>(two.store->stats().memtable_bytes) / 1e6);
    }
  }

  void filters() {
    std::printf("\n%-8s %-8s %12s %12s %12s %10s\n", "filter", "learned", "hits/s", "misses/s", "disk MB", "false pos");
    const char* names[] = {"none", "bloom", "ribbon"};
    for (int filter = 0; filter < 3; ++filter) {
      for (bool learned : {false, true}) {
        KeyValueOptions options;
        options.cache_bytes = size_t{1} << 30;
        options.filter = static_cast<KeyValueOptions::Filter>(filter);
        options.learned_index = learned;
        Store s = open(options);
        load(*s.store, keys_, 100, 1, false);
        s.store->flush();
        s.store->compact(true);
        double hits = gets(*s.store, 500'000, 2, true);
        auto before = s.store->stats();
        double misses = gets(*s.store, 500'000, 2, false);
        auto after = s.store->stats();
        double asked = static_cast<double>(after.files_asked - before.files_asked);
        double passed = asked - static_cast<double>(after.filtered - before.filtered);
        std::printf("%-8s %-8s %12.0f %12.0f %12.1f %9.2f%%\n", names[filter], learned ? "on" : "off", hits, misses,
                    static_cast<double>(after.disk_bytes) / 1e6, 100 * passed / asked);
      }
    }
  }

  void styles() {
    std::printf("\n%-10s %10s %10s %12s %12s %12s\n", "compaction", "puts/s", "gets/s", "write amp", "files a get", "space amp");
    const char* names[] = {"leveled", "tiered", "flexible", "adaptive"};
    for (int style = 0; style < 4; ++style) {
      KeyValueOptions options;
      options.compaction = static_cast<KeyValueOptions::Compaction>(style);
      options.memtable_bytes = 4 << 20;
      options.level_1_bytes = 16 << 20;
      options.file_bytes = 8 << 20;
      options.level_ratio = 4;
      options.cache_bytes = size_t{1} << 30;
      Store s = open(options);
      double puts = load(*s.store, 4 * keys_, 100, 2, true);
      s.store->flush();
      s.store->compact();
      auto before = s.store->stats();
      double rate = gets(*s.store, 300'000, 2, true);
      auto after = s.store->stats();
      double asked = static_cast<double>(after.files_asked - before.files_asked) / 600'000;
      double disk = static_cast<double>(after.disk_bytes);
      s.store->compact(true);
      double least = static_cast<double>(s.store->stats().disk_bytes);
      std::printf("%-10s %10.0f %10.0f %12.2f %12.2f %12.2f\n", names[style], puts, rate, after.write_amplification(),
                  asked, disk / least);
    }
  }

  void value_sizes() {
    std::printf("\n%-8s %-10s %12s %12s %12s %12s\n", "value", "separated", "puts/s", "MB/s", "gets/s", "write amp");
    for (size_t kilobytes : {1, 8, 64}) for (bool separated : {false, true}) {
      KeyValueOptions options;
      options.value_separation_threshold = separated ? 1024 : 0;
      options.cache_bytes = size_t{1} << 30;
      Store s = open(options);
      uint64_t count = keys_ / kilobytes;
      uint64_t all = keys_;
      keys_ = count;
      double puts = load(*s.store, count, kilobytes * 1024, 2, true);
      s.store->flush();
      double rate = gets(*s.store, 100'000 / kilobytes, 2, true);
      keys_ = all;
      std::printf("%4zu KB  %-10s %12.0f %12.0f %12.0f %12.2f\n", kilobytes, separated ? "yes" : "no", puts,
                  puts * static_cast<double>(kilobytes) / 1000, rate, s.store->stats().write_amplification());
    }
  }

  // Accounts in a table with an index; each transaction moves an amount from one to another, both drawn by a Zipfian law.
  void transfers() {
    std::printf("\n%-8s %-14s %14s %12s %10s\n", "threads", "commit", "transfers/s", "retried", "balance");
    for (bool synchronous : {false, true}) {
      for (int threads : {1, 2, 8, 32}) {
        if (!synchronous && threads > 2) continue;
        transfer(threads, synchronous);
      }
    }
  }

  // YCSB's: Gray et al., "Quickly generating billion-record synthetic databases", 1994; spread over the accounts.
  class Zipf {
   public:
    explicit Zipf(uint64_t count) : count_(count) {
      for (uint64_t i = 1; i <= count; ++i) zeta_ += 1 / std::pow(static_cast<double>(i), kTheta);
      double zeta_2 = 1 + 1 / std::pow(2.0, kTheta);
      eta_ = (1 - std::pow(2.0 / static_cast<double>(count), 1 - kTheta)) / (1 - zeta_2 / zeta_);
    }
    uint64_t draw(os::Random& random) const {
      double u = random.unit();
      double uz = u * zeta_;
      double rank = uz < 1 ? 0 : uz < 1 + std::pow(0.5, kTheta) ? 1
                    : static_cast<double>(count_) * std::pow(eta_ * u - eta_ + 1, 1 / (1 - kTheta));
      return hash_int(static_cast<uint64_t>(rank)) % count_;
    }

   private:
    static constexpr double kTheta = 0.99;
    uint64_t count_;
    double zeta_ = 0;
    double eta_ = 0;
  };

  static constexpr uint64_t kAccounts = 100'000;
  static constexpr int64_t kBalance = 1000;

  struct Bank {
    std::unique_ptr<os::FileSystem> files;
    std::unique_ptr<storage::Engine> engine;
    std::unique_ptr<txn::TransactionManager> manager;
    std::shared_ptr<storage::Table> table;
    std::shared_ptr<storage::Index> index;
  };

  static storage::KeyColumn account_key() { return {0, types::PhysicalType::Int64, storage::KeyKind::Signed, false, false}; }

  static vector::Chunk chunk_of(size_t columns) {
    vector::Chunk chunk;
    for (size_t i = 0; i < columns; ++i) chunk.add_column(kInvalidOid, types::PhysicalType::Int64);
    chunk.reset();
    return chunk;
  }

  Bank open_bank() {
    Bank bank;
    bank.files = directory_ != nullptr ? os::make_local_file_system() : os::make_memory_file_system();
    std::string path = std::string(directory_ != nullptr ? directory_ : "bank") + "/" + std::to_string(++number_);
    bank.engine = storage::Engine::open(*bank.files, path, {});
    bank.manager = std::make_unique<txn::TransactionManager>(*bank.engine);
    txn::Backend backend(*bank.manager, 1);
    auto txn = bank.manager->begin(backend);
    storage::TableSchema schema;
    for (int i = 0; i < 2; ++i) schema.columns.push_back({types::PhysicalType::Int64, false, {}});
    bank.table = bank.engine->create_table(txn->context(), TableId(10), schema);
    vector::Chunk chunk = chunk_of(2);
    for (uint64_t at = 0; at < kAccounts; at += vector::kMaxChunkRows) {
      size_t count = std::min<uint64_t>(vector::kMaxChunkRows, kAccounts - at);
      for (size_t i = 0; i < count; ++i) {
        chunk.column(0).start<int64_t>()[i] = static_cast<int64_t>(at + i);
        chunk.column(1).start<int64_t>()[i] = kBalance;
      }
      chunk.set_size(count);
      bank.table->insert(txn->context(), {}, chunk);
    }
    storage::IndexDefinition definition;
    definition.id = IndexId(11);
    definition.table = TableId(10);
    definition.columns = {account_key()};
    bank.index = bank.engine->build_index(&txn->context(), definition);
    bank.manager->commit(std::move(txn));
    return bank;
  }

  // False when somebody else has changed the row: the transaction starts over.
  static bool add_to(const Bank& bank, txn::Transaction& txn, uint64_t account, int64_t amount) {
    std::string key;
    std::vector<RowId> rows;
    std::vector<uint32_t> found;
    append_key(key, account_key(), types::Value::of_i64(static_cast<int64_t>(account)));
    bank.index->lookup(key, rows);
    if (rows.empty()) std::abort();
    auto snapshot = txn.take_snapshot();
    vector::Chunk row = chunk_of(2), change = chunk_of(1);
    const uint32_t all[] = {0, 1};
    const uint32_t balance[] = {1};
    bank.table->fetch(*snapshot, std::span(rows.data(), 1), all, row, found);
    if (found.size() != 1) std::abort();
    change.column(0).start<int64_t>()[0] = row.column(1).view().data<int64_t>()[0] + amount;
    change.set_size(1);
    return static_cast<bool>(bank.table->update(txn.context(), *snapshot, rows[0], balance, change, 0, storage::RowLockMode::NoKeyUpdate));
  }

  void transfer(int threads, bool synchronous) {
    Bank bank = open_bank();
    Zipf zipf(kAccounts);
    std::atomic<uint64_t> done{0}, retried{0};
    std::atomic<bool> stop{false};
    double took = seconds_of([&] {
      std::vector<std::thread> all;
      for (int t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
          txn::Backend backend(*bank.manager, 10 + t);
          os::Random random(static_cast<uint64_t>(t) + 1);
          while (!stop.load(std::memory_order_relaxed)) {
            uint64_t from = zipf.draw(random), to = zipf.draw(random);
            if (from == to) continue;
            auto amount = static_cast<int64_t>(1 + random.below(10));
            auto txn = bank.manager->begin(backend);
            if (add_to(bank, *txn, from, -amount) && add_to(bank, *txn, to, amount)) {
              bank.manager->commit(std::move(txn), synchronous);
              done.fetch_add(1, std::memory_order_relaxed);
            } else {
              bank.manager->rollback(std::move(txn));
              retried.fetch_add(1, std::memory_order_relaxed);
              std::this_thread::yield();
            }
          }
        });
      }
      std::this_thread::sleep_for(std::chrono::seconds(3));
      stop = true;
      for (auto& thread : all) thread.join();
    });
    std::printf("%-8d %-14s %14.0f %12llu %10s\n", threads, synchronous ? "synchronous" : "asynchronous",
                static_cast<double>(done) / took, static_cast<unsigned long long>(retried.load()), check(bank) ? "right" : "WRONG");
  }

  static bool check(const Bank& bank) {
    txn::Backend backend(*bank.manager, 1);
    auto txn = bank.manager->begin(backend);
    auto snapshot = txn->take_snapshot();
    vector::Chunk chunk = chunk_of(1);
    std::vector<RowId> ids;
    const uint32_t balance[] = {1};
    storage::ScanState state{RowId(1), bank.table->end_row()};
    int64_t sum = 0;
    while (bank.table->scan(*snapshot, balance, state, chunk, ids)) {
      for (size_t i = 0; i < chunk.size(); ++i) sum += chunk.column(0).get(i).i64;
    }
    return sum == static_cast<int64_t>(kAccounts) * kBalance;
  }

  uint64_t keys_;
  const char* directory_;
  int number_ = 0;
};

}  // namespace
}  // namespace aegis

int main(int argc, char** argv) {
  uint64_t thousands = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500;
  std::set<std::string> parts;
  for (int i = 3; i < argc; ++i) parts.insert(argv[i]);
  const char* directory = argc > 2 && std::strcmp(argv[2], "-") != 0 ? argv[2] : nullptr;
  aegis::Bench(thousands * 1000, directory).run(parts);
}
