// Segments grow while one line passes within the bound of all their points (O'Rourke's cone, as in Galakatos et al.:
// "FITing-Tree", SIGMOD 2019).
#include "lsm/learned_index.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "coding.h"

namespace aegis::storage::lsm {

uint64_t number_of(std::string_view key, size_t skip) {
  uint64_t word = 0;
  if (key.size() > skip) std::memcpy(&word, key.data() + skip, std::min<size_t>(8, key.size() - skip));
  return __builtin_bswap64(word);
}

LearnedIndex LearnedIndex::train(std::span<const uint64_t> numbers) {
  LearnedIndex index;
  constexpr double kError = kMaxError;
  double low = 0, high = 0;
  auto close = [&] {
    if (!index.segments_.empty()) {
      bool single = high == std::numeric_limits<double>::infinity();
      index.segments_.back().slope = single ? 0 : (low + high) / 2;
    }
  };
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && numbers[i] == numbers[i - 1]) continue;
    if (!index.segments_.empty()) {
      const Segment& segment = index.segments_.back();
      double run = static_cast<double>(numbers[i] - segment.first);
      double rise = static_cast<double>(i) - segment.place;
      double slope = rise / run;
      if (slope >= low && slope <= high) {
        low = std::max(low, (rise - kError) / run);
        high = std::min(high, (rise + kError) / run);
        continue;
      }
    }
    close();
    index.segments_.push_back({numbers[i], 0, static_cast<double>(i)});
    low = 0;
    high = std::numeric_limits<double>::infinity();
  }
  close();
  return index;
}

uint32_t LearnedIndex::predict(uint64_t number) const {
  auto after = std::upper_bound(segments_.begin(), segments_.end(), number,
                                [](uint64_t n, const Segment& segment) { return n < segment.first; });
  if (after == segments_.begin()) return 0;
  const Segment& segment = *(after - 1);
  double place = segment.place + segment.slope * static_cast<double>(number - segment.first);
  // Between segments the next one's beginning is the bound.
  if (after != segments_.end()) place = std::min(place, after->place);
  place -= kMaxError;
  if (!(place > 0)) return 0;
  return place >= 4294967295.0 ? ~uint32_t{0} : static_cast<uint32_t>(place);
}

void LearnedIndex::encode(std::string& out) const {
  put_varint(out, segments_.size());
  for (const Segment& segment : segments_) {
    put_fixed(out, segment.first);
    put_fixed(out, segment.slope);
    put_fixed(out, segment.place);
  }
}

bool LearnedIndex::decode(std::string_view& in) {
  uint64_t count;
  if (!get_varint(in, count) || count > in.size() / sizeof(Segment)) return false;
  segments_.resize(count);
  for (Segment& segment : segments_) {
    if (!get_fixed(in, segment.first) || !get_fixed(in, segment.slope) || !get_fixed(in, segment.place)) return false;
  }
  return true;
}

}  // namespace aegis::storage::lsm
