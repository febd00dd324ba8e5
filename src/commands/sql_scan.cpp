#include "sql_scan.h"

#include <cctype>

namespace aegis::commands {
namespace {

bool word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80); }
bool word_part(char c) { return word_start(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '$'; }

size_t skip_block_comment(std::string_view sql, size_t at) {
  int depth = 0;
  while (at < sql.size()) {
    if (sql.substr(at, 2) == "/*") {
      ++depth;
      at += 2;
    } else if (sql.substr(at, 2) == "*/") {
      at += 2;
      if (--depth == 0) return at;
    } else {
      ++at;
    }
  }
  return at;
}

// `at` is behind the opening quote.
size_t skip_quoted(std::string_view sql, size_t at, char quote, bool backslashes) {
  while (at < sql.size()) {
    if (backslashes && sql[at] == '\\') {
      at += 2;
    } else if (sql[at] == quote) {
      if (at + 1 >= sql.size() || sql[at + 1] != quote) return at + 1;
      at += 2;
    } else {
      ++at;
    }
  }
  return sql.size();
}

// $tag$…$tag$, or 0 when there is none at `at`.
size_t skip_dollar_quoted(std::string_view sql, size_t at) {
  size_t tag = at + 1;
  while (tag < sql.size() && word_part(sql[tag]) && sql[tag] != '$') ++tag;
  if (tag >= sql.size() || sql[tag] != '$' || (tag > at + 1 && std::isdigit(static_cast<unsigned char>(sql[at + 1])))) return 0;
  std::string_view delimiter = sql.substr(at, tag + 1 - at);
  size_t end = sql.find(delimiter, tag + 1);
  return end == std::string_view::npos ? sql.size() : end + delimiter.size();
}

}  // namespace

std::vector<SqlWord> scan_sql(std::string_view sql, size_t from) {
  using Kind = SqlWord::Kind;
  std::vector<SqlWord> out;
  int depth = 0;
  size_t at = from;
  auto add = [&](Kind kind, size_t stop, std::string text) {
    out.push_back({kind, at, stop, depth, std::move(text)});
    at = stop;
  };
  while (at < sql.size()) {
    char c = sql[at];
    if (std::isspace(static_cast<unsigned char>(c))) {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      while (at < sql.size() && sql[at] != '\n') ++at;
    } else if (sql.substr(at, 2) == "/*") {
      at = skip_block_comment(sql, at);
    } else if (c == '\'') {
      size_t stop = skip_quoted(sql, at + 1, '\'', false);
      add(Kind::String, stop, std::string(sql.substr(at, stop - at)));
    } else if (c == '"') {
      size_t stop = skip_quoted(sql, at + 1, '"', false);
      std::string name;
      for (size_t i = at + 1; i + 1 < stop; ++i) {
        name += sql[i];
        if (sql[i] == '"') ++i;
      }
      add(Kind::Quoted, stop, std::move(name));
    } else if (c == '$' && skip_dollar_quoted(sql, at) != 0) {
      size_t stop = skip_dollar_quoted(sql, at);
      add(Kind::String, stop, std::string(sql.substr(at, stop - at)));
    } else if (word_start(c)) {
      size_t stop = at;
      while (stop < sql.size() && word_part(sql[stop])) ++stop;
      std::string word(sql.substr(at, stop - at));
      for (char& letter : word) letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter | 32 : letter);
      bool prefix = stop < sql.size() && sql[stop] == '\'' && (word == "e" || word == "b" || word == "x" || word == "n");
      if (prefix) {
        stop = skip_quoted(sql, stop + 1, '\'', word == "e");
        add(Kind::String, stop, std::string(sql.substr(at, stop - at)));
      } else {
        add(Kind::Word, stop, std::move(word));
      }
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      size_t stop = at;
      while (stop < sql.size() && (word_part(sql[stop]) || sql[stop] == '.')) ++stop;
      add(Kind::Number, stop, std::string(sql.substr(at, stop - at)));
    } else {
      if (c == ')' || c == ']') --depth;
      size_t start_depth = depth;
      add(Kind::Symbol, at + 1, std::string(1, c));
      out.back().depth = static_cast<int>(start_depth);
      if (c == '(' || c == '[') ++depth;
    }
  }
  return out;
}

}  // namespace aegis::commands
