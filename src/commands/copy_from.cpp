#include <algorithm>
#include <cstring>
#include <utility>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/os/file_system.h"
#include "aegis/os/process.h"
#include "aegis/types/datetime.h"
#include "aegis/types/encoding.h"
#include "aegis/types/numeric.h"
#include "copy.h"
#include "copy_row.h"
#include "definition.h"
#include "objects.h"
#include "partition/inherit.h"

namespace aegis::commands {

namespace oid = types::oid;

namespace {

constexpr size_t kFileBlockBytes = 1 << 20;
constexpr size_t kMaxPartBytes = 64 << 20;
// A first part must be half full, what is left at the end have one in so many of the rows it may have.
constexpr size_t kMinPartShare = 2;
constexpr size_t kMinRestShare = 64;

// Where the bytes come from: the client, a file or a program. They are made UTF-8 here.
class Input {
 public:
  Input(const ast::CopyStmt& statement, const CopyOptions& options, CommandContext& context, size_t columns)
      : context_(context), encoding_(options.encoding) {
    if (!ast::is_given(statement.filename)) {
      context.copy_stream().begin_in(options.format == CopyFormat::Binary, columns);
      return;
    }
    block_.resize(kFileBlockBytes);
    name_ = std::string(statement.filename);
    if (statement.is_program) {
      check_server_program(context);
      program_ = std::make_unique<os::ShellCommand>(name_, context.data_directory(), os::ShellCommand::Direction::Read);
      return;
    }
    check_server_file(context, statement.filename, true);
    files_ = os::make_local_file_system();
    if (!files_->exists(name_)) {
      throw SqlError(Sqlstate::UndefinedFile, "could not open file \"" + name_ + "\" for reading: No such file or directory")
          .hint("COPY FROM instructs the PostgreSQL server process to read a file. You may want a client-side facility such as psql's \\copy.");
    }
    file_ = files_->open(name_, os::OpenMode::Read);
  }
  bool read(std::string_view& bytes) {
    if (encoding_ == nullptr) return read_raw(bytes);
    // Whole lines, since no encoding has a line's end within a character.
    while (!ended_) {
      std::string_view raw;
      ended_ = !read_raw(raw);
      rest_ += raw;
      size_t end = ended_ ? rest_.size() : rest_.rfind('\n') + 1;
      if (end == 0) continue;
      converted_ = functions::convert_encoding(*encoding_, *functions::find_encoding(functions::kUtf8Encoding), std::string_view(rest_).substr(0, end));
      rest_.erase(0, end);
      bytes = converted_;
      return true;
    }
    return false;
  }
  // The client's remaining messages, up to its end.
  void drain() {
    std::string_view ignored;
    while (file_ == nullptr && program_ == nullptr && context_.copy_stream().read(ignored)) {
    }
  }
  // Throws unless the program succeeded.
  void finish() {
    if (program_ == nullptr) return;
    if (std::string failure = program_->finish(!program_ended_); !failure.empty()) throw_program_failed(name_, failure);
  }

 private:
  bool read_raw(std::string_view& bytes) {
    context_.transaction().backend().check_interrupts();
    if (program_ != nullptr) return read_program(bytes);
    if (file_ == nullptr) return context_.copy_stream().read(bytes);
    size_t count = file_->read_at(offset_, block_);
    offset_ += count;
    bytes = std::string_view(block_.data(), count);
    return count > 0;
  }
  bool read_program(std::string_view& bytes) {
    if (program_ended_) return false;
    std::optional<size_t> count;
    while (!(count = program_->read(block_))) context_.transaction().backend().check_interrupts();
    bytes = std::string_view(block_.data(), *count);
    program_ended_ = *count == 0;
    return !program_ended_;
  }

