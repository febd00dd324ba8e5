#include "build/driver.h"

#include <atn/ParserATNSimulator.h>

#include "build/builder.h"
#include "lexer/lexer.h"

namespace aegis::parser {
namespace {

thread_local LexerSettings lexer_settings;

// What the error strategy throws: no rule accepts this token.
struct UnexpectedToken {
  const SqlToken* token;
};

class StopAtFirstError final : public antlr4::DefaultErrorStrategy {
 public:
  void reportError(antlr4::Parser*, const antlr4::RecognitionException& error) override {
    throw UnexpectedToken{sql_token(error.getOffendingToken())};
  }
  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    throw UnexpectedToken{sql_token(parser->getCurrentToken())};
  }
  void sync(antlr4::Parser*) override {}
};

class CheckedParser final : public generated::PostgreSQLParser {
 public:
  using PostgreSQLParser::PostgreSQLParser;
  void enterRule(antlr4::ParserRuleContext* context, size_t state, size_t rule) override {
    check_stack_depth();
    PostgreSQLParser::enterRule(context, state, rule);
  }
};

// One thread's parser, used again for every statement.
struct Machine {
  SqlTokenStream stream;
  CheckedParser parser{&stream};

  Machine() {
    parser.removeErrorListeners();
    parser.setErrorHandler(std::make_shared<StopAtFirstError>());
  }

  template <typename Rule>
  auto run(std::vector<Token>& tokens, Rule rule) {
    stream.load(tokens);
    set_mode(antlr4::atn::PredictionMode::SLL);
    try {
      return rule(parser);
    } catch (const UnexpectedToken&) {
      // Either an error, which LL prediction places exactly, or one of the few texts SLL cannot decide.
      set_mode(antlr4::atn::PredictionMode::LL);
    }
    for (;;) {
      try {
        return rule(parser);
      } catch (const UnexpectedToken& unexpected) {
        // A parenthesis that was taken for a subquery's may be right as an ordinary one, and then what follows is wrong.
        Token& token = tokens[unexpected.token->getTokenIndex()];
        if (token.type != kSubqueryParen) throw;
        token.type = kLeftParen;
        parser.reset();
      }
    }
  }

 private:
  void set_mode(antlr4::atn::PredictionMode mode) {
    parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(mode);
    parser.reset();
  }
};

Machine& machine() {
  thread_local Machine instance;
  return instance;
}

template <typename Rule>
auto run_parser(std::string_view sql, TokenList& tokens, Rule rule) {
  try {
    return machine().run(tokens.tokens, rule);
  } catch (const UnexpectedToken& unexpected) {
    const Token& token = unexpected.token->token();
    bool is_lexical = tokens.error.has_value() && token.type == kInvalid && &token == &tokens.tokens[tokens.tokens.size() - 2];
    if (is_lexical) throw *tokens.error;
    throw_syntax_error(sql, token);
  }
}

}  // namespace

void set_lexer_settings(const LexerSettings& settings) { lexer_settings = settings; }

ParseResult parse(std::string_view sql) {
  set_stack_base();
  ParseResult result;
  std::string_view text = result.arena.copy(sql);
  TokenList tokens;
  tokenize(text, lexer_settings, result.arena, tokens);
  mark_subquery_parens(tokens.tokens);
  auto* root = run_parser(text, tokens, [](P& parser) { return parser.root(); });
  Builder builder(text, result.arena, machine().stream);
  builder.statements(root->statement_list(), result.statements);
  result.notices = std::move(tokens.notices);
  return result;
}

ExpressionResult parse_expression(std::string_view sql) {
  set_stack_base();
  ExpressionResult result;
  std::string_view text = result.arena.copy(sql);
  TokenList tokens;
  tokenize(text, lexer_settings, result.arena, tokens);
  mark_subquery_parens(tokens.tokens);
  auto* root = run_parser(text, tokens, [](P& parser) { return parser.root_expression(); });
  result.expression = Builder(text, result.arena, machine().stream).expression(root->a_expr());
  return result;
}

TypeNameResult parse_type_name(std::string_view sql) {
  set_stack_base();
  TypeNameResult result;
  std::string_view text = result.arena.copy(sql);
  TokenList tokens;
  tokenize(text, lexer_settings, result.arena, tokens);
  auto* root = run_parser(text, tokens, [](P& parser) { return parser.root_type_name(); });
  result.type_name = Builder(text, result.arena, machine().stream).type(root->type_name());
  return result;
}

}  // namespace aegis::parser
