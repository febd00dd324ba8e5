// Measures the key-value store in process: key_value_bench [thousands of keys] [directory]. Without a directory files are
// in memory, and nothing is logged.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "aegis/base/hash.h"
#include "aegis/os/file_system.h"
#include "aegis/os/random.h"
#include "aegis/storage/key_value.h"

namespace aegis {
namespace {

using storage::KeyValueOptions;
using storage::KeyValueStore;

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

  void run() {
    std::printf("%llu keys, %s, 2 threads where not said\n", static_cast<unsigned long long>(keys_),
                directory_ != nullptr ? directory_ : "memory");
    puts_and_gets();
    filters();
    styles();
    value_sizes();
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
      double rate = load(*s.store, keys_, 1024, threads, true);
      std::printf("puts of 1 KB, %d threads: %.0f /s\n", threads, rate);
      s.store->flush();
      s.store->compact(true);
      gets(*s.store, keys_ / 2, threads, true);
      std::printf("cached gets of 1 KB from files, %d threads: %.0f /s\n", threads,
                  gets(*s.store, 1'000'000, threads, true));
    }
    KeyValueOptions options;
    options.memtable_bytes = size_t{1} << 30;
    Store s = open(options);
    load(*s.store, keys_ / 4, 1024, 1, false);
    std::printf("gets of 1 KB from the memtable (a quarter found): %.0f /s\n", gets(*s.store, 1'000'000, 2, true));
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
    const char* names[] = {"leveled", "tiered", "flexible"};
    for (int style = 0; style < 3; ++style) {
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

  uint64_t keys_;
  const char* directory_;
  int number_ = 0;
};

}  // namespace
}  // namespace aegis

int main(int argc, char** argv) {
  uint64_t thousands = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500;
  aegis::Bench(thousands * 1000, argc > 2 ? argv[2] : nullptr).run();
}