  CommandContext& context_;
  const functions::Encoding* encoding_;
  std::string name_;
  std::unique_ptr<os::FileSystem> files_;
  std::unique_ptr<os::File> file_;
  std::unique_ptr<os::ShellCommand> program_;
  bool program_ended_ = false, ended_ = false;
  std::vector<char> block_;
  std::string rest_, converted_;
  uint64_t offset_ = 0;
};

class Loader {
 public:
  Loader(const ast::CopyStmt& statement, const CopyOptions& options, CommandContext& context)
      : statement_(statement), options_(options), context_(context), format_{options, context.types(), {}, {}, {}, {}},
        parser_(format_, CopyRowParser::Bytes::Copy) {}

  CommandResult run() {
    open();
    Input input(statement_, options_, context_, columns_.size());
    prepare();
    if (options_.format == CopyFormat::Binary) {
      read_binary(input);
    } else {
      read_lines(input);
    }
    input.finish();
    flush();
    finish_parts();
    writer_->finish();
    return {"COPY " + std::to_string(inserted_), {}, {}};
  }

 private:
  // Lines that some other thread will parse.
  struct RawPart {
    std::string text;
    std::vector<size_t> ends;
    uint64_t first_line = 0;
    std::string_view line(size_t i) const {
      size_t from = i == 0 ? 0 : ends[i - 1];
      return std::string_view(text).substr(from, ends[i] - from);
    }
  };
  struct Computed {
    int column;
    plan::ExprPtr expr;
    std::unique_ptr<executor::RowEvaluator> evaluator;
  };

  bool has_instead_of_insert(const catalog::Relation& view) {
    for (const auto& trigger : context_.catalog_version()->triggers(view.oid)) {
      if (trigger->enabled != 'D' && (trigger->type & catalog::kTriggerInstead) != 0 && (trigger->type & catalog::kTriggerInsert) != 0) return true;
    }
    return false;
  }

  bool is_secured() {
    auto version = context_.catalog_version();
    auto role = version->role(context_.current_role());
    if (!table_->row_security || context_.is_superuser() || (role != nullptr && role->bypass_rls)) return false;
    return table_->force_row_security || !catalog::is_member(*version, context_.current_role(), table_->owner, true);
  }

  void open() {
    auto found = open_relation(context_, *statement_.relation, txn::LockMode::RowExclusive);
    if (found->relkind == 'v' && !has_instead_of_insert(*found)) {
      throw SqlError(Sqlstate::WrongObjectType, "cannot copy to view \"" + found->name + "\"")
          .hint("To enable copying to a view, provide an INSTEAD OF INSERT trigger.");
    }
    if (found->relkind == 'm') throw SqlError(Sqlstate::WrongObjectType, "cannot copy to materialized view \"" + found->name + "\"");
    if (found->is_partitioned()) lock_descendants(context_, found->oid, txn::LockMode::RowExclusive);
    if (found->relkind == 'S') {
      throw SqlError(Sqlstate::WrongObjectType, "cannot copy to sequence \"" + found->name + "\"");
    }
    if (is_system(*context_.catalog_version(), *found)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied: \"" + found->name + "\" is a system catalog");
    }
    table_ = found;
    columns_ = copy_columns(*table_, statement_.attlist);
    for (int column : columns_) {
      auto version = context_.catalog_version();
      if (!catalog::has_column_privilege(*version, context_.current_role(), *table_, column, 'a')) catalog::throw_permission_denied(*table_);
    }
    if (is_secured()) {
      throw SqlError(Sqlstate::FeatureNotSupported, "COPY FROM not supported with row-level security").hint("Use INSERT statements instead.");
    }
    format_.force_not_null = chosen_columns(*table_, columns_, options_.force_not_null, "FORCE_NOT_NULL");
    format_.force_null = chosen_columns(*table_, columns_, options_.force_null, "FORCE_NULL");
  }

