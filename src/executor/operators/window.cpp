// Window functions: rows are sorted by partition and order, then each call is evaluated partition by partition. A frame
// is an interval of row numbers (minus an exclusion); aggregates over it are computed by adding rows while the frame only
// grows, and from scratch when it moves on at its start.
#include <algorithm>
#include <array>
#include <cstring>

#include "aegis/base/error.h"
#include "expression/evaluation.h"
#include "operators/build.h"
#include "operators/scans.h"
#include "operators/sorting.h"

namespace aegis::executor {
namespace {

using functions::WindowKind;
using plan::FrameBound;
using plan::FrameMode;
using vector::kMaxChunkRows;

EvaluationContext evaluation_context(QueryState& query) {
  return {query.context.types, query.context.services, &query.context.parameters, &query.exec_params};
}

// A column of all rows, addressed by row number.
class WideColumn {
 public:
  void append(const Vector& values, size_t count) {
    Chunk chunk;
    chunk.add_column(values.type(), values.physical());
    chunk.column(0).reference(values);
    chunk.set_size(count);
    rows_.append(chunk);
  }
  Value get(size_t row) const { return rows_.chunk(row / kMaxChunkRows).column(0).get(row % kMaxChunkRows); }
  const ChunkList& rows() const { return rows_; }

 private:
  ChunkList rows_;
};

// All rows in order, with what the calls need of them.
struct Partitions {
  ChunkList input;
  std::vector<size_t> partition_start;  // and the end, as a last element
  std::vector<uint32_t> peer_group;     // number of the row's peer group within its partition
  WideColumn order_key;                 // of RANGE with offsets
  size_t row_count = 0;
};

struct Frame {
  size_t begin;
  size_t end;
};

// in_range(value, base) with the offset of one end of a frame.
class InRange {
 public:
  InRange(const functions::Function& function, const Value& offset, bool subtract, bool less, const EvaluationContext& context)
      : call_(function, {{function.arguments[0]}, {function.arguments[1]}, {function.arguments[2]}, {types::oid::kBool}, {types::oid::kBool}},
              {types::oid::kBool}, kInvalidOid, context),
        value_(function.arguments[0]), base_(function.arguments[1]), offset_(function.arguments[2]), subtract_(types::oid::kBool), less_(types::oid::kBool),
        result_(types::oid::kBool) {
    offset_.set_constant(offset);
    subtract_.set_constant(Value::of_bool(subtract));
    less_.set_constant(Value::of_bool(less));
  }
  bool operator()(const Value& value, const Value& base) {
    value_.set_constant(value);
    base_.set_constant(base);
    const Vector* arguments[] = {&value_, &base_, &offset_, &subtract_, &less_};
    call_(arguments, 1, result_);
    return result_.get(0).boolean;
  }

  // Where the search is: the partition's rows whose keys are not null, and the position found last.
  size_t partition = SIZE_MAX, low = 0, high = 0, last = 0;

 private:
  Callable call_;
  Vector value_, base_, offset_, subtract_, less_, result_;
};

bool same_value(const Value& a, const Value& b, Oid type) {
  if (a.is_null || b.is_null) return a.is_null == b.is_null;
  return types::type_info(type).compare(a, b, type) == 0;
}

// Evaluates one call for one partition after another.
class WindowCall {
 public:
  WindowCall(const plan::Expr& call, QueryState& query) : call_(call), spec_(*call.window), query_(query), result_(call.type.oid) {
    for (const auto& arg : call.args) {
      evaluators_.emplace_back(*arg, evaluation_context(query));
      argument_types_.push_back(arg->type);
      arguments_.emplace_back();
    }
    if (call.aggregate && call.aggregate->filter) filter_ = std::make_unique<ExpressionEvaluator>(*call.aggregate->filter, evaluation_context(query));
    site_.arguments = argument_types_;
    site_.result = call.type;
    site_.collation = call.collation;
    if (call.aggregate) site_.aggregate = call.aggregate->user.get();
  }

  void add(const Chunk& rows) {
    for (size_t a = 0; a < evaluators_.size(); ++a) arguments_[a].append(evaluators_[a].evaluate(rows), rows.size());
    if (filter_) passes_.append(filter_->evaluate(rows), rows.size());
  }

