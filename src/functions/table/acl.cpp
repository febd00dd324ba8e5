// aclexplode: the privileges in an access list, one a row.
#include "aegis/functions/quoting.h"
#include "aegis/types/array.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace {

const char* privilege_name(char letter) {
  switch (letter) {
    case 'r': return "SELECT";
    case 'a': return "INSERT";
    case 'w': return "UPDATE";
    case 'd': return "DELETE";
    case 'D': return "TRUNCATE";
    case 'x': return "REFERENCES";
    case 't': return "TRIGGER";
    case 'X': return "EXECUTE";
    case 'U': return "USAGE";
    case 'C': return "CREATE";
    case 'T': return "TEMPORARY";
    case 'c': return "CONNECT";
    case 's': return "SET";
    case 'A': return "ALTER SYSTEM";
    default: return nullptr;
  }
}

struct Grant {
  Oid grantor;
  Oid grantee;
  const char* privilege;
  bool grantable;
};

class AclScan : public SetScan {
 public:
  std::vector<Grant> grants;
  bool next(Chunk& out) override {
    for (size_t c = 0; c < out.column_count(); ++c) out.column(c).reset();
    size_t count = 0;
    for (; count < vector::chunk_rows() && next_ < grants.size(); ++next_, ++count) {
      const Grant& grant = grants[next_];
      out.column(0).set(count, Value::of_oid(grant.grantor));
      out.column(1).set(count, Value::of_oid(grant.grantee));
      out.column(2).set(count, Value::of_string(grant.privilege));
      out.column(3).set(count, Value::of_bool(grant.grantable));
    }
    out.set_size(count);
    return count > 0;
  }

 private:
  size_t next_ = 0;
};

// A role as the item writes it; 0 for PUBLIC and for roles that are gone.
Oid role_of(CallContext& context, std::string_view name) {
  Oid role = kInvalidOid;
  if (name.empty() || context.types.names == nullptr) return role;
  bool quoted = name.front() == '"';
  context.types.names->lookup(types::oid::kRegrole, quoted ? std::string(name) : quote_identifier(name), role);
  return role;
}

// The end of a possibly quoted name.
size_t end_of_name(std::string_view text, size_t from, char stop) {
  bool quoted = false;
  for (size_t i = from; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == stop && !quoted) return i;
  }
  return text.size();
}

void add_item(CallContext& context, std::string_view item, std::vector<Grant>& grants) {
  size_t equals = end_of_name(item, 0, '=');
  size_t slash = end_of_name(item, equals, '/');
  if (slash == item.size()) return;
  Oid grantee = role_of(context, item.substr(0, equals));
  Oid grantor = role_of(context, item.substr(slash + 1));
  std::string_view letters = item.substr(equals + 1, slash - equals - 1);
  for (size_t i = 0; i < letters.size(); ++i) {
    const char* name = privilege_name(letters[i]);
    bool grantable = i + 1 < letters.size() && letters[i + 1] == '*';
    if (name != nullptr) grants.push_back({grantor, grantee, name, grantable});
  }
}

std::unique_ptr<SetScan> explode(CallContext& context, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  auto scan = std::make_unique<AclScan>();
  types::ArrayView items(arguments[0].text());
  for (size_t i = 0; i < items.size(); ++i) {
    Value item = items.get(i);
    if (!item.is_null) add_item(context, item.text(), scan->grants);
  }
  return scan;
}

constexpr SetBinding kBindings[] = {{"aclexplode", explode}};

}  // namespace

std::span<const SetBinding> acl_bindings() { return kBindings; }

}  // namespace aegis::functions
