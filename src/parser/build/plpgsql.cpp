// PL/pgSQL: runs the generated parser for the structure and takes the statements between apart.
#include "aegis/parser/plpgsql.h"

#include <algorithm>
#include <unordered_map>

#include "PlPgSqlParser.h"
#include "aegis/base/error.h"
#include "build/driver.h"
#include "build/prediction_cache.h"
#include "lexer/lexer.h"

namespace aegis::parser::plpgsql {

using G = generated::PlPgSqlParser;

Block::Block() = default;
Block::~Block() = default;

int line_of(std::string_view text, int offset) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + std::min<ptrdiff_t>(offset, static_cast<ptrdiff_t>(text.size())), '\n'));
}

namespace {

const std::unordered_map<std::string_view, size_t>& keywords() {
  static const std::unordered_map<std::string_view, size_t> map = {
#define AEGIS_PL_KEYWORD(token, word, reserved) {word, G::token},
#define AEGIS_PL_TOKEN(token)
#include "plpgsql_tokens.def"
#undef AEGIS_PL_KEYWORD
#undef AEGIS_PL_TOKEN
      {"elseif", G::ELSIF}};
  return map;
}

size_t token_type(const Token& token) {
  if (token.type == kIdent || is_keyword(token.type)) {
    if (token.quoted) return G::WORD;
    auto found = keywords().find(token.value);
    return found == keywords().end() ? static_cast<size_t>(G::WORD) : found->second;
  }
  switch (token.type) {
    case kTokenEof: return antlr4::Token::EOF;
    case kSconst: return G::SCONST;
    case kParam: return G::PARAM;
    case kSemicolon: return G::SEMI;
    case kLeftParen:
    case kSubqueryParen: return G::LP;
    case kRightParen: return G::RP;
    case kLeftBracket: return G::LB;
    case kRightBracket: return G::RB;
    case kComma: return G::COMMA;
    case kDot: return G::DOT;
    case kDotDot: return G::DOT_DOT;
    case kColonEquals: return G::ASSIGN;
    case kEqual: return G::EQUAL;
    case kPercent: return G::PERCENT;
    case kOp: return token.value == "#" ? G::HASH : token.value == "<<" ? G::LABEL_OPEN : token.value == ">>" ? G::LABEL_CLOSE : G::OTHER;
    default: return G::OTHER;
  }
}

struct Unexpected {
  size_t index;
};

class StopAtFirst final : public antlr4::DefaultErrorStrategy {
 public:
  void reportError(antlr4::Parser*, const antlr4::RecognitionException& error) override { throw Unexpected{error.getOffendingToken()->getTokenIndex()}; }
  antlr4::Token* recoverInline(antlr4::Parser* parser) override { throw Unexpected{parser->getCurrentToken()->getTokenIndex()}; }
  void sync(antlr4::Parser*) override {}
};

class DepthChecked final : public G {
 public:
  using G::G;
  void enterRule(antlr4::ParserRuleContext* context, size_t state, size_t rule) override {
    check_stack_depth();
    G::enterRule(context, state, rule);
  }
};

// A range of tokens, read from left to right.
class Reader {
 public:
  Reader(std::string_view source, const std::vector<Token>& tokens, const std::vector<size_t>& types, size_t begin, size_t end)
      : source_(source), tokens_(tokens), types_(types), at_(begin), end_(end) {}

  bool done() const { return at_ >= end_; }
  size_t type(size_t ahead = 0) const { return at_ + ahead < end_ ? types_[at_ + ahead] : static_cast<size_t>(antlr4::Token::EOF); }
  std::string_view value(size_t ahead = 0) const { return at_ + ahead < end_ ? tokens_[at_ + ahead].value : std::string_view(); }
  bool word(std::string_view text) const { return at_ < end_ && !tokens_[at_].quoted && tokens_[at_].value == text && is_word(types_[at_]); }
  static bool is_word(size_t type) { return type <= G::WORD; }
  bool accept(size_t wanted) { return type() == wanted ? (++at_, true) : false; }
  bool accept_word(std::string_view text) { return word(text) ? (++at_, true) : false; }
  void skip() { ++at_; }
  size_t position() const { return at_; }
  void seek(size_t at) { at_ = at; }
  int offset() const { return tokens_[at_].start; }

