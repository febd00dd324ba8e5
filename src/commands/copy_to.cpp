#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "aegis/catalog/privileges.h"
#include "aegis/os/file_system.h"
#include "aegis/os/process.h"
#include "aegis/types/encoding.h"
#include "copy.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {

namespace oid = types::oid;

std::vector<int> copy_columns(const catalog::Relation& table, ast::NameList names) {
  std::vector<int> columns;
  if (names.empty()) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (!table.columns[i].dropped && table.columns[i].generated == 0) columns.push_back(static_cast<int>(i));
    }
    return columns;
  }
  for (auto name : names) {
    int column = require_column(table, name);
    if (table.columns[column].generated != 0) {
      throw SqlError(Sqlstate::InvalidColumnReference, "column \"" + std::string(name) + "\" is a generated column")
          .detail("Generated columns cannot be used in COPY.");
    }
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      throw SqlError(Sqlstate::DuplicateColumn, "column \"" + std::string(name) + "\" specified more than once");
    }
    columns.push_back(column);
  }
  return columns;
}

std::vector<bool> chosen_columns(const catalog::Relation& table, const std::vector<int>& columns, const std::vector<std::string>& names,
                                 const char* what) {
  std::vector<bool> chosen(columns.size());
  for (const auto& name : names) {
    auto at = std::find(columns.begin(), columns.end(), require_column(table, name));
    if (at == columns.end()) {
      throw SqlError(Sqlstate::InvalidColumnReference, std::string(what) + " column \"" + name + "\" not referenced by COPY");
    }
    chosen[at - columns.begin()] = true;
  }
  return chosen;
}

namespace {

bool has_role(CommandContext& context, Oid role) {
  return context.is_superuser() || catalog::is_member(*context.catalog_version(), context.current_role(), role, true);
}

}  // namespace

void check_server_program(CommandContext& context) {
  constexpr Oid kPgExecuteServerProgram = 4571;
  if (has_role(context, kPgExecuteServerProgram)) return;
  throw SqlError(Sqlstate::InsufficientPrivilege,
                 "must be superuser or have privileges of the pg_execute_server_program role to COPY to or from an external program")
      .hint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.");
}

void throw_program_failed(const std::string& command, const std::string& why) {
  throw SqlError(Sqlstate::ExternalRoutineException, "program \"" + command + "\" failed").detail(why);
}

void check_server_file(CommandContext& context, std::string_view name, bool is_from) {
  constexpr Oid kPgReadServerFiles = 4569, kPgWriteServerFiles = 4570;
  if (!has_role(context, is_from ? kPgReadServerFiles : kPgWriteServerFiles)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, is_from ? "must be superuser or have privileges of the pg_read_server_files role to COPY from a file"
                                                            : "must be superuser or have privileges of the pg_write_server_files role to COPY to a file")
        .hint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.");
  }
  if (!is_from && !name.starts_with("/")) throw SqlError(Sqlstate::InvalidName, "relative path not allowed for COPY to file");
}

namespace {

class Output {
 public:
  Output(const ast::CopyStmt& statement, const CopyOptions& options, CommandContext& context) : context_(context), encoding_(options.encoding) {
    if (!ast::is_given(statement.filename)) return;
    if (statement.is_program) {
      check_server_program(context);
      command_ = std::string(statement.filename);
      program_ = std::make_unique<os::ShellCommand>(command_, context.data_directory(), os::ShellCommand::Direction::Write);
      return;
    }
    check_server_file(context, statement.filename, false);
    files_ = os::make_local_file_system();
    std::string path(statement.filename);
    try {
      file_ = files_->open(path, os::OpenMode::Truncate);
    } catch (const StorageError& error) {
      throw SqlError(Sqlstate::UndefinedFile, "could not open file \"" + path + "\" for writing: No such file or directory")
          .hint("COPY TO instructs the PostgreSQL server process to write a file. You may want a client-side facility such as psql's \\copy.");
    }
  }
  void begin(bool binary, size_t columns) {
    if (to_client()) context_.copy_stream().begin_out(binary, columns);
  }
  void row(std::string& bytes) {
    if (encoding_ != nullptr) bytes = functions::convert_encoding(*functions::find_encoding(functions::kUtf8Encoding), *encoding_, bytes);
    if (to_client()) {
      context_.copy_stream().write(bytes);
    } else {
      buffer_ += bytes;
      if (buffer_.size() > kBlockBytes) write_out();
    }
    bytes.clear();
  }
  void end() {
    if (to_client()) return context_.copy_stream().end_out();
    write_out();
    if (program_ == nullptr) return;
    if (std::string failure = program_->finish(false); !failure.empty()) throw_program_failed(command_, failure);
  }