  void run(const Partitions& rows) {
    site_.arguments = argument_types_;
    evaluate_offsets();
    if (spec_.mode == FrameMode::Range && (spec_.start_offset || spec_.end_offset)) prepare_range();
    batch_.add_column(call_.type.oid);
    batch_.reset();
    for (size_t p = 0; p + 1 < rows.partition_start.size(); ++p) {
      query_.check_interrupts();
      begin_ = rows.partition_start[p];
      end_ = rows.partition_start[p + 1];
      call_.function->kind == functions::Kind::Aggregate ? run_aggregate(rows) : run_function(rows);
    }
    flush();
  }

  const ChunkList& results() const { return results_; }

 private:
  void push(const Value& value) {
    batch_.column(0).set(batch_.size(), value);
    batch_.set_size(batch_.size() + 1);
    if (batch_.size() == kMaxChunkRows) flush();
  }
  void flush() {
    results_.append(batch_);
    batch_.reset();
  }

  void evaluate_offsets() {
    auto offset = [&](const plan::ExprPtr& expr, const char* which) -> Value {
      if (expr == nullptr) return Value::null();
      Chunk one;
      one.set_size(1);
      ExpressionEvaluator evaluator(*expr, evaluation_context(query_));
      const Vector& result = evaluator.evaluate(one);
      Value value = types::copy_value(result.physical(), result.get(0), offset_bytes_);
      if (value.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, std::string("frame ") + which + " offset must not be null");
      if (spec_.mode != FrameMode::Range && value.i64 < 0) {
        throw SqlError(Sqlstate::InvalidPrecedingOrFollowingSize, std::string("frame ") + which + " offset must not be negative");
      }
      return value;
    };
    start_offset_ = offset(spec_.start_offset, "starting");
    end_offset_ = offset(spec_.end_offset, "ending");
  }

  void prepare_range() {
    auto prepare = [&](const plan::ExprPtr& expr, const functions::Function* function, const Value& offset, FrameBound bound, bool is_end, std::unique_ptr<InRange>& out) {
      if (expr == nullptr) return;
      bool preceding = bound == FrameBound::Preceding, descending = spec_.order[0].descending;
      out = std::make_unique<InRange>(*function, offset, preceding != descending, is_end != descending, evaluation_context(query_));
    };
    prepare(spec_.start_offset, spec_.start_in_range, start_offset_, spec_.start, false, start_in_range_);
    prepare(spec_.end_offset, spec_.end_in_range, end_offset_, spec_.end, true, end_in_range_);
  }
  using Type = types::Type;

  size_t peer_begin(const Partitions& rows, size_t row) const {
    while (row > begin_ && rows.peer_group[row - 1] == rows.peer_group[row]) --row;
    return row;
  }
  size_t peer_end(const Partitions& rows, size_t row) const {
    while (row < end_ && rows.peer_group[row] == rows.peer_group[peer_row_]) ++row;
    return row;
  }

  // The first row that is in range of this one's start, or the first one that is no longer in range of its end. Frames move
  // with the rows, so the search starts at the last one's.
  size_t range_position(const Partitions& rows, size_t row, bool is_end) {
    InRange& in_range = is_end ? *end_in_range_ : *start_in_range_;
    if (in_range.partition != begin_) {
      // Nulls are at one end and peers of each other only.
      in_range.low = begin_;
      in_range.high = end_;
      while (in_range.low < in_range.high && rows.order_key.get(in_range.low).is_null) ++in_range.low;
      while (in_range.high > in_range.low && rows.order_key.get(in_range.high - 1).is_null) --in_range.high;
      in_range.partition = begin_;
      in_range.last = in_range.low;
    }
    const Value base = rows.order_key.get(row);
    auto before = [&](size_t at) { return in_range(rows.order_key.get(at), base) == is_end; };
    size_t low = in_range.low, high = in_range.high;
    if (in_range.last > low && !before(in_range.last - 1)) {
      high = in_range.last - 1;
    } else {
      low = in_range.last;
      for (size_t step = 1; low < high; step *= 2) {
        size_t at = std::min(low + step, high) - 1;
        if (!before(at)) {
          high = at;
          break;
        }
        low = at + 1;
      }
    }
    while (low < high) {
      size_t middle = (low + high) / 2;
      if (before(middle)) low = middle + 1;
      else high = middle;
    }
    return in_range.last = low;
  }

