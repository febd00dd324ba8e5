#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

struct Row {
  Oid oid;
  const char* name;
  const char* sql_name;
  int16_t length;
  bool by_value;
  char alignment, storage, kind, category;
  bool preferred;
  Oid array, element, collation;
  PhysicalType physical;
};

constexpr Row kRows[] = {
#define AEGIS_TYPE(oid, name, sql_name, length, by_value, alignment, storage, kind, category, preferred, array, element, \
                   collation, physical)                                                                                  \
  {oid,       name,  sql_name, length,    by_value,              alignment, storage, kind, category,                     \
   preferred, array, element,  collation, PhysicalType::physical},
#include "pg_type.def"
#undef AEGIS_TYPE
};
constexpr size_t kCount = std::size(kRows);
constexpr Oid kOidLimit = 10000;

const Family& family_of(const Row& row) {
  switch (row.oid) {
    case oid::kBool: return kBoolFamily;
    case oid::kInt2: return kInt2Family;
    case oid::kInt4: return kInt4Family;
    case oid::kInt8: return kInt8Family;
    case oid::kFloat4: return kFloat4Family;
    case oid::kFloat8: return kFloat8Family;
    case oid::kNumeric: return kNumericFamily;
    case oid::kText:
    case oid::kUnknown:
    case oid::kRefcursor: return kTextFamily;
    case oid::kVarchar: return kVarcharFamily;
    case oid::kBpchar: return kBpcharFamily;
    case oid::kName: return kNameFamily;
    case oid::kChar: return kCharFamily;
    case oid::kCstring: return kCstringFamily;
    case oid::kBytea: return kByteaFamily;
    case oid::kJson: return kJsonFamily;
    case oid::kXml: return kXmlFamily;
    case oid::kBit: return kBitFamily;
    case oid::kVarbit: return kVarbitFamily;
    case oid::kMoney: return kMoneyFamily;
    case oid::kInet: return kInetFamily;
    case oid::kCidr: return kCidrFamily;
    case oid::kMacaddr: return kMacaddrFamily;
    case oid::kMacaddr8: return kMacaddr8Family;
    case oid::kPoint: return kPointFamily;
    case oid::kLseg: return kLsegFamily;
    case oid::kBox: return kBoxFamily;
    case oid::kLine: return kLineFamily;
    case oid::kPath: return kPathFamily;
    case oid::kPolygon: return kPolygonFamily;
    case oid::kCircle: return kCircleFamily;
    case oid::kJsonb: return kJsonbFamily;
    case oid::kJsonpath: return kJsonPathFamily;
    case oid::kTsvector: return kTsVectorFamily;
    case oid::kTsquery: return kTsQueryFamily;

    case oid::kPgNodeTree:
    case oid::kAclitem:
    case oid::kPgNdistinct:
    case oid::kPgDependencies:
    case oid::kPgMcvList: return kOpaqueTextFamily;
    case oid::kDate: return kDateFamily;
    case oid::kTime: return kTimeFamily;
    case oid::kTimetz: return kTimetzFamily;
    case oid::kTimestamp: return kTimestampFamily;
    case oid::kTimestamptz: return kTimestamptzFamily;
    case oid::kInterval: return kIntervalFamily;
    case oid::kUuid: return kUuidFamily;
    case oid::kOid: return kOidFamily;
    case oid::kXid:
    case oid::kCid: return kXidFamily;
    case oid::kXid8: return kXid8Family;
    case oid::kTid: return kTidFamily;
    case oid::kPgLsn: return kPgLsnFamily;
    case oid::kTxidSnapshot:
    case oid::kPgSnapshot: return kSnapshotFamily;
    case oid::kInt2vector:
    case oid::kOidvector: return kVectorFamily;
    case oid::kRecord: return kRecordFamily;
    case oid::kVoid: return kVoidFamily;
    case oid::kAnyarray:
    case oid::kAnycompatiblearray: return kArrayFamily;
    default: break;
  }
  if (row.kind == 'p' && row.category == 'P') return row.element != 0 ? kArrayFamily : kPseudoFamily;
  if (row.category == 'A') return kArrayFamily;
  if (row.kind == 'r') return kRangeFamily;
  if (row.kind == 'm') return kMultirangeFamily;
  if (row.physical == PhysicalType::Int32) return kRegFamily;
  return kAbsentFamily;
}