  [[noreturn]] void fail() const { throw_syntax_error(source_, tokens_[std::min(at_, tokens_.size() - 1)]); }
  void expect(size_t wanted) {
    if (!accept(wanted)) fail();
  }
  std::string name() {
    if (!is_word(type())) fail();
    std::string text(value());
    ++at_;
    return text;
  }
  // A cursor variable, which may be an argument by number.
  std::string variable() {
    if (type() != G::PARAM) return name();
    std::string written = text(at_, at_ + 1).text;
    ++at_;
    return written;
  }
  // Tokens up to the first of `stops` outside of brackets, or to the end.
  Sql until(std::initializer_list<size_t> stops) {
    size_t begin = at_;
    int depth = 0;
    while (at_ < end_) {
      size_t t = types_[at_];
      if (depth == 0 && std::find(stops.begin(), stops.end(), t) != stops.end()) break;
      if (t == G::LP || t == G::LB) ++depth;
      if (t == G::RP || t == G::RB) --depth;
      ++at_;
    }
    return text(begin, at_);
  }
  Sql rest() { return until({}); }
  Sql text(size_t begin, size_t end) const {
    if (begin >= end) return {};
    int from = tokens_[begin].start;
    return {std::string(source_.substr(from, tokens_[end - 1].stop - from)), from};
  }
  // The first token of that type outside of brackets; the end when there is none.
  size_t find(size_t wanted) const {
    int depth = 0;
    for (size_t i = at_; i < end_; ++i) {
      if (depth == 0 && types_[i] == wanted) return i;
      if (types_[i] == G::LP || types_[i] == G::LB) ++depth;
      if (types_[i] == G::RP || types_[i] == G::RB) --depth;
    }
    return end_;
  }
  size_t end() const { return end_; }
  Reader part(size_t begin, size_t end) const { return Reader(source_, tokens_, types_, begin, end); }

  Target target() {
    Target target;
    target.offset = offset();
    if (type() == G::PARAM) {
      target.names.emplace_back(value());
      if (!target.names[0].starts_with("$")) target.names[0] = "$" + target.names[0];
      ++at_;
    } else {
      target.names.push_back(name());
    }
    while (type() == G::DOT && is_word(type(1))) {
      ++at_;
      target.names.push_back(name());
    }
    while (accept(G::LB)) {
      target.subscripts.push_back(until({G::RB}));
      expect(G::RB);
    }
    return target;
  }
  std::vector<Target> targets() {
    std::vector<Target> list{target()};
    while (accept(G::COMMA)) list.push_back(target());
    return list;
  }
  std::vector<Sql> list(std::initializer_list<size_t> stops) {
    std::vector<Sql> items;
    std::vector<size_t> all(stops);
    do {
      size_t begin = at_;
      int depth = 0;
      while (at_ < end_) {
        size_t t = types_[at_];
        if (depth == 0 && (t == G::COMMA || std::find(all.begin(), all.end(), t) != all.end())) break;
        if (t == G::LP || t == G::LB) ++depth;
        if (t == G::RP || t == G::RB) --depth;
        ++at_;
      }
      if (begin == at_) fail();
      items.push_back(text(begin, at_));
    } while (accept(G::COMMA));
    return items;
  }

 private:
  std::string_view source_;
  const std::vector<Token>& tokens_;
  const std::vector<size_t>& types_;
  size_t at_;
  size_t end_;
};

class PlBuilder {
 public:
  PlBuilder(std::string_view source, const std::vector<Token>& tokens, const std::vector<size_t>& types) : source_(source), tokens_(tokens), types_(types) {}

  void source(G::RootContext* root, Source& out) {
    for (auto* option : root->option()) {
      auto words = option->any_word();
      std::string name = word(words[0]);
      std::string value = words.size() > 1 ? word(words[1]) : "";
      if (name == "variable_conflict" && (value == "error" || value == "use_variable" || value == "use_column")) {
        out.variable_conflict = value;
      } else if (name == "print_strict_params" && (value == "on" || value == "off")) {
        out.print_strict_params = value;
      } else if (name != "option") {
        throw_syntax_error(source_, tokens_[words[0]->start->getTokenIndex()]);
      }
    }
    block(root->block(), out.block);
  }