  Frame frame_of(const Partitions& rows, size_t row) {
    Frame frame{begin_, end_};
    bool no_order = spec_.order.empty();
    peer_row_ = row;
    switch (spec_.mode) {
      case FrameMode::Rows:
        frame.begin = rows_bound(row, spec_.start, start_offset_, false);
        frame.end = rows_bound(row, spec_.end, end_offset_, true);
        break;
      case FrameMode::Range: {
        auto bound = [&](FrameBound kind, bool is_end) -> size_t {
          switch (kind) {
            case FrameBound::UnboundedPreceding: return begin_;
            case FrameBound::UnboundedFollowing: return end_;
            case FrameBound::CurrentRow:
              if (no_order) return is_end ? end_ : begin_;
              return is_end ? peer_end(rows, row) : peer_begin(rows, row);
            case FrameBound::Preceding:
            case FrameBound::Following:
              if (rows.order_key.get(row).is_null) return is_end ? peer_end(rows, row) : peer_begin(rows, row);
              return range_position(rows, row, is_end);
          }
          return begin_;
        };
        frame.begin = bound(spec_.start, false);
        frame.end = bound(spec_.end, true);
        break;
      }
      case FrameMode::Groups:
        frame.begin = groups_bound(rows, row, spec_.start, start_offset_, false);
        frame.end = groups_bound(rows, row, spec_.end, end_offset_, true);
        break;
    }
    frame.begin = std::clamp(frame.begin, begin_, end_);
    frame.end = std::clamp(frame.end, begin_, end_);
    if (frame.end < frame.begin) frame.end = frame.begin;
    return frame;
  }

  size_t rows_bound(size_t row, FrameBound kind, const Value& offset, bool is_end) const {
    size_t extra = is_end ? 1 : 0;
    switch (kind) {
      case FrameBound::UnboundedPreceding: return begin_;
      case FrameBound::UnboundedFollowing: return end_;
      case FrameBound::CurrentRow: return row + extra;
      case FrameBound::Preceding: {
        uint64_t distance = static_cast<uint64_t>(offset.i64);
        size_t at = row + extra;
        return distance > at - begin_ ? begin_ : at - distance;
      }
      case FrameBound::Following: {
        uint64_t distance = static_cast<uint64_t>(offset.i64);
        size_t at = row + extra;
        return distance > end_ - row ? end_ : at + distance;
      }
    }
    return begin_;
  }

  size_t groups_bound(const Partitions& rows, size_t row, FrameBound kind, const Value& offset, bool is_end) const {
    if (kind == FrameBound::UnboundedPreceding) return begin_;
    if (kind == FrameBound::UnboundedFollowing) return end_;
    int64_t group = rows.peer_group[row];
    if (kind == FrameBound::Preceding) group -= offset.i64;
    if (kind == FrameBound::Following) group = offset.i64 > INT32_MAX ? INT32_MAX : group + offset.i64;
    auto first = rows.peer_group.begin() + static_cast<long>(begin_);
    auto last = rows.peer_group.begin() + static_cast<long>(end_);
    if (group < 0) return begin_;
    uint32_t wanted = static_cast<uint32_t>(group);
    auto at = is_end ? std::upper_bound(first, last, wanted) : std::lower_bound(first, last, wanted);
    return static_cast<size_t>(at - rows.peer_group.begin());
  }

  bool excluded(const Partitions& rows, size_t current, size_t row) const {
    switch (spec_.exclusion) {
      case plan::FrameExclusion::None: return false;
      case plan::FrameExclusion::CurrentRow: return row == current;
      case plan::FrameExclusion::Group: return rows.peer_group[row] == rows.peer_group[current] || (spec_.order.empty());
      case plan::FrameExclusion::Ties: return row != current && (rows.peer_group[row] == rows.peer_group[current] || spec_.order.empty());
    }
    return false;
  }

