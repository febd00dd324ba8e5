// What a session knows: settings, sequences, identity, time to wait, random numbers.
#include <openssl/rand.h>

#include <cmath>

#include "aegis/functions/user_types.h"
#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "aegis/types/numeric.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace numeric = types::numeric;

namespace {

std::string version(Call& call) {
  const std::string* number = call.services().setting("server_version", true);
  return "PostgreSQL " + (number == nullptr ? std::string("15") : *number) + " (AegisDB) on x86_64-linux-gnu, 64-bit";
}

std::optional<std::string> current_setting(Call& call, Text name, bool missing_ok) {
  const std::string* value = call.services().setting(name, missing_ok);
  if (value == nullptr) return std::nullopt;
  return *value;
}

Value set_config(Call& call, std::span<const Value> row) {
  if (row[0].is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "SET requires parameter name");
  std::string set = call.services().set_setting(row[0].text(), row[1].is_null ? Text() : row[1].text(),
                                                !row[2].is_null && row[2].boolean);
  return types::string_value(set, call.arena());
}

std::optional<std::string> current_schema(Call& call) {
  std::vector<std::string> schemas = call.services().current_schemas(false);
  if (schemas.empty()) return std::nullopt;
  return schemas.front();
}

StringView current_schemas(Call& call, bool include_implicit) {
  std::vector<std::string> schemas = call.services().current_schemas(include_implicit);
  types::ArrayBuilder builder(types::oid::kName);
  for (const std::string& schema : schemas) builder.add(Value::of_string(schema));
  return builder.value(call.arena()).string;
}

Uuid random_uuid() {
  Uuid uuid;
  if (RAND_bytes(uuid.bytes, sizeof uuid.bytes) != 1) {
    throw SqlError(Sqlstate::InternalError, "could not generate random values");
  }
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

// Functions without arguments that must run once a row.
template <typename T, auto F>
void each_row(CallContext& context, Arguments, size_t count, Vector& result) {
  Call call{context, result};
  T* out = result.start<T>();
  for (size_t i = 0; i < count; ++i) out[i] = F(call);
}

bool set_seed(Call& call, double seed) {
  if (seed < -1 || seed > 1 || std::isnan(seed)) {
    throw SqlError(Sqlstate::InvalidParameterValue, "setseed parameter " + [&] {
      std::string text;
      types::append_double(seed, 1, text);
      return text;
    }() + " is out of allowed range [-1,1]");
  }
  call.services().seed_random(seed);
  return true;
}
Value set_seed_value(Call& call, std::span<const Value> row) {
  set_seed(call, row[0].f64);
  return Value::of_string("");
}
Value sleep(Call& call, std::span<const Value> row) {
  double seconds = row[0].f64;
  if (seconds > 0) call.services().sleep(static_cast<int64_t>(std::min(seconds, 1e9) * 1e6));
  return Value::of_string("");
}

// Sizes under 10 kB are shown in bytes, then each unit up to 20 times its 1024; halves round away from zero.
std::string size_pretty(int64_t size) {
  static constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  auto magnitude = [](int64_t value) { return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value); };
  if (magnitude(size) < 10 * 1024) return std::to_string(size) + " bytes";
  // From here on one bit more than is shown, for rounding.
  int64_t value = size / 512;
  for (int i = 1;; ++i) {
    if (i == 5 || magnitude(value) < 20 * 1024 - 1) {
      return std::to_string((value + (value < 0 ? -1 : 1)) / 2) + " " + kUnits[i];
    }
    value /= 1024;
  }
}

std::string size_pretty_numeric(Call& call, const Numeric& size) {
  Arena& arena = call.arena();
  static constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  auto below = [&](const Numeric& value, int64_t limit) {
    return numeric::compare(numeric::absolute(value, arena), Numeric::of(limit)) < 0;
  };
  Numeric value = size;
  if (below(value, 10 * 1024)) return numeric::to_string(value) + " bytes";
  value = numeric::divide_truncated(value, Numeric::of(512), arena);
  for (int i = 1;; ++i) {
    if (i == 5 || below(value, 20 * 1024 - 1)) {
      Numeric one = Numeric::of(numeric::sign(value) < 0 ? -1 : 1);
      value = numeric::divide_truncated(numeric::add(value, one, arena), Numeric::of(2), arena);
      return numeric::to_string(value) + " " + kUnits[i];
    }
    value = numeric::divide_truncated(value, Numeric::of(1024), arena);
  }
}

int64_t size_bytes(Call& call, Text text) {
  Text trimmed = types::trim_space(text);
  size_t end = 0;
  while (end < trimmed.size() && (std::isdigit(static_cast<unsigned char>(trimmed[end])) || trimmed[end] == '.' ||
                                  (end == 0 && (trimmed[end] == '-' || trimmed[end] == '+')))) {
    ++end;
  }
  auto fail = [&] {
    throw SqlError(Sqlstate::InvalidParameterValue, "invalid size: \"" + std::string(text) + "\"");
  };
  if (end == 0 || !std::isdigit(static_cast<unsigned char>(trimmed[end - 1]))) fail();
  Numeric number = numeric::from_string(trimmed.substr(0, end), call.arena());
  std::string unit(types::trim_space(trimmed.substr(end)));
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  int64_t factor = 0;
  static constexpr const char* kUnits[] = {"bytes", "kb", "mb", "gb", "tb", "pb"};
  for (int i = 0; i < 6; ++i) {
    if (unit == kUnits[i]) factor = int64_t{1} << (10 * i);
  }
  if (unit.empty()) factor = 1;
  if (factor == 0) {
    throw SqlError(Sqlstate::InvalidParameterValue, "invalid size: \"" + std::string(text) + "\"")
        .detail("Invalid size unit: \"" + std::string(types::trim_space(trimmed.substr(end))) + "\".")
        .hint("Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".");
  }
  return numeric::to_int64(numeric::multiply(number, Numeric::of(factor), call.arena()));
}

// PostgreSQL's numbers of encodings.
constexpr Text kEncodings[] = {
    "SQL_ASCII", "EUC_JP",   "EUC_CN",  "EUC_KR",  "EUC_TW",     "EUC_JIS_2004", "UTF8",    "MULE_INTERNAL", "LATIN1",
    "LATIN2",    "LATIN3",   "LATIN4",  "LATIN5",  "LATIN6",     "LATIN7",       "LATIN8",  "LATIN9",        "LATIN10",
    "WIN1256",   "WIN1258",  "WIN866",  "WIN874",  "KOI8R",      "WIN1251",      "WIN1252", "ISO_8859_5",    "ISO_8859_6",
    "ISO_8859_7", "ISO_8859_8", "WIN1250", "WIN1253", "WIN1254", "WIN1255",      "WIN1257", "KOI8U",         "SJIS",
    "BIG5",      "GBK",      "UHC",     "GB18030", "JOHAB",      "SHIFT_JIS_2004"};

Text encoding_name(int32_t number) {
  if (number < 0 || static_cast<size_t>(number) >= std::size(kEncodings)) return "";
  return kEncodings[number];
}
int32_t encoding_number(Text name) {
  std::string wanted;
  for (char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c))) wanted += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (wanted == "UNICODE") wanted = "UTF8";
  for (size_t i = 0; i < std::size(kEncodings); ++i) {
    std::string plain(kEncodings[i]);
    std::erase(plain, '_');
    if (plain == wanted) return static_cast<int32_t>(i);
  }
  return -1;
}
std::optional<int32_t> encoding_max_length(int32_t number) {
  if (number < 0 || static_cast<size_t>(number) >= std::size(kEncodings)) return std::nullopt;
  switch (number) {
    case 1: case 2: case 3: case 5: return 3;
    case 4: case 6: case 7: case 39: return 4;
    case 35: case 36: case 37: case 38: case 41: return 2;
    case 40: return 3;
    default: return 1;
  }
}

