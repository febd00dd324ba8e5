#include "lsm/sst.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

#include "aegis/base/error.h"
#include "aegis/os/random.h"
#include "lsm/cursors.h"
#include "lsm/filter.h"

namespace aegis::storage::lsm {
namespace {

TEST_CASE("the hash in files is what it always was") { CHECK(filter_hash("aegis") == 15515782908209569980ULL); }

TEST_CASE("filters have all their keys and few others") {
  for (FilterKind kind : {FilterKind::Bloom, FilterKind::Ribbon}) {
    for (size_t count : {1UL, 7UL, 100UL, 5000UL, 20000UL}) {
      os::Random random(count);
      std::vector<uint64_t> hashes;
      for (size_t i = 0; i < count; ++i) hashes.push_back(hash_int(random.next()));
      std::string filter = build_filter(kind, hashes);
      for (uint64_t hash : hashes) REQUIRE(filter_may_contain(filter, hash));
      int wrong = 0;
      for (int i = 0; i < 20000; ++i) wrong += filter_may_contain(filter, hash_int(random.next())) ? 1 : 0;
      if (count >= 5000) {
        double bits = static_cast<double>(filter.size()) * 8 / static_cast<double>(count);
        MESSAGE(std::string(kind == FilterKind::Bloom ? "bloom" : "ribbon")
                << ": " << bits << " bits a key, " << wrong / 200.0 << "% false positives");
      }
      CHECK(wrong < 20000 * 0.03);
    }
  }
}

TEST_CASE("the learned index is off by its bound at most") {
  os::Random random(3);
  for (int shape = 0; shape < 3; ++shape) {
    std::vector<uint64_t> numbers;
    uint64_t n = 1;
    for (int i = 0; i < 20000; ++i) {
      numbers.push_back(n);
      n += shape == 0 ? 10 : shape == 1 ? 1 + random.below(1000) : 1 + (random.one_in(100) ? random.below(1u << 30) : 3);
    }
    LearnedIndex index = LearnedIndex::train(numbers);
    for (size_t i = 0; i < numbers.size(); ++i) {
      uint32_t first = index.predict(numbers[i]);
      REQUIRE(first <= i);
      REQUIRE(i <= first + 2 * LearnedIndex::kMaxError + 1);
    }
    MESSAGE("shape " << shape << ": " << index.segment_count() << " segments for " << numbers.size());
    if (shape == 0) CHECK(index.segment_count() == 1);
  }
}

TEST_CASE("blocks agree with a map") {
  for (bool compress : {false, true}) {
    DataBlockBuilder builder;
    std::map<std::string, std::string> model;
    for (int i = 0; i < 500; ++i) model[fmt::format("a common prefix {:05}", i * 7)] = std::string(static_cast<size_t>(i % 50), 'x');
    for (auto& [key, value] : model) builder.add({key, 5, EntryKind::Put, value});
    std::string payload = builder.finish(compress);
    DataBlockReader reader;
    REQUIRE(reader.open(payload));
    REQUIRE(reader.seek_first());
    for (auto& [key, value] : model) {
      REQUIRE(!reader.at_end());
      CHECK(reader.entry().key == key);
      CHECK(reader.entry().value == value);
      REQUIRE(reader.next());
    }
    CHECK(reader.at_end());
    REQUIRE(reader.seek_last());
    for (auto item = model.rbegin(); item != model.rend(); ++item) {
      CHECK(reader.entry().key == item->first);
      REQUIRE(reader.previous());
    }
    CHECK(reader.at_end());
    for (int i = 0; i < 3600; ++i) {
      std::string key = fmt::format("a common prefix {:05}", i);
      REQUIRE(reader.seek({}, key));
      auto expected = model.lower_bound(key);
      CHECK(reader.at_end() == (expected == model.end()));
      if (expected != model.end()) CHECK(reader.entry().key == expected->first);
    }
    for (size_t cut = 0; cut < payload.size(); cut += 37) {
      if (!reader.open(std::string_view(payload).substr(0, cut)) || !reader.seek_first()) continue;
      while (!reader.at_end() && reader.next()) {
      }
    }
  }
}

struct Built {
  std::unique_ptr<os::FileSystem> files = os::make_memory_file_system();
  BufferPool pool{{}};
  ReadCounts counts;
  TreeOptions options;
  std::unique_ptr<SstFile> file;
  std::map<std::string, std::string> model;

