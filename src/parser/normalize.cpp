#include "aegis/parser/normalize.h"

#include <algorithm>

#include "aegis/parser/parser.h"
#include "lexer/lexer.h"

namespace aegis::parser {
namespace {

constexpr size_t kMaxTextBytes = 65536;
constexpr size_t kMaxLiterals = 256;

// Whether literals here may become parameters.
enum class Zone : uint8_t { Keep, Replace };

bool is_statement_start(uint16_t type) {
  return type == KW_SELECT || type == KW_INSERT || type == KW_UPDATE || type == KW_DELETE || type == KW_WITH;
}

// Words whose literals must be constants, or that make a statement more than a query.
bool rules_out(uint16_t type) {
  switch (type) {
    case kParam:
    case kInvalid:
    case KW_INTO:  // of SELECT INTO; INSERT's is looked at apart
    case KW_MERGE:
    case KW_SEARCH:
    case KW_CYCLE:
    case KW_XMLELEMENT:
    case KW_XMLPARSE:
    case KW_XMLPI:
    case KW_XMLROOT:
    case KW_XMLSERIALIZE:
    case KW_XMLTABLE:
    case KW_XMLFOREST:
    case KW_TABLESAMPLE:
      return true;
    default:
      return false;
  }
}

// What may stand in front of an expression, so that a literal after it is an operand and no typed constant.
bool precedes_operand(uint16_t type) {
  switch (type) {
    case kOp:
    case kLeftParen:
    case kSubqueryParen:
    case kLeftBracket:
    case kComma:
    case kPlus:
    case kMinus:
    case kStar:
    case kSlash:
    case kPercent:
    case kCaret:
    case kLess:
    case kGreater:
    case kEqual:
    case kLessEquals:
    case kGreaterEquals:
    case kNotEquals:
    case kColonEquals:
    case kEqualsGreater:
    case KW_WHERE:
    case KW_ON:
    case KW_AND:
    case KW_OR:
    case KW_NOT:
    case KW_LIKE:
    case KW_ILIKE:
    case KW_BETWEEN:
    case KW_SYMMETRIC:
    case KW_ASYMMETRIC:
    case KW_CASE:
    case KW_WHEN:
    case KW_THEN:
    case KW_ELSE:
    case KW_LIMIT:
    case KW_OFFSET:
      return true;
    default:
      return false;
  }
}

// Words in front of parentheses that hold modifiers or fields, not expressions.
bool takes_constant_arguments(uint16_t type) {
  switch (type) {
    case KW_NUMERIC:
    case KW_DECIMAL:
    case KW_DEC:
    case KW_FLOAT:
    case KW_BIT:
    case KW_CHAR:
    case KW_CHARACTER:
    case KW_NCHAR:
    case KW_VARCHAR:
    case KW_VARYING:
    case KW_TIME:
    case KW_TIMESTAMP:
    case KW_INTERVAL:
    case KW_CURRENT_TIME:
    case KW_CURRENT_TIMESTAMP:
    case KW_LOCALTIME:
    case KW_LOCALTIMESTAMP:
    case KW_EXTRACT:
    case KW_SECOND:
      return true;
    default:
      return false;
  }
}

class Normalizer {
 public:
  Normalizer(std::string_view sql, const std::vector<Token>& tokens) : sql_(sql), tokens_(tokens) {}

  std::optional<NormalizedStatement> run() {
    size_t end = statement_end();
    if (end == 0 || !is_statement_start(tokens_[0].type)) return std::nullopt;
    result_.text.reserve(sql_.size() + 16);
    for (at_ = 0; at_ < end; ++at_) {
      if (!step()) return std::nullopt;
    }
    return std::move(result_);
  }

 private:
  uint16_t type(size_t index) const { return tokens_[index].type; }
  uint16_t previous() const { return at_ == 0 ? kTokenEof : type(at_ - 1); }

  // The count of tokens but the closing semicolons; 0 when there is more than one statement.
  size_t statement_end() const {
    size_t end = tokens_.size() - 1;
    while (end > 0 && type(end - 1) == kSemicolon) --end;
    for (size_t i = 0; i < end; ++i) {
      if (type(i) == kSemicolon) return 0;
    }
    return end;
  }

  // Takes one token; false when the statement cannot be normalised.
  bool step() {
    const Token& token = tokens_[at_];
    bool inserts_into = token.type == KW_INTO && previous() == KW_INSERT;
    if (rules_out(token.type) && !inserts_into) return false;
    follow_type_name(token.type);
    switch (token.type) {
      case kLeftParen:
        open_paren();
        break;
      case kRightParen:
        if (zones_.empty()) return false;
        zone_ = zones_.back();
        zones_.pop_back();
        break;
      case kIconst:
      case kFconst:
      case kSconst:
        // `f(1) 'x'` is a constant whose modifiers are replaced already.
        if (token.type == kSconst && previous() == kRightParen) return false;
        if (replaceable(token)) return replace(token);
        break;
      default:
        if (is_keyword(token.type)) enter_clause(token.type);
    }
    append(token);
    return true;
  }

