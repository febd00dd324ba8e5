// The type xml: texts that libxml2 finds well-formed, kept as they were written (PostgreSQL's xml.c).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::types::xml {

enum class Option : uint8_t { Document, Content };

// 2200M or 2200N with libxml's complaints unless `text` is well-formed.
void check(std::string_view text, Option option, bool preserve_whitespace = true);
bool is_well_formed(std::string_view text, Option option);

// <?xml version="…" encoding="…" standalone="…"?> at a text's beginning.
struct Declaration {
  std::string version;   // empty: none
  int standalone = -1;   // 1 yes, 0 no
  size_t length = 0;     // of the declaration in bytes
  bool malformed = false;
};
Declaration read_declaration(std::string_view text);
// Nothing for version 1.0 without `standalone`, which need no declaration.
std::string make_declaration(const std::string& version, int standalone);

// As values are shown: without a declaration that says nothing.
std::string output(std::string_view text);
std::string concat(const std::vector<std::string_view>& parts);
std::string escape(std::string_view text);
// A name of SQL as one of XML: what XML does not allow becomes _xHHHH_.
std::string name_of(std::string_view identifier, bool fully_escaped, bool escape_period = false);

// What a path gives of a document. Namespaces are (prefix, URI) pairs.
using Namespaces = std::vector<std::pair<std::string, std::string>>;
std::vector<std::string> evaluate_path(std::string_view path, std::string_view document, const Namespaces& namespaces);
bool path_exists(std::string_view path, std::string_view document, const Namespaces& namespaces);

// An element with attributes; `content` is XML already.
std::string element(std::string_view name, const std::vector<std::pair<std::string, std::string>>& attributes, std::string_view content, bool empty);

// The rows of XMLTABLE: for each node that `row_path` finds, the value of each column's path (null: nothing found).
struct TableColumn {
  std::string path;
  std::string name;
  bool is_xml = false;
  bool is_number = false;  // booleans are given as numbers
};
struct TableValue {
  bool is_null = true;
  std::string text;
};
std::vector<std::vector<TableValue>> table_rows(std::string_view document, std::string_view row_path, const std::vector<TableColumn>& columns,
                                                const Namespaces& namespaces);

}  // namespace aegis::types::xml
