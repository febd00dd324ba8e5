// Where in a sorted sequence a number is, as a piecewise linear function: for every number that is in the sequence the
// prediction is off by kMaxError places at most, except among equal numbers. Callers check what they are told and
// search otherwise, so a wrong prediction costs time only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aegis::storage::lsm {

class LearnedIndex {
 public:
  static constexpr uint32_t kMaxError = 2;

  // `numbers` ascend.
  static LearnedIndex train(std::span<const uint64_t> numbers);
  bool empty() const { return segments_.empty(); }
  size_t segment_count() const { return segments_.size(); }
  size_t size_bytes() const { return segments_.size() * sizeof(Segment); }
  // The first place it may be at; the last is 2 * kMaxError + 1 behind.
  uint32_t predict(uint64_t number) const;

  void encode(std::string& out) const;
  bool decode(std::string_view& in);

 private:
  struct Segment {
    uint64_t first;
    double slope;
    double place;  // of `first`
  };
  std::vector<Segment> segments_;
};

// The eight bytes of `key` from `skip` on as a number whose order is the keys' among keys that agree before.
uint64_t number_of(std::string_view key, size_t skip);

}  // namespace aegis::storage::lsm