 private:
  static constexpr size_t kBlockBytes = 1 << 20;
  bool to_client() const { return file_ == nullptr && program_ == nullptr; }
  void write_out() {
    if (program_ != nullptr) write_to_program();
    else file_->append(buffer_);
    buffer_.clear();
  }
  void write_to_program() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
      context_.transaction().backend().check_interrupts();
      try {
        rest.remove_prefix(program_->write(rest).value_or(0));
      } catch (const StorageError& error) {
        // Its own failure says more.
        if (std::string failure = program_->finish(false); !failure.empty()) throw_program_failed(command_, failure);
        throw SqlError(Sqlstate::IoError, error.what());
      }
    }
  }
  CommandContext& context_;
  const functions::Encoding* encoding_;
  std::string command_;
  std::unique_ptr<os::ShellCommand> program_;
  std::unique_ptr<os::FileSystem> files_;
  std::unique_ptr<os::File> file_;
  std::string buffer_;
};

class Unloader {
 public:
  Unloader(const ast::CopyStmt& statement, const CopyOptions& options, CommandContext& context)
      : statement_(statement), options_(options), context_(context) {}

  CommandResult run() {
    auto version = context_.catalog_version();
    plan::BoundQuery bound = statement_.relation != nullptr ? bind_table() : bind_query(*version);
    version = context_.catalog_version();
    if (!bound.returns_rows) {
      throw SqlError(Sqlstate::FeatureNotSupported, "COPY query must have a RETURNING clause");
    }
    output_ = bound.output;
    force_quote_.assign(output_.size(), options_.force_quote_all);
    for (const auto& name : options_.force_quote) {
      auto at = std::find_if(output_.begin(), output_.end(), [&](const auto& column) { return column.name == name; });
      if (at == output_.end()) {
        throw SqlError(Sqlstate::InvalidColumnReference, "FORCE_QUOTE column \"" + name + "\" not referenced by COPY");
      }
      force_quote_[at - output_.begin()] = true;
    }
    for (const auto& locked : bound.relations) context_.lock_relation(locked.relation, static_cast<txn::LockMode>(locked.lock_mode));
    analyzer::check_permissions(*version, bound);
    auto plan = context_.plan(std::move(bound), *version);
    auto snapshot = context_.transaction().take_snapshot();
    executor::Execution execution(plan, context_.execution_context(*snapshot, version));
    return write(execution);
  }

 private:
  plan::BoundQuery bind_table() {
    auto table = open_relation(context_, *statement_.relation, txn::LockMode::AccessShare);
    if (table->relkind == 'v') {
      throw SqlError(Sqlstate::WrongObjectType, "cannot copy from view \"" + table->name + "\"").hint("Try the COPY (SELECT ...) TO variant.");
    }
    if (table->relkind == 'm') {
      throw SqlError(Sqlstate::WrongObjectType, "cannot copy from materialized view \"" + table->name + "\"").hint("Try the COPY (SELECT ...) TO variant.");
    }
    if (table->is_partitioned()) {
      throw SqlError(Sqlstate::WrongObjectType, "cannot copy from partitioned table \"" + table->name + "\"").hint("Try the COPY (SELECT ...) TO variant.");
    }
    if (table->is_foreign()) {
      throw SqlError(Sqlstate::WrongObjectType, "cannot copy from foreign table \"" + table->name + "\"").hint("Try the COPY (SELECT ...) TO variant.");
    }
    if (table->relkind == 'S') throw SqlError(Sqlstate::WrongObjectType, "cannot copy from sequence \"" + table->name + "\"");
    auto version = context_.catalog_version();
    std::string sql = "SELECT ";
    auto columns = copy_columns(*table, statement_.attlist);
    for (size_t i = 0; i < columns.size(); ++i) {
      sql += (i > 0 ? ", " : "") + functions::quote_identifier(table->columns[columns[i]].name);
    }
    sql += " FROM ONLY " + sql_name(*version, *table);
    auto parsed = parser::parse(sql);
    auto base = context_.analyzer_context(*version);
    analyzer::AnalyzerContext analysis{base.catalog, base.database, base.search_path, base.role, base.types, sql, base.temp_schema};
    std::vector<types::Type> parameters;
    return analyzer::analyze(analysis, *parsed.statements.at(0).stmt, parameters);
  }

  plan::BoundQuery bind_query(const catalog::Version& version) {
    if (auto* select = ast::node_cast<ast::SelectStmt>(statement_.query); select != nullptr && select->into_clause != nullptr) {
      throw SqlError(Sqlstate::FeatureNotSupported, "COPY (SELECT INTO) is not supported");
    }
    refuse_rules();
    std::vector<types::Type> parameters;
    return analyzer::analyze(context_.analyzer_context(version), *statement_.query, parameters);
  }