 private:
  std::string word(antlr4::ParserRuleContext* context) const { return std::string(tokens_[context->start->getTokenIndex()].value); }
  int line(antlr4::ParserRuleContext* context) const { return line_of(source_, tokens_[context->start->getTokenIndex()].start); }
  int line(antlr4::Token* token) const { return line_of(source_, tokens_[token->getTokenIndex()].start); }
  Sql text(antlr4::ParserRuleContext* context) const {
    if (context == nullptr) return {};
    int from = tokens_[context->start->getTokenIndex()].start;
    return {std::string(source_.substr(from, tokens_[context->stop->getTokenIndex()].stop - from)), from};
  }
  Reader reader(antlr4::ParserRuleContext* context) const {
    return Reader(source_, tokens_, types_, context->start->getTokenIndex(), context->stop->getTokenIndex() + 1);
  }
  void check_end_label(G::Any_wordContext* end, const std::string& label) const {
    if (end == nullptr) return;
    std::string name = word(end);
    int position = character_position(source_, tokens_[end->start->getTokenIndex()].start);
    if (label.empty()) throw SqlError(Sqlstate::SyntaxError, "end label \"" + name + "\" specified for unlabeled block").position(position);
    if (label != name) throw SqlError(Sqlstate::SyntaxError, "end label \"" + name + "\" differs from block's label \"" + label + "\"").position(position);
  }

  void block(G::BlockContext* context, Block& out) {
    out.line = line(context->BEGIN()->getSymbol());
    if (context->label() != nullptr) out.label = word(context->label()->any_word());
    for (auto* item : context->declaration()) out.declarations.push_back(declaration(item));
    body(context->body(), out.body);
    if (context->exception_part() != nullptr) {
      for (auto* item : context->exception_part()->handler()) out.handlers.push_back(handler(item));
    }
    check_end_label(context->end_label, out.label);
  }

  Handler handler(G::HandlerContext* context) {
    Handler out;
    out.line = line(context);
    Reader r = reader(context->text_then());
    do {
      if (r.accept_word("sqlstate")) {
        if (r.type() != G::SCONST) r.fail();
        out.conditions.push_back("SQLSTATE " + std::string(r.value()));
        r.skip();
      } else {
        out.conditions.push_back(r.name());
      }
    } while (r.accept(G::OR));
    if (!r.done()) r.fail();
    body(context->body(), out.body);
    return out;
  }

  Declaration declaration(G::DeclarationContext* context) {
    Declaration out;
    out.line = line(context);
    out.offset = tokens_[context->start->getTokenIndex()].start;
    if (auto* alias = dynamic_cast<G::Alias_declarationContext*>(context)) {
      out.name = word(alias->name);
      out.alias_of = text(alias->text()).text;
      return out;
    }
    if (auto* cursor = dynamic_cast<G::Cursor_declarationContext*>(context)) {
      out.name = word(cursor->name);
      out.is_cursor = true;
      out.scroll = cursor->SCROLL() != nullptr && cursor->NO() == nullptr;
      out.no_scroll = cursor->NO() != nullptr;
      for (auto* argument : cursor->cursor_argument()) out.cursor_arguments.push_back({word(argument->any_word()), text(argument->argument_type()).text});
      out.query = text(cursor->text());
      return out;
    }
    auto* variable = static_cast<G::Variable_declarationContext*>(context);
    out.name = word(variable->name);
    out.type = text(variable->type_text()).text;
    out.constant = variable->CONSTANT() != nullptr;
    out.not_null = variable->NOT() != nullptr;
    if (variable->text_type() != nullptr) out.collation = text(variable->text_type()).text;
    out.initial = text(variable->text());
    return out;
  }

  void body(G::BodyContext* context, Body& out) {
    for (auto* item : context->statement()) out.push_back(statement(item));
  }

