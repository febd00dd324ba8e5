#include "key_value_model.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"
#include "aegis/os/random.h"
#include "aegis/storage/key_value.h"
#include "lives.h"

namespace aegis::storage {
namespace {

using World = std::map<std::string, std::string>;

class Store {
 public:
  Store(uint64_t seed, KeyValueFigures& figures)
      : random_(seed), files_(std::make_unique<os::FaultyFileSystem>(seed)), shape_(seed % 4), figures_(figures) {}

  void run(int lives) {
    open();
    for (int life = 0; life < lives; ++life) {
      ++figures_.lives;
      figures_.crashes += plan_life(*files_, random_) == Fault::Crash;
      live();
      stop();
      auto at_rest = files_->copy();
      start_again(*files_, random_, [this] { open(); }, [this] { store_.reset(); });
      check();
      for (int i = 0; i < 2; ++i) flip(*at_rest);
      history_.restart_from(found_);
      in_doubt_.reset();
    }
  }

 private:
  KeyValueOptions options() const {
    KeyValueOptions options;
    options.background = false;
    options.memtable_bytes = 8 << 10;
    options.file_bytes = 4 << 10;
    options.block_bytes = 512;
    options.level_1_bytes = 16 << 10;
    options.level_ratio = 3;
    options.runs_at_level_0 = 2;
    options.cache_bytes = 8 << 10;
    options.memtable = static_cast<KeyValueOptions::Memtable>(shape_ % 3);
    options.compaction = static_cast<KeyValueOptions::Compaction>(shape_);
    options.filter = static_cast<KeyValueOptions::Filter>(shape_ % 3);
    options.compress = shape_ % 2 == 1;
    options.value_separation_threshold = shape_ == 3 ? 0 : 200;
    options.value_file_bytes = 6 << 10;
    return options;
  }
  std::unique_ptr<KeyValueStore> open_on(os::FileSystem& files) const {
    files.create_directories("kv");
    return KeyValueStore::open(files, "kv", options());
  }
  void open() { store_ = open_on(*files_); }

  void stop() {
    snapshot_.reset();
    store_.reset();
    end_life(files_, random_, 3);
  }

  const World& present() const { return history_.present(); }

  void live() {
    for (int i = 0; i < 150; ++i) {
      bool writing = false;
      try {
        uint64_t choice = random_.below(20);
        if (choice == 0) {
          store_->flush();
        } else if (choice == 1) {
          store_->compact(random_.one_in(4));
        } else if (choice == 2) {
          look_at_snapshot();
        } else if (choice == 3) {
          look(*store_, present(), nullptr);
        } else {
          writing = true;
          write();
          writing = false;
        }
      } catch (const StorageError&) {
        ++figures_.refused;
        // A write that failed may be there or not, and others cannot follow it.
        if (writing || files_->crashed()) return;
      }
    }
  }

  std::string random_key() { return fmt::format("key {:03}", random_.below(120)); }
  std::string random_value() {
    size_t length = random_.below(random_.one_in(3) ? 1500 : 60);
    std::string value(length, static_cast<char>('a' + random_.below(26)));
    for (size_t i = 0; i < length && random_.one_in(3); ++i) value[i] = static_cast<char>(random_.below(256));
    return value;
  }

  void write() {
    World after = present();
    KeyValueBatch batch;
    for (uint64_t count = 1 + random_.below(random_.one_in(4) ? 20 : 2); count > 0; --count) {
      std::string key = random_key();
      if (random_.one_in(4)) {
        batch.remove(key);
        after.erase(key);
      } else {
        std::string value = random_value();
        batch.put(key, value);
        after[key] = std::move(value);
      }
    }
    bool synchronous = random_.one_in(3);
    in_doubt_ = after;
    store_->write(batch, {synchronous});
    in_doubt_.reset();
    ++figures_.writes;
    figures_.synchronous += synchronous;
    history_.add(std::move(after), synchronous);
  }