  // Of the statements that rules make of the query, COPY can take one that gives rows.
  void refuse_rules() {
    auto* insert = ast::node_cast<ast::InsertStmt>(statement_.query);
    auto* update = ast::node_cast<ast::UpdateStmt>(statement_.query);
    auto* removal = ast::node_cast<ast::DeleteStmt>(statement_.query);
    if (insert == nullptr && update == nullptr && removal == nullptr) return;
    auto table = open_relation(context_, *(insert != nullptr ? insert->relation : update != nullptr ? update->relation : removal->relation),
                               txn::LockMode::RowExclusive, true);
    if (table == nullptr) return;
    char event = insert != nullptr ? '3' : update != nullptr ? '2' : '4';
    size_t statements = 1;
    bool conditional = false, also = false;
    for (const auto& rule : table->rules) {
      if (rule.event != event || rule.enabled == 'D' || rule.enabled == 'R') continue;
      bool replaces = rule.instead && rule.where_sql.empty();
      statements += rule.actions.size() - (replaces ? 1 : 0);
      if (!rule.instead) also = also || !rule.actions.empty();
      if (rule.instead && !replaces) conditional = conditional || !rule.actions.empty();
      if (replaces && rule.actions.size() == 1 && parser::parse(rule.actions[0]).statements.at(0).stmt->tag == ast::NodeTag::NotifyStmt) {
        throw SqlError(Sqlstate::FeatureNotSupported, "COPY query must not be a utility command");
      }
    }
    if (statements == 1) return;
    throw SqlError(Sqlstate::FeatureNotSupported, statements == 0 ? "DO INSTEAD NOTHING rules are not supported for COPY"
                                                  : conditional   ? "conditional DO INSTEAD rules are not supported for COPY"
                                                  : also          ? "DO ALSO rules are not supported for COPY"
                                                                  : "multi-statement DO INSTEAD rules are not supported for COPY");
  }

  CommandResult write(executor::Execution& execution) {
    Output out(statement_, options_, context_);
    bool binary = options_.format == CopyFormat::Binary;
    out.begin(binary, output_.size());
    std::string row;
    if (binary) {
      row.assign(kCopySignature);
      types::append_int32(row, 0);
      types::append_int32(row, 0);  // goes out with the first row, as clients expect
    }
    if (options_.header != CopyHeader::No) {
      for (size_t i = 0; i < output_.size(); ++i) {
        if (i > 0) row += options_.delimiter;
        if (options_.format == CopyFormat::Csv) append_csv_field(output_[i].name, options_, false, output_.size() == 1, row);
        else append_text_field(output_[i].name, options_, row);
      }
      row += '\n';
      out.row(row);
    }
    uint64_t count = 0;
    while (const vector::Chunk* chunk = execution.next()) {
      context_.transaction().backend().check_interrupts();
      write_chunk(*chunk, out, row);
      count += chunk->size();
    }
    execution.finish();
    if (binary) {
      types::append_int16(row, -1);
      out.row(row);
    }
    out.end();
    return {"COPY " + std::to_string(count), {}, {}};
  }

  void write_chunk(const vector::Chunk& chunk, Output& out, std::string& row) {
    std::vector<vector::VectorView> views;
    std::vector<const types::TypeInfo*> infos;
    for (size_t i = 0; i < output_.size(); ++i) {
      views.push_back(chunk.column(i).view());
      infos.push_back(&types::type_info(chunk.column(i).type()));
    }
    for (size_t r = 0; r < chunk.size(); ++r) {
      if (options_.format == CopyFormat::Binary) types::append_int16(row, static_cast<int16_t>(output_.size()));
      for (size_t i = 0; i < output_.size(); ++i) append(views[i], *infos[i], i, r, row);
      if (options_.format != CopyFormat::Binary) row += '\n';
      out.row(row);
    }
  }

  void append(const vector::VectorView& view, const types::TypeInfo& info, size_t i, size_t r, std::string& row) {
    bool null = !view.valid(r);
    types::Value value;
    if (!null) {
      size_t size = types::physical_size(info.physical);
      value = types::load_slot(info.physical, view.bytes + view.index(r) * size);
    }
    if (options_.format == CopyFormat::Binary) {
      size_t at = row.size();
      types::append_int32(row, -1);
      if (null) return;
      if (info.send == nullptr) {
        throw SqlError(Sqlstate::UndefinedFunction, "no binary output function available for type " + types::format_type({info.oid}));
      }
      info.send(context_.types(), value, info.oid, row);
      std::string length;
      types::append_int32(length, static_cast<int32_t>(row.size() - at - 4));
      row.replace(at, 4, length);
      return;
    }
    if (i > 0) row += options_.delimiter;
    if (null) {
      row += options_.null_text;
      return;
    }
    if (options_.format == CopyFormat::Text && (info.oid == oid::kInt4 || info.oid == oid::kInt8 || info.oid == oid::kNumeric) &&
        options_.delimiter != '-' && options_.delimiter != '.') {
      info.output(context_.types(), value, info.oid, row);
      return;
    }
    text_.clear();
    info.output(context_.types(), value, info.oid, text_);
    if (options_.format == CopyFormat::Csv) append_csv_field(text_, options_, force_quote_[i], output_.size() == 1, row);
    else append_text_field(text_, options_, row);
  }

  const ast::CopyStmt& statement_;
  const CopyOptions& options_;
  CommandContext& context_;
  std::vector<plan::OutputColumn> output_;
  std::vector<bool> force_quote_;
  std::string text_;
};

}  // namespace

CommandResult copy_to(const ast::CopyStmt& statement, const CopyOptions& options, CommandContext& context) {
  return Unloader(statement, options, context).run();
}

CommandResult copy(const ast::CopyStmt& statement, CommandContext& context) {
  CopyOptions options = read_copy_options(context, statement);
  return statement.is_from ? copy_from(statement, options, context) : copy_to(statement, options, context);
}

}  // namespace aegis::commands