  void loop(Statement& out, G::LabelContext* label, G::Loop_bodyContext* context) {
    if (label != nullptr) out.label = word(label->any_word());
    body(context->body(), out.body);
    check_end_label(context->any_word(), out.label);
  }

  Statement statement(G::StatementContext* context) {
    Statement out;
    out.line = line(context);
    if (auto* node = dynamic_cast<G::Block_statementContext*>(context)) {
      out.kind = StatementKind::Block;
      out.block = std::make_unique<Block>();
      block(node->block(), *out.block);
      out.line = out.block->line;
    } else if (auto* node = dynamic_cast<G::If_statementContext*>(context)) {
      out.kind = StatementKind::If;
      out.branches.push_back({text(node->text_then()), {}});
      body(node->body(), out.branches[0].body);
      for (auto* part : node->elsif_part()) {
        out.branches.push_back({text(part->text_then()), {}});
        body(part->body(), out.branches.back().body);
      }
      if (node->else_part() != nullptr) body(node->else_part()->body(), out.body);
    } else if (auto* node = dynamic_cast<G::Case_statementContext*>(context)) {
      out.kind = StatementKind::Case;
      out.sql = text(node->text_when());
      for (auto* part : node->case_when()) {
        out.branches.push_back({text(part->text_then()), {}});
        body(part->body(), out.branches.back().body);
      }
      out.has_else = node->else_part() != nullptr;
      if (out.has_else) body(node->else_part()->body(), out.body);
    } else if (auto* node = dynamic_cast<G::Loop_statementContext*>(context)) {
      out.kind = StatementKind::Loop;
      if (node->label() != nullptr) out.line = line(node->LOOP()->getSymbol());
      loop(out, node->label(), node->loop_body());
    } else if (auto* node = dynamic_cast<G::While_statementContext*>(context)) {
      out.kind = StatementKind::While;
      out.line = line(node->WHILE()->getSymbol());
      out.sql = text(node->text_loop());
      loop(out, node->label(), node->loop_body());
    } else if (auto* node = dynamic_cast<G::For_statementContext*>(context)) {
      out.line = line(node->FOR()->getSymbol());
      for_loop(out, reader(node->text_loop()));
      loop(out, node->label(), node->loop_body());
    } else if (auto* node = dynamic_cast<G::Foreach_statementContext*>(context)) {
      out.kind = StatementKind::Foreach;
      out.line = line(node->FOREACH()->getSymbol());
      Reader r = reader(node->text_loop());
      out.targets = r.targets();
      if (r.accept(G::SLICE)) {
        std::string digits(r.value());
        if (digits.empty() || !std::all_of(digits.begin(), digits.end(), ::isdigit)) r.fail();
        out.slice = std::stoi(digits);
        r.skip();
      }
      r.expect(G::IN);
      r.expect(G::ARRAY);
      out.sql = r.rest();
      loop(out, node->label(), node->loop_body());
    } else if (auto* node = dynamic_cast<G::Exit_statementContext*>(context)) {
      out.kind = node->kind->getType() == G::EXIT ? StatementKind::Exit : StatementKind::Continue;
      if (node->any_word() != nullptr) out.label = word(node->any_word());
      out.sql = text(node->text());
    } else if (auto* node = dynamic_cast<G::Simple_statementContext*>(context)) {
      size_t begin = node->kind->getTokenIndex() + 1;
      Reader r(source_, tokens_, types_, begin, node->SEMI()->getSymbol()->getTokenIndex());
      simple(out, node->kind->getType(), r);
    } else if (auto* node = dynamic_cast<G::Sql_statementContext*>(context)) {
      Reader r(source_, tokens_, types_, context->start->getTokenIndex(), node->SEMI()->getSymbol()->getTokenIndex());
      sql_or_assignment(out, r);
    }
    return out;
  }

