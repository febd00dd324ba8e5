#include <algorithm>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "aegis/types/text_search.h"
#include "families.h"
#include "text_search_words.h"

namespace aegis::types {

namespace {

constexpr uint32_t kMaxDepth = 20000;

void append_u32(std::string& out, uint32_t value) { out.append(reinterpret_cast<const char*>(&value), 4); }

int priority(TsNodeKind kind) {
  switch (kind) {
    case TsNodeKind::Or: return 1;
    case TsNodeKind::And: return 2;
    case TsNodeKind::Phrase: return 3;
    case TsNodeKind::Not: return 4;
    case TsNodeKind::Word:
    case TsNodeKind::Stop: break;
  }
  return 5;
}

void append_node(const TsNode& node, std::string& out) {
  out += static_cast<char>(node.kind);
  if (!node.is_operator()) {
    out += static_cast<char>(node.weights);
    out += static_cast<char>(node.prefix);
    append_u32(out, static_cast<uint32_t>(node.text.size()));
    out += node.text;
    return;
  }
  auto distance = static_cast<uint16_t>(node.distance);
  out.append(reinterpret_cast<const char*>(&distance), 2);
  append_node(*node.right, out);
  if (node.left != nullptr) append_node(*node.left, out);
}

TsNodePtr read_node(std::string_view bytes, size_t& at) {
  auto node = std::make_unique<TsNode>();
  node->kind = static_cast<TsNodeKind>(bytes[at++]);
  if (!node->is_operator()) {
    node->weights = static_cast<uint8_t>(bytes[at]);
    node->prefix = bytes[at + 1] != 0;
    uint32_t size;
    std::memcpy(&size, bytes.data() + at + 2, 4);
    node->text = bytes.substr(at + 6, size);
    at += 6 + size;
    return node;
  }
  uint16_t distance;
  std::memcpy(&distance, bytes.data() + at, 2);
  at += 2;
  node->distance = distance;
  node->right = read_node(bytes, at);
  if (node->kind != TsNodeKind::Not) node->left = read_node(bytes, at);
  node->depth = 1 + std::max(node->right->depth, node->left == nullptr ? 0 : node->left->depth);
  return node;
}

size_t text_size(const TsNode& node) {
  if (!node.is_operator()) return node.text.size() + 1;
  return text_size(*node.right) + (node.left == nullptr ? 0 : text_size(*node.left));
}

void append_infix(const TsNode& node, int outer, bool right_of_phrase, std::string& out) {
  if (!node.is_operator()) {
    append_ts_quoted(node.text, out);
    if (node.weights == 0 && !node.prefix) return;
    out += ':';
    if (node.prefix) out += '*';
    for (int weight = 3; weight >= 0; --weight) {
      if (node.weights & (1 << weight)) out += "DCBA"[weight];
    }
    return;
  }
  int own = priority(node.kind);
  bool parentheses = own < outer || (node.kind == TsNodeKind::Phrase && right_of_phrase);
  if (parentheses) out += "( ";
  if (node.kind == TsNodeKind::Not) {
    out += '!';
    append_infix(*node.right, own, false, out);
  } else {
    append_infix(*node.left, own, false, out);
    if (node.kind == TsNodeKind::Or) out += " | ";
    if (node.kind == TsNodeKind::And) out += " & ";
    if (node.kind == TsNodeKind::Phrase) out += node.distance == 1 ? " <-> " : " <" + std::to_string(node.distance) + "> ";
    append_infix(*node.right, own, node.kind == TsNodeKind::Phrase, out);
  }
  if (parentheses) out += " )";
}

// PostgreSQL's numbers of operators, in its binary form and its order.
int operator_number(TsNodeKind kind) { return static_cast<int>(kind) - 1; }

}  // namespace

TsNodePtr make_ts_word(std::string_view text, int weights, bool prefix) {
  auto node = std::make_unique<TsNode>();
  node->text = text;
  node->weights = static_cast<uint8_t>(weights);
  node->prefix = prefix;
  return node;
}

TsNodePtr make_ts_operator(TsNodeKind kind, TsNodePtr left, TsNodePtr right, int distance) {
  auto node = std::make_unique<TsNode>();
  node->kind = kind;
  node->distance = distance;
  node->depth = 1 + std::max(right->depth, left == nullptr ? 0 : left->depth);
  node->left = std::move(left);
  node->right = std::move(right);
  if (node->depth > kMaxDepth) throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded");
  return node;
}

TsNodePtr copy_ts_node(const TsNode& node) {
  if (!node.is_operator()) {
    auto copy = make_ts_word(node.text, node.weights, node.prefix);
    copy->kind = node.kind;
    return copy;
  }
  return make_ts_operator(node.kind, node.left == nullptr ? nullptr : copy_ts_node(*node.left), copy_ts_node(*node.right), node.distance);
}

uint32_t count_ts_nodes(const TsNode* root) {
  return root == nullptr ? 0 : 1 + count_ts_nodes(root->left.get()) + count_ts_nodes(root->right.get());
}

TsNodePtr read_tsquery(std::string_view bytes) {
  size_t at = 4;
  return bytes.size() <= 4 ? nullptr : read_node(bytes, at);
}

std::string tsquery_bytes(const TsNode* root) {
  std::string bytes;
  append_u32(bytes, count_ts_nodes(root));
  if (root != nullptr) append_node(*root, bytes);
  return bytes;
}

void append_tsquery(const TsNode* root, std::string& out) {
  if (root != nullptr) append_infix(*root, -1, false, out);
}

// A table-driven CRC-32 that runs the reflected table the wrong way round, as PostgreSQL has it.
int32_t ts_word_crc(std::string_view text) {
  static const auto table = [] {
    std::vector<uint32_t> entries(256);
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t entry = i;
      for (int bit = 0; bit < 8; ++bit) entry = (entry >> 1) ^ ((entry & 1) != 0 ? 0xEDB88320u : 0);
      entries[i] = entry;
    }
    return entries;
  }();
  uint32_t crc = 0xFFFFFFFFu;
  for (char c : text) crc = table[((crc >> 24) ^ static_cast<uint8_t>(c)) & 0xFF] ^ (crc << 8);
  return static_cast<int32_t>(crc ^ 0xFFFFFFFFu);
}

