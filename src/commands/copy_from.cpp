#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"
#include "aegis/types/datetime.h"
#include "aegis/types/encoding.h"
#include "aegis/types/numeric.h"
#include "copy.h"
#include "definition.h"
#include "objects.h"

namespace aegis::commands {

namespace oid = types::oid;

namespace {

constexpr size_t kFileBlockBytes = 1 << 20;
constexpr size_t kMaxContextBytes = 100;

// Where the bytes come from: the client, or a file.
class Input {
 public:
  Input(const ast::CopyStmt& statement, CommandContext& context, bool binary, size_t columns) : context_(context) {
    if (!ast::is_given(statement.filename)) {
      context.copy_stream().begin_in(binary, columns);
      return;
    }
    check_server_file(context, statement.filename, true);
    files_ = os::make_local_file_system();
    std::string path(statement.filename);
    if (!files_->exists(path)) {
      throw SqlError(Sqlstate::UndefinedFile, "could not open file \"" + path + "\" for reading: No such file or directory")
          .hint("COPY FROM instructs the PostgreSQL server process to read a file. You may want a client-side facility such as psql's \\copy.");
    }
    file_ = files_->open(path, os::OpenMode::Read);
    block_.resize(kFileBlockBytes);
  }
  bool read(std::string_view& bytes) {
    context_.transaction().backend().check_interrupts();
    if (file_ == nullptr) return context_.copy_stream().read(bytes);
    size_t count = file_->read_at(offset_, block_);
    offset_ += count;
    bytes = std::string_view(block_.data(), count);
    return count > 0;
  }
  // The client's remaining messages, up to its end.
  void drain() {
    std::string_view ignored;
    while (file_ == nullptr && context_.copy_stream().read(ignored)) {
    }
  }

 private:
  CommandContext& context_;
  std::unique_ptr<os::FileSystem> files_;
  std::unique_ptr<os::File> file_;
  std::vector<char> block_;
  uint64_t offset_ = 0;
};

bool parse_small_integer(std::string_view text, int64_t& value) {
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  if (text.size() == at || text.size() - at > 9) return false;
  int64_t number = 0;
  for (size_t i = at; i < text.size(); ++i) {
    unsigned digit = static_cast<unsigned char>(text[i]) - '0';
    if (digit > 9) return false;
    number = number * 10 + digit;
  }
  value = at == 1 ? -number : number;
  return true;
}

// Up to 17 digits with a point, already of the scale that `typmod` wants and within its precision.
bool parse_small_numeric(std::string_view text, int32_t typmod, types::Numeric& value) {
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  if (text.size() == at || text.size() - at > 17) return false;
  int64_t number = 0;
  int scale = -1, digits = 0;
  for (size_t i = at; i < text.size(); ++i) {
    unsigned digit = static_cast<unsigned char>(text[i]) - '0';
    if (digit <= 9) {
      number = number * 10 + digit;
      ++digits;
      if (scale >= 0) ++scale;
    } else if (text[i] == '.' && scale < 0) {
      scale = 0;
    } else {
      return false;
    }
  }
  if (digits == 0) return false;
  if (scale < 0) scale = 0;
  if (typmod >= 4) {
    int wanted = types::numeric::typmod_scale(typmod);
    int precision = types::numeric::typmod_precision(typmod);
    if (scale > wanted || wanted > 17) return false;
    while (scale < wanted) {
      if (__builtin_mul_overflow(number, int64_t{10}, &number)) return false;
      ++scale;
    }
    if (precision < 19 && number >= types::numeric::kPowersOf10[precision]) return false;
  }
  value = types::Numeric::of(at == 1 ? -number : number, static_cast<uint16_t>(scale));
  return true;
}

bool parse_iso_date(std::string_view text, int32_t& date) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int digits[8];
  const int places[8] = {0, 1, 2, 3, 5, 6, 8, 9};
  for (int i = 0; i < 8; ++i) {
    digits[i] = text[places[i]] - '0';
    if (digits[i] < 0 || digits[i] > 9) return false;
  }
  int year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3];
  int month = digits[4] * 10 + digits[5], day = digits[6] * 10 + digits[7];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > types::days_in_month(year, month)) return false;
  date = types::julian_of(year, month, day) - types::kPostgresEpochJulian;
  return true;
}

class Loader {
 public:
  Loader(const ast::CopyStmt& statement, const CopyOptions& options, CommandContext& context)
      : statement_(statement), options_(options), context_(context) {}

  CommandResult run() {
    open();
    Input input(statement_, context_, options_.format == CopyFormat::Binary, columns_.size());
    prepare();
    if (options_.format == CopyFormat::Binary) {
      read_binary(input);
    } else {
      read_lines(input);
    }
    flush();
    writer_->finish();
    return {"COPY " + std::to_string(inserted_), {}, {}};
  }

