// COPY's options, checked as PostgreSQL does.
#pragma once

#include <string>
#include <vector>

#include "aegis/commands/command.h"
#include "aegis/functions/conversion.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

enum class CopyFormat : uint8_t { Text, Csv, Binary };
enum class CopyHeader : uint8_t { No, Yes, Match };

struct CopyOptions {
  CopyFormat format = CopyFormat::Text;
  CopyHeader header = CopyHeader::No;
  char delimiter = '\t';
  char quote = '"';
  char escape = '"';
  std::string null_text = "\\N";
  const functions::Encoding* encoding = nullptr;  // of the bytes; null: UTF-8
  bool force_quote_all = false;
  std::vector<std::string> force_quote;
  std::vector<std::string> force_not_null;
  std::vector<std::string> force_null;
};

CopyOptions read_copy_options(CommandContext& context, const ast::CopyStmt& statement);

}  // namespace aegis::commands