  void prepare() {
    for (int number : columns_) {
      const auto& column = table_->columns[number];
      CopyTarget target{number, &types::type_info(column.type.oid), column.type, 0, column.name};
      target.size = types::physical_size(target.info->physical);
      format_.targets.push_back(target);
    }
    format_.table = table_->name;
    for (size_t i = 0; i < table_->columns.size(); ++i) {
      const auto& column = table_->columns[i];
      chunk_.add_column(column.type.oid);
      bool given = std::find(columns_.begin(), columns_.end(), static_cast<int>(i)) != columns_.end();
      if (given || column.dropped) {
        if (!given) nulls_.push_back(i);
        continue;
      }
      if (column.identity != 0) {
        identities_.push_back(i);
      } else if (column.default_sql.empty()) {
        nulls_.push_back(i);
      } else {
        add_computed(i, column.generated != 0);
      }
    }
    if (statement_.where_clause != nullptr) {
      auto version = context_.catalog_version();
      where_ = analyzer::analyze_definition(context_.analyzer_context(*version), *statement_.where_clause, table_.get(), {oid::kBool},
                                            analyzer::DefinitionKind::Check);
      filter_ = std::make_unique<executor::RowEvaluator>(*where_, context_.types(), context_.services());
    }
    snapshot_ = context_.transaction().take_snapshot();
    version_ = context_.catalog_version();
    writer_ = std::make_unique<executor::TableWriter>(table_, context_.execution_context(*snapshot_, version_));
    bool plain = defaults_.empty() && generated_.empty() && identities_.empty() && filter_ == nullptr;
    if (plain && options_.format != CopyFormat::Binary && format_.is_context_free()) part_rows_ = writer_->begin_parts();
    start_chunk();
  }

  void add_computed(size_t column, bool generated) {
    const auto& info = table_->columns[column];
    auto kind = generated ? analyzer::DefinitionKind::Generated : analyzer::DefinitionKind::Default;
    auto definition = define_sql(context_, info.default_sql, generated ? table_.get() : nullptr, info.type, kind);
    Computed computed{static_cast<int>(column), std::move(definition.expr), nullptr};
    computed.evaluator = std::make_unique<executor::RowEvaluator>(*computed.expr, context_.types(), context_.services());
    (generated ? generated_ : defaults_).push_back(std::move(computed));
  }

  void start_chunk() {
    chunk_.reset();
    parser_.start(chunk_);
    rows_ = 0;
    lines_.clear();
    line_starts_.clear();
    line_numbers_.clear();
  }

  // ---- Text and CSV ----
  void read_lines(Input& input) {
    CopyLines lines(options_);
    std::string_view bytes, line;
    bool skip_header = options_.header != CopyHeader::No;
    auto consume = [&] {
      while (lines.next(line)) {
        ++parser_.line;
        if (skip_header) {
          skip_header = false;
          if (options_.header == CopyHeader::Match) parser_.match_header(line);
          continue;
        }
        if (part_rows_ > 0) {
          gather(line);
        } else {
          add_line(line);
        }
      }
    };
    while (!lines.at_end() && input.read(bytes)) {
      lines.feed(bytes);
      consume();
    }
    if (lines.at_end()) {
      input.drain();
    } else {
      lines.finish();
      consume();
    }
    submit_gathered();
  }

  void finish_parts() {
    with_line([&] { writer_->finish_parts(); });
  }
  // Says in errors of parts which line they are about.
  template <typename F>
  void with_line(F&& run) {
    try {
      run();
    } catch (SqlError& error) {
      if (writer_->failed_number() == 0 || !error.fields().context.empty()) throw;
      parser_.line = writer_->failed_number();
      throw error.context(parser_.where());
    }
  }

  void add_line(std::string_view line) {
    parser_.parse(line, rows_);
    remember_line(line);
    if (++rows_ == vector::kMaxChunkRows) flush();
  }

  // ---- Lines that become row groups, parsed by other threads ----
  void gather(std::string_view line) {
    if (raw_.ends.empty()) raw_.first_line = parser_.line;
    raw_.text.append(line);
    raw_.ends.push_back(raw_.text.size());
    if (raw_.ends.size() == part_rows_ || raw_.text.size() >= kMaxPartBytes) submit_gathered();
  }

