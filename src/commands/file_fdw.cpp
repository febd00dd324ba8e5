// file_fdw: tables whose rows are the lines of a file on the server, read as COPY FROM reads them.
#include "aegis/commands/foreign_tables.h"

#include <algorithm>
#include <deque>

#include "aegis/base/error.h"
#include "aegis/catalog/foreign.h"
#include "aegis/catalog/privileges.h"
#include "aegis/os/file_system.h"
#include "copy.h"
#include "copy_row.h"
#include "file_fdw.h"
#include "foreign_data.h"

namespace aegis::commands {
namespace {

constexpr Oid kPgForeignTable = 3118, kPgReadServerFiles = 4569, kPgExecuteServerProgram = 4571;
constexpr size_t kFileBlockBytes = 1 << 18;

struct Known {
  std::string_view name;
  Oid catalog;
};
constexpr Known kKnown[] = {{"filename", kPgForeignTable}, {"program", kPgForeignTable}, {"format", kPgForeignTable},
                            {"header", kPgForeignTable},   {"delimiter", kPgForeignTable}, {"quote", kPgForeignTable},
                            {"escape", kPgForeignTable},   {"null", kPgForeignTable},    {"encoding", kPgForeignTable},
                            {"force_not_null", catalog::kPgAttributeOid}, {"force_null", catalog::kPgAttributeOid}};

std::string_view name_of(const std::string& option) { return std::string_view(option).substr(0, option.find('=')); }
std::string_view value_of(const std::string& option) { return std::string_view(option).substr(option.find('=') + 1); }

bool is_true(std::string_view name, std::string_view value) {
  std::string text(value);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text == "true" || text == "on" || text == "1") return true;
  if (text == "false" || text == "off" || text == "0") return false;
  throw SqlError(Sqlstate::SyntaxError, std::string(name) + " requires a Boolean value");
}

// COPY's options as its statement has them.
CopyOptions copy_options_of(CommandContext& context, const std::vector<std::string>& options) {
  std::deque<ast::String> values;
  std::deque<ast::DefElem> elements;
  std::vector<ast::DefElem*> list;
  for (const auto& option : options) {
    auto& value = values.emplace_back();
    value.sval = value_of(option);
    auto& element = elements.emplace_back();
    element.defname = name_of(option);
    element.arg = &value;
    list.push_back(&element);
  }
  ast::CopyStmt statement;
  statement.is_from = true;
  statement.options = list;
  return read_copy_options(context, statement);
}

bool is_of_copy(const std::string& option) {
  auto name = name_of(option);
  return name != "filename" && name != "program" && name != "force_not_null" && name != "force_null";
}

void check_may_read(CommandContext& context, std::string_view option) {
  bool file = option == "filename";
  auto version = context.catalog_version();
  if (context.is_superuser() || catalog::is_member(*version, context.current_role(), file ? kPgReadServerFiles : kPgExecuteServerProgram, true)) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, std::string("only superuser or a role with privileges of the ") +
                                                      (file ? "pg_read_server_files" : "pg_execute_server_program") + " role may specify the " +
                                                      std::string(option) + " option of a file_fdw foreign table");
}

class FileScan : public functions::SetScan {
 public:
  FileScan(CommandContext& context, const catalog::Relation& table, std::vector<std::string> options, std::span<const int> columns)
      : context_(context), columns_(columns.begin(), columns.end()), options_(copy_options_of(context, copy_part(options))),
        format_{options_, context.types(), table.name, {}, {}, {}}, parser_(format_, CopyRowParser::Bytes::Copy), lines_(options_) {
    if (options_.format == CopyFormat::Binary) throw_not_supported("reading binary files by file_fdw");
    for (const auto& option : options) {
      if (name_of(option) == "filename") path_ = value_of(option);
    }
    open();
    for (size_t i = 0; i < table.columns.size(); ++i) add_column(table.columns[i], static_cast<int>(i));
    skip_header_ = options_.header != CopyHeader::No;
  }

  bool next(vector::Chunk& out) override {
    rows_.reset();
    parser_.start(rows_);
    size_t count = 0;
    std::string_view line;
    while (count < vector::chunk_rows() && next_line(line)) parser_.parse(line, count++);
    rows_.set_size(count);
    for (size_t column : absent_) rows_.column(column).set_constant_null();
    for (size_t i = 0; i < columns_.size(); ++i) out.column(i).reference(rows_.column(static_cast<size_t>(columns_[i])));
    out.set_size(count);
    return count > 0;
  }

 private:
  static std::vector<std::string> copy_part(const std::vector<std::string>& options) {
    std::vector<std::string> out;
    std::copy_if(options.begin(), options.end(), std::back_inserter(out), is_of_copy);
    return out;
  }

