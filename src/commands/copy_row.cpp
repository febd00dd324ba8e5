#include "copy_row.h"

#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/types/datetime.h"
#include "aegis/types/encoding.h"
#include "aegis/types/numeric.h"

namespace aegis::commands {

namespace oid = types::oid;

namespace {

constexpr size_t kMaxContextBytes = 100;

bool parse_small_integer(std::string_view text, int64_t& value) {
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  if (text.size() == at || text.size() - at > 9) return false;
  int64_t number = 0;
  for (size_t i = at; i < text.size(); ++i) {
    unsigned digit = static_cast<unsigned char>(text[i]) - '0';
    if (digit > 9) return false;
    number = number * 10 + digit;
  }
  value = at == 1 ? -number : number;
  return true;
}

// Up to 17 digits with a point, already of the scale that `typmod` wants and within its precision.
bool parse_small_numeric(std::string_view text, int32_t typmod, types::Numeric& value) {
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  if (text.size() == at || text.size() - at > 17) return false;
  int64_t number = 0;
  int scale = -1, digits = 0;
  for (size_t i = at; i < text.size(); ++i) {
    unsigned digit = static_cast<unsigned char>(text[i]) - '0';
    if (digit <= 9) {
      number = number * 10 + digit;
      ++digits;
      if (scale >= 0) ++scale;
    } else if (text[i] == '.' && scale < 0) {
      scale = 0;
    } else {
      return false;
    }
  }
  if (digits == 0) return false;
  if (scale < 0) scale = 0;
  if (typmod >= 4) {
    int wanted = types::numeric::typmod_scale(typmod);
    int precision = types::numeric::typmod_precision(typmod);
    if (scale > wanted || wanted > 17) return false;
    while (scale < wanted) {
      if (__builtin_mul_overflow(number, int64_t{10}, &number)) return false;
      ++scale;
    }
    if (precision < 19 && number >= types::numeric::kPowersOf10[precision]) return false;
  }
  value = types::Numeric::of(at == 1 ? -number : number, static_cast<uint16_t>(scale));
  return true;
}

bool parse_iso_date(std::string_view text, int32_t& date) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int digits[8];
  const int places[8] = {0, 1, 2, 3, 5, 6, 8, 9};
  for (int i = 0; i < 8; ++i) {
    digits[i] = text[places[i]] - '0';
    if (digits[i] < 0 || digits[i] > 9) return false;
  }
  int year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3];
  int month = digits[4] * 10 + digits[5], day = digits[6] * 10 + digits[7];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > types::days_in_month(year, month)) return false;
  date = types::julian_of(year, month, day) - types::kPostgresEpochJulian;
  return true;
}

std::string shortened(std::string_view text) {
  if (text.size() <= kMaxContextBytes) return std::string(text);
  return std::string(types::utf8_clip(text, kMaxContextBytes)) + "...";
}

bool is_ascii(std::string_view text) {
  size_t at = 0;
  uint64_t high = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    high |= word;
  }
  for (; at < text.size(); ++at) high |= static_cast<unsigned char>(text[at]);
  return (high & 0x8080808080808080) == 0;
}

}  // namespace

bool CopyRowFormat::is_context_free() const {
  return std::all_of(targets.begin(), targets.end(), [](const CopyTarget& target) {
    switch (target.type.oid) {
      case oid::kBool:
      case oid::kInt2:
      case oid::kInt4:
      case oid::kInt8:
      case oid::kFloat4:
      case oid::kFloat8:
      case oid::kNumeric:
      case oid::kText:
      case oid::kVarchar:
      case oid::kBpchar:
      case oid::kBytea:
      case oid::kDate:
      case oid::kTime:
      case oid::kTimestamp:
      case oid::kTimestamptz:
      case oid::kInterval:
      case oid::kUuid: return true;
      default: return false;
    }
  });
}

void CopyRowParser::start(vector::Chunk& chunk) {
  chunk_ = &chunk;
  slots_.clear();
  for (const auto& target : format_.targets) slots_.push_back(chunk.column(target.column).slots<std::byte>());
}

std::string CopyRowParser::where() const { return "COPY " + format_.table + ", line " + std::to_string(line); }

void CopyRowParser::throw_in_line(SqlError error, std::string_view raw) const {
  if (error.fields().context.empty()) error.context(where() + ": \"" + shortened(raw) + "\"");
  throw error;
}

void CopyRowParser::throw_in_field(SqlError error, const CopyTarget& target, const CopyField& field) const {
  if (error.fields().context.empty()) {
    error.context(where() + ", column " + target.name + ": " +
                  (field.is_null ? std::string("null input") : "\"" + shortened(field.text) + "\""));
  }
  throw error;
}

void CopyRowParser::split(std::string_view text) {
  try {
    if (format_.options.format == CopyFormat::Csv) {
      split_csv_line(text, format_.options, format_.force_not_null, format_.force_null, scratch_, fields_);
    } else {
      split_text_line(text, format_.options, scratch_, fields_);
    }
  } catch (SqlError& error) {
    throw_in_line(error, text);
  }
}