  // Few lines, or very long ones, go the way of add_line.
  void submit_gathered() {
    auto raw = std::make_shared<RawPart>(std::exchange(raw_, {}));
    const size_t share = any_parts_ ? kMinRestShare : kMinPartShare;
    if (raw->ends.size() * share >= part_rows_ && !raw->ends.empty()) {
      any_parts_ = true;
      inserted_ += raw->ends.size();
      raw_.text.reserve(raw->text.size() + raw->text.size() / 8);
      raw_.ends.reserve(part_rows_);
      with_line([&] { writer_->submit_part([this, raw](std::vector<vector::Chunk>& rows) { parse_part(*raw, rows); }, raw->first_line); });
      return;
    }
    // Long lines come between parts; at the end, keys of the parts are checked first, since their rows came first.
    if (any_parts_ && raw->text.size() < kMaxPartBytes && !raw->ends.empty()) finish_parts();
    uint64_t line = parser_.line;
    for (size_t i = 0; i < raw->ends.size(); ++i) {
      parser_.line = raw->first_line + i;
      add_line(raw->line(i));
    }
    parser_.line = line;
  }

  // Any thread. Values point into the part.
  void parse_part(const RawPart& raw, std::vector<vector::Chunk>& rows) const {
    CopyRowParser parser(format_, CopyRowParser::Bytes::Borrow);
    for (size_t at = 0; at < raw.ends.size();) {
      vector::Chunk& chunk = rows.emplace_back();
      for (const auto& column : table_->columns) chunk.add_column(column.type.oid);
      chunk.reset();
      parser.start(chunk);
      size_t count = std::min(vector::kMaxChunkRows, raw.ends.size() - at);
      for (size_t i = 0; i < count; ++i) {
        parser.line = raw.first_line + at + i;
        parser.parse(raw.line(at + i), i);
      }
      chunk.set_size(count);
      for (size_t column : nulls_) chunk.column(column).set_constant_null();
      check_part(raw, at, chunk, parser);
      at += count;
    }
  }

  void check_part(const RawPart& raw, size_t at, const vector::Chunk& chunk, CopyRowParser& parser) const {
    try {
      writer_->check(chunk);
    } catch (SqlError&) {
      // Once more, row by row, to tell the line.
      for (size_t i = 0; i < chunk.size(); ++i) {
        vector::Chunk one;
        for (size_t c = 0; c < chunk.column_count(); ++c) one.add_column(chunk.column(c).type());
        uint32_t selection = static_cast<uint32_t>(i);
        one.slice_of(chunk, &selection, 1);
        try {
          writer_->check(one);
        } catch (SqlError& error) {
          parser.line = raw.first_line + at + i;
          parser.throw_in_line(error, raw.line(at + i));
        }
      }
      throw;
    }
  }

  void remember_line(std::string_view line) {
    line_starts_.push_back(lines_.size());
    lines_.append(line);
    line_numbers_.push_back(parser_.line);
  }

  // ---- Writing ----
  void complete_columns() {
    chunk_.set_size(rows_);
    for (size_t column : nulls_) chunk_.column(column).set_constant_null();
    for (size_t column : identities_) {
      auto& vector = chunk_.column(column);
      vector.reset();
      for (size_t row = 0; row < rows_; ++row) {
        int64_t next = context_.services().next_value(table_->columns[column].identity_sequence);
        types::Value value = types::Value::of_i64(next);
        if (vector.physical() == types::PhysicalType::Int32) value = types::Value::of_i32(static_cast<int32_t>(next));
        if (vector.physical() == types::PhysicalType::Int16) value = types::Value::of_i16(static_cast<int16_t>(next));
        vector.set(row, value);
      }
    }
    vector::Chunk no_columns;
    no_columns.set_size(rows_);
    for (auto& computed : defaults_) {
      const auto& result = computed.evaluator->evaluate(no_columns);
      auto& vector = chunk_.column(computed.column);
      vector.reset();
      vector.copy(result, nullptr, rows_, 0);
    }
    for (auto& computed : generated_) {
      const auto& result = computed.evaluator->evaluate(chunk_);
      auto& vector = chunk_.column(computed.column);
      vector.reset();
      vector.copy(result, nullptr, rows_, 0);
    }
  }