int compare_ts_nodes(const TsNode& a, const TsNode& b) {
  if (a.is_operator() != b.is_operator()) return a.is_operator() ? -1 : 1;
  if (!a.is_operator()) {
    if (int32_t x = ts_word_crc(a.text), y = ts_word_crc(b.text); x != y) return x > y ? -1 : 1;
    int order = a.text.compare(b.text);
    return order < 0 ? -1 : order > 0;
  }
  if (a.kind != b.kind) return operator_number(a.kind) > operator_number(b.kind) ? -1 : 1;
  if (int order = compare_ts_nodes(*a.right, *b.right); order != 0) return order;
  if (a.kind == TsNodeKind::Not) return 0;
  if (int order = compare_ts_nodes(*a.left, *b.left); order != 0) return order;
  if (a.kind == TsNodeKind::Phrase && a.distance != b.distance) return a.distance > b.distance ? -1 : 1;
  return 0;
}

int compare_tsqueries(std::string_view a, std::string_view b) {
  TsNodePtr x = read_tsquery(a), y = read_tsquery(b);
  if (uint32_t m = count_ts_nodes(x.get()), n = count_ts_nodes(y.get()); m != n) return m < n ? -1 : 1;
  if (x == nullptr) return 0;
  if (size_t m = text_size(*x), n = text_size(*y); m != n) return m < n ? -1 : 1;
  return compare_ts_nodes(*x, *y);
}

namespace {

void put_number(uint32_t number, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

// As compare_ts_nodes, which has the greater ones first in all but a word's text. Nodes of one kind have the same parts.
void append_node_sort_key(const TsNode& node, std::string& out) {
  if (!node.is_operator()) {
    out.push_back('\xff');
    put_number(~(static_cast<uint32_t>(ts_word_crc(node.text)) ^ 0x80000000u), out);
    for (char c : node.text) {
      out.push_back(c);
      if (c == '\0') out.push_back('\xff');
    }
    out.append(2, '\0');
    return;
  }
  out.push_back(static_cast<char>(0x7f - operator_number(node.kind)));
  append_node_sort_key(*node.right, out);
  if (node.kind == TsNodeKind::Not) return;
  append_node_sort_key(*node.left, out);
  if (node.kind == TsNodeKind::Phrase) put_number(~static_cast<uint32_t>(node.distance), out);
}

}  // namespace

void append_tsquery_sort_key(std::string_view bytes, std::string& out) {
  TsNodePtr root = read_tsquery(bytes);
  put_number(count_ts_nodes(root.get()), out);
  if (root == nullptr) return;
  put_number(static_cast<uint32_t>(text_size(*root)), out);
  append_node_sort_key(*root, out);
}

namespace {

struct Token {
  enum Kind : uint8_t { Word, Operator, Open, Close, End } kind;
  TsNodeKind op = TsNodeKind::And;
  int distance = 0;
  std::string text = {};
  int weights = 0;
  bool prefix = false;
};

// Reads tokens in one of the three ways.
class Tokens {
 public:
  Tokens(std::string_view text, TsSyntax syntax)
      : text_(text), syntax_(syntax), words_(text, syntax == TsSyntax::Web ? TsWordReader::Mode::Web : TsWordReader::Mode::Query) {}

