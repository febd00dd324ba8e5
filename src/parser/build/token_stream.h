// Our tokens in the shape the ANTLR runtime wants, without copying their text.
#pragma once

#include <antlr4-runtime.h>

#include "lexer/token.h"

namespace aegis::parser {

class SqlToken final : public antlr4::Token {
 public:
  SqlToken() = default;
  SqlToken(const parser::Token* token, size_t index) : token_(token), index_(index) {}

  const parser::Token& token() const { return *token_; }
  std::string_view value() const { return token_->value; }
  int start() const { return token_->start; }
  int stop() const { return token_->stop; }

  size_t getType() const override { return token_->type == kTokenEof ? antlr4::Token::EOF : token_->type; }
  size_t getTokenIndex() const override { return index_; }
  size_t getStartIndex() const override { return static_cast<size_t>(token_->start); }
  size_t getStopIndex() const override { return static_cast<size_t>(token_->stop); }
  std::string getText() const override { return std::string(token_->value); }
  size_t getLine() const override { return 1; }
  size_t getCharPositionInLine() const override { return getStartIndex(); }
  size_t getChannel() const override { return DEFAULT_CHANNEL; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  antlr4::CharStream* getInputStream() const override { return nullptr; }
  std::string toString() const override { return getText(); }

 private:
  const parser::Token* token_ = nullptr;
  size_t index_ = 0;
};

inline const SqlToken* sql_token(const antlr4::Token* token) { return static_cast<const SqlToken*>(token); }

class SqlTokenStream final : public antlr4::TokenStream {
 public:
  // `tokens` must outlive the stream's use.
  void load(const std::vector<Token>& tokens) {
    tokens_.clear();
    tokens_.reserve(tokens.size());
    for (size_t i = 0; i < tokens.size(); ++i) tokens_.emplace_back(&tokens[i], i);
    at_ = 0;
  }

  // Gives up the memory of a long text.
  void clear() {
    static constexpr size_t kKeptTokens = 16384;
    tokens_.clear();
    if (tokens_.capacity() > kKeptTokens) tokens_.shrink_to_fit();
  }

  antlr4::Token* LT(ssize_t k) override {
    if (k > 0) return &tokens_[std::min(at_ + static_cast<size_t>(k) - 1, tokens_.size() - 1)];
    if (k == 0 || at_ < static_cast<size_t>(-k)) return nullptr;
    return &tokens_[at_ - static_cast<size_t>(-k)];
  }
  size_t LA(ssize_t k) override {
    antlr4::Token* token = LT(k);
    return token == nullptr ? 0 : static_cast<SqlToken*>(token)->getType();
  }
  void consume() override {
    if (at_ + 1 < tokens_.size()) ++at_;
  }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  size_t index() override { return at_; }
  void seek(size_t index) override { at_ = std::min(index, tokens_.size() - 1); }
  size_t size() override { return tokens_.size(); }
  std::string getSourceName() const override { return "sql"; }
  antlr4::Token* get(size_t index) const override { return const_cast<SqlToken*>(&tokens_[index]); }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string getText() override { return {}; }
  std::string getText(antlr4::RuleContext*) override { return {}; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return {}; }

 private:
  std::vector<SqlToken> tokens_;
  size_t at_ = 0;
};

}  // namespace aegis::parser
