#include "aegis/protocol/row_encoder.h"

#include <charconv>
#include <cstring>

#include "aegis/base/error.h"

namespace aegis::protocol {

namespace oid = types::oid;
using types::PhysicalType;
using types::Value;
using vector::VectorView;

namespace {

void put32(std::string& out, size_t at, uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(out.data() + at, &value, 4);
}

void append32(std::string& out, uint32_t value) {
  value = __builtin_bswap32(value);
  out.append(reinterpret_cast<const char*>(&value), 4);
}

template <typename T>
void append_decimal(std::string& out, T value) {
  char text[24];
  char* end = std::to_chars(text, text + sizeof text, value).ptr;
  append32(out, static_cast<uint32_t>(end - text));
  out.append(text, static_cast<size_t>(end - text));
}

}  // namespace

RowEncoder::Way RowEncoder::choose(const types::TypeInfo* info, Oid type, int16_t format) {
  if (info == nullptr) return Way::Raw;
  switch (type) {
    case oid::kText:
    case oid::kVarchar:
    case oid::kBpchar:
    case oid::kName:
    case oid::kUnknown: return Way::Raw;
    case oid::kInt2: return format == 0 ? Way::TextInt16 : Way::Send;
    case oid::kInt4: return format == 0 ? Way::TextInt32 : Way::Send;
    case oid::kInt8: return format == 0 ? Way::TextInt64 : Way::Send;
    case oid::kBool: return format == 0 ? Way::Bool : Way::Send;
    default: return format == 0 ? Way::Output : Way::Send;
  }
}

RowEncoder::RowEncoder(std::vector<types::Type> types, std::vector<int16_t> formats) {
  columns_.reserve(types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    const types::TypeInfo* info = types::find_type(types[i].oid);
    int16_t format = i < formats.size() ? formats[i] : 0;
    if (format != 0 && info != nullptr && info->send == nullptr) {
      throw SqlError(Sqlstate::UndefinedFunction,
                     "no binary output function available for type " + types::format_type({types[i].oid, -1}));
    }
    columns_.push_back({types[i], info, choose(info, types[i].oid, format)});
  }
}

void RowEncoder::encode(const vector::Chunk& chunk, size_t from, size_t count, const types::TypeContext& context,
                        std::string& out) const {
  std::vector<VectorView> views;
  views.reserve(columns_.size());
  for (size_t c = 0; c < columns_.size(); ++c) views.push_back(chunk.column(c).view());
  for (size_t row = from; row < from + count; ++row) {
    out.push_back('D');
    size_t start = out.size();
    out.append(6, '\0');
    uint16_t columns = __builtin_bswap16(static_cast<uint16_t>(columns_.size()));
    std::memcpy(out.data() + start + 4, &columns, 2);
    for (size_t c = 0; c < columns_.size(); ++c) {
      const VectorView& view = views[c];
      if (!view.valid(row)) {
        append32(out, UINT32_MAX);
        continue;
      }
      switch (columns_[c].way) {
        case Way::TextInt16: append_decimal(out, view.at<int16_t>(row)); break;
        case Way::TextInt32: append_decimal(out, view.at<int32_t>(row)); break;
        case Way::TextInt64: append_decimal(out, view.at<int64_t>(row)); break;
        case Way::Bool:
          append32(out, 1);
          out.push_back(view.at<uint8_t>(row) != 0 ? 't' : 'f');
          break;
        case Way::Raw: {
          const types::StringView& text = view.at<types::StringView>(row);
          append32(out, text.size());
          out.append(text.data(), text.size());
          break;
        }
        case Way::Output:
        case Way::Send: {
          size_t at = out.size();
          out.append(4, '\0');
          Value value = chunk.column(c).get(row);
          if (columns_[c].way == Way::Output) {
            columns_[c].info->output(context, value, columns_[c].type.oid, out);
          } else {
            columns_[c].info->send(context, value, columns_[c].type.oid, out);
          }
          put32(out, at, static_cast<uint32_t>(out.size() - at - 4));
          break;
        }
      }
    }
    put32(out, start, static_cast<uint32_t>(out.size() - start));
  }
}

}  // namespace aegis::protocol