  Token next() {
    switch (syntax_) {
      case TsSyntax::Standard: return next_standard();
      case TsSyntax::Plain: return next_plain();
      case TsSyntax::Web: return next_web();
    }
    return {Token::End};
  }
  [[noreturn]] void fail() const { words_.fail(); }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }
  bool at_space() const { return is_ts_space(text_, at_); }
  void skip() { at_ += utf8_bytes(peek()); }

  Token operator_token(TsNodeKind op, int distance = 0) {
    wants_operand_ = true;
    first_ = false;
    return {Token::Operator, op, distance};
  }

  Token next_standard() {
    while (at_space()) skip();
    if (wants_operand_) return standard_operand();
    if (at_end()) {
      if (open_ != 0) fail();
      return {Token::End};
    }
    int distance = 0;
    if (peek() == '&' || peek() == '|') return ++at_, operator_token(text_[at_ - 1] == '&' ? TsNodeKind::And : TsNodeKind::Or);
    if (phrase_operator(distance)) return operator_token(TsNodeKind::Phrase, distance);
    if (peek() != ')' || --open_ < 0) fail();
    ++at_;
    return {Token::Close};
  }

  Token standard_operand() {
    if (peek() == '!') return ++at_, operator_token(TsNodeKind::Not);
    if (peek() == '(') {
      ++at_;
      ++open_;
      first_ = false;
      return {Token::Open};
    }
    if (peek() == ':') fail();
    Token token = {Token::Word};
    if (!word(token)) {
      if (first_) return {Token::End};
      throw SqlError(Sqlstate::SyntaxError, "no operand in tsquery: \"" + std::string(text_) + "\"");
    }
    if (peek() == ':') {
      ++at_;
      modifiers(token);
    }
    wants_operand_ = false;
    return token;
  }

  bool word(Token& token) {
    words_.move_to(at_);
    TsLexeme lexeme;
    if (!words_.next(lexeme)) return false;
    at_ = words_.at();
    token.text = std::move(lexeme.text);
    return true;
  }

  void modifiers(Token& token) {
    for (; !at_end(); ++at_) {
      switch (peek()) {
        case 'a':
        case 'A': token.weights |= 8; break;
        case 'b':
        case 'B': token.weights |= 4; break;
        case 'c':
        case 'C': token.weights |= 2; break;
        case 'd':
        case 'D': token.weights |= 1; break;
        case '*': token.prefix = true; break;
        default: return;
      }
    }
  }

  // "<->" or "<N>", with something behind it.
  bool phrase_operator(int& distance) {
    if (peek() != '<') return false;
    size_t at = at_ + 1;
    auto is_digit = [&] { return at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; };
    distance = 1;
    if (at < text_.size() && text_[at] == '-') {
      ++at;
    } else {
      if (!is_digit()) return false;
      for (distance = 0; is_digit(); ++at) distance = std::min(10 * distance + (text_[at] - '0'), kTsMaxPosition + 2);
      if (distance > kTsMaxPosition + 1) {
        throw SqlError(Sqlstate::InvalidParameterValue, "distance in phrase operator must be an integer value between zero and " +
                                                            std::to_string(kTsMaxPosition + 1) + " inclusive");
      }
    }
    if (at + 1 >= text_.size() || text_[at] != '>') return false;
    at_ = at + 1;
    return true;
  }

  Token next_plain() {
    if (at_end()) return {Token::End};
    at_ = text_.size();
    Token token = {Token::Word};
    token.text = text_;
    return token;
  }

  // "or" as a word of its own, with something behind it.
  bool at_or() const {
    auto is_letter = [](char c, char wanted) { return (c | 0x20) == wanted; };
    if (!is_letter(peek(0), 'o') || !is_letter(peek(1), 'r')) return false;
    size_t at = at_ + 2;
    if (at >= text_.size()) return false;
    char next = text_[at];
    bool is_letter_or_digit = isalnum(static_cast<unsigned char>(next)) || (static_cast<unsigned char>(next) >= 0x80 && !is_ts_space(text_, at));
    if (next == '-' || next == '_' || is_letter_or_digit) return false;
    do at += utf8_bytes(text_[at]);
    while (is_ts_space(text_, at));
    return at < text_.size();
  }

