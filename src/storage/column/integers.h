// Streams of 64-bit integers: the encodings all others are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "column/bit_packing.h"
#include "column/encoding.h"

namespace aegis::storage {

// Appends the stream in its smallest encoding. `depth` bounds the streams inside streams.
void encode_integers(const int64_t* values, size_t count, std::string& out, int depth = 0);

// A stream read in place: the bytes must outlive it.
class IntegerStream {
 public:
  // Takes the stream of `count` values from the front of `in`; false when it is malformed.
  bool parse(std::string_view& in, size_t count, int depth = 0);

  size_t count() const { return count_; }
  int64_t at(size_t i) const;
  bool is_constant() const { return encoding_ == IntegerEncoding::Constant; }

  // Calls store(k, value) for values [from, from + count).
  template <typename Store>
  void read(size_t from, size_t count, Store&& store) const {
    switch (encoding_) {
      case IntegerEncoding::Constant:
        for (size_t k = 0; k < count; ++k) store(k, static_cast<int64_t>(base_));
        return;
      case IntegerEncoding::Frame: {
        const uint64_t base = base_, step = step_;
        if (step == 1) {
          bits_.unpack(from, count, [&](size_t k, uint64_t v) { store(k, static_cast<int64_t>(base + v)); });
        } else {
          bits_.unpack(from, count, [&](size_t k, uint64_t v) { store(k, static_cast<int64_t>(base + step * v)); });
        }
        return;
      }
      case IntegerEncoding::Delta: {
        uint64_t value = static_cast<uint64_t>(at(from));
        if (count > 0) store(0, static_cast<int64_t>(value));
        if (count < 2) return;
        const uint64_t base = base_;
        bits_.unpack(from, count - 1, [&](size_t k, uint64_t v) {
          value += base + v;
          store(k + 1, static_cast<int64_t>(value));
        });
        return;
      }
      case IntegerEncoding::RunLength: {
        size_t run = run_of(from);
        for (size_t k = 0; k < count;) {
          size_t end = std::min<size_t>(count, ends_[run] - from);
          const int64_t value = values_[run];
          for (; k < end; ++k) store(k, value);
          ++run;
        }
        return;
      }
      case IntegerEncoding::Dictionary: {
        const int64_t* values = values_.data();
        bits_.unpack(from, count, [&](size_t k, uint64_t v) { store(k, values[v]); });
        return;
      }
    }
  }

 private:
  bool parse_runs(std::string_view& in, int depth);
  bool parse_dictionary(std::string_view& in, int depth);
  bool parse_bits(std::string_view& in, size_t count);
  size_t run_of(size_t i) const {
    return static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), i) - ends_.begin());
  }

  IntegerEncoding encoding_ = IntegerEncoding::Constant;
  size_t count_ = 0;
  uint64_t base_ = 0;
  uint64_t step_ = 1;   // Frame; the first value of Delta
  PackedBits bits_;
  std::vector<int64_t> values_;
  std::vector<uint64_t> ends_;
};

}  // namespace aegis::storage
