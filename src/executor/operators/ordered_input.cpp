#include "operators/ordered_input.h"

#include <algorithm>

namespace aegis::executor {

using types::Value;

namespace {

int compare_values(const Value& a, const Value& b, Oid type, bool descending, bool nulls_first, const types::Collator* collator = nullptr) {
  if (a.is_null || b.is_null) {
    if (a.is_null && b.is_null) return 0;
    return a.is_null == nulls_first ? -1 : 1;
  }
  int order = collator != nullptr ? collator->compare(a.text(), b.text()) : types::type_info(type).compare(a, b, type);
  return descending ? -order : order;
}

}  // namespace

OrderedInput::OrderedInput(const plan::Expr& call, const types::TypeContext& types) : call_(call), argument_count_(call.args.size()) {
  for (const auto& key : call.aggregate->order) collators_.push_back(types::collator(key.expr->collation, types));
}

void OrderedInput::add(const std::vector<std::byte*>& groups, const std::vector<const Vector*>& arguments, const std::vector<const Vector*>& order,
                       size_t count) {
  Chunk chunk;
  for (const auto* column : arguments) chunk.add_column(column->type(), column->physical());
  for (const auto* column : order) chunk.add_column(column->type(), column->physical());
  for (size_t i = 0; i < arguments.size(); ++i) chunk.column(i).reference(*arguments[i]);
  for (size_t i = 0; i < order.size(); ++i) chunk.column(arguments.size() + i).reference(*order[i]);
  chunk.set_size(count);
  size_t first = rows_.row_count();
  rows_.append(chunk);
  // Chunks of the list are filled to the brim, so a row's number says where it is.
  for (size_t i = 0; i < count; ++i) {
    size_t at = first + i;
    positions_.push_back({groups[i], static_cast<uint32_t>(at / vector::kMaxChunkRows), static_cast<uint32_t>(at % vector::kMaxChunkRows)});
  }
}

int OrderedInput::compare_rows(const Position& a, const Position& b) const {
  const auto& order = call_.aggregate->order;
  for (size_t k = 0; k < order.size(); ++k) {
    size_t column = argument_count_ + k;
    int result = compare_values(value(a, column), value(b, column), order[k].expr->type.oid, order[k].descending, order[k].nulls_first,
                                collators_[k]);
    if (result != 0) return result;
  }
  if (!call_.aggregate->distinct) return 0;
  for (size_t k = 0; k < argument_count_; ++k) {
    int result = compare_values(value(a, k), value(b, k), call_.args[k]->type.oid, false, false);
    if (result != 0) return result;
  }
  return 0;
}

bool OrderedInput::same_arguments(const Position& a, const Position& b) const {
  for (size_t k = 0; k < argument_count_; ++k) {
    if (compare_values(value(a, k), value(b, k), call_.args[k]->type.oid, false, false) != 0) return false;
  }
  return true;
}

void OrderedInput::feed(const std::function<void(std::byte*, std::span<const Vector* const>, size_t)>& consume) {
  std::stable_sort(positions_.begin(), positions_.end(), [&](const Position& a, const Position& b) {
    if (a.group != b.group) return a.group < b.group;
    return compare_rows(a, b) < 0;
  });
  Chunk batch;
  for (const auto& arg : call_.args) batch.add_column(arg->type.oid);
  batch.reset();
  std::byte* group = nullptr;
  auto flush = [&] {
    if (batch.size() == 0) return;
    std::vector<const Vector*> arguments;
    for (size_t k = 0; k < argument_count_; ++k) arguments.push_back(&batch.column(k));
    consume(group, arguments, batch.size());
    batch.reset();
  };
  for (size_t i = 0; i < positions_.size(); ++i) {
    const Position& at = positions_[i];
    bool new_group = i == 0 || at.group != positions_[i - 1].group;
    if (!new_group && call_.aggregate->distinct && same_arguments(at, positions_[i - 1])) continue;
    if (new_group || batch.size() == vector::kMaxChunkRows) flush();
    group = at.group;
    for (size_t k = 0; k < argument_count_; ++k) batch.column(k).set(batch.size(), value(at, k));
    batch.set_size(batch.size() + 1);
  }
  flush();
}

}  // namespace aegis::executor
