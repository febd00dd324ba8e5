// How well a document answers a query: ts_rank by the words' frequency and nearness, ts_rank_cd by how tightly covers of
// the query are packed (Clarke, Cormack and Tudhope, "Relevance ranking for one to three term queries").
#include "text_search/rank.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <unordered_map>

#include "aegis/base/error.h"
#include "text_search/match.h"

namespace aegis::functions::text_search {

using types::TsNode;
using types::TsNodeKind;
using types::TsPosition;
using types::TsVectorView;

namespace {

enum Normalization : int { kLogLength = 1, kLength = 2, kExtentDistance = 4, kUniqueWords = 8, kLogUniqueWords = 16, kSelf = 32 };
constexpr int kNoPlace = types::kTsMaxPosition;

void collect_words(const TsNode& node, std::vector<const TsNode*>& words) {
  if (node.kind == TsNodeKind::Word) words.push_back(&node);
  // In the order of PostgreSQL's array: the right operand stands first.
  if (node.right != nullptr) collect_words(*node.right, words);
  if (node.left != nullptr) collect_words(*node.left, words);
}

std::vector<const TsNode*> unique_words(const TsNode& query) {
  std::vector<const TsNode*> words;
  collect_words(query, words);
  std::stable_sort(words.begin(), words.end(), [](auto* a, auto* b) { return a->text < b->text; });
  words.erase(std::unique(words.begin(), words.end(), [](auto* a, auto* b) { return a->text == b->text; }), words.end());
  return words;
}

struct Entries {
  uint32_t first = 0, count = 0;
};
Entries find_entries(const TsVectorView& vector, const TsNode& word) {
  Entries found{vector.lower_bound(word.text), 0};
  auto holds = [&](uint32_t i) {
    return i < vector.size() && (word.prefix ? vector.lexeme(i).starts_with(word.text) : found.count == 0 && vector.lexeme(i) == word.text);
  };
  while (holds(found.first + found.count)) ++found.count;
  return found;
}

std::vector<TsPosition> positions_of(const TsVectorView& vector, uint32_t entry, bool& known, TsPosition unknown) {
  std::vector<TsPosition> positions;
  known = vector.position_count(entry) > 0;
  for (uint32_t k = 0; k < vector.position_count(entry); ++k) positions.push_back(vector.position(entry, k));
  if (!known) positions.push_back(unknown);
  return positions;
}

float nearness(int distance) {
  if (distance > 100) return 1e-30f;
  return static_cast<float>(1.0 / (1.005 + 0.05 * std::exp(static_cast<float>(distance) / 1.5 - 2)));
}

float rank_any(const RankWeights& weights, const TsVectorView& vector, const TsNode& query) {
  auto words = unique_words(query);
  float result = 0;
  for (const TsNode* word : words) {
    Entries entries = find_entries(vector, *word);
    for (uint32_t e = entries.first; e < entries.first + entries.count; ++e) {
      bool known;
      auto positions = positions_of(vector, e, known, 0);
      float sum = 0;
      float heaviest = -1;
      int heaviest_at = 0;
      for (int j = 0; j < static_cast<int>(positions.size()); ++j) {
        float weight = weights[static_cast<size_t>(types::ts_weight(positions[static_cast<size_t>(j)]))];
        sum = sum + weight / static_cast<float>((j + 1) * (j + 1));
        if (weight > heaviest) {
          heaviest = weight;
          heaviest_at = j;
        }
      }
      // The limit of the sum of 1/i²
      constexpr double kLimit = 1.64493406685;
      result = static_cast<float>(result + (heaviest + sum - heaviest / static_cast<float>((heaviest_at + 1) * (heaviest_at + 1))) / kLimit);
    }
  }
  if (!words.empty()) result = result / static_cast<float>(words.size());
  return result;
}

float rank_all(const RankWeights& weights, const TsVectorView& vector, const TsNode& query) {
  auto words = unique_words(query);
  if (words.size() < 2) return rank_any(weights, vector, query);
  struct Seen {
    std::vector<TsPosition> positions;
    bool known = false;
    bool found = false;
  };
  std::vector<Seen> seen(words.size());
  float result = -1;
  for (size_t i = 0; i < words.size(); ++i) {
    Entries entries = find_entries(vector, *words[i]);
    for (uint32_t e = entries.first; e < entries.first + entries.count; ++e) {
      seen[i].positions = positions_of(vector, e, seen[i].known, static_cast<TsPosition>(kNoPlace));
      seen[i].found = true;
      for (size_t k = 0; k < i; ++k) {
        if (!seen[k].found) continue;
        for (TsPosition p : seen[i].positions) {
          for (TsPosition q : seen[k].positions) {
            int distance = std::abs(types::ts_place(p) - types::ts_place(q));
            if (distance == 0 && seen[i].known && seen[k].known) continue;
            if (distance == 0) distance = types::kTsMaxPosition + 1;
            float product = weights[static_cast<size_t>(types::ts_weight(p))] * weights[static_cast<size_t>(types::ts_weight(q))] * nearness(distance);
            auto current = static_cast<float>(std::sqrt(static_cast<double>(product)));
            result = result < 0 ? current : static_cast<float>(1.0 - (1.0 - result) * (1.0 - current));
          }
        }
      }
    }
  }
  return result;
}

int document_length(const TsVectorView& vector) {
  uint32_t length = 0;
  for (uint32_t i = 0; i < vector.size(); ++i) length += std::max(vector.position_count(i), 1u);
  return static_cast<int>(length);
}

// One word of the document that the query asks for, with the query's words that it is.
struct Occurrence {
  TsPosition position;
  uint32_t entry;
  std::vector<const TsNode*> words;
};

std::vector<Occurrence> occurrences(const TsVectorView& vector, const TsNode& query) {
  std::vector<const TsNode*> words;
  collect_words(query, words);
  std::vector<Occurrence> found;
  for (const TsNode* word : words) {
    Entries entries = find_entries(vector, *word);
    for (uint32_t e = entries.first; e < entries.first + entries.count; ++e) {
      for (uint32_t k = 0; k < vector.position_count(e); ++k) {
        TsPosition position = vector.position(e, k);
        if (word->weights == 0 || (word->weights & (1 << types::ts_weight(position))) != 0) found.push_back({position, e, {word}});
      }
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Occurrence& a, const Occurrence& b) {
    if (types::ts_place(a.position) != types::ts_place(b.position)) return types::ts_place(a.position) < types::ts_place(b.position);
    if (a.position != b.position) return a.position < b.position;
    return a.entry < b.entry;
  });
  std::vector<Occurrence> joined;
  for (Occurrence& occurrence : found) {
    if (!joined.empty() && joined.back().position == occurrence.position && joined.back().entry == occurrence.entry) {
      joined.back().words.push_back(occurrence.words[0]);
    } else {
      joined.push_back(std::move(occurrence));
    }
  }
  return joined;
}

// The query's words met so far, going through the document forwards or backwards.
class Met : public MatchSource {
 public:
  explicit Met(bool backwards) : backwards_(backwards) {}
  void add(const Occurrence& occurrence) {
    int place = types::ts_place(occurrence.position);
    for (const TsNode* word : occurrence.words) {
      auto& places = places_[word];
      if (places.empty() || places.back() != place) places.push_back(place);
    }
  }
  Match word(const TsNode& node, Places* out) override {
    auto found = places_.find(&node);
    if (found == places_.end()) return Match::No;
    if (out != nullptr) {
      out->at = found->second;
      if (backwards_) std::reverse(out->at.begin(), out->at.end());
    }
    return Match::Yes;
  }