  // Behind :: and AS stands a type, whose parentheses and brackets hold modifiers.
  void follow_type_name(uint16_t type) {
    if (type == kTypecast || type == KW_AS) {
      in_type_name_ = true;
    } else if (type != kIdent && type != kDot && type != kLeftBracket && !is_keyword(type) &&
               type != kIconst) {
      after_type_name_ = in_type_name_ && type == kLeftParen;
      in_type_name_ = false;
      return;
    }
    after_type_name_ = false;
  }

  void open_paren() {
    zones_.push_back(zone_);
    if (after_type_name_ || takes_constant_arguments(previous())) zone_ = Zone::Keep;
  }

  void enter_clause(uint16_t keyword) {
    bool call = type(at_ + 1) == kLeftParen;
    switch (keyword) {
      case KW_WHERE:
        zone_ = in_conflict_target_ ? Zone::Keep : Zone::Replace;
        break;
      case KW_ON:
        in_conflict_target_ = type(at_ + 1) == KW_CONFLICT;
        zone_ = in_conflict_target_ || previous() == KW_DISTINCT ? Zone::Keep : Zone::Replace;
        break;
      case KW_DO:
        in_conflict_target_ = false;
        break;
      case KW_SET:
      case KW_LIMIT:
      case KW_OFFSET:
        zone_ = Zone::Replace;
        break;
      case KW_INSERT:
        inserting_ = zones_.empty();
        break;
      case KW_VALUES:
        zone_ = inserting_ && zones_.empty() ? Zone::Replace : Zone::Keep;
        break;
      case KW_SELECT:
      case KW_USING:
      case KW_GROUP:
      case KW_ORDER:
      case KW_HAVING:
      case KW_WINDOW:
      case KW_RETURNING:
      case KW_FETCH:
      case KW_FOR:
      case KW_UNION:
      case KW_INTERSECT:
      case KW_EXCEPT:
      case KW_PARTITION:
      case KW_JOIN:
      case KW_CROSS:
      case KW_NATURAL:
      case KW_INNER:
      case KW_FULL:
        zone_ = Zone::Keep;
        break;
      case KW_LEFT:
      case KW_RIGHT:
        if (!call) zone_ = Zone::Keep;
        break;
      case KW_FROM:
        if (previous() != KW_DISTINCT) zone_ = Zone::Keep;
        break;
      default:
        break;
    }
  }

  bool replaceable(const Token& token) const {
    if (zone_ == Zone::Keep || in_type_name_ || !precedes_operand(previous())) return false;
    // A negated number beyond int4 may fit int4 with its sign.
    return token.type != kFconst || previous() != kMinus;
  }

  bool replace(const Token& token) {
    if (result_.literals.size() == kMaxLiterals) return false;
    LiteralKind kind = token.type == kSconst   ? LiteralKind::String
                       : token.type == kIconst ? LiteralKind::Integer
                                               : LiteralKind::Float;
    result_.literals.push_back({kind, std::string(token.value), token.start});
    separate();
    result_.text += '$';
    result_.text += std::to_string(result_.literals.size());
    return true;
  }

  void separate() {
    if (!result_.text.empty()) result_.text += ' ';
  }

  void append(const Token& token) {
    separate();
    if (token.type == kSconst || token.type == kBconst || token.type == kXconst) {
      result_.text +=
          sql_.substr(static_cast<size_t>(token.start), static_cast<size_t>(token.stop - token.start));
    } else if (token.quoted) {
      result_.text += '"';
      for (char c : token.value) {
        if (c == '"') result_.text += '"';
        result_.text += c;
      }
      result_.text += '"';
    } else {
      result_.text += token.value;
    }
  }

  std::string_view sql_;
  const std::vector<Token>& tokens_;
  NormalizedStatement result_;
  size_t at_ = 0;
  Zone zone_ = Zone::Keep;
  std::vector<Zone> zones_;  // of the parentheses around
  bool in_type_name_ = false;
  bool after_type_name_ = false;
  bool in_conflict_target_ = false;
  bool inserting_ = false;
};

}  // namespace

std::optional<NormalizedStatement> normalize(std::string_view sql, const LexerSettings& settings) {
  if (sql.size() > kMaxTextBytes) return std::nullopt;
  thread_local Arena arena;
  thread_local TokenList tokens;
  arena.reset();
  tokens.tokens.clear();
  tokens.notices.clear();
  tokens.error.reset();
  tokenize(sql, settings, arena, tokens);
  if (tokens.error.has_value() || !tokens.notices.empty()) return std::nullopt;
  return Normalizer(sql, tokens.tokens).run();
}

}  // namespace aegis::parser
