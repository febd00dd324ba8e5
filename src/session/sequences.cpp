#include "sequences.h"

#include <utility>

#include <fmt/format.h>

#include "aegis/catalog/catalog.h"
#include "aegis/catalog/sequence.h"
#include "aegis/storage/engine.h"
#include "aegis/types/encoding.h"

namespace aegis::session {

namespace {

constexpr int kLogAhead = 32;

// The value behind `value`; false when the sequence ends there.
bool step(const catalog::SequenceInfo& info, int64_t value, int64_t& next) {
  bool overflow = __builtin_add_overflow(value, info.increment, &next);
  if (info.increment > 0 ? (overflow || next > info.maximum) : (overflow || next < info.minimum)) {
    if (!info.cycle) return false;
    next = info.increment > 0 ? info.minimum : info.maximum;
  }
  return true;
}

}  // namespace

SequenceStore::SequenceStore(storage::Engine& engine) : engine_(engine) {
  for (const auto& [key, bytes] : engine.metadata()) {
    catalog::SequenceState stored;
    if (key.kind != catalog::kSequenceMetadata || key.key.size() != 4 || !catalog::decode_sequence(bytes, stored)) continue;
    types::BinaryReader reader(key.key);
    State& state = states_[static_cast<Oid>(reader.int32())];
    state.last = stored.last_value;
    state.is_called = stored.is_called;
  }
}

SequenceStore::State& SequenceStore::find(const catalog::Relation& sequence) {
  auto [at, is_new] = states_.try_emplace(sequence.oid);
  if (is_new) at->second.last = sequence.sequence.start;
  return at->second;
}

void SequenceStore::write(Oid sequence, int64_t last, bool is_called) {
  engine_.put_metadata_now(catalog::kSequenceMetadata, catalog::sequence_key(sequence), catalog::encode_sequence({last, is_called}));
}

SequenceStore::State SequenceStore::replace(Oid sequence, State state) {
  std::lock_guard lock(mutex_);
  return std::exchange(states_[sequence], state);
}

int64_t SequenceStore::next(const catalog::Relation& sequence) {
  std::lock_guard lock(mutex_);
  State& state = find(sequence);
  const catalog::SequenceInfo& info = sequence.sequence;
  int64_t value = state.last;
  if (state.is_called && !step(info, state.last, value)) {
    bool ascending = info.increment > 0;
    throw SqlError(Sqlstate::SequenceGeneratorLimitExceeded,
                   fmt::format("nextval: reached {} value of sequence \"{}\" ({})", ascending ? "maximum" : "minimum",
                               sequence.name, ascending ? info.maximum : info.minimum));
  }
  if (state.logged == 0) {
    int64_t ahead = value;
    int64_t beyond = 0;
    for (int i = 0; i < kLogAhead && step(info, ahead, beyond); ++i) {
      ahead = beyond;
      ++state.logged;
    }
    write(sequence.oid, ahead, true);
  } else {
    --state.logged;
  }
  state.last = value;
  state.is_called = true;
  return value;
}

void SequenceStore::set(const catalog::Relation& sequence, int64_t value, bool is_called) {
  const catalog::SequenceInfo& info = sequence.sequence;
  if (value < info.minimum || value > info.maximum) {
    throw SqlError(Sqlstate::NumericValueOutOfRange,
                   fmt::format("setval: value {} is out of bounds for sequence \"{}\" ({}..{})", value, sequence.name,
                               info.minimum, info.maximum));
  }
  std::lock_guard lock(mutex_);
  State& state = find(sequence);
  state = {value, is_called, 0};
  write(sequence.oid, value, is_called);
}

SequenceStore::State SequenceStore::state(const catalog::Relation& sequence) {
  std::lock_guard lock(mutex_);
  return find(sequence);
}

}  // namespace aegis::session
