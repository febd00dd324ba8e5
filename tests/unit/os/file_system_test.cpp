#include "aegis/os/file_system.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "aegis/base/error.h"
#include "aegis/os/random.h"

namespace aegis::os {
namespace {

void exercise(FileSystem& files, const std::string& dir) {
  files.create_directories(dir + "/sub");
  auto file = files.open(dir + "/a", OpenMode::Create);
  file->append("hello");
  file->write_at(5, " world");
  CHECK(file->size() == 11);
  file->sync();
  CHECK(files.read_file(dir + "/a") == "hello world");
  std::string part(20, '.');
  CHECK(file->read_at(6, part) == 5);
  file->truncate(5);
  CHECK(files.read_file(dir + "/a") == "hello");
  files.write_file_atomically(dir + "/b", "one");
  files.write_file_atomically(dir + "/b", "two");
  CHECK(files.read_file(dir + "/b") == "two");
  files.rename(dir + "/a", dir + "/c");
  CHECK_FALSE(files.exists(dir + "/a"));
  CHECK(files.exists(dir + "/c"));
  CHECK_THROWS_AS(files.open(dir + "/a", OpenMode::Read), StorageError);
  files.remove(dir + "/c");
  files.remove(dir + "/c");
  auto names = files.list(dir);
  CHECK(std::find(names.begin(), names.end(), "b") != names.end());
  CHECK(std::find(names.begin(), names.end(), "c") == names.end());
  CHECK(files.list(dir + "/absent").empty());
  {
    auto lock = files.lock(dir + "/lock", "1");
    CHECK(lock != nullptr);
    CHECK(files.lock(dir + "/lock", "2") == nullptr);
  }
  CHECK(files.lock(dir + "/lock", "3") != nullptr);
}

TEST_CASE("the local file system") {
  char path[] = "/tmp/aegis_os_XXXXXX";
  REQUIRE(::mkdtemp(path) != nullptr);
  exercise(*make_local_file_system(), path);
  CHECK(std::system((std::string("rm -r ") + path).c_str()) == 0);
}

TEST_CASE("the memory file system") {
  auto files = make_memory_file_system();
  CHECK(files->is_volatile());
  exercise(*files, "data");
}

TEST_CASE("the faulty file system without faults") {
  FaultyFileSystem files(1);
  exercise(files, "data");
}

TEST_CASE("a crash loses only what was not synced") {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    FaultyFileSystem files(seed);
    auto file = files.open("d/log", OpenMode::Create);
    file->append("synced");
    file->sync();
    files.sync_directory("d");
    file->append("lost?");
    files.crash_after(1);
    CHECK_THROWS_AS(file->append("never"), StorageError);
    CHECK(files.crashed());
    CHECK_THROWS_AS(files.open("d/log", OpenMode::Read), StorageError);
    files.restart();
    CHECK_THROWS_AS(file->size(), StorageError);
    CHECK(files.read_file("d/log").starts_with("synced"));
  }
}

TEST_CASE("a full disk refuses writes until there is space") {
  FaultyFileSystem files(1);
  auto file = files.open("f", OpenMode::Create);
  files.fail_space_after(1);
  CHECK_THROWS_AS(file->append("x"), StorageError);
  CHECK_THROWS_AS(file->append("x"), StorageError);
  files.restore_space();
  file->append("x");
  files.fail_io_after(1);
  CHECK_THROWS_AS(file->sync(), StorageError);
  file->sync();
}

TEST_CASE("seeded randomness repeats") {
  Random a(7), b(7), c(8);
  uint64_t first = a.next();
  CHECK(first == b.next());
  CHECK(first != c.next());
  for (int i = 0; i < 1000; ++i) CHECK(a.below(10) < 10);
}

}  // namespace
}  // namespace aegis::os
