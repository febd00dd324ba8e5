// tsvector and tsquery.
//
// A tsvector's bytes: u32 count; u32 end of each lexeme, from the first one's start; u32 number of positions up to each
// lexeme's end; the lexemes; the positions (u16: weight in the upper two bits, D is 0 and A is 3; place 1 to 16383
// below). Lexemes are unique and in byte order, a lexeme's places ascending.
//
// A tsquery's bytes: u32 number of nodes; the nodes, each before its right and then its left operand: u8 kind, and
//   of a word     u8 weights wanted (bit 0 is D), u8 1 for a prefix, u32 size, bytes
//   of an operator  u16 distance (phrases only)
// Numbers are little endian and unaligned.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::types {

inline constexpr int kTsMaxPosition = (1 << 14) - 1;
inline constexpr size_t kTsMaxPositions = 256;         // of one lexeme
inline constexpr size_t kTsMaxLexemeBytes = 2046;
inline constexpr size_t kTsMaxVectorBytes = (1 << 20) - 1;

using TsPosition = uint16_t;
constexpr int ts_place(TsPosition position) { return position & kTsMaxPosition; }
constexpr int ts_weight(TsPosition position) { return position >> 14; }
constexpr TsPosition ts_position(int place, int weight) {
  return static_cast<TsPosition>((weight << 14) | (place > kTsMaxPosition ? kTsMaxPosition : place));
}

// Borrows the value's bytes.
class TsVectorView {
 public:
  explicit TsVectorView(std::string_view bytes) : bytes_(bytes), size_(load(0)) {
    if (size_ > 0) positions_at_ = 4 + 8 * size_t{size_} + load(4 * size_t{size_});
  }
  uint32_t size() const { return size_; }
  std::string_view lexeme(uint32_t i) const {
    uint32_t from = i == 0 ? 0 : load(4 * size_t{i});
    return bytes_.substr(4 + 8 * size_t{size_} + from, load(4 + 4 * size_t{i}) - from);
  }
  uint32_t position_count(uint32_t i) const { return end(i) - first(i); }
  TsPosition position(uint32_t i, uint32_t k) const {
    TsPosition value;
    std::memcpy(&value, bytes_.data() + positions_at_ + 2 * (size_t{first(i)} + k), 2);
    return value;
  }
  // The first lexeme not less than `text`.
  uint32_t lower_bound(std::string_view text) const;
  // -1 when it is not there.
  int find(std::string_view text) const;

 private:
  uint32_t load(size_t at) const {
    uint32_t value;
    std::memcpy(&value, bytes_.data() + at, 4);
    return value;
  }
  uint32_t end(uint32_t i) const { return load(4 + 4 * (size_t{size_} + i)); }
  uint32_t first(uint32_t i) const { return i == 0 ? 0 : end(i - 1); }

  std::string_view bytes_;
  uint32_t size_;
  size_t positions_at_ = 0;
};

struct TsLexeme {
  std::string text;
  std::vector<TsPosition> positions;
};
// To be sorted by normalize_tsvector().
using TsVector = std::vector<TsLexeme>;

TsVector read_tsvector(std::string_view bytes);
// Of a normalized one; 54000 when it is too long.
std::string tsvector_bytes(const TsVector& lexemes);
// Sorts, joins equal lexemes and their positions (the heaviest weight of a place stays).
void normalize_tsvector(TsVector& lexemes);
void append_tsvector(std::string_view bytes, std::string& out);
int compare_tsvectors(std::string_view a, std::string_view b);
// Bytes that order as the values.
void append_tsvector_sort_key(std::string_view bytes, std::string& out);
void append_tsquery_sort_key(std::string_view bytes, std::string& out);

enum class TsNodeKind : uint8_t { Word = 1, Not, And, Or, Phrase, Stop };

struct TsNode;
using TsNodePtr = std::unique_ptr<TsNode>;

// Of Not only `right` is set. Stop stands for a word that a dictionary dropped, while a query is made.
struct TsNode {
  TsNodeKind kind = TsNodeKind::Word;
  bool prefix = false;
  uint8_t weights = 0;  // none wanted: any will do
  int distance = 0;
  std::string text;
  TsNodePtr left, right;
  uint32_t depth = 1;

  bool is_operator() const { return kind != TsNodeKind::Word && kind != TsNodeKind::Stop; }
};

TsNodePtr make_ts_word(std::string_view text, int weights, bool prefix);
// 54001 when it is nested too deeply.
TsNodePtr make_ts_operator(TsNodeKind kind, TsNodePtr left, TsNodePtr right, int distance = 0);
TsNodePtr copy_ts_node(const TsNode& node);
// An empty query is null.
TsNodePtr read_tsquery(std::string_view bytes);
std::string tsquery_bytes(const TsNode* root);
void append_tsquery(const TsNode* root, std::string& out);
uint32_t count_ts_nodes(const TsNode* root);
int compare_tsqueries(std::string_view a, std::string_view b);
int compare_ts_nodes(const TsNode& a, const TsNode& b);
// PostgreSQL's number for a word, by which it orders them first.
int32_t ts_word_crc(std::string_view text);

// Where the text of a tsquery gets its operands from.
enum class TsSyntax : uint8_t { Standard, Plain, Web };
class TsOperands {
 public:
  virtual ~TsOperands() = default;
  // Null when there is nothing of it.
  virtual TsNodePtr operand(std::string_view text, int weights, bool prefix) = 0;
};
// Throws 42601. Null when there is no operand at all.
TsNodePtr parse_tsquery(std::string_view text, TsSyntax syntax, TsOperands& operands);

}  // namespace aegis::types