class Registry {
 public:
  Registry() {
    types_.reserve(kCount);
    for (const Row& row : kRows) {
      const Family& f = family_of(row);
      by_oid_[row.oid] = static_cast<uint16_t>(types_.size() + 1);
      types_.push_back({row.oid, row.name, row.sql_name, row.length, row.by_value, row.alignment, row.storage, row.kind,
                        row.category, row.preferred, row.array, row.element, row.collation, row.physical, f.input,
                        f.output, f.receive, f.send, f.compare, f.hash, f.typmod_in, f.typmod_out});
    }
    for (TypeInfo& type : types_) {
      // Arrays order, hash and take modifiers as their elements do; array input alone cannot say "anyarray".
      if (type.oid == oid::kAnyarray || type.oid == oid::kAnycompatiblearray) {
        type.input = kPseudoFamily.input;
        type.receive = kPseudoFamily.receive;
      }
      if (type.category != 'A' || type.element == kInvalidOid || by_oid_[type.element] == 0) continue;
      const TypeInfo& element = types_[by_oid_[type.element] - 1u];
      if (element.compare == nullptr) type.compare = nullptr;
      if (element.hash == nullptr) type.hash = nullptr;
      type.typmod_in = element.typmod_in;
      type.typmod_out = element.typmod_out;
    }
    TypeInfo& records = types_[by_oid_[oid::kRecordArray] - 1u];
    records.element = oid::kRecord;
    records.input = kArrayFamily.input;
    records.output = kArrayFamily.output;
    records.receive = kArrayFamily.receive;
    records.send = kArrayFamily.send;
    records.compare = kArrayFamily.compare;
    records.hash = kArrayFamily.hash;
    struct BuiltInRange {
      Oid range, subtype, multirange;
      bool discrete;
    };
    for (auto [range, subtype, multirange, discrete] :
         {BuiltInRange{3904, oid::kInt4, 4451, true}, {3906, oid::kNumeric, 4532, false}, {3908, oid::kTimestamp, 4533, false},
          {3910, oid::kTimestamptz, 4534, false}, {3912, oid::kDate, 4535, true}, {3926, oid::kInt8, 4536, true}}) {
      TypeInfo& info = types_[by_oid_[range] - 1u];
      info.base = subtype;
      info.multirange = multirange;
      info.discrete = discrete;
      types_[by_oid_[multirange] - 1u].base = range;
    }
  }

  const TypeInfo* find(Oid type) const {
    if (type >= kOidLimit || by_oid_[type] == 0) return nullptr;
    return &types_[by_oid_[type] - 1u];
  }
  std::span<const TypeInfo> all() const { return types_; }

 private:
  std::vector<TypeInfo> types_;
  std::array<uint16_t, kOidLimit> by_oid_{};
};

// User-defined types by OID: pages of pointers that readers follow without a lock.
class UserTypes {
 public:
  const TypeInfo* find(Oid type) const {
    const Page* page = pages_[type >> kPageBits].load(std::memory_order_acquire);
    return page == nullptr ? nullptr : (*page)[type & (kPageSize - 1)].load(std::memory_order_acquire);
  }
  void add(const TypeInfo& type) {
    std::lock_guard lock(mutex_);
    auto& slot = pages_[type.oid >> kPageBits];
    Page* page = slot.load(std::memory_order_relaxed);
    if (page == nullptr) {
      page = new Page();
      slot.store(page, std::memory_order_release);
    }
    auto& entry = (*page)[type.oid & (kPageSize - 1)];
    const TypeInfo* known = entry.load(std::memory_order_relaxed);
    bool fills_shell = known != nullptr && known->kind == 'p' && type.kind != 'p';
    if (known != nullptr && known->name == type.name && !fills_shell) return;
    // Readers may hold the old description and its name for as long as they like, so both stay.
    TypeInfo& kept = kept_.emplace_back(known != nullptr && !fills_shell ? *known : type);
    kept.name = names_.emplace_back(type.name);
    kept.sql_name = names_.emplace_back(type.sql_name);
    entry.store(&kept, std::memory_order_release);
  }

