#include "functions/view_layout.h"

#include <cctype>
#include <vector>

namespace aegis::catalog {
namespace {

struct Token {
  std::string text;
  bool is_word = false;
  bool space_before = false;
};

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80) != 0; }

std::vector<Token> split(std::string_view sql) {
  std::vector<Token> tokens;
  bool space = false;
  for (size_t i = 0; i < sql.size();) {
    char c = sql[i];
    size_t end = i + 1;
    bool word = false;
    if (std::isspace(static_cast<unsigned char>(c))) {
      space = true;
      ++i;
      continue;
    }
    if (c == '\'' || c == '"') {
      while (end < sql.size() && sql[end] != c) ++end;
      end = end < sql.size() ? end + 1 : end;
    } else if (is_name(c)) {
      word = true;
      while (end < sql.size() && is_name(sql[end])) ++end;
    }
    tokens.push_back({std::string(sql.substr(i, end - i)), word, space});
    space = false;
    i = end;
  }
  return tokens;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

// Key words that are shown in capitals; names that are key words are quoted, so none is a name.
bool is_clause_word(const std::string& word) {
  static const char* const kWords[] = {"SELECT", "FROM",  "WHERE", "GROUP", "BY",    "HAVING", "ORDER", "LIMIT", "OFFSET", "UNION", "ALL",
                                       "EXCEPT", "INTERSECT", "JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "OUTER",  "ON",    "USING",
                                       "AS",     "AND",   "OR",    "NOT",   "CASE",  "WHEN",  "THEN",  "ELSE",  "END",    "DISTINCT", "IN",
                                       "IS",     "NULL",  "BETWEEN", "LIKE", "ILIKE", "EXISTS", "WITH", "RECURSIVE", "LATERAL", "NATURAL",
                                       "DESC",   "ASC",   "NULLS", "FIRST", "LAST",  "WINDOW", "OVER", "PARTITION", "FILTER", "VALUES", "FETCH",
                                       "ANY",    "CAST",  "ARRAY", "ROW",   "WITHIN", "COLLATE", "INTERVAL", "CURRENT_DATE", "CURRENT_TIMESTAMP"};
  for (const char* known : kWords) {
    if (word == known) return true;
  }
  return false;
}

// What a clause of the outermost SELECT begins its line with; null for other words.
const char* line_start(const std::string& word, const std::string& previous, const std::string& next) {
  if (word == "FROM" && previous != "DISTINCT") return "\n   ";
  if (word == "WHERE" || word == "HAVING" || (word == "GROUP" && next == "BY") || (word == "ORDER" && next == "BY") || word == "WINDOW") return "\n  ";
  if (word == "LIMIT" || word == "OFFSET") return "\n ";
  if (word == "UNION" || word == "EXCEPT" || word == "INTERSECT") return "\n";
  if (word == "SELECT" && (previous == "UNION" || previous == "EXCEPT" || previous == "INTERSECT" || previous == "ALL")) return "\n ";
  bool side = previous == "LEFT" || previous == "RIGHT" || previous == "FULL" || previous == "INNER" || previous == "OUTER" ||
              previous == "CROSS" || previous == "NATURAL";
  bool begins_join = word == "LEFT" || word == "RIGHT" || word == "FULL" || word == "INNER" || word == "CROSS" || word == "NATURAL";
  if (begins_join && next != "(" && !side) return "\n     ";
  if (word == "JOIN" && !side) return "\n     ";
  return nullptr;
}

}  // namespace

std::string lay_out_view(std::string_view sql) {
  auto tokens = split(sql);
  while (!tokens.empty() && tokens.back().text == ";") tokens.pop_back();
  std::string result = " ";
  int depth = 0;
  bool in_targets = false;
  std::string previous;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    std::string word = token.is_word ? upper(token.text) : std::string();
    std::string next = i + 1 < tokens.size() ? upper(tokens[i + 1].text) : std::string();
    if (token.text == "(") ++depth;
    if (token.text == ")") --depth;
    bool plain_name = previous == "." || next == ".";
    bool keyword = !word.empty() && !plain_name && is_clause_word(word);
    const char* line = depth == 0 && keyword ? line_start(word, previous, next) : nullptr;
    if (line != nullptr) {
      result += line;
    } else if (i > 0 && token.space_before && !(depth == 0 && in_targets && previous == ",")) {
      result += ' ';
    }
    result += keyword ? word : token.text;
    if (depth == 0 && word == "SELECT") in_targets = true;
    if (depth == 0 && word == "FROM") in_targets = false;
    if (depth == 0 && in_targets && token.text == ",") result += "\n    ";
    previous = word.empty() ? token.text : word;
  }
  return result + ";";
}

}  // namespace aegis::catalog
