// pg_get_keywords.
#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace {

enum class Class : char { Unreserved = 'U', ColumnName = 'C', TypeFuncName = 'T', Reserved = 'R' };
struct Keyword {
  Text word;
  Class category;
  bool bare_label;
};
constexpr Keyword kKeywords[] = {
#define AEGIS_KEYWORD(token, word, category, bare) {word, Class::category, bare},
#include "aegis/base/keywords.def"
#undef AEGIS_KEYWORD
};

Text description(Class category) {
  switch (category) {
    case Class::Unreserved: return "unreserved";
    case Class::ColumnName: return "unreserved (cannot be function or type name)";
    case Class::TypeFuncName: return "reserved (can be function or type name)";
    case Class::Reserved: return "reserved";
  }
  return "";
}

class KeywordScan : public SetScan {
 public:
  bool next(Chunk& out) override {
    for (size_t c = 0; c < out.column_count(); ++c) out.column(c).reset();
    size_t count = 0;
    for (; count < vector::chunk_rows() && next_ < std::size(kKeywords); ++next_, ++count) {
      const Keyword& keyword = kKeywords[next_];
      out.column(0).set(count, Value::of_string(keyword.word));
      out.column(1).set(count, Value::of_i8(static_cast<int8_t>(keyword.category)));
      out.column(2).set(count, Value::of_bool(keyword.bare_label));
      out.column(3).set(count, Value::of_string(description(keyword.category)));
      out.column(4).set(count, Value::of_string(keyword.bare_label ? "can be bare label" : "requires AS"));
    }
    out.set_size(count);
    return count > 0;
  }

 private:
  size_t next_ = 0;
};

std::unique_ptr<SetScan> keywords(CallContext&, std::span<const Value>) { return std::make_unique<KeywordScan>(); }

constexpr SetBinding kBindings[] = {{"pg_get_keywords", keywords}};

}  // namespace

std::span<const SetBinding> keyword_bindings() { return kBindings; }

}  // namespace aegis::functions
