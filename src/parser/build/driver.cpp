#include "build/driver.h"

#include <atn/ParserATNSimulator.h>

#include "build/builder.h"
#include "build/prediction_cache.h"
#include "lexer/lexer.h"

namespace aegis::parser {
namespace {

// Our token numbers are the generated parser's.
#define AEGIS_KEYWORD(token, word, category, bare) \
  static_assert(static_cast<size_t>(KW_##token) == static_cast<size_t>(P::token));
#include "aegis/base/keywords.def"
#undef AEGIS_KEYWORD
static_assert(static_cast<size_t>(kIdent) == static_cast<size_t>(P::IDENT));
static_assert(static_cast<size_t>(kSubqueryParen) == static_cast<size_t>(P::LPS));
static_assert(static_cast<size_t>(kNotEquals) == static_cast<size_t>(P::NOT_EQUALS));

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

// Predicts with the whole context from the start and never settles for an alternative that cannot go on, so
// that a parse stops at the very token PostgreSQL's would. Slow: for texts that failed.
class ExactSimulator final : public antlr4::atn::ParserATNSimulator {
 public:
  using ParserATNSimulator::ParserATNSimulator;
  size_t adaptivePredict(antlr4::TokenStream* input, size_t decision,
                         antlr4::ParserRuleContext* context) override {
    _input = input;
    _startIndex = input->index();
    _outerContext = context;
    antlr4::dfa::DFA& dfa = decisionToDFA[decision];
    _dfa = &dfa;
    auto start = computeStartState(dfa.atnStartState, context, true);
    size_t alternative = execATNWithFullContext(dfa, nullptr, start.get(), input, _startIndex, context);
    mergeCache.clear();
    input->seek(_startIndex);
    return alternative;
  }

 protected:
  size_t getAltThatFinishedDecisionEntryRule(antlr4::atn::ATNConfigSet*) override {
    return antlr4::atn::ATN::INVALID_ALT_NUMBER;
  }
};

PredictionCache& predictions() {
  static PredictionCache cache;
  return cache;
}

// One thread's parsers, used again for every statement.
class Machine {
 public:
  SqlTokenStream stream;

  Machine() {
    prepare(fast_);
    prepare(exact_);
    auto* shared = fast_.getInterpreter<antlr4::atn::ParserATNSimulator>();
    shared->setPredictionMode(antlr4::atn::PredictionMode::SLL);
    // The parser owns its simulator.
    exact_.setInterpreter(
        new ExactSimulator(&exact_, exact_.getATN(), shared->decisionToDFA, shared->getSharedContextCache()));
  }

  // The tree lives until release().
  template <typename Rule>
  auto run(std::vector<Token>& tokens, Rule rule) {
    auto predicting = predictions().use();
    stream.load(tokens);
    try {
      return rule(fast_);
    } catch (const UnexpectedToken&) {
      // An error, or one of the few texts SLL prediction cannot decide.
    }
    stream.seek(0);
    return run_exactly(tokens, rule);
  }

  void release() {
    fast_.reset();
    exact_.reset();
    stream.clear();
    predictions().tend(fast_);
  }

 private:
  // A parenthesis of the wrong sort may be where the parser stops though PostgreSQL, which knows one sort,
  // goes on. So both sorts are tried, and the error is the one further on.
  template <typename Rule>
  auto run_exactly(std::vector<Token>& tokens, Rule rule) {
    static constexpr size_t kMaxAttempts = 50;
    size_t furthest = 0;
    for (size_t attempt = 0;; ++attempt) {
      try {
        return rule(exact_);
      } catch (const UnexpectedToken& unexpected) {
        size_t index = unexpected.token->getTokenIndex();
        Token& token = tokens[index];
        bool paren = token.type == kSubqueryParen || token.type == kLeftParen;
        if (!paren || attempt == kMaxAttempts || (attempt > 0 && index <= furthest)) {
          if (attempt > 0 && index < furthest) throw UnexpectedToken{sql_token(stream.get(furthest))};
          throw;
        }
        furthest = index;
        token.type = token.type == kSubqueryParen ? kLeftParen : kSubqueryParen;
        exact_.reset();
      }
    }
  }

  static void prepare(CheckedParser& parser) {
    parser.removeErrorListeners();
    parser.setErrorHandler(std::make_shared<StopAtFirstError>());
  }

  CheckedParser fast_{&stream};
  CheckedParser exact_{&stream};
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
    bool is_lexical = tokens.error.has_value() && token.type == kInvalid &&
                      &token == &tokens.tokens[tokens.tokens.size() - 2];
    if (is_lexical) throw *tokens.error;
    throw_syntax_error(sql, token);
  }
}

// What parse(), parse_expression() and parse_type_name() share: lexing, parsing, building.
template <typename Rule, typename Build>
void run(std::string_view sql, const LexerSettings& settings, Arena& arena, TokenList& tokens, Rule rule, Build build) {
  set_stack_base();
  // The tree's names and strings are views of this copy.
  std::string_view text = arena.copy(sql);
  tokenize(text, settings, arena, tokens);
  mark_subquery_parens(tokens.tokens);
  struct Release {
    ~Release() { machine().release(); }
  } release;
  auto* root = run_parser(text, tokens, rule);
  Builder builder(text, arena, machine().stream);
  build(builder, root);
}

}  // namespace

ParseResult parse(std::string_view sql, const LexerSettings& settings) {
  ParseResult result;
  TokenList tokens;
  run(
      sql, settings, result.arena, tokens, [](P& parser) { return parser.root(); },
      [&](Builder& builder, P::RootContext* root) {
        builder.statements(root->statement_list(), result.statements);
      });
  result.notices = std::move(tokens.notices);
  return result;
}

ExpressionResult parse_expression(std::string_view sql) {
  ExpressionResult result;
  TokenList tokens;
  run(
      sql, {}, result.arena, tokens, [](P& parser) { return parser.root_expression(); },
      [&](Builder& builder, P::Root_expressionContext* root) {
        result.expression = builder.expression(root->a_expr());
      });
  return result;
}

TypeNameResult parse_type_name(std::string_view sql) {
  TypeNameResult result;
  TokenList tokens;
  run(
      sql, {}, result.arena, tokens, [](P& parser) { return parser.root_type_name(); },
      [&](Builder& builder, P::Root_type_nameContext* root) {
        result.type_name = builder.type(root->type_name());
      });
  return result;
}

}  // namespace aegis::parser
