// Collations: how texts are ordered, and how their letters change case (PostgreSQL's pg_collation). Orders other than that of
// the bytes come from ICU (provider 'i') or from the C library's locales (provider 'c').
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::types {

inline constexpr Oid kDefaultCollation = 100;
inline constexpr Oid kCCollation = 950;
inline constexpr Oid kPosixCollation = 951;
// Operands whose implicit collations differ: what depends on the order of texts fails with 42P22.
inline constexpr Oid kIndeterminateCollation = 1;

struct CollationInfo {
  Oid oid = kInvalidOid;
  std::string name;
  char provider = 'c';  // d: the database's, c: the C library, i: ICU
  bool deterministic = true;  // false: texts may be equal though their bytes differ
  int encoding = -1;
  std::string collate;  // provider c
  std::string ctype;
  std::string icu_locale;  // provider i
};

// An order of texts. Thread safe.
class Collator {
 public:
  virtual ~Collator() = default;
  // <0, 0, >0. Of a deterministic collation only texts of the same bytes are equal.
  virtual int compare(std::string_view a, std::string_view b) const = 0;
  // Appends bytes whose memcmp order is that of compare().
  virtual void append_sort_key(std::string_view text, std::string& out) const = 0;
  virtual std::string lower(std::string_view text) const = 0;
  virtual std::string upper(std::string_view text) const = 0;
  virtual std::string capitalize(std::string_view text) const = 0;  // initcap
  virtual std::string version() const = 0;  // of the rules it follows
  bool deterministic() const { return deterministic_; }

 protected:
  explicit Collator(bool deterministic) : deterministic_(deterministic) {}

 private:
  bool deterministic_;
};

// Those of every database, in the order of their OIDs.
const std::vector<CollationInfo>& built_in_collations();
// Null when there is none of this OID. The pointer stays good.
const CollationInfo* find_collation(Oid collation);
// Makes a user's collation known; one that is known is left as it is.
void register_collation(const CollationInfo& collation);
// Opens the locale; throws 22023 when there is none. Null for the order of bytes.
std::shared_ptr<const Collator> open_collator(const CollationInfo& collation);
// What a context's texts of this collation are compared by; null: their bytes. 42P22 for kIndeterminateCollation.
const Collator* collator(Oid collation, const TypeContext& context);
bool orders_by_bytes(Oid collation, const TypeContext& context);  // never throws
bool is_deterministic(Oid collation);
// Letters outside of ASCII have no case in it ("C" and "POSIX").
bool is_ascii_only(Oid collation, const TypeContext& context);
// The OID that stands for a database's own locale in TypeContext::database_collation; 0 for C.UTF-8.
Oid database_collation(char provider, const std::string& collate, const std::string& icu_locale);

}  // namespace aegis::types