// Distances between log positions.
Numeric unsigned_numeric(int64_t bits, Arena& arena) {
  return numeric::from_int128(static_cast<__int128>(static_cast<uint64_t>(bits)), 0, arena);
}
Numeric lsn_difference(Call& call, int64_t a, int64_t b) {
  return numeric::subtract(unsigned_numeric(a, call.arena()), unsigned_numeric(b, call.arena()), call.arena());
}
int64_t lsn_add(Call& call, int64_t lsn, const Numeric& bytes, int sign) {
  if (bytes.kind == Numeric::Kind::NaN) {
    throw SqlError(Sqlstate::InvalidParameterValue, std::string("cannot ") + (sign > 0 ? "add" : "subtract") + " NaN " +
                                                        (sign > 0 ? "to" : "from") + " pg_lsn");
  }
  Arena& arena = call.arena();
  Numeric base = unsigned_numeric(lsn, arena);
  Numeric sum = numeric::round(sign > 0 ? numeric::add(base, bytes, arena) : numeric::subtract(base, bytes, arena), 0, arena);
  if (numeric::sign(sum) < 0 || numeric::compare(sum, unsigned_numeric(-1, arena)) > 0) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, "pg_lsn out of range");
  }
  return static_cast<int64_t>(std::stoull(numeric::to_string(sum)));
}

