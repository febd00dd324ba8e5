#include "text_search/match.h"

#include <algorithm>
#include <climits>

namespace aegis::functions::text_search {

using types::TsNode;
using types::TsNodeKind;

namespace {

// Which places of two lists the result keeps.
enum Keep : int { kBoth = 1, kLeftOnly = 2, kRightOnly = 4 };

Match merge(const Places& left, const Places& right, int keep, int left_shift, int right_shift, Places* out) {
  size_t l = 0;
  size_t r = 0;
  bool any = false;
  while (l < left.at.size() || r < right.at.size()) {
    if (l == left.at.size() && (keep & kRightOnly) == 0) break;
    if (r == right.at.size() && (keep & kLeftOnly) == 0) break;
    int x = l < left.at.size() ? left.at[l] + left_shift : INT_MAX;
    int y = r < right.at.size() ? right.at[r] + right_shift : INT_MAX;
    int place = 0;
    if (x < y) {
      if ((keep & kLeftOnly) != 0) place = x;
      ++l;
    } else if (x == y) {
      if ((keep & kBoth) != 0) place = y;
      ++l;
      ++r;
    } else {
      if ((keep & kRightOnly) != 0) place = y;
      ++r;
    }
    if (place <= 0) continue;
    any = true;
    if (out == nullptr) break;
    out->at.push_back(place);
  }
  return any ? Match::Yes : Match::No;
}

Match match_places(const TsNode& node, MatchSource& source, Places* out);

Match match_not(const TsNode& node, MatchSource& source, Places* out) {
  switch (match_places(*node.right, source, out)) {
    case Match::No:
      out->negated = true;  // nowhere becomes everywhere
      return Match::Yes;
    case Match::Yes:
      if (!out->at.empty()) {
        out->negated = !out->negated;
        return Match::Yes;
      }
      out->negated = false;
      return Match::No;
    case Match::Maybe: break;
  }
  return Match::Maybe;
}

Match match_both(const TsNode& node, MatchSource& source, Places* out) {
  Places left, right;
  Match l = match_places(*node.left, source, &left);
  if (l == Match::No) return l;
  Match r = match_places(*node.right, source, &right);
  if (r == Match::No) return r;
  if (l == Match::Maybe || r == Match::Maybe) return Match::Maybe;
  int width = std::max(left.width, right.width);
  int left_shift = width - left.width;
  int right_shift = width - right.width;
  if (node.kind == TsNodeKind::Phrase) {
    left_shift = node.distance + right.width;
    right_shift = 0;
    width = node.distance + left.width + right.width;
  }
  if (out != nullptr) out->width = width;
  if (left.negated && right.negated) {
    merge(left, right, kBoth | kLeftOnly | kRightOnly, left_shift, right_shift, out);
    if (out != nullptr) out->negated = true;
    return Match::Yes;
  }
  int keep = left.negated ? kRightOnly : right.negated ? kLeftOnly : kBoth;
  return merge(left, right, keep, left_shift, right_shift, out);
}

Match match_either(const TsNode& node, MatchSource& source, Places* out) {
  Places left, right;
  Match l = match_places(*node.left, source, &left);
  Match r = match_places(*node.right, source, &right);
  if (l == Match::No && r == Match::No) return Match::No;
  if (l == Match::Maybe || r == Match::Maybe) return Match::Maybe;
  if (l == Match::No) left.width = 0;
  if (r == Match::No) right.width = 0;
  out->width = std::max(left.width, right.width);
  int left_shift = out->width - left.width;
  int right_shift = out->width - right.width;
  if (!left.negated && !right.negated) {
    return merge(left, right, kBoth | kLeftOnly | kRightOnly, left_shift, right_shift, out);
  }
  // not (the places where neither holds)
  int keep = left.negated && right.negated ? kBoth : left.negated ? kLeftOnly : kRightOnly;
  merge(left, right, keep, left_shift, right_shift, out);
  out->negated = true;
  return Match::Yes;
}

Match match_places(const TsNode& node, MatchSource& source, Places* out) {
  switch (node.kind) {
    case TsNodeKind::Word: return source.word(node, out);
    case TsNodeKind::Stop: return Match::No;
    case TsNodeKind::Not: return match_not(node, source, out);
    case TsNodeKind::And:
    case TsNodeKind::Phrase: return match_both(node, source, out);
    case TsNodeKind::Or: return match_either(node, source, out);
  }
  return Match::No;
}

}  // namespace

Match match(const TsNode& node, MatchSource& source, bool without_places) {
  switch (node.kind) {
    case TsNodeKind::Word: return source.word(node, nullptr);
    case TsNodeKind::Stop: return Match::No;
    case TsNodeKind::Not: {
      Match result = match(*node.right, source, without_places);
      return result == Match::Maybe ? result : result == Match::Yes ? Match::No : Match::Yes;
    }
    case TsNodeKind::And: {
      Match left = match(*node.left, source, without_places);
      if (left == Match::No) return left;
      Match right = match(*node.right, source, without_places);
      return right == Match::Yes ? left : right;
    }
    case TsNodeKind::Or: {
      Match left = match(*node.left, source, without_places);
      if (left == Match::Yes) return left;
      Match right = match(*node.right, source, without_places);
      return right == Match::No ? left : right;
    }
    case TsNodeKind::Phrase: {
      Match result = match_both(node, source, nullptr);
      return result == Match::Maybe && !without_places ? Match::No : result;
    }
  }
  return Match::No;
}

Match VectorSource::entry(uint32_t i, const TsNode& node, Places* places) const {
  uint32_t count = vector_.position_count(i);
  // Without places weights are not known either, and any will do.
  if (count == 0) return places != nullptr ? Match::Maybe : Match::Yes;
  if (node.weights == 0 && places == nullptr) return Match::Yes;
  bool any = false;
  for (uint32_t k = 0; k < count; ++k) {
    types::TsPosition position = vector_.position(i, k);
    if (node.weights != 0 && (node.weights & (1 << types::ts_weight(position))) == 0) continue;
    any = true;
    if (places == nullptr) break;
    places->at.push_back(types::ts_place(position));
  }
  return any ? Match::Yes : Match::No;
}

Match VectorSource::word(const TsNode& node, Places* places) {
  uint32_t i = vector_.lower_bound(node.text);
  if (!node.prefix) return i < vector_.size() && vector_.lexeme(i) == node.text ? entry(i, node, places) : Match::No;
  Match result = Match::No;
  for (; i < vector_.size() && vector_.lexeme(i).starts_with(node.text); ++i) {
    Match here = entry(i, node, places);
    if (here == Match::No) continue;
    result = here;
    if (places == nullptr && here == Match::Yes) break;
    if (places != nullptr && here == Match::Maybe) {
      places->at.clear();
      break;
    }
  }
  if (places != nullptr) {
    std::sort(places->at.begin(), places->at.end());
    places->at.erase(std::unique(places->at.begin(), places->at.end()), places->at.end());
  }
  return result;
}

}  // namespace aegis::functions::text_search
