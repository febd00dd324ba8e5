// COPY in both directions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/commands/command.h"
#include "copy_options.h"

namespace aegis::commands {

CommandResult copy(const ast::CopyStmt& statement, CommandContext& context);
CommandResult copy_from(const ast::CopyStmt& statement, const CopyOptions& options, CommandContext& context);
CommandResult copy_to(const ast::CopyStmt& statement, const CopyOptions& options, CommandContext& context);

// Column numbers of COPY's list, or all; 42703, 42701, and 42P10 for generated ones.
std::vector<int> copy_columns(const catalog::Relation& table, ast::NameList names);
std::vector<bool> chosen_columns(const catalog::Relation& table, const std::vector<int>& columns, const std::vector<std::string>& names,
                                 const char* what);
void check_server_file(CommandContext& context, std::string_view name, bool is_from);
void check_server_program(CommandContext& context);
[[noreturn]] void throw_program_failed(const std::string& command, const std::string& why);

inline constexpr std::string_view kCopySignature{"PGCOPY\n\377\r\n\0", 11};

// ---- Text and CSV lines ----
// One field of a line: its raw bytes, and what they say.
struct CopyField {
  std::string_view text;
  bool is_null = false;
};

// Splits a line of text format. Unescaped fields borrow from `line`, others from `scratch`, which is overwritten.
void split_text_line(std::string_view line, const CopyOptions& options, std::string& scratch, std::vector<CopyField>& out);
// The same for CSV; `not_null` and `null` are FORCE_NOT_NULL and FORCE_NULL by field (may be empty). 22P04 when a quote
// is not closed.
void split_csv_line(std::string_view line, const CopyOptions& options, const std::vector<bool>& force_not_null,
                    const std::vector<bool>& force_null, std::string& scratch, std::vector<CopyField>& out);

// Finds lines in a stream of buffers.
class CopyLines {
 public:
  explicit CopyLines(const CopyOptions& options) : options_(options) {}
  // Adds the next bytes; lines found in what came before must not be used any more.
  void feed(std::string_view bytes);
  void finish() { finished_ = true; }
  // The next whole line without its end; false when more bytes are needed, or there are none.
  bool next(std::string_view& line);
  // `\.` was met: nothing behind it counts.
  bool at_end() const { return ended_; }

 private:
  size_t find_end(size_t from);
  std::string_view line_without_cr(size_t start, size_t end);

  const CopyOptions& options_;
  std::string buffer_;
  size_t start_ = 0;
  size_t scanned_ = 0;  // no line end between start_ and here
  bool in_quote_ = false;
  bool finished_ = false;
  bool ended_ = false;
};

void append_text_field(std::string_view text, const CopyOptions& options, std::string& out);
void append_csv_field(std::string_view text, const CopyOptions& options, bool force_quote, bool only_column, std::string& out);

}  // namespace aegis::commands