  void for_loop(Statement& out, Reader r) {
    out.targets = r.targets();
    r.expect(G::IN);
    if (r.type() == G::EXECUTE) {
      r.skip();
      out.kind = StatementKind::ForExecute;
      out.sql = r.until({G::USING});
      if (r.accept(G::USING)) out.arguments = r.list({});
      return;
    }
    size_t dots = r.find(G::DOT_DOT);
    if (dots < r.end()) {
      out.kind = StatementKind::ForInteger;
      out.reverse = r.accept(G::REVERSE);
      out.sql = r.until({G::DOT_DOT});
      r.skip();
      out.upper = r.until({G::BY});
      if (r.accept(G::BY)) out.step = r.rest();
      if (out.targets.size() > 1) throw SqlError(Sqlstate::SyntaxError, "integer FOR loop must have only one target variable").position(character_position(source_, out.targets[1].offset));
      return;
    }
    // A cursor variable, perhaps with arguments: decided when names are known; kept as both.
    out.kind = StatementKind::ForQuery;
    size_t start = r.position();
    if (Reader::is_word(r.type())) {
      std::string name(r.value());
      size_t next = r.type(1);
      if (next == static_cast<size_t>(antlr4::Token::EOF)) {
        out.name = name;
      } else if (next == G::LP) {
        Reader inner = r;
        inner.skip();
        inner.skip();
        size_t close = inner.find(G::RP);
        if (close + 1 == r.end()) {
          out.name = name;
          if (inner.position() < close) cursor_arguments(out, r.part(inner.position(), close));
        }
      }
    }
    r.seek(start);
    out.sql = r.rest();
  }

  void cursor_arguments(Statement& out, Reader r) {
    while (!r.done()) {
      std::string name;
      bool assigns = Reader::is_word(r.type()) && (r.type(1) == G::ASSIGN || (r.type(1) == G::OTHER && r.value(1) == "=>"));
      if (assigns) {
        name = r.name();
        r.skip();
      }
      out.names.push_back(name);
      out.arguments.push_back(r.until({G::COMMA}));
      if (!r.accept(G::COMMA)) break;
    }
  }

  // INTO [STRICT] targets anywhere at the top level of a query; the rest of the text is the query.
  Sql take_into(Statement& out, Reader& r, std::initializer_list<size_t> stops) {
    size_t begin = r.position();
    int depth = 0;
    size_t into = r.end();
    size_t stop = r.end();
    for (size_t i = begin; i < r.end(); ++i) {
      if (depth == 0 && std::find(stops.begin(), stops.end(), types_[i]) != stops.end()) {
        stop = i;
        break;
      }
      if (types_[i] == G::LP || types_[i] == G::LB) ++depth;
      if (types_[i] == G::RP || types_[i] == G::RB) --depth;
      if (depth != 0 || types_[i] != G::INTO || into != r.end()) continue;
      // INSERT INTO and MERGE INTO, also behind WITH.
      if (i > begin && (tokens_[i - 1].value == "insert" || tokens_[i - 1].value == "merge" || tokens_[i - 1].value == "import") && !tokens_[i - 1].quoted) continue;
      into = i;
    }
    if (into == r.end()) {
      r.seek(stop);
      return r.text(begin, stop);
    }
    Reader inner = r.part(into + 1, stop);
    out.has_into = true;
    out.strict = inner.accept(G::STRICT);
    out.targets = inner.targets();
    size_t after = inner.position();
    Sql head = r.text(begin, into);
    Sql tail = r.text(after, stop);
    r.seek(stop);
    // Blanks instead of the clause keep later positions right.
    Sql whole = head;
    if (head.empty()) whole.offset = tokens_[begin].start;
    if (!tail.empty()) {
      size_t at = static_cast<size_t>(tail.offset - whole.offset);
      whole.text.resize(at, ' ');
      whole.text += tail.text;
    }
    return whole;
  }

  void sql_or_assignment(Statement& out, Reader r) {
    bool may_assign = Reader::is_word(r.type()) || r.type() == G::PARAM;
    if (may_assign) {
      size_t start = r.position();
      Reader probe = r;
      probe.skip();
      while (probe.type() == G::DOT && Reader::is_word(probe.type(1))) {
        probe.skip();
        probe.skip();
      }
      while (probe.type() == G::LB) {
        probe.skip();
        probe.until({G::RB});
        probe.skip();
      }
      if (probe.type() == G::ASSIGN || probe.type() == G::EQUAL) {
        out.kind = StatementKind::Assign;
        out.targets.push_back(r.target());
        r.skip();
        if (r.done()) r.fail();
        out.sql = r.rest();
        return;
      }
      r.seek(start);
    }
    out.kind = StatementKind::Sql;
    out.sql = take_into(out, r, {});
  }