  Token next_web() {
    for (;; skip()) {
      if (!wants_operand_) {
        if (at_end()) return {Token::End};
        if (at_or()) return at_ += 2, operator_token(TsNodeKind::Or);
        if (std::string_view("!&|()<").find(peek()) != std::string_view::npos) continue;
        if (!at_space()) return operator_token(TsNodeKind::And);
        continue;
      }
      if (at_space()) continue;
      if (peek() == '-') return ++at_, operator_token(TsNodeKind::Not);
      if (!at_end() && std::string_view("!&|()<").find(peek()) != std::string_view::npos) {
        first_ = false;
        continue;
      }
      return web_operand();
    }
  }

  // A quoted phrase or a word. An operator at the end gets an operand without text, which no lexeme comes of.
  Token web_operand() {
    Token token = {Token::Word};
    if (peek() == '"') {
      size_t close = std::min(text_.find('"', at_ + 1), text_.size());
      token.text = text_.substr(at_ + 1, close - at_ - 1);
      at_ = std::min(close + 1, text_.size());
    } else if (!word(token) && first_) {
      return {Token::End};
    }
    wants_operand_ = false;
    return token;
  }

  std::string_view text_;
  TsSyntax syntax_;
  TsWordReader words_;
  size_t at_ = 0;
  int open_ = 0;
  bool wants_operand_ = true;
  bool first_ = true;
};

// Operator precedence with two stacks.
class QueryParser {
 public:
  QueryParser(std::string_view text, TsSyntax syntax, TsOperands& operands) : tokens_(text, syntax), operands_(operands) {}

  TsNodePtr parse() {
    level(0);
    if (values_.empty()) return nullptr;
    return std::move(values_.back());
  }

 private:
  struct Pending {
    TsNodeKind kind;
    int distance;
  };

  void level(int depth) {
    if (depth > 5000) throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded");
    size_t bottom = pending_.size();
    while (true) {
      Token token = tokens_.next();
      switch (token.kind) {
        case Token::Word: {
          TsNodePtr node = operands_.operand(token.text, token.weights, token.prefix);
          if (node == nullptr) {
            node = std::make_unique<TsNode>();
            node->kind = TsNodeKind::Stop;
          }
          values_.push_back(std::move(node));
          break;
        }
        case Token::Operator:
          reduce(bottom, token.op);
          pending_.push_back({token.op, token.distance});
          break;
        case Token::Open: level(depth + 1); break;
        case Token::Close:
        case Token::End: reduce(bottom, TsNodeKind::Or); return;
      }
    }
  }

  // Applies the operators that bind at least as tightly as `op`; NOT is right associative.
  void reduce(size_t bottom, TsNodeKind op) {
    while (pending_.size() > bottom) {
      int top = priority(pending_.back().kind);
      if (op == TsNodeKind::Not ? priority(op) >= top : priority(op) > top) return;
      Pending applied = pending_.back();
      pending_.pop_back();
      if (values_.empty()) tokens_.fail();
      TsNodePtr right = std::move(values_.back());
      values_.pop_back();
      TsNodePtr left;
      if (applied.kind != TsNodeKind::Not) {
        if (values_.empty()) tokens_.fail();
        left = std::move(values_.back());
        values_.pop_back();
      }
      values_.push_back(make_ts_operator(applied.kind, std::move(left), std::move(right), applied.distance));
    }
  }

  Tokens tokens_;
  TsOperands& operands_;
  std::vector<TsNodePtr> values_;
  std::vector<Pending> pending_;
};

class PlainOperands : public TsOperands {
 public:
  explicit PlainOperands(std::string_view query) : query_(query) {}
  TsNodePtr operand(std::string_view text, int weights, bool prefix) override {
    auto fail = [&](const char* what) {
      throw SqlError(Sqlstate::ProgramLimitExceeded, std::string(what) + " in tsquery: \"" + std::string(query_) + "\"");
    };
    if (text.size() > kTsMaxLexemeBytes) fail("word is too long");
    total_ += text.size() + 1;
    if (total_ > kTsMaxVectorBytes + 1) fail("value is too big");
    return make_ts_word(text, weights, prefix);
  }