  void flush() {
    if (rows_ == 0) return;
    complete_columns();
    if (filter_ != nullptr) apply_filter();
    if (chunk_.size() > 0) insert_chunk();
    inserted_ += chunk_.size();
    start_chunk();
  }

  void apply_filter() {
    auto view = filter_->evaluate(chunk_).view();
    kept_.clear();
    for (size_t i = 0; i < rows_; ++i) {
      if (view.valid(i) && view.at<uint8_t>(i) != 0) kept_.push_back(static_cast<uint32_t>(i));
    }
    vector::Chunk all;
    for (size_t i = 0; i < chunk_.column_count(); ++i) all.add_column(chunk_.column(i).type());
    std::swap(all, chunk_);
    chunk_.reset();
    for (size_t i = 0; i < all.column_count(); ++i) chunk_.column(i).copy(all.column(i), kept_.data(), kept_.size(), 0);
    chunk_.set_size(kept_.size());
  }

  void insert_chunk() {
    auto& txn = context_.transaction().context();
    uint64_t mark = context_.engine().mark(txn);
    try {
      writer_->insert(chunk_);
    } catch (SqlError& error) {
      if (!error.fields().context.empty() || line_numbers_.empty()) throw;
      // Once more, row by row, to tell the line.
      context_.engine().rollback_to(txn, mark);
      insert_rows();
      throw;
    }
  }

  void insert_rows() {
    writer_ = std::make_unique<executor::TableWriter>(table_, context_.execution_context(*snapshot_, version_));
    for (size_t i = 0; i < chunk_.size(); ++i) {
      vector::Chunk one;
      for (size_t c = 0; c < chunk_.column_count(); ++c) one.add_column(chunk_.column(c).type());
      uint32_t selection = static_cast<uint32_t>(i);
      one.slice_of(chunk_, &selection, 1);
      try {
        writer_->insert(one);
      } catch (SqlError& error) {
        size_t row = filter_ != nullptr ? kept_[i] : i;
        parser_.line = line_numbers_[row];
        size_t end = row + 1 < line_starts_.size() ? line_starts_[row + 1] : lines_.size();
        bool before = error.fields().sqlstate == Sqlstate::NotNullViolation || error.fields().sqlstate == Sqlstate::CheckViolation;
        if (!before) throw error.context(parser_.where());
        parser_.throw_in_line(error, std::string_view(lines_).substr(line_starts_[row], end - line_starts_[row]));
      }
    }
  }

  // ---- Binary ----
  // Takes `count` bytes from the stream; false at its end.
  bool take(Input& input, size_t count, std::string_view& out) {
    while (pending_.size() - pending_at_ < count) {
      if (pending_at_ > 0) {
        pending_.erase(0, pending_at_);
        pending_at_ = 0;
      }
      std::string_view bytes;
      if (!input.read(bytes)) return false;
      pending_.append(bytes);
    }
    out = std::string_view(pending_).substr(pending_at_, count);
    pending_at_ += count;
    return true;
  }
  std::string_view need(Input& input, size_t count, const char* message) {
    std::string_view out;
    if (!take(input, count, out)) throw SqlError(Sqlstate::BadCopyFileFormat, message).context(parser_.line > 0 ? parser_.where() : std::string());
    return out;
  }
  static int32_t int32_of(std::string_view bytes) { return types::BinaryReader(bytes).int32(); }

