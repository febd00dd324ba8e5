// CREATE, ALTER and owned sequences.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_sequence(const ast::CreateSeqStmt& statement, CommandContext& context);
CommandResult alter_sequence(const ast::AlterSeqStmt& statement, CommandContext& context);

struct SequenceRequest {
  Oid schema = kInvalidOid;
  std::string name;
  char persistence = 'p';
  Oid type = types::oid::kInt8;
  Oid owner = kInvalidOid;
};
// Makes a sequence and returns it; its state starts with the transaction.
std::shared_ptr<catalog::Relation> make_sequence(CommandContext& context, const SequenceRequest& request,
                                                 ast::List<ast::DefElem> options);
// Applies ALTER's options to a copy and its state.
void change_sequence(CommandContext& context, catalog::Relation& sequence, ast::List<ast::DefElem> options);
// OWNED BY a column ('a') or an identity column's ('i').
void own_sequence(catalog::Relation& sequence, Oid table, int column, char kind);
void restart_sequence(CommandContext& context, const catalog::Relation& sequence, int64_t value, bool is_called = false);
// Sequences owned by the table (by one column when >= 0).
std::vector<catalog::RelationPtr> owned_sequences(const catalog::Version& version, Oid table, int column = -1);

}  // namespace aegis::commands