  explicit Built(TreeOptions o) : options(o) {
    files->create_directories("d");
    SstWriter writer(*files, "d", 7, options, nullptr);
    os::Random random(11);
    for (int i = 0; i < 30000; ++i) {
      uint64_t n = __builtin_bswap64(static_cast<uint64_t>(i) * 100 + random.below(100));
      model[std::string(reinterpret_cast<const char*>(&n), 8) + std::string(random.below(12), 'k')] = std::to_string(i);
    }
    for (auto& [key, value] : model) writer.add({key, 1, EntryKind::Put, value});
    file = std::make_unique<SstFile>(*files, pool, "d", writer.finish(), options, counts);
  }
};

TEST_CASE("files answer gets, with every filter, with and without learned index and compression") {
  for (int variant = 0; variant < 6; ++variant) {
    CAPTURE(variant);
    TreeOptions options;
    options.block_bytes = 512;
    options.filter = static_cast<FilterKind>(variant % 3);
    options.learned_index = variant >= 3;
    options.compress = variant % 2 == 1;
    Built built(options);
    built.file->verify();
    DataBlockReader reader;
    BlockRef block;
    auto get = [&](const std::string& key, uint64_t sequence) {
      return built.file->get(key, filter_hash(key), sequence, reader, block);
    };
    for (auto& [key, value] : built.model) {
      auto found = get(key, 9);
      REQUIRE(found);
      REQUIRE(found->value == value);
      REQUIRE(!get(key + "!", 9));
    }
    CHECK(!get(built.model.begin()->first, 0));
    CHECK(!get("", 9));
    CHECK(!get("\xff\xff", 9));
    if (options.learned_index) {
      CHECK(built.counts.total(ReadCounts::LearnedHits) > 10 * built.counts.total(ReadCounts::LearnedMisses));
      MESSAGE("learned index: " << built.file->learned_segments() << " segments for " << built.file->block_count() << " blocks");
    }
    if (options.filter != FilterKind::None) CHECK(built.counts.total(ReadCounts::Filtered) > built.model.size() / 10 * 9);
  }
}

TEST_CASE("damage anywhere in a file is found") {
  TreeOptions options;
  Built built(options);
  uint64_t size = built.file->meta().size_bytes;
  FileMeta meta = built.file->meta();
  os::Random random(5);
  for (int i = 0; i < 60; ++i) {
    uint64_t offset = i == 0 ? size - 1 : random.below(size);
    CAPTURE(offset);
    auto raw = built.files->open(sst_path("d", 7), os::OpenMode::ReadWrite);
    char byte = 0;
    raw->read_at(offset, {&byte, 1});
    char flipped = static_cast<char>(byte ^ 0x10);
    raw->write_at(offset, {&flipped, 1});
    {
      SstFile file(*built.files, built.pool, "d", meta, options, built.counts);
      CHECK_THROWS_AS(file.verify(), StorageError);
    }
    raw->write_at(offset, {&byte, 1});
  }
  built.file->verify();
}

TEST_CASE("a file goes with its last holder once it is obsolete, an unfinished one at once") {
  Built built{TreeOptions()};
  std::string path = built.file->path();
  built.file->mark_obsolete();
  CHECK(built.files->exists(path));
  built.file.reset();
  CHECK(!built.files->exists(path));
  {
    SstWriter writer(*built.files, "d", 8, {}, nullptr);
    writer.add({"k", 1, EntryKind::Put, "v"});
  }
  CHECK(!built.files->exists(sst_path("d", 8)));
}

}  // namespace
}  // namespace aegis::storage::lsm