  void read_binary(Input& input) {
    if (need(input, 11, "COPY file signature not recognized") != kCopySignature) {
      throw SqlError(Sqlstate::BadCopyFileFormat, "COPY file signature not recognized");
    }
    int32_t flags = int32_of(need(input, 4, "invalid COPY file header (missing flags)"));
    if (flags & (1 << 16)) throw SqlError(Sqlstate::BadCopyFileFormat, "invalid COPY file header (WITH OIDS)");
    if (flags & ~0xffff) throw SqlError(Sqlstate::BadCopyFileFormat, "unrecognized critical flags in COPY file header");
    int32_t extension = int32_of(need(input, 4, "invalid COPY file header (missing length)"));
    if (extension < 0) throw SqlError(Sqlstate::BadCopyFileFormat, "invalid COPY file header (missing length)");
    need(input, static_cast<size_t>(extension), "invalid COPY file header (wrong length)");
    for (;;) {
      ++parser_.line;
      std::string_view bytes;
      if (!take(input, 2, bytes)) return;
      int16_t count = types::BinaryReader(bytes).int16();
      if (count == -1) {
        if (take(input, 1, bytes)) throw SqlError(Sqlstate::BadCopyFileFormat, "received copy data after EOF marker").context(parser_.where());
        return;
      }
      if (count != static_cast<int16_t>(format_.targets.size())) {
        throw SqlError(Sqlstate::BadCopyFileFormat, "row field count is " + std::to_string(count) + ", expected " + std::to_string(format_.targets.size()))
            .context(parser_.where());
      }
      for (size_t i = 0; i < format_.targets.size(); ++i) read_binary_field(input, i);
      line_starts_.push_back(0);
      line_numbers_.push_back(parser_.line);
      if (++rows_ == vector::kMaxChunkRows) flush();
    }
  }

  void read_binary_field(Input& input, size_t i) {
    const CopyTarget& target = format_.targets[i];
    std::string at = parser_.where() + ", column " + target.name;
    int32_t size = int32_of(need(input, 4, "unexpected EOF in COPY data"));
    auto& column = chunk_.column(target.column);
    std::byte* slot = column.slots<std::byte>() + rows_ * target.size;
    if (size == -1) {
      std::memset(slot, 0, target.size);
      column.set_null(rows_);
      return;
    }
    if (size < 0) throw SqlError(Sqlstate::BadCopyFileFormat, "invalid field size").context(at);
    std::string_view bytes = need(input, static_cast<size_t>(size), "unexpected EOF in COPY data");
    if (target.info->receive == nullptr) {
      throw SqlError(Sqlstate::UndefinedFunction, "no binary input function available for type " + types::format_type({target.type.oid}));
    }
    try {
      auto value = target.info->receive(context_.types(), bytes, target.type, column.heap());
      types::store_slot(target.info->physical, types::copy_value(target.info->physical, value, column.heap()), slot);
    } catch (SqlError& error) {
      if (error.fields().context.empty()) error.context(at);
      throw;
    }
  }

  const ast::CopyStmt& statement_;
  const CopyOptions& options_;
  CommandContext& context_;
  catalog::RelationPtr table_;
  std::vector<int> columns_;
  CopyRowFormat format_;
  CopyRowParser parser_;
  std::vector<size_t> nulls_;
  std::vector<size_t> identities_;
  std::vector<Computed> defaults_;
  std::vector<Computed> generated_;
  plan::ExprPtr where_;
  std::unique_ptr<executor::RowEvaluator> filter_;
  std::vector<uint32_t> kept_;
  txn::SnapshotHandle snapshot_;
  catalog::VersionPtr version_;
  std::unique_ptr<executor::TableWriter> writer_;

  vector::Chunk chunk_;
  size_t rows_ = 0;
  uint64_t inserted_ = 0;
  size_t part_rows_ = 0;  // of a part that another thread parses; 0: none does
  bool any_parts_ = false;
  RawPart raw_;
  // The chunk's lines, for errors that show up when it is written.
  std::string lines_;
  std::vector<size_t> line_starts_;
  std::vector<uint64_t> line_numbers_;
  std::string pending_;
  size_t pending_at_ = 0;
};

}  // namespace

CommandResult copy_from(const ast::CopyStmt& statement, const CopyOptions& options, CommandContext& context) {
  return Loader(statement, options, context).run();
}

}  // namespace aegis::commands
