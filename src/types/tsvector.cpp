#include <algorithm>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "aegis/types/text_search.h"
#include "families.h"
#include "text_search_words.h"

namespace aegis::types {

namespace {

void append_u32(std::string& out, uint32_t value) { out.append(reinterpret_cast<const char*>(&value), 4); }

[[noreturn]] void throw_too_long(size_t size) {
  throw SqlError(Sqlstate::ProgramLimitExceeded, "string is too long for tsvector (" + std::to_string(size) + " bytes, max " +
                                                     std::to_string(kTsMaxVectorBytes) + " bytes)");
}

// One place of each, ascending, with the heaviest weight it was given.
void normalize_positions(std::vector<TsPosition>& positions) {
  if (positions.size() <= 1) return;
  std::stable_sort(positions.begin(), positions.end(), [](TsPosition a, TsPosition b) { return ts_place(a) < ts_place(b); });
  size_t last = 0;
  for (size_t i = 1; i < positions.size(); ++i) {
    if (ts_place(positions[i]) == ts_place(positions[last])) {
      positions[last] = std::max(positions[last], positions[i]);
      continue;
    }
    positions[++last] = positions[i];
    if (last >= kTsMaxPositions - 1 || ts_place(positions[last]) == kTsMaxPosition) break;
  }
  positions.resize(last + 1);
}

// The bytes PostgreSQL needs for the lexemes, by which it orders vectors first.
size_t postgres_size(const TsVectorView& vector) {
  size_t size = 0;
  for (uint32_t i = 0; i < vector.size(); ++i) {
    size += vector.lexeme(i).size();
    if (uint32_t count = vector.position_count(i)) size = (size + 1) / 2 * 2 + 2 + 2 * size_t{count};
  }
  return size + 4 * size_t{vector.size()};
}

}  // namespace

uint32_t TsVectorView::lower_bound(std::string_view text) const {
  uint32_t low = 0;
  uint32_t high = size_;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (lexeme(middle) < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

int TsVectorView::find(std::string_view text) const {
  uint32_t at = lower_bound(text);
  return at < size_ && lexeme(at) == text ? static_cast<int>(at) : -1;
}

TsVector read_tsvector(std::string_view bytes) {
  TsVectorView view(bytes);
  TsVector lexemes(view.size());
  for (uint32_t i = 0; i < view.size(); ++i) {
    lexemes[i].text = view.lexeme(i);
    for (uint32_t k = 0; k < view.position_count(i); ++k) lexemes[i].positions.push_back(view.position(i, k));
  }
  return lexemes;
}

std::string tsvector_bytes(const TsVector& lexemes) {
  std::string bytes;
  append_u32(bytes, static_cast<uint32_t>(lexemes.size()));
  uint32_t end = 0;
  for (const TsLexeme& lexeme : lexemes) append_u32(bytes, end += static_cast<uint32_t>(lexeme.text.size()));
  uint32_t count = 0;
  for (const TsLexeme& lexeme : lexemes) append_u32(bytes, count += static_cast<uint32_t>(lexeme.positions.size()));
  if (size_t size = end + 2 * size_t{count}; size > kTsMaxVectorBytes) throw_too_long(size);
  for (const TsLexeme& lexeme : lexemes) bytes += lexeme.text;
  for (const TsLexeme& lexeme : lexemes) bytes.append(reinterpret_cast<const char*>(lexeme.positions.data()), 2 * lexeme.positions.size());
  return bytes;
}

void normalize_tsvector(TsVector& lexemes) {
  std::stable_sort(lexemes.begin(), lexemes.end(), [](const TsLexeme& a, const TsLexeme& b) { return a.text < b.text; });
  size_t kept = 0;
  for (size_t i = 0; i < lexemes.size(); ++i) {
    if (kept > 0 && lexemes[kept - 1].text == lexemes[i].text) {
      auto& positions = lexemes[kept - 1].positions;
      positions.insert(positions.end(), lexemes[i].positions.begin(), lexemes[i].positions.end());
    } else {
      if (kept != i) lexemes[kept] = std::move(lexemes[i]);
      ++kept;
    }
  }
  lexemes.resize(kept);
  for (TsLexeme& lexeme : lexemes) normalize_positions(lexeme.positions);
}

void append_tsvector(std::string_view bytes, std::string& out) {
  TsVectorView view(bytes);
  for (uint32_t i = 0; i < view.size(); ++i) {
    if (i > 0) out += ' ';
    append_ts_quoted(view.lexeme(i), out);
    for (uint32_t k = 0; k < view.position_count(i); ++k) {
      TsPosition position = view.position(i, k);
      out += k == 0 ? ':' : ',';
      append_integer(ts_place(position), out);
      if (int weight = ts_weight(position); weight != 0) out += "DCBA"[weight];
    }
  }
}

int compare_tsvectors(std::string_view a, std::string_view b) {
  TsVectorView x(a), y(b);
  if (size_t m = postgres_size(x), n = postgres_size(y); m != n) return m < n ? -1 : 1;
  if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
  for (uint32_t i = 0; i < x.size(); ++i) {
    uint32_t m = x.position_count(i), n = y.position_count(i);
    if ((m > 0) != (n > 0)) return m > 0 ? -1 : 1;
    if (int order = x.lexeme(i).compare(y.lexeme(i)); order != 0) return order < 0 ? -1 : 1;
    if (m != n) return m > n ? -1 : 1;
    for (uint32_t k = 0; k < m; ++k) {
      TsPosition p = x.position(i, k), q = y.position(i, k);
      if (ts_place(p) != ts_place(q)) return ts_place(p) > ts_place(q) ? -1 : 1;
      if (ts_weight(p) != ts_weight(q)) return ts_weight(p) > ts_weight(q) ? -1 : 1;
    }
  }
  return 0;
}

// As compare_tsvectors: sizes, then each lexeme behind whether it has positions, the greater ones of which come first. A
// lexeme's bytes have 0 ff for 0, and 0 0 at their end.
void append_tsvector_sort_key(std::string_view bytes, std::string& out) {
  TsVectorView view(bytes);
  auto put = [&](uint64_t number, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
  };
  put(postgres_size(view), 8);
  put(view.size(), 4);
  for (uint32_t i = 0; i < view.size(); ++i) {
    uint32_t count = view.position_count(i);
    put(count > 0 ? 0 : 1, 1);
    for (char c : view.lexeme(i)) {
      out.push_back(c);
      if (c == '\0') out.push_back('\xff');
    }
    put(0, 2);
    put(~count, 4);
    for (uint32_t k = 0; k < count; ++k) {
      put(~static_cast<unsigned>(ts_place(view.position(i, k))), 2);
      put(~static_cast<unsigned>(ts_weight(view.position(i, k))), 1);
    }
  }
}

namespace {

Value input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  TsWordReader reader(text, TsWordReader::Mode::Vector);
  TsVector lexemes;
  TsLexeme lexeme;
  size_t total = 0;
  while (reader.next(lexeme)) {
    if (lexeme.text.size() > kTsMaxLexemeBytes) {
      throw SqlError(Sqlstate::ProgramLimitExceeded, "word is too long (" + std::to_string(lexeme.text.size()) + " bytes, max " +
                                                         std::to_string(kTsMaxLexemeBytes) + " bytes)");
    }
    if (total > kTsMaxVectorBytes) throw_too_long(total);
    total += lexeme.text.size();
    lexemes.push_back(std::move(lexeme));
  }
  normalize_tsvector(lexemes);
  return string_value(tsvector_bytes(lexemes), arena);
}

void output(const TypeContext&, const Value& value, Oid, std::string& out) { append_tsvector(value.text(), out); }

Value receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  auto fail = [](const char* what) -> SqlError { return SqlError(Sqlstate::InvalidBinaryRepresentation, what); };
  BinaryReader reader(bytes);
  int32_t count = reader.int32();
  if (count < 0 || static_cast<size_t>(count) > bytes.size()) throw InternalError("invalid size of tsvector");
  TsVector lexemes(static_cast<size_t>(count));
  for (TsLexeme& lexeme : lexemes) {
    for (std::string_view c; (c = reader.take(1))[0] != '\0';) lexeme.text += c;
    if (utf8_find_invalid(lexeme.text) != std::string_view::npos) throw SqlError(Sqlstate::CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"");
    if (lexeme.text.size() > kTsMaxLexemeBytes) throw fail("invalid tsvector: lexeme too long");
    auto positions = static_cast<uint16_t>(reader.int16());
    if (positions > kTsMaxPositions) throw fail("unexpected number of tsvector positions");
    for (uint16_t k = 0; k < positions; ++k) {
      auto position = static_cast<TsPosition>(reader.int16());
      if (k > 0 && ts_place(position) <= ts_place(lexeme.positions.back())) throw fail("position information is misordered");
      lexeme.positions.push_back(position);
    }
  }
  std::sort(lexemes.begin(), lexemes.end(), [](const TsLexeme& a, const TsLexeme& b) { return a.text < b.text; });
  auto same = [](const TsLexeme& a, const TsLexeme& b) { return a.text == b.text; };
  if (std::adjacent_find(lexemes.begin(), lexemes.end(), same) != lexemes.end()) throw fail("unexpected duplicate lexeme in tsvector");
  return string_value(tsvector_bytes(lexemes), arena);
}

void send(const TypeContext&, const Value& value, Oid, std::string& out) {
  std::string bytes(value.text());
  TsVectorView view(bytes);
  append_int32(out, static_cast<int32_t>(view.size()));
  for (uint32_t i = 0; i < view.size(); ++i) {
    out += view.lexeme(i);
    out += '\0';
    append_int16(out, static_cast<int16_t>(view.position_count(i)));
    for (uint32_t k = 0; k < view.position_count(i); ++k) append_int16(out, static_cast<int16_t>(view.position(i, k)));
  }
}

int compare(const Value& a, const Value& b, Oid) { return compare_tsvectors(a.text(), b.text()); }
uint64_t hash(const Value& value, Oid) { return hash_bytes(value.text()); }

}  // namespace

const Family kTsVectorFamily = {input, output, receive, send, compare, hash};

}  // namespace aegis::types
