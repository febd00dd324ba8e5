// Giving a table new rows or a view new text.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aegis/commands/command.h"

namespace aegis::commands {

// Moves the rows of `old_table` to new storage of `new_table`'s columns: column i is `computed[i]` over the old columns
// where given, else the old column i, else null. Builds the indexes again and puts the new table. The rows come in the
// order of `order`, a btree index of the table without a predicate, if it is given.
void rewrite_table(CommandContext& context, const catalog::Relation& old_table, const std::shared_ptr<catalog::Relation>& new_table,
                   std::vector<plan::ExprPtr> computed, const catalog::Index* order = nullptr);

// Views follow what they name: remembers the views that depend on relations, and after a change of names gives them text
// that means the same.
class ViewKeeper {
 public:
  explicit ViewKeeper(CommandContext& context) : context_(context) {}
  void remember(Oid relation);
  // How a word of the text may have to change: the words around are given by position.
  struct Renaming {
    enum class Kind : uint8_t { Relation, Column, Schema };
    Kind kind;
    std::string from;
    std::string to;         // quoted as needed; a Relation's may be qualified
    std::string old_schema;  // Relation: its schema's name then
  };
  // 0A000 when no such text is found.
  void update(const Renaming& renaming);
  // After a table got a column: no view has it for a star, and no name in one is ambiguous for it.
  void update_for_column();

 private:
  struct View {
    catalog::RelationPtr view;
    plan::BoundQuery bound;
    std::string full;  // the definition with stars written out and columns qualified
  };
  bool keeps(const View& view, const std::string& sql);
  CommandContext& context_;
  std::vector<View> views_;
};

// The texts of defaults, checks and indexes of a table, bound before a change of names and written again after it.
class DefinitionKeeper {
 public:
  explicit DefinitionKeeper(CommandContext& context) : context_(context) {}
  void remember(const catalog::Relation& table);
  void update();

 private:
  struct Text {
    Oid object;
    enum class Part : uint8_t { Default, Check, IndexKey, IndexPredicate, PartitionKey, Statistics } part;
    size_t number;
    plan::ExprPtr expr;
  };
  CommandContext& context_;
  std::vector<Text> texts_;
};

}  // namespace aegis::commands