  void open() {
    files_ = os::make_local_file_system();
    if (!files_->exists(path_)) {
      throw SqlError(Sqlstate::UndefinedFile, "could not open file \"" + path_ + "\" for reading: No such file or directory")
          .hint("COPY FROM instructs the PostgreSQL server process to read a file. You may want a client-side facility such as psql's \\copy.");
    }
    file_ = files_->open(path_, os::OpenMode::Read);
    block_.resize(kFileBlockBytes);
  }

  // A column nobody reads stays text: what is in it need not be a value of its type.
  void add_column(const catalog::Column& column, int number) {
    bool wanted = std::find(columns_.begin(), columns_.end(), number) != columns_.end();
    types::Type type = wanted && !column.dropped ? column.type : types::Type{types::oid::kText};
    rows_.add_column(type.oid);
    if (column.dropped || column.generated != 0) {
      absent_.push_back(static_cast<size_t>(number));
      return;
    }
    CopyTarget target{number, &types::type_info(type.oid), type, 0, column.name};
    target.size = types::physical_size(target.info->physical);
    format_.targets.push_back(target);
    bool not_null = false, null = false;
    for (const auto& option : column.foreign_options) {
      if (name_of(option) == "force_not_null") not_null = is_true("force_not_null", value_of(option));
      if (name_of(option) == "force_null") null = is_true("force_null", value_of(option));
    }
    format_.force_not_null.push_back(not_null);
    format_.force_null.push_back(null);
  }

  bool next_line(std::string_view& line) {
    while (true) {
      if (lines_.next(line)) {
        ++parser_.line;
        if (!skip_header_) return true;
        skip_header_ = false;
        if (options_.header == CopyHeader::Match) parser_.match_header(line);
        continue;
      }
      if (ended_ || lines_.at_end()) return false;
      context_.transaction().backend().check_interrupts();
      size_t count = file_->read_at(offset_, block_);
      offset_ += count;
      if (count > 0) {
        lines_.feed(std::string_view(block_.data(), count));
      } else {
        ended_ = true;
        lines_.finish();
      }
    }
  }

  CommandContext& context_;
  std::vector<int> columns_;
  CopyOptions options_;
  CopyRowFormat format_;
  CopyRowParser parser_;
  CopyLines lines_;
  std::string path_;
  std::unique_ptr<os::FileSystem> files_;
  std::unique_ptr<os::File> file_;
  std::vector<char> block_;
  uint64_t offset_ = 0;
  bool skip_header_ = false, ended_ = false;
  vector::Chunk rows_;
  std::vector<size_t> absent_;
};

class ForeignTablesOfSession : public executor::ForeignTables {
 public:
  explicit ForeignTablesOfSession(CommandContext& context) : context_(context) {}

  std::unique_ptr<functions::SetScan> scan(const catalog::Relation& table, std::span<const int> columns) override {
    auto version = context_.catalog_version();
    auto handler = version->routine(catalog::foreign_handler(*version, table));
    if (handler == nullptr || handler->language != "internal" || handler->body != "file_fdw_handler") {
      throw_not_supported("reading tables by the handler of this foreign-data wrapper");
    }
    std::vector<std::string> options;
    auto server = std::static_pointer_cast<const catalog::ForeignServer>(version->find(table.server));
    auto wrapper = wrapper_of(*version, table.server);
    for (const auto* list : {&wrapper->options, &server->options, &table.foreign_options}) options.insert(options.end(), list->begin(), list->end());
    return std::make_unique<FileScan>(context_, table, std::move(options), columns);
  }

 private:
  CommandContext& context_;
};

}  // namespace

void validate_file_options(CommandContext& context, const std::vector<std::string>& options, Oid catalog) {
  std::vector<std::string> of_copy;
  bool has_source = false;
  for (const auto& option : options) {
    auto name = name_of(option);
    bool known = std::any_of(std::begin(kKnown), std::end(kKnown), [&](const auto& k) { return k.name == name && k.catalog == catalog; });
    if (!known) {
      std::string valid;
      for (const auto& k : kKnown) {
        if (k.catalog == catalog) valid += (valid.empty() ? "" : ", ") + std::string(k.name);
      }
      throw SqlError(Sqlstate::FdwInvalidOptionName, "invalid option \"" + std::string(name) + "\"")
          .hint(valid.empty() ? "There are no valid options in this context." : "Valid options in this context are: " + valid);
    }
    if (name == "filename" || name == "program") {
      if (has_source) throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options");
      check_may_read(context, name);
      if (name == "program") throw_not_supported("the option program of file_fdw");
      has_source = true;
    } else if (is_of_copy(option)) {
      of_copy.push_back(option);
    } else {
      is_true(name, value_of(option));
    }
  }
  copy_options_of(context, of_copy);
  if (catalog == kPgForeignTable && !has_source) {
    throw SqlError(Sqlstate::FdwDynamicParameterValueNeeded, "either filename or program is required for file_fdw foreign tables");
  }
}

std::unique_ptr<executor::ForeignTables> make_foreign_tables(CommandContext& context) { return std::make_unique<ForeignTablesOfSession>(context); }

}  // namespace aegis::commands