  void simple(Statement& out, size_t kind, Reader r) {
    switch (kind) {
      case G::RETURN: return return_statement(out, r);
      case G::RAISE: return raise(out, r);
      case G::ASSERT:
        out.kind = StatementKind::Assert;
        out.sql = r.until({G::COMMA});
        if (out.sql.empty()) r.fail();
        if (r.accept(G::COMMA)) out.arguments.push_back(r.rest());
        return;
      case G::PERFORM:
        out.kind = StatementKind::Perform;
        out.sql = r.rest();
        if (out.sql.empty()) r.fail();
        return;
      case G::EXECUTE: {
        out.kind = StatementKind::Execute;
        out.sql = r.until({G::INTO, G::USING});
        if (out.sql.empty()) r.fail();
        while (!r.done()) {
          if (r.accept(G::INTO)) {
            if (out.has_into) r.fail();
            out.has_into = true;
            out.strict = r.accept(G::STRICT);
            out.targets = r.targets();
          } else if (r.accept(G::USING)) {
            if (!out.arguments.empty()) r.fail();
            out.arguments = r.list({G::INTO});
          } else {
            r.fail();
          }
        }
        return;
      }
      case G::GET: {
        out.kind = StatementKind::GetDiagnostics;
        if (r.accept_word("stacked")) out.stacked = true;
        else r.accept_word("current");
        r.expect(G::DIAGNOSTICS);
        do {
          out.targets.push_back(r.target());
          if (!r.accept(G::ASSIGN)) r.expect(G::EQUAL);
          out.names.push_back(r.name());
        } while (r.accept(G::COMMA));
        if (!r.done()) r.fail();
        return;
      }
      case G::OPEN: return open(out, r);
      case G::FETCH:
      case G::MOVE: return fetch(out, r, kind == G::MOVE);
      case G::CLOSE:
        out.kind = StatementKind::Close;
        out.name = r.variable();
        if (!r.done()) r.fail();
        return;
      case G::COMMIT:
      case G::ROLLBACK:
        out.kind = kind == G::COMMIT ? StatementKind::Commit : StatementKind::Rollback;
        if (r.accept_word("and")) {
          out.chain = !r.accept(G::NO);
          if (!r.accept_word("chain")) r.fail();
        }
        if (!r.done()) r.fail();
        return;
      default: r.fail();
    }
  }

  void return_statement(Statement& out, Reader r) {
    out.kind = StatementKind::Return;
    if (r.accept(G::NEXT)) {
      out.kind = StatementKind::ReturnNext;
      out.sql = r.rest();
    } else if (r.accept(G::QUERY)) {
      out.kind = StatementKind::ReturnQuery;
      if (r.accept(G::EXECUTE)) {
        out.dynamic = true;
        out.sql = r.until({G::USING});
        if (r.accept(G::USING)) out.arguments = r.list({});
      } else {
        out.sql = r.rest();
      }
      if (out.sql.empty()) r.fail();
    } else {
      out.sql = r.rest();
    }
  }

