// Looking a row up in a system catalog, whichever way its rows are made.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aegis/catalog/system.h"
#include "aegis/types/value.h"

namespace aegis::catalog {

class CatalogRow {
 public:
  CatalogRow() = default;
  explicit operator bool() const { return chunk_ != nullptr; }
  types::Value get(std::string_view column) const;
  Oid oid(std::string_view column) const { return get(column).oid(); }
  std::string text(std::string_view column) const;
  char letter(std::string_view column) const;
  int number(std::string_view column) const;

 private:
  friend CatalogRow find_row(const SystemContext&, Oid, const std::function<bool(const CatalogRow&)>&);
  const SystemTable* table_ = nullptr;
  std::shared_ptr<const SystemRows> rows_;
  const vector::Chunk* chunk_ = nullptr;
  size_t at_ = 0;
};

// The first row that `matches`; false when there is none, or no such catalog.
CatalogRow find_row(const SystemContext& context, Oid table, const std::function<bool(const CatalogRow&)>& matches);
// The row of that OID.
CatalogRow find_row(const SystemContext& context, Oid table, Oid oid);

}  // namespace aegis::catalog
