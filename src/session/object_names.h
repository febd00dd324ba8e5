// Names of catalog objects for the reg* types.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
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
  std::shared_ptr<const types::UserType> user_type(Oid type) override;
  void check_domain(Oid domain, const types::Value& value) override;

  // What names mean now. Threads that work for one statement take turns.
  View view();

  // Who checks values of domains.
  void set_domain_check(std::function<void(Oid, const types::Value&)> check) { check_ = std::move(check); }

 private:
  struct KnownType {
    catalog::ObjectPtr owner;  // what the definition was made from
    std::shared_ptr<const types::UserType> definition;
  };
  std::function<View()> view_;
  std::function<void(Oid, const types::Value&)> check_;
  std::mutex mutex_;
  std::unordered_map<Oid, KnownType> known_;
};

// Splits "a.B" as SQL reads names ("B" is folded unless quoted). Throws 42602.
std::vector<std::string> split_name(std::string_view text);

}  // namespace aegis::session