  static void look(KeyValueStore& store, const World& world, std::shared_ptr<const KeyValueStore::Snapshot> snapshot) {
    auto cursor = store.scan({}, snapshot);
    auto expected = world.begin();
    for (; cursor->valid(); cursor->advance(), ++expected) {
      require(expected != world.end() && cursor->key() == expected->first && cursor->value() == expected->second,
              fmt::format("a scan of a store gives a wrong entry at \"{}\"", cursor->key()));
    }
    require(expected == world.end(), "a scan of a store lacks an entry");
    std::string value;
    for (int i = 0; i < 120; i += 7) {
      std::string key = fmt::format("key {:03}", i);
      auto found = world.find(key);
      bool there = store.get(key, value, snapshot.get());
      require(there == (found != world.end()) && (!there || value == found->second), fmt::format("a get of \"{}\" is wrong", key));
    }
  }

  void look_at_snapshot() {
    if (!snapshot_) {
      snapshot_ = store_->snapshot();
      snapshot_world_ = present();
      ++figures_.snapshots;
    }
    look(*store_, snapshot_world_, snapshot_);
    if (random_.one_in(3)) snapshot_.reset();
  }

  static World world_of(KeyValueStore& store) {
    World world;
    for (auto cursor = store.scan({}); cursor->valid(); cursor->advance()) world[cursor->key()] = cursor->value();
    return world;
  }

  void check() {
    found_ = world_of(*store_);
    require((in_doubt_ && *in_doubt_ == found_) || history_.may_be_left(found_), "what a store has after the crash was never so, or a synchronous write is lost");
    look(*store_, found_, nullptr);
    store_->verify();
    figures_.value_files += store_->stats().value_log_files;
  }

  void flip(os::FaultyFileSystem& at_rest) {
    std::vector<std::string> names = at_rest.list("kv");
    if (names.empty()) return;
    auto files = at_rest.copy();
    for (std::string& name : names) name = "kv/" + name;
    auto [path, bit] = flip_some_bit(*files, random_, names);
    if (path.empty()) return;
    ++figures_.flips;
    try {
      auto store = open_on(*files);
      World seen = world_of(*store);
      if (seen == found_) {
        ++figures_.flips_harmless;
        return;
      }
      // What was written last can't be told from what a crash tore.
      bool known = path.ends_with(".log") || path.ends_with(".vlog");
      bool was_so = (in_doubt_ && *in_doubt_ == seen) || history_.ever_had(seen);
      require(known && was_so, fmt::format("flipped bit {} of {}: wrong entries", bit, path));
      ++figures_.flips_torn_tail;
    } catch (const StorageError& error) {
      std::string what = error.what();
      // A log that seems torn may lack entries that took the place of those whose file is gone.
      bool named = what.find(path) != std::string::npos || (path.ends_with(".log") && what.find(".vlog") != std::string::npos);
      require(error.sqlstate() == Sqlstate::DataCorrupted && named,
              fmt::format("flipped bit {} of {}: {}", bit, path, error.what()));
      ++figures_.flips_reported;
    }
  }

  os::Random random_;
  std::unique_ptr<os::FaultyFileSystem> files_;
  const uint64_t shape_;
  KeyValueFigures& figures_;
  std::unique_ptr<KeyValueStore> store_;
  History<World> history_;
  std::optional<World> in_doubt_;
  World found_;
  std::shared_ptr<const KeyValueStore::Snapshot> snapshot_;
  World snapshot_world_;
};

}  // namespace

std::string run_key_value_seed(uint64_t seed, int lives, KeyValueFigures& figures) {
  try {
    Store(seed, figures).run(lives);
    return {};
  } catch (const Failure& failure) {
    return failure.what;
  } catch (const std::exception& error) {
    return fmt::format("exception: {}", error.what());
  }
}

}  // namespace aegis::storage