 private:
  std::string_view query_;
  size_t total_ = 0;
};

Value input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  PlainOperands operands(text);
  TsNodePtr root = parse_tsquery(text, TsSyntax::Standard, operands);
  return string_value(tsquery_bytes(root.get()), arena);
}

void output(const TypeContext&, const Value& value, Oid, std::string& out) { append_tsquery(read_tsquery(value.text()).get(), out); }

class Receiver {
 public:
  explicit Receiver(std::string_view bytes) : reader_(bytes) {}
  TsNodePtr read() {
    auto count = static_cast<uint32_t>(reader_.int32());
    if (count > reader_.left()) throw InternalError("invalid size of tsquery");
    left_ = count;
    TsNodePtr root = count == 0 ? nullptr : node(0);
    if (left_ != 0) throw InternalError("invalid tsquery: some operators have no operand");
    return root;
  }

 private:
  TsNodePtr node(uint32_t depth) {
    if (left_ == 0) throw InternalError("malformed tsquery: operand not found");
    if (depth > kMaxDepth) throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded");
    --left_;
    int kind = static_cast<uint8_t>(reader_.take(1)[0]);
    if (kind == 1) {
      int weights = static_cast<uint8_t>(reader_.take(1)[0]);
      bool prefix = reader_.take(1)[0] != 0;
      std::string text;
      for (std::string_view c; (c = reader_.take(1))[0] != '\0';) text += c;
      if (weights > 0xF) throw InternalError("invalid tsquery: invalid weight bitmap");
      if (text.size() > kTsMaxLexemeBytes) throw InternalError("invalid tsquery: operand too long");
      if (utf8_find_invalid(text) != std::string_view::npos) throw SqlError(Sqlstate::CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"");
      return make_ts_word(text, weights, prefix);
    }
    if (kind != 2) throw InternalError("unrecognized tsquery node type: " + std::to_string(kind));
    int number = static_cast<uint8_t>(reader_.take(1)[0]);
    if (number < 1 || number > 4) throw InternalError("invalid tsquery: unrecognized operator type " + std::to_string(number));
    auto op = static_cast<TsNodeKind>(number + 1);
    int distance = op == TsNodeKind::Phrase ? static_cast<uint16_t>(reader_.int16()) : 0;
    TsNodePtr right = node(depth + 1);
    TsNodePtr left = op == TsNodeKind::Not ? nullptr : node(depth + 1);
    return make_ts_operator(op, std::move(left), std::move(right), distance);
  }
  BinaryReader reader_;
  uint32_t left_ = 0;
};

Value receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) {
  return string_value(tsquery_bytes(Receiver(bytes).read().get()), arena);
}

void send_node(const TsNode& node, std::string& out) {
  if (!node.is_operator()) {
    out += '\1';
    out += static_cast<char>(node.weights);
    out += static_cast<char>(node.prefix);
    out += node.text;
    out += '\0';
    return;
  }
  out += '\2';
  out += static_cast<char>(operator_number(node.kind));
  if (node.kind == TsNodeKind::Phrase) append_int16(out, static_cast<int16_t>(node.distance));
  send_node(*node.right, out);
  if (node.left != nullptr) send_node(*node.left, out);
}
void send(const TypeContext&, const Value& value, Oid, std::string& out) {
  TsNodePtr root = read_tsquery(value.text());
  append_int32(out, static_cast<int32_t>(count_ts_nodes(root.get())));
  if (root != nullptr) send_node(*root, out);
}

int compare(const Value& a, const Value& b, Oid) { return compare_tsqueries(a.text(), b.text()); }

// Of what compare() looks at: not weights, not prefixes.
uint64_t hash_node(const TsNode& node) {
  if (!node.is_operator()) return hash_bytes(node.text);
  uint64_t code = hash_combine(static_cast<uint64_t>(node.kind) + 16 * static_cast<uint64_t>(node.distance), hash_node(*node.right));
  return node.left == nullptr ? code : hash_combine(code, hash_node(*node.left));
}
uint64_t hash(const Value& value, Oid) {
  TsNodePtr root = read_tsquery(value.text());
  return root == nullptr ? 0 : hash_node(*root);
}

}  // namespace

TsNodePtr parse_tsquery(std::string_view text, TsSyntax syntax, TsOperands& operands) { return QueryParser(text, syntax, operands).parse(); }

const Family kTsQueryFamily = {input, output, receive, send, compare, hash};

}  // namespace aegis::types