  // --- Aggregates ---
  void run_aggregate(const Partitions& rows) {
    if (call_.function->aggregate == nullptr) functions::throw_absent(*call_.function);
    const auto& kernel = *functions::collated_aggregate(*call_.function, call_.collation, query_.context.types);
    size_t bytes = (kernel.state_size + 15) / 16 * 16;
    std::vector<uint64_t> state_words(bytes / 8 + 2);
    auto* state = reinterpret_cast<std::byte*>((reinterpret_cast<uintptr_t>(state_words.data()) + 15) & ~uintptr_t{15});
    Arena arena;
    functions::AggregateContext context{query_.context.types, query_.context.services, site_, arena, caches_.data()};
    Frame done{begin_, begin_};
    bool started = false;
    bool has_value = false;
    auto restart = [&] {
      arena.reset();
      kernel.init(state);
      started = true;
    };
    for (size_t row = begin_; row < end_; ++row) {
      Frame frame = frame_of(rows, row);
      bool whole = spec_.exclusion == plan::FrameExclusion::None;
      bool grows = started && whole && frame.begin == done.begin && frame.end >= done.end;
      if (grows && frame.end == done.end && has_value) {
        push(value_.get(0));
        continue;
      }
      if (!grows) {
        restart();
        done = {frame.begin, frame.begin};
        if ((row & 1023) == 0) query_.check_interrupts();
      }
      accumulate(context, kernel, rows, row, done.end, frame.end, state);
      done = frame;
      finalize(context, kernel, state, bytes);
      has_value = true;
      push(value_.get(0));
    }
  }

  // The state goes on after its value was read; finalizers that use it up would spoil it, so they get a copy.
  void finalize(functions::AggregateContext& context, const functions::AggregateKernel& kernel, std::byte* state, size_t bytes) {
    copy_.resize(bytes + 16);
    auto* copy = reinterpret_cast<std::byte*>((reinterpret_cast<uintptr_t>(copy_.data()) + 15) & ~uintptr_t{15});
    std::memcpy(copy, state, kernel.state_size);
    value_.reset();
    kernel.finalize(context, &copy, 1, value_);
  }

  void accumulate(functions::AggregateContext& context, const functions::AggregateKernel& kernel, const Partitions& rows, size_t current, size_t from,
                  size_t to, std::byte* state) {
    while (from < to) {
      Chunk batch;
      for (const auto& type : argument_types_) batch.add_column(type.oid);
      batch.reset();
      size_t count = 0;
      for (; from < to && count < kMaxChunkRows; ++from) {
        if (excluded(rows, current, from)) continue;
        if (filter_) {
          Value pass = passes_.get(from);
          if (pass.is_null || !pass.boolean) continue;
        }
        for (size_t a = 0; a < arguments_.size(); ++a) batch.column(a).set(count, arguments_[a].get(from));
        ++count;
      }
      if (count == 0) continue;
      std::vector<const Vector*> arguments;
      for (size_t a = 0; a < arguments_.size(); ++a) arguments.push_back(&batch.column(a));
      std::byte* states[kMaxChunkRows];
      std::fill(states, states + count, state);
      kernel.update(context, arguments, count, states);
    }
  }

  // --- Window functions proper ---
  void run_function(const Partitions& rows) {
    size_t size = end_ - begin_;
    for (size_t row = begin_; row < end_; ++row) {
      size_t at = row - begin_;
      peer_row_ = row;
      switch (call_.function->window) {
        case WindowKind::RowNumber: push(Value::of_i64(static_cast<int64_t>(at + 1))); break;
        case WindowKind::Rank: push(Value::of_i64(rank(rows, row))); break;
        case WindowKind::DenseRank: push(Value::of_i64(spec_.order.empty() ? 1 : rows.peer_group[row] + int64_t{1})); break;
        case WindowKind::PercentRank: push(Value::of_f64(size <= 1 ? 0 : static_cast<double>(rank(rows, row) - 1) / static_cast<double>(size - 1))); break;
        case WindowKind::CumeDist: {
          size_t last = spec_.order.empty() ? end_ : peer_end(rows, row);
          push(Value::of_f64(static_cast<double>(last - begin_) / static_cast<double>(size)));
          break;
        }
        case WindowKind::Ntile: push(ntile(at, size)); break;
        case WindowKind::Lag: push(offset_value(row, -1)); break;
        case WindowKind::Lead: push(offset_value(row, 1)); break;
        case WindowKind::FirstValue: push(nth_in_frame(rows, row, 1, false)); break;
        case WindowKind::LastValue: push(nth_in_frame(rows, row, 1, true)); break;
        case WindowKind::NthValue: {
          Value n = arguments_[1].get(row);
          if (n.is_null) {
            push(Value::null());
            break;
          }
          if (n.i32 <= 0) throw SqlError(Sqlstate::InvalidArgumentForNthValue, "argument of nth_value must be greater than zero");
          push(nth_in_frame(rows, row, static_cast<size_t>(n.i32), false));
          break;
        }
        case WindowKind::None: throw_not_supported("window function " + std::string(call_.function->name));
      }
    }
  }