  void raise(Statement& out, Reader r) {
    out.kind = StatementKind::Raise;
    out.name = "";
    if (r.done()) return;  // raises the error again
    static constexpr std::string_view kLevels[] = {"exception", "warning", "notice", "info", "log", "debug"};
    out.name = "exception";
    for (auto level : kLevels) {
      if (r.accept_word(level)) {
        out.name = level;
        break;
      }
    }
    if (r.type() == G::SCONST) {
      out.has_format = true;
      out.text = r.value();
      r.skip();
      if (r.accept(G::COMMA)) out.arguments = r.list({G::USING});
      // Every % takes a parameter.
      size_t wanted = 0;
      for (size_t i = 0; i < out.text.size(); ++i) {
        if (out.text[i] != '%') continue;
        if (i + 1 < out.text.size() && out.text[i + 1] == '%') ++i;
        else ++wanted;
      }
      if (out.arguments.size() > wanted) throw SqlError(Sqlstate::SyntaxError, "too many parameters specified for RAISE");
      if (out.arguments.size() < wanted) throw SqlError(Sqlstate::SyntaxError, "too few parameters specified for RAISE");
    } else if (r.accept_word("sqlstate")) {
      if (r.type() != G::SCONST) r.fail();
      out.condition = "SQLSTATE " + std::string(r.value());
      if (r.value().size() != 5) throw SqlError(Sqlstate::SyntaxError, "invalid SQLSTATE code").position(character_position(source_, r.offset()));
      r.skip();
    } else if (r.type() != G::USING) {
      out.condition = r.name();
    }
    if (r.accept(G::USING)) {
      do {
        std::string option = r.name();
        if (!r.accept(G::ASSIGN)) r.expect(G::EQUAL);
        out.options.emplace_back(option, r.until({G::COMMA}));
      } while (r.accept(G::COMMA));
    }
    if (!r.done()) r.fail();
  }

  void open(Statement& out, Reader r) {
    out.kind = StatementKind::Open;
    out.name = r.variable();
    if (r.accept(G::NO)) {
      r.expect(G::SCROLL);
      out.no_scroll = true;
    } else if (r.accept(G::SCROLL)) {
      out.scroll = true;
    }
    if (r.accept(G::FOR)) {
      if (r.accept(G::EXECUTE)) {
        out.dynamic = true;
        out.sql = r.until({G::USING});
        if (r.accept(G::USING)) out.arguments = r.list({});
      } else {
        out.sql = r.rest();
      }
      if (out.sql.empty()) r.fail();
      return;
    }
    if (r.accept(G::LP)) {
      size_t close = r.find(G::RP);
      cursor_arguments(out, r.part(r.position(), close));
      r.seek(close);
      r.expect(G::RP);
    }
    if (!r.done()) r.fail();
  }

  void fetch(Statement& out, Reader r, bool move) {
    out.kind = move ? StatementKind::Move : StatementKind::Fetch;
    size_t from = r.find(G::FROM);
    if (from == r.end()) from = r.find(G::IN);
    size_t into = r.find(G::INTO);
    size_t name_at = r.position();
    if (from < r.end()) {
      out.text = r.text(r.position(), from).text;
      name_at = from + 1;
    } else if (!move && into > r.position() + 1) {
      out.text = r.text(r.position(), into - 1).text;
      name_at = into - 1;
    } else if (move && r.end() > r.position() + 1) {
      out.text = r.text(r.position(), r.end() - 1).text;
      name_at = r.end() - 1;
    }
    r.seek(name_at);
    out.name = r.variable();
    if (!move) {
      r.expect(G::INTO);
      out.has_into = true;
      out.targets = r.targets();
    }
    if (!r.done()) r.fail();
  }

  std::string_view source_;
  const std::vector<Token>& tokens_;
  const std::vector<size_t>& types_;
};

}  // namespace

std::unique_ptr<Source> parse(std::string_view text) {
  set_stack_base();
  Arena arena;
  TokenList list;
  tokenize(text, LexerSettings(), arena, list);
  if (list.error) throw *list.error;
  std::vector<size_t> types;
  std::vector<Token> mapped = list.tokens;
  for (size_t i = 0; i < mapped.size(); ++i) {
    size_t type = token_type(list.tokens[i]);
    types.push_back(type);
    mapped[i].type = type == static_cast<size_t>(antlr4::Token::EOF) ? kTokenEof : static_cast<uint16_t>(type);
  }
  SqlTokenStream stream;
  stream.load(mapped);
  DepthChecked parser(&stream);
  parser.removeErrorListeners();
  parser.setErrorHandler(std::make_shared<StopAtFirst>());
  static PredictionCache predictions;
  auto source = std::make_unique<Source>();
  try {
    auto predicting = predictions.use();
    PlBuilder(text, list.tokens, types).source(parser.root(), *source);
  } catch (const Unexpected& unexpected) {
    throw_syntax_error(text, list.tokens[unexpected.index]);
  }
  predictions.tend(parser);
  return source;
}

}  // namespace aegis::parser::plpgsql