 private:
  struct Target {
    int column;
    const types::TypeInfo* info;
    types::Type type;
    size_t size;
    std::string name;
  };
  struct Computed {
    int column;
    plan::ExprPtr expr;
    std::unique_ptr<executor::RowEvaluator> evaluator;
  };

  void open() {
    auto found = open_relation(context_, *statement_.relation, txn::LockMode::RowExclusive);
    if (found->relkind == 'v') {
      throw SqlError(Sqlstate::WrongObjectType, "cannot copy to view \"" + found->name + "\"")
          .hint("To enable copying to a view, provide an INSTEAD OF INSERT trigger.");
    }
    if (found->relkind != 'r') {
      throw SqlError(Sqlstate::WrongObjectType, "cannot copy to sequence \"" + found->name + "\"");
    }
    if (is_system(*context_.catalog_version(), *found)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied: \"" + found->name + "\" is a system catalog");
    }
    table_ = found;
    columns_ = copy_columns(*table_, statement_.attlist);
    force_not_null_ = chosen_columns(*table_, columns_, options_.force_not_null, "FORCE_NOT_NULL");
    force_null_ = chosen_columns(*table_, columns_, options_.force_null, "FORCE_NULL");
  }

  void prepare() {
    for (int number : columns_) {
      const auto& column = table_->columns[number];
      Target target{number, &types::type_info(column.type.oid), column.type, 0, column.name};
      target.size = types::physical_size(target.info->physical);
      targets_.push_back(target);
    }
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
    slots_.clear();
    for (const auto& target : targets_) slots_.push_back(chunk_.column(target.column).slots<std::byte>());
    rows_ = 0;
    first_line_ = 0;
    lines_.clear();
    line_starts_.clear();
    line_numbers_.clear();
  }

  // ---- Errors ----
  std::string where() const { return "COPY " + table_->name + ", line " + std::to_string(line_); }
  static std::string shortened(std::string_view text) {
    if (text.size() <= kMaxContextBytes) return std::string(text);
    return std::string(types::utf8_clip(text, kMaxContextBytes)) + "...";
  }
  [[noreturn]] void throw_in_line(SqlError error, std::string_view raw) {
    if (error.fields().context.empty()) error.context(where() + ": \"" + shortened(raw) + "\"");
    throw error;
  }
  [[noreturn]] void throw_in_field(SqlError error, const Target& target, const CopyField& field) {
    if (error.fields().context.empty()) {
      error.context(where() + ", column " + target.name + ": " +
                    (field.is_null ? std::string("null input") : "\"" + shortened(field.text) + "\""));
    }
    throw error;
  }

  // ---- Text and CSV ----
  void read_lines(Input& input) {
    CopyLines lines(options_);
    std::string_view bytes, line;
    bool skip_header = options_.header != CopyHeader::No;
    auto consume = [&] {
      while (lines.next(line)) {
        ++line_;
        if (skip_header) {
          skip_header = false;
          if (options_.header == CopyHeader::Match) match_header(line);
          continue;
        }
        add_line(line);
      }
    };
    while (!lines.at_end() && input.read(bytes)) {
      lines.feed(bytes);
      consume();
    }
    if (lines.at_end()) {
      input.drain();
      return;
    }
    lines.finish();
    consume();
  }

  void split(std::string_view line) {
    try {
      if (options_.format == CopyFormat::Csv) {
        split_csv_line(line, options_, force_not_null_, force_null_, scratch_, fields_);
      } else {
        split_text_line(line, options_, scratch_, fields_);
      }
    } catch (SqlError& error) {
      throw_in_line(error, line);
    }
  }

  void match_header(std::string_view line) {
    split(line);
    if (fields_.size() != targets_.size()) {
      throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "wrong number of fields in header line: got " + std::to_string(fields_.size()) +
                                                              ", expected " + std::to_string(targets_.size())),
                    line);
    }
    for (size_t i = 0; i < targets_.size(); ++i) {
      if (!fields_[i].is_null && fields_[i].text == targets_[i].name) continue;
      std::string got = fields_[i].is_null ? "null value (\"" + options_.null_text + "\")" : "\"" + std::string(fields_[i].text) + "\"";
      throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "column name mismatch in header line field " + std::to_string(i + 1) + ": got " + got +
                                                              ", expected \"" + targets_[i].name + "\""),
                    line);
    }
  }

  void check_encoding(std::string_view line) {
    size_t at = 0;
    for (; at + 8 <= line.size(); at += 8) {
      uint64_t word;
      std::memcpy(&word, line.data() + at, 8);
      // A byte with its high bit, or a zero byte.
      if ((word & 0x8080808080808080) != 0 || ((word - 0x0101010101010101) & ~word & 0x8080808080808080) != 0) break;
    }
    line.remove_prefix(at);
    size_t bad = types::utf8_find_invalid(line);
    size_t zero = line.find('\0');
    if (zero < bad) bad = zero;
    if (bad == std::string_view::npos) return;
    std::string text = "invalid byte sequence for encoding \"UTF8\":";
    size_t count = std::min<size_t>(types::utf8_bytes(line[bad]), line.size() - bad);
    if (line[bad] == '\0') count = 1;
    for (size_t i = 0; i < count; ++i) {
      char hex[8];
      std::snprintf(hex, sizeof hex, " 0x%02x", static_cast<unsigned char>(line[bad + i]));
      text += hex;
    }
    throw SqlError(Sqlstate::CharacterNotInRepertoire, text).context(where());
  }

  void add_line(std::string_view line) {
    check_encoding(line);
    if (options_.format == CopyFormat::Text && line.find('\r') != std::string_view::npos) {
      throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "literal carriage return found in data").hint("Use \"\\r\" to represent carriage return."), line);
    }
    if (targets_.empty() && line.empty()) {
      fields_.clear();
    } else {
      split(line);
    }
    if (fields_.size() > targets_.size()) {
      throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "extra data after last expected column"), line);
    }
    for (size_t i = 0; i < targets_.size(); ++i) {
      if (i >= fields_.size()) {
        throw_in_line(SqlError(Sqlstate::BadCopyFileFormat, "missing data for column \"" + targets_[i].name + "\""), line);
      }
      set_field(i, fields_[i]);
    }
    remember_line(line);
    if (++rows_ == vector::kMaxChunkRows) flush();
  }

  void set_field(size_t i, const CopyField& field) {
    const Target& target = targets_[i];
    vector::Vector& column = chunk_.column(target.column);
    if (field.is_null) {
      std::memset(slots_[i] + rows_ * target.size, 0, target.size);
      column.set_null(rows_);
      return;
    }
    void* slot = slots_[i] + rows_ * target.size;
    int64_t number;
    switch (target.type.oid) {
      case oid::kInt4:
        if (!parse_small_integer(field.text, number)) break;
        *static_cast<int32_t*>(slot) = static_cast<int32_t>(number);
        return;
      case oid::kInt8:
        if (!parse_small_integer(field.text, number)) break;
        *static_cast<int64_t*>(slot) = number;
        return;
      case oid::kNumeric:
        if (!parse_small_numeric(field.text, target.type.typmod, *static_cast<types::Numeric*>(slot))) break;
        return;
      case oid::kDate:
        if (!parse_iso_date(field.text, *static_cast<int32_t*>(slot))) break;
        return;
      case oid::kText: *static_cast<types::StringView*>(slot) = column.store(field.text); return;
      default: break;
    }
    try {
      auto value = target.info->input(context_.types(), field.text, target.type, column.heap());
      types::store_slot(target.info->physical, value, slot);
    } catch (SqlError& error) {
      throw_in_field(error, target, field);
    }
  }

  void remember_line(std::string_view line) {
    line_starts_.push_back(lines_.size());
    lines_.append(line);
    line_numbers_.push_back(line_);
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
        line_ = line_numbers_[row];
        size_t end = row + 1 < line_starts_.size() ? line_starts_[row + 1] : lines_.size();
        bool before = error.fields().sqlstate == Sqlstate::NotNullViolation || error.fields().sqlstate == Sqlstate::CheckViolation;
        if (!before) throw error.context(where());
        throw_in_line(error, std::string_view(lines_).substr(line_starts_[row], end - line_starts_[row]));
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
    if (!take(input, count, out)) throw SqlError(Sqlstate::BadCopyFileFormat, message).context(line_ > 0 ? where() : std::string());
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
      ++line_;
      std::string_view bytes;
      if (!take(input, 2, bytes)) return;
      int16_t count = types::BinaryReader(bytes).int16();
      if (count == -1) {
        if (take(input, 1, bytes)) throw SqlError(Sqlstate::BadCopyFileFormat, "received copy data after EOF marker").context(where());
        return;
      }
      if (count != static_cast<int16_t>(targets_.size())) {
        throw SqlError(Sqlstate::BadCopyFileFormat, "row field count is " + std::to_string(count) + ", expected " + std::to_string(targets_.size()))
            .context(where());
      }
      for (size_t i = 0; i < targets_.size(); ++i) read_binary_field(input, i);
      line_starts_.push_back(0);
      line_numbers_.push_back(line_);
      if (++rows_ == vector::kMaxChunkRows) flush();
    }
  }

  void read_binary_field(Input& input, size_t i) {
    const Target& target = targets_[i];
    std::string at = where() + ", column " + target.name;
    int32_t size = int32_of(need(input, 4, "unexpected EOF in COPY data"));
    auto& column = chunk_.column(target.column);
    std::byte* slot = slots_[i] + rows_ * target.size;
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
  std::vector<bool> force_not_null_;
  std::vector<bool> force_null_;
  std::vector<Target> targets_;
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
  std::vector<std::byte*> slots_;
  size_t rows_ = 0;
  uint64_t first_line_ = 0;
  uint64_t line_ = 0;
  uint64_t inserted_ = 0;
  std::string scratch_;
  std::vector<CopyField> fields_;
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
