// The lo_… functions: descriptors of a session's open large objects, which end with the transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/arena.h"
#include "aegis/commands/large_object.h"
#include "core.h"

namespace aegis::session {

class LargeObjects {
 public:
  explicit LargeObjects(Session::Core& session) : session_(session) {}
  // False if it is not one of these functions.
  bool call(std::string_view name, std::span<const types::Value> arguments, Arena& arena, types::Value& result);

 private:
  using Object = catalog::LargeObject;
  struct Open {
    bool used = false;
    uint64_t serial = 0;
    std::shared_ptr<const Object> object;
    bool writes = false;
    int64_t position = 0;
  };

  Oid create(Oid number);
  Oid create_with(Oid number, std::string_view bytes);
  void unlink(Oid number);
  // Checks that it may be read, or written.
  std::shared_ptr<const Object> find(Oid number, bool reads, bool writes);
  int32_t open(Oid number, int32_t mode);
  Open& descriptor(int32_t number);
  int64_t seek(Open& open, int64_t offset, int32_t whence);
  std::string read(const Object& object, bool writes, int64_t offset, int64_t count);
  int64_t size(const Object& object, bool writes);
  void write(const Object& object, int64_t offset, std::string_view bytes);
  void truncate(int32_t descriptor, int64_t size);
  std::string read_fragment(Oid number, int64_t offset, int64_t count);
  Oid import(std::string_view path, Oid number);
  void export_to(Oid number, std::string_view path);
  txn::SnapshotHandle latest();
  storage::Snapshot snapshot(bool writes, txn::SnapshotHandle& hold);

  Session::Core& session_;
  uint64_t transaction_ = 0;  // whose descriptors these are
  uint64_t serial_ = 0;
  std::vector<Open> opened_;
};

}  // namespace aegis::session
