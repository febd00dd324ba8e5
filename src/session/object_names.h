// Names of catalog objects for the reg* types.
#pragma once

#include <functional>
#include <vector>

#include "aegis/catalog/catalog.h"
#include "aegis/types/type.h"

namespace aegis::session {

class ObjectNames : public types::ObjectNames {
 public:
  struct View {
    catalog::VersionPtr version;
    Oid database;
    std::vector<Oid> path;
  };
  explicit ObjectNames(std::function<View()> view) : view_(std::move(view)) {}
  bool lookup(Oid kind, std::string_view name, Oid& object) override;
  bool name_of(Oid kind, Oid object, std::string& name) override;
  bool type_name(Oid type, std::string& name) override;

 private:
  std::function<View()> view_;
};

// Splits "a.B" as SQL reads names ("B" is folded unless quoted). Throws 42602.
std::vector<std::string> split_name(std::string_view text);

}  // namespace aegis::session