void CopyRowParser::match_header(std::string_view text) {
  split(text);
  const auto& targets = format_.targets;
  if (fields_.size() != targets.size()) {
    throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "wrong number of fields in header line: got " + std::to_string(fields_.size()) +
                                                            ", expected " + std::to_string(targets.size())),
                  text);
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    if (!fields_[i].is_null && fields_[i].text == targets[i].name) continue;
    std::string got = fields_[i].is_null ? "null value (\"" + format_.options.null_text + "\")" : "\"" + std::string(fields_[i].text) + "\"";
    throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "column name mismatch in header line field " + std::to_string(i + 1) + ": got " + got +
                                                            ", expected \"" + targets[i].name + "\""),
                  text);
  }
}

void CopyRowParser::check_encoding(std::string_view text) const {
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    // A byte with its high bit, or a zero byte.
    if ((word & 0x8080808080808080) != 0 || ((word - 0x0101010101010101) & ~word & 0x8080808080808080) != 0) break;
  }
  text.remove_prefix(at);
  size_t bad = types::utf8_find_invalid(text);
  size_t zero = text.find('\0');
  if (zero < bad) bad = zero;
  if (bad == std::string_view::npos) return;
  std::string message = "invalid byte sequence for encoding \"UTF8\":";
  size_t count = std::min<size_t>(types::utf8_bytes(text[bad]), text.size() - bad);
  if (text[bad] == '\0') count = 1;
  for (size_t i = 0; i < count; ++i) {
    char hex[8];
    std::snprintf(hex, sizeof hex, " 0x%02x", static_cast<unsigned char>(text[bad + i]));
    message += hex;
  }
  throw SqlError(Sqlstate::CharacterNotInRepertoire, message).context(where());
}

void CopyRowParser::parse(std::string_view text, size_t row) {
  const auto& targets = format_.targets;
  check_encoding(text);
  if (format_.options.format == CopyFormat::Text && std::memchr(text.data(), '\r', text.size()) != nullptr) {
    throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "literal carriage return found in data").hint("Use \"\\r\" to represent carriage return."), text);
  }
  if (targets.empty() && text.empty()) {
    fields_.clear();
  } else {
    split(text);
  }
  if (fields_.size() > targets.size()) {
    throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "extra data after last expected column"), text);
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    if (i >= fields_.size()) {
      throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "missing data for column \"" + targets[i].name + "\""), text);
    }
    set_field(i, fields_[i], row);
  }
}

void CopyRowParser::set_field(size_t i, const CopyField& field, size_t row) {
  const CopyTarget& target = format_.targets[i];
  vector::Vector& column = chunk_->column(target.column);
  std::byte* slot = slots_[i] + row * target.size;
  if (field.is_null) {
    std::memset(slot, 0, target.size);
    column.set_null(row);
    if (target.info->kind == 'd' && format_.types.names != nullptr) {
      try {
        format_.types.names->check_domain(target.type.oid, types::Value::null());
      } catch (SqlError& error) {
        throw_in_field(error, target, field);
      }
    }
    return;
  }
  bool stable = bytes_ == Bytes::Borrow && (field.text.data() < scratch_.data() || field.text.data() >= scratch_.data() + scratch_.capacity());
  if (set_fast(target, field.text, column, slot, stable)) return;
  try {
    auto value = target.info->input(format_.types, field.text, target.type, column.heap());
    types::store_slot(target.info->physical, value, slot);
  } catch (SqlError& error) {
    throw_in_field(error, target, field);
  }
}

// Common values of common types. `stable`: the text stays where it is.
bool CopyRowParser::set_fast(const CopyTarget& target, std::string_view text, vector::Vector& column, void* slot, bool stable) {
  int64_t number;
  auto store = [&](std::string_view value) {
    *static_cast<types::StringView*>(slot) = stable ? types::StringView(value) : column.store(value);
  };
  const size_t length = target.type.typmod < 5 ? 0 : static_cast<size_t>(target.type.typmod - 4);
  switch (target.type.oid) {
    case oid::kInt4:
      if (!parse_small_integer(text, number)) return false;
      *static_cast<int32_t*>(slot) = static_cast<int32_t>(number);
      return true;
    case oid::kInt8:
      if (!parse_small_integer(text, number)) return false;
      *static_cast<int64_t*>(slot) = number;
      return true;
    case oid::kNumeric: return parse_small_numeric(text, target.type.typmod, *static_cast<types::Numeric*>(slot));
    case oid::kDate: return parse_iso_date(text, *static_cast<int32_t*>(slot));
    case oid::kText: store(text); return true;
    case oid::kVarchar:
      if (length != 0 && text.size() > length) return false;
      store(text);
      return true;
    case oid::kBpchar: {
      if (length == 0 || text.size() > length || !is_ascii(text)) return false;
      if (text.size() == length) {
        store(text);
        return true;
      }
      char inline_bytes[types::StringView::kInlineBytes];
      char* bytes = length <= sizeof inline_bytes ? inline_bytes : static_cast<char*>(column.heap().allocate(length, 1));
      std::memcpy(bytes, text.data(), text.size());
      std::memset(bytes + text.size(), ' ', length - text.size());
      *static_cast<types::StringView*>(slot) = types::StringView(std::string_view(bytes, length));
      return true;
    }
    default: return false;
  }
}

}  // namespace aegis::commands