  int64_t rank(const Partitions& rows, size_t row) {
    if (spec_.order.empty()) return 1;
    // Peers come one after another, so the first one's position is kept.
    if (row == begin_ || rows.peer_group[row] != rows.peer_group[row - 1]) rank_row_ = row;
    return static_cast<int64_t>(rank_row_ - begin_ + 1);
  }

  Value ntile(size_t at, size_t size) const {
    Value buckets = arguments_[0].get(begin_);
    if (buckets.is_null) return Value::null();
    if (buckets.i32 <= 0) throw SqlError(Sqlstate::InvalidArgumentForNtile, "argument of ntile must be greater than zero");
    size_t count = static_cast<size_t>(buckets.i32);
    size_t small = size / count;
    size_t larger = size % count;  // buckets that have one more
    size_t in_larger = larger * (small + 1);
    size_t bucket = at < in_larger ? at / (small + 1) : larger + (small == 0 ? 0 : (at - in_larger) / small);
    return Value::of_i32(static_cast<int32_t>(bucket + 1));
  }

  Value offset_value(size_t row, int64_t direction) const {
    int64_t offset = 1;
    if (arguments_.size() >= 2) {
      Value given = arguments_[1].get(row);
      if (given.is_null) return Value::null();
      offset = given.i32;
    }
    int64_t target = static_cast<int64_t>(row) + direction * offset;
    if (target >= static_cast<int64_t>(begin_) && target < static_cast<int64_t>(end_)) return arguments_[0].get(static_cast<size_t>(target));
    return arguments_.size() >= 3 ? arguments_[2].get(row) : Value::null();
  }

  Value nth_in_frame(const Partitions& rows, size_t row, size_t n, bool from_end) {
    Frame frame = frame_of(rows, row);
    size_t seen = 0;
    size_t length = frame.end - frame.begin;
    if (spec_.exclusion == plan::FrameExclusion::None) {
      if (n > length) return Value::null();
      return arguments_[0].get(from_end ? frame.end - n : frame.begin + n - 1);
    }
    for (size_t i = 0; i < length; ++i) {
      size_t at = from_end ? frame.end - 1 - i : frame.begin + i;
      if (excluded(rows, row, at)) continue;
      if (++seen == n) return arguments_[0].get(at);
    }
    return Value::null();
  }

  const plan::Expr& call_;
  const plan::WindowSpec& spec_;
  QueryState& query_;
  std::vector<ExpressionEvaluator> evaluators_;
  std::vector<Type> argument_types_;
  std::vector<WideColumn> arguments_;
  std::unique_ptr<ExpressionEvaluator> filter_;
  WideColumn passes_;
  functions::CallSite site_;
  std::array<std::shared_ptr<void>, 2> caches_;
  Value start_offset_;
  Value end_offset_;
  Arena offset_bytes_;
  std::unique_ptr<InRange> start_in_range_;
  std::unique_ptr<InRange> end_in_range_;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t peer_row_ = 0;
  size_t rank_row_ = 0;
  Vector result_;
  Vector value_{call_.type.oid};
  std::vector<std::byte> copy_;
  Chunk batch_;
  ChunkList results_;
};

class WindowOperator : public Operator {
 public:
  WindowOperator(const plan::PhysicalWindow& plan, QueryState& query) : Operator(plan, query), window_(plan) {
    children_.push_back(build_operator(*plan.children[0], query));
    const auto& spec = *plan.calls[0]->window;
    for (const auto& key : spec.partition) {
      plan::SortKey sort;
      sort.expr = key->clone();
      keys_.push_back(std::move(sort));
    }
    for (const auto& key : spec.order) keys_.push_back(key.clone());
  }
  bool parallel_safe() const override { return false; }
  size_t morsels() const override { return 1; }