constexpr ScalarBinding kBindings[] = {
    {"PG_encoding_to_char", kernel<encoding_name>},
    {"PG_char_to_encoding", kernel<encoding_number>},
    {"pg_encoding_max_length_sql", kernel<encoding_max_length>},
    {"pg_lsn_mi", kernel<lsn_difference>},
    {"pg_wal_lsn_diff", kernel<lsn_difference>},
    {"pg_lsn_pli", kernel<[](Call& c, int64_t a, const Numeric& b) { return lsn_add(c, a, b, 1); }>},
    {"pg_lsn_mii", kernel<[](Call& c, int64_t a, const Numeric& b) { return lsn_add(c, a, b, -1); }>},
    {"numeric_pl_pg_lsn(numeric,pg_lsn)", kernel<[](Call& c, const Numeric& b, int64_t a) { return lsn_add(c, a, b, 1); }>},
    {"xid8toxid", kernel<[](int64_t a) { return static_cast<uint32_t>(a); }>},
    {"pgsql_version", kernel<version>},
    {"current_user", kernel<[](Call& c) { return c.services().current_user(); }>},
    {"session_user", kernel<[](Call& c) { return c.services().session_user(); }>},
    {"current_database", kernel<[](Call& c) { return c.services().current_database(); }>},
    {"current_schema", kernel<current_schema>},
    {"current_schemas", kernel<current_schemas>},
    {"pg_backend_pid", kernel<[](Call& c) { return static_cast<int32_t>(c.services().backend_pid()); }>},
    {"pg_client_encoding", kernel<[](Call& c) {
       return current_setting(c, "client_encoding", true).value_or("UTF8");
     }>},
    {"getdatabaseencoding", kernel<[] { return Text("UTF8"); }>},
    {"show_config_by_name", kernel<[](Call& c, Text name) { return current_setting(c, name, false); }>},
    {"show_config_by_name_missing_ok", kernel<current_setting>},
    {"set_config_by_name", value_kernel<set_config>},
    {"nextval_oid", kernel<[](Call& c, uint32_t sequence) {
       Value asked = Value::of_oid(sequence), may;
       c.services().catalog_function("check_nextval", {&asked, 1}, c.arena(), may);
       return c.services().next_value(sequence);
     }>},
    {"currval_oid", kernel<[](Call& c, uint32_t sequence) { return c.services().current_value(sequence); }>},
    {"lastval", kernel<[](Call& c) { return c.services().last_value(); }>},
    {"setval_oid", kernel<[](Call& c, uint32_t sequence, int64_t value) {
       return c.services().set_value(sequence, value, true);
     }>},
    {"setval3_oid", kernel<[](Call& c, uint32_t sequence, int64_t value, bool called) {
       return c.services().set_value(sequence, value, called);
     }>},
    {"drandom", each_row<double, [](Call& c) { return c.services().random(); }>},
    {"setseed", strict_value_kernel<set_seed_value>},
    {"gen_random_uuid", each_row<Uuid, [](Call&) { return random_uuid(); }>},
    {"pg_current_xact_id", kernel<[](Call& c) { return static_cast<int64_t>(c.services().current_transaction_id()); }>},
    {"pg_sleep", strict_value_kernel<sleep>},
    {"pg_size_pretty", kernel<size_pretty>},
    {"pg_size_pretty_numeric", kernel<size_pretty_numeric>},
    {"pg_size_bytes", kernel<size_bytes>},
};

}  // namespace

const Function& identity_value_function() {
  static const Function function = [] {
    Function made;
    made.name = made.symbol = "nextval";
    made.result = types::oid::kInt8;
    made.volatility = Volatility::Volatile;
    made.strict = true;
    made.kernel = kernel<[](Call& c, uint32_t sequence) { return c.services().next_value(sequence); }>;
    return made;
  }();
  return function;
}

std::span<const ScalarBinding> session_bindings() { return kBindings; }

}  // namespace aegis::functions