 private:
  static constexpr int kPageBits = 14;
  static constexpr Oid kPageSize = 1u << kPageBits;
  using Page = std::array<std::atomic<const TypeInfo*>, kPageSize>;
  std::array<std::atomic<Page*>, (1u << (32 - kPageBits))> pages_{};
  std::mutex mutex_;
  std::deque<TypeInfo> kept_;
  std::deque<std::string> names_;
};

UserTypes& user_types() {
  static UserTypes* instance = new UserTypes();
  return *instance;
}

const Registry& registry() {
  static const Registry instance;
  return instance;
}

}  // namespace

const TypeInfo* find_type(Oid type) {
  return type < kOidLimit ? registry().find(type) : user_types().find(type);
}

void register_type(const TypeInfo& type) { user_types().add(type); }

Type base_type(Type type) {
  if (type.oid < kOidLimit) return type;
  const TypeInfo* info = user_types().find(type.oid);
  if (info == nullptr || info->kind != 'd') return type;
  return {info->base, info->base_typmod};
}

const TypeInfo& type_info(Oid type) {
  const TypeInfo* info = find_type(type);
  if (info == nullptr) throw InternalError("type " + std::to_string(type) + " is not built in");
  return *info;
}

const TypeInfo* find_type_by_name(std::string_view name) {
  for (const TypeInfo& type : registry().all()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

std::span<const TypeInfo> all_types() { return registry().all(); }

PhysicalType physical_type(Oid type) { return type_info(type).physical; }

int32_t parse_typmod(std::string_view text) {
  std::string_view digits = trim_space(text);
  if (digits.empty() || digits.find_first_not_of("+-0123456789") != std::string_view::npos) {
    throw_invalid_text("integer", text);
  }
  return static_cast<int32_t>(parse_integer(digits, INT32_MIN, INT32_MAX, "integer"));
}

int32_t single_typmod(std::span<const std::string_view> arguments) {
  if (arguments.size() != 1) throw SqlError(Sqlstate::InvalidParameterValue, "invalid type modifier");
  return parse_typmod(arguments[0]);
}

std::string format_type(Type type, const ObjectNames* names) {
  if (type.oid == kInvalidOid) return "-";
  const TypeInfo* info = find_type(type.oid);
  if (info == nullptr || type.oid >= kOidLimit) {
    std::string name;
    if (names != nullptr && const_cast<ObjectNames*>(names)->type_name(type.oid, name)) return name;
    if (info != nullptr && info->category == 'A' && info->element != kInvalidOid && info->kind == 'b') return format_type({info->element}, names) + "[]";
    return info != nullptr ? std::string(info->sql_name) : "???";
  }
  if (info->category == 'A' && info->element != kInvalidOid && info->oid != oid::kInt2vector && info->oid != oid::kOidvector) {
    return format_type({info->element, type.typmod}, names) + "[]";
  }
  if (type.typmod < 0 || info->typmod_out == nullptr) return std::string(info->sql_name);
  std::string modifier = info->typmod_out(type.typmod);
  switch (type.oid) {
    // The modifier stands within these names: "timestamp(3) with time zone".
    case oid::kTime:
    case oid::kTimetz: return "time" + modifier;
    case oid::kTimestamp:
    case oid::kTimestamptz: return "timestamp" + modifier;
    default: return std::string(info->sql_name) + modifier;
  }
}

}  // namespace aegis::types