  void open() override {
    children_[0]->prepare();
    rows_ = std::make_unique<Partitions>();
    calls_.clear();
    for (const auto& call : window_.calls) calls_.push_back(std::make_unique<WindowCall>(*call, query_));
    sort_rows();
    for (auto& call : calls_) call->run(*rows_);
  }

  void reset() override {
    Operator::reset();
    rows_ = nullptr;
    calls_.clear();
  }

  struct State : OperatorState {
    size_t chunk = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    if (state.chunk >= rows_->input.chunk_count()) {
      out.set_size(0);
      return false;
    }
    const Chunk& input = rows_->input.chunk(state.chunk);
    for (size_t c = 0; c < input.column_count(); ++c) out.column(c).reference(input.column(c));
    for (size_t k = 0; k < calls_.size(); ++k) out.column(input.column_count() + k).reference(calls_[k]->results().chunk(state.chunk).column(0));
    out.set_size(input.size());
    ++state.chunk;
    return true;
  }

 private:
  // Sorts the input, numbers partitions and peers, and hands the rows to the calls.
  void sort_rows() {
    const auto& spec = *window_.calls[0]->window;
    Operator& source = *children_[0];
    auto context = evaluation_context(query_);
    std::vector<std::unique_ptr<SortRun>> runs;
    runs.push_back(std::make_unique<SortRun>(keys_, source.plan().output, context));
    {
      StatePtr state = source.make_state();
      Chunk chunk = source.make_chunk();
      while (source.pull(*state, chunk)) {
        query_.check_interrupts();
        runs[0]->add(chunk);
      }
    }
    if (!keys_.empty()) runs[0]->sort();
    if (query_.instrument) counters().memory_bytes += runs[0]->memory_bytes();
    SortMerge merge;
    merge.start(&runs);
    Chunk chunk = source.make_chunk();
    std::vector<ExpressionEvaluator> keys;
    for (const auto& key : keys_) keys.emplace_back(*key.expr, context);
    std::vector<Value> last(keys.size());
    Arena last_bytes;
    bool range = spec.mode == FrameMode::Range && spec.order.size() == 1;
    for (const auto& call : window_.calls) range = range || (call->window->mode == FrameMode::Range && call->window->order.size() == 1);
    uint32_t peer = 0;
    while (merge.next(chunk, kMaxChunkRows)) {
      std::vector<const Vector*> values;
      for (auto& key : keys) values.push_back(&key.evaluate(chunk));
      for (size_t i = 0; i < chunk.size(); ++i) {
        size_t row = rows_->row_count + i;
        bool new_partition = row == 0;
        bool new_peer = false;
        for (size_t k = 0; k < keys.size() && row > 0; ++k) {
          if (same_value(last[k], values[k]->get(i), keys_[k].expr->type.oid)) continue;
          (k < spec.partition.size() ? new_partition : new_peer) = true;
        }
        if (new_partition) {
          rows_->partition_start.push_back(row);
          peer = 0;
        } else if (new_peer) {
          ++peer;
        }
        if (new_partition || new_peer || row == 0) {
          last_bytes.reset();
          for (size_t k = 0; k < keys.size(); ++k) last[k] = types::copy_value(values[k]->physical(), values[k]->get(i), last_bytes);
        }
        rows_->peer_group.push_back(peer);
      }
      if (range) rows_->order_key.append(*values[spec.partition.size()], chunk.size());
      rows_->row_count += chunk.size();
      rows_->input.append(chunk);
    }
    rows_->partition_start.push_back(rows_->row_count);
    for (size_t c = 0; c < rows_->input.chunk_count(); ++c) {
      for (auto& call : calls_) call->add(rows_->input.chunk(c));
    }
  }

  const plan::PhysicalWindow& window_;
  std::vector<plan::SortKey> keys_;
  std::unique_ptr<Partitions> rows_;
  std::vector<std::unique_ptr<WindowCall>> calls_;
};

}  // namespace

Operator* build_window(const plan::PhysicalWindow& plan, QueryState& query) { return add_operator(query, std::make_unique<WindowOperator>(plan, query)); }

}  // namespace aegis::executor