 private:
  bool backwards_;
  std::unordered_map<const TsNode*, std::vector<int>> places_;
};

struct Cover {
  size_t next = 0;  // where the search for the next one begins
  size_t begin = 0, end = 0;
  int first = 0, last = 0;  // places
};

bool next_cover(const std::vector<Occurrence>& document, const TsNode& query, Cover& cover) {
  while (true) {
    Met forwards(false);
    size_t end = cover.next;
    bool found = false;
    cover.first = INT_MAX;
    cover.last = 0;
    for (; end < document.size() && !found; ++end) {
      forwards.add(document[end]);
      if (match(query, forwards) == Match::No) continue;
      if (types::ts_place(document[end].position) > cover.last) {
        cover.last = types::ts_place(document[end].position);
        cover.end = end;
        found = true;
      }
      break;
    }
    if (!found) return false;
    Met backwards(true);
    size_t begin = cover.end + 1;
    while (begin > cover.next) {
      --begin;
      backwards.add(document[begin]);
      if (match(query, backwards) == Match::No) continue;
      if (types::ts_place(document[begin].position) < cover.first) {
        cover.begin = begin;
        cover.first = types::ts_place(document[begin].position);
      }
      break;
    }
    if (cover.first <= cover.last) {
      cover.next = begin + 1;
      return true;
    }
    ++cover.next;
  }
}

}  // namespace

float rank(const RankWeights& weights, std::string_view vector_bytes, const TsNode* query, int method) {
  TsVectorView vector(vector_bytes);
  if (vector.size() == 0 || query == nullptr) return 0;
  bool all = query->kind == TsNodeKind::And || query->kind == TsNodeKind::Phrase;
  float result = all ? rank_all(weights, vector, *query) : rank_any(weights, vector, *query);
  if (result < 0) result = 1e-20f;
  int length = document_length(vector);
  double unique = vector.size();
  if ((method & kLogLength) != 0) result = static_cast<float>(result / (std::log(length + 1.0) / std::log(2.0)));
  if ((method & kLength) != 0 && length > 0) result /= static_cast<float>(length);
  if ((method & kUniqueWords) != 0) result /= static_cast<float>(unique);
  if ((method & kLogUniqueWords) != 0) result = static_cast<float>(result / (std::log(unique + 1) / std::log(2.0)));
  if ((method & kSelf) != 0) result /= (result + 1);
  return result;
}

float rank_by_covers(const RankWeights& weights, std::string_view vector_bytes, const TsNode* query, int method) {
  TsVectorView vector(vector_bytes);
  if (query == nullptr || vector.size() == 0) return 0;
  auto document = occurrences(vector, *query);
  if (document.empty()) return 0;
  double result = 0, distances = 0, previous = 0;
  int extents = 0;
  Cover cover;
  while (next_cover(document, *query, cover)) {
    double inverse = 0;
    for (size_t i = cover.begin; i <= cover.end; ++i) {
      inverse += 1.0 / static_cast<double>(weights[static_cast<size_t>(types::ts_weight(document[i].position))]);
    }
    auto words = static_cast<int>(cover.end - cover.begin);
    int noise = (cover.last - cover.first) - words;
    if (noise < 0) noise = words / 2;
    result += (words + 1.0) / inverse / (1.0 + noise);
    double middle = (cover.last + cover.first) / 2.0;
    if (extents > 0 && middle > previous) distances += 1.0 / (middle - previous);
    previous = middle;
    ++extents;
  }
  int length = document_length(vector);
  double unique = vector.size();
  if ((method & kLogLength) != 0) result /= std::log(length + 1.0);
  if ((method & kLength) != 0 && length > 0) result /= length;
  if ((method & kExtentDistance) != 0 && extents > 0 && distances > 0) result /= extents / distances;
  if ((method & kUniqueWords) != 0) result /= unique;
  if ((method & kLogUniqueWords) != 0) result /= std::log(unique + 1) / std::log(2.0);
  if ((method & kSelf) != 0) result /= result + 1;
  return static_cast<float>(result);
}

}  // namespace aegis::functions::text_search
