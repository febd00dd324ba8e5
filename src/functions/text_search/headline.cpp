#include "text_search/headline.h"

#include <algorithm>
#include <climits>

#include "aegis/types/encoding.h"
#include "text_search/lexize.h"
#include "text_search/match.h"
#include "text_search/options.h"

namespace aegis::functions::text_search {

using types::TsNode;
using types::TsNodeKind;

namespace {

struct Word {
  std::string_view text;
  int type = 0;
  int place = 0;
  const TsNode* asked = nullptr;  // the query's word that it is
  bool repeated = false;          // the same word once more, as another of the query's words
  bool shown = false;
  bool marked = false;
  bool blanked = false;  // a tag, shown as a blank
  bool skipped = false;  // shown by its parts
};

bool is_composite(int type) { return type == kUrl || type == kNumHword || type == kAsciiHword || type == kHword; }
bool is_no_word(int type) { return type == kBlank || type == kTag || is_composite(type); }
bool is_no_end(int type) {
  return is_no_word(type) || type == kScientific || type == kVersion || type == kFloat || type == kInt || type == kUint ||
         type == kProtocol || type == kEntity;
}

void collect_words(const TsNode& node, std::vector<const TsNode*>& words) {
  if (node.kind == TsNodeKind::Word) words.push_back(&node);
  if (node.right != nullptr) collect_words(*node.right, words);
  if (node.left != nullptr) collect_words(*node.left, words);
}

// The words of a stretch of the text, for match().
class Stretch : public MatchSource {
 public:
  Stretch(const Word* words, size_t count) : words_(words), count_(count) {}
  Match word(const TsNode& node, Places* places) override {
    bool any = false;
    for (size_t i = 0; i < count_; ++i) {
      if (words_[i].asked != &node) continue;
      any = true;
      if (places == nullptr) break;
      if (places->at.empty() || places->at.back() < words_[i].place) places->at.push_back(words_[i].place);
    }
    return any ? Match::Yes : Match::No;
  }

 private:
  const Word* words_;
  size_t count_;
};

class Headline {
 public:
  Headline(const TsNode* query, const HeadlineOptions& options) : query_(query), options_(options) {
    if (query != nullptr) collect_words(*query, asked_);
    max_cover_ = std::max(options.max_words * 10, 100);
    if (options.max_fragments > 0) max_cover_ *= options.max_fragments;
  }

  void read(const Configuration& configuration, Services& services, std::string_view text) {
    TextParser parser(text);
    Lexizer lexizer(configuration, services);
    ParsedToken parsed;
    do {
      Token type = kNoToken;
      parsed = {};
      if (parser.next(type, parsed.text)) {
        parsed.type = type;
        if (!is_indexable(services, parsed.text)) continue;
      }
      lexizer.add(parsed);
      std::optional<Lexemes> lexemes;
      do {
        std::vector<ParsedToken> used;
        lexemes = lexizer.next(&used);
        if (lexemes) ++place_;
        add(used, lexemes);
      } while (lexemes);
    } while (parsed.type != 0);
  }

  std::string text() {
    if (options_.highlight_all) {
      show(0, static_cast<int>(words_.size()) - 1);
    } else if (options_.max_fragments == 0) {
      choose_stretch();
    }
    if (options_.max_fragments > 0) choose_fragments();
    return render();
  }

 private:
  void add(const std::vector<ParsedToken>& tokens, const std::optional<Lexemes>& lexemes) {
    for (const ParsedToken& token : tokens) {
      if (token.type > 0) {
        Word word;
        word.text = token.text;
        word.type = token.type;
        words_.push_back(word);
      }
      int place = place_;
      for (size_t i = 0; lexemes && i < lexemes->size(); ++i) {
        if ((*lexemes)[i].adds_position) ++place;
        find(place, (*lexemes)[i].text);
      }
    }
    for (size_t i = 0; lexemes && i < lexemes->size(); ++i) place_ += (*lexemes)[i].adds_position;
  }

  void find(int place, const std::string& lexeme) {
    if (words_.empty()) return;
    size_t at = words_.size() - 1;
    words_[at].place = std::min(place, types::kTsMaxPosition);
    for (const TsNode* asked : asked_) {
      bool same = asked->prefix ? lexeme.starts_with(asked->text) : lexeme == asked->text;
      if (!same) continue;
      if (words_[at].asked == nullptr) {
        words_[at].asked = asked;
        continue;
      }
      Word again = words_[at];
      again.asked = asked;
      again.repeated = true;
      words_.push_back(again);
    }
  }

  int size() const { return static_cast<int>(words_.size()); }
  const Word& word(int i) const { return words_[static_cast<size_t>(i)]; }
  bool counts(int i) const { return !is_no_word(word(i).type); }
  bool is_interesting(int i) const { return word(i).asked != nullptr && !word(i).repeated; }
  bool is_bad_end(int i) const {
    return (is_no_end(word(i).type) || static_cast<int>(word(i).text.size()) <= options_.short_word) && !is_interesting(i);
  }
  int next_asked(int from) const {
    for (int i = from; i < size(); ++i) {
      if (word(i).asked != nullptr) return i;
    }
    return -1;
  }

  // The earliest and shortest stretch from `first` on that answers the query.
  bool find_cover(int& first, int& last) const {
    if (query_ == nullptr) return false;
    int from = next_asked(first);
    while (from >= 0) {
      int following = -1;
      int to = from;
      do {
        Stretch stretch(&words_[static_cast<size_t>(from)], static_cast<size_t>(to - from + 1));
        if (match(*query_, stretch) != Match::No) {
          first = from;
          last = to;
          return true;
        }
        int next = next_asked(to + 1);
        if (to == from) following = next;
        to = next;
      } while (to >= 0 && to - from < max_cover_);
      from = following;
    }
    return false;
  }

  void show(int first, int last) {
    for (int i = first; i <= last; ++i) {
      Word& word = words_[static_cast<size_t>(i)];
      if (word.asked != nullptr) word.marked = true;
      if (!options_.highlight_all && word.type == kTag) word.blanked = true;
      if (is_composite(word.type)) word.skipped = true;
      word.shown = !word.repeated;
    }
  }

  void show_beginning() {
    int count = 0;
    int last = -1;
    for (int i = 0; i < size() && count < options_.min_words; ++i) {
      count += counts(i);
      last = i;
    }
    show(0, last);
  }

  struct Candidate {
    int begin = -1, end = -1;
    int interesting = -1;
    bool whole = false;  // has all of the cover
  };

  void choose_stretch() {
    Candidate best;
    for (int first = 0, last = 0; find_cover(first, last); ++first) {
      Candidate candidate = grow(first, last);
      bool better = candidate.whole > best.whole || (candidate.whole == best.whole && candidate.interesting > best.interesting) ||
                    (candidate.whole == best.whole && candidate.interesting == best.interesting && !is_bad_end(candidate.end) &&
                     is_bad_end(best.end));
      if (better) best = candidate;
    }
    if (best.interesting < 0) return show_beginning();
    show(best.begin, best.end);
  }

  // A headline around a cover, of the size asked for and with a good end if there is one.
  Candidate grow(int first, int last) const {
    Candidate candidate{first, first, 0, false};
    int count = 0;
    int i = first;
    auto take = [&](int at) {
      count += counts(at);
      candidate.interesting += is_interesting(at);
    };
    for (; i <= last && count < options_.max_words; ++i) {
      take(i);
      candidate.end = i;
    }
    if (count < options_.max_words) {
      for (--i; i < size() && count < options_.max_words; ++i) {
        if (i > last) take(i);
        candidate.end = i;
        if (!is_bad_end(i) && count >= options_.min_words) break;
      }
      if (count < options_.min_words) candidate.begin = grow_left(first, count, candidate.interesting);
    } else {
      for (i = std::min(i, last); count > options_.min_words && is_bad_end(i); --i) {
        count -= counts(i);
        candidate.interesting -= is_interesting(i);
        candidate.end = i - 1;
      }
    }
    candidate.whole = candidate.begin <= first && candidate.end >= last;
    return candidate;
  }

  int grow_left(int first, int& count, int& interesting) const {
    int i = first - 1;
    for (; i >= 0; --i) {
      count += counts(i);
      interesting += is_interesting(i);
      if (count >= options_.max_words) break;
      if (!is_bad_end(i) && count >= options_.min_words) break;
    }
    return std::max(i, 0);
  }

  struct Fragment {
    int begin, end;
    int words, interesting;
    bool chosen = false, excluded = false;
  };

  // The first fragment of begin..end with words asked for at both ends and no more than max_words.
  Fragment cut_fragment(int begin, int end) const {
    Fragment fragment{begin, end, 0, 0};
    for (int i = begin; i <= end; ++i) {
      fragment.begin = i;
      if (is_interesting(i)) break;
    }
    int i = fragment.begin;
    for (; i <= end && fragment.words < options_.max_words; ++i) {
      fragment.words += counts(i);
      fragment.interesting += is_interesting(i);
    }
    if (end > i) {
      fragment.end = i;
      for (; i >= fragment.begin; --i) {
        fragment.end = i;
        if (is_interesting(i)) break;
        fragment.words -= counts(i);
      }
    }
    return fragment;
  }

  std::vector<Fragment> find_fragments() const {
    std::vector<Fragment> fragments;
    for (int first = 0, last = 0; find_cover(first, last); ++first) {
      for (int begin = first; begin <= last;) {
        fragments.push_back(cut_fragment(begin, last));
        begin = fragments.back().end + 1;
      }
    }
    return fragments;
  }

  // Makes a fragment longer on both sides, up to what is shown already.
  void stretch(Fragment& fragment) const {
    if (fragment.words >= options_.max_words) return;
    int room = (options_.max_words - fragment.words) / 2;
    int stretched = 0;
    int mark = fragment.begin;
    for (int i = fragment.begin - 1; i >= 0 && stretched < room && !word(i).shown; --i) {
      fragment.words += counts(i);
      stretched += counts(i);
      mark = i;
    }
    for (; mark < fragment.begin && is_bad_end(mark); ++mark) fragment.words -= counts(mark);
    fragment.begin = mark;
    mark = fragment.end;
    for (int i = fragment.end + 1; i < size() && fragment.words < options_.max_words && !word(i).shown; ++i) {
      fragment.words += counts(i);
      mark = i;
    }
    for (; mark > fragment.end && is_bad_end(mark); --mark) fragment.words -= counts(mark);
    fragment.end = mark;
  }

  void choose_fragments() {
    auto fragments = find_fragments();
    bool any = false;
    for (int f = 0; f < options_.max_fragments; ++f) {
      Fragment* best = nullptr;
      int most = 0, fewest = INT_MAX;
      for (Fragment& fragment : fragments) {
        if (fragment.chosen || fragment.excluded) continue;
        if (most < fragment.interesting || (most == fragment.interesting && fewest > fragment.words)) {
          most = fragment.interesting;
          fewest = fragment.words;
          best = &fragment;
        }
      }
      if (best == nullptr) break;
      best->chosen = any = true;
      stretch(*best);
      show(best->begin, best->end);
      for (Fragment& other : fragments) {
        if (&other != best && other.begin <= best->end && other.end >= best->begin) other.excluded = true;
      }
    }
    if (!any) show_beginning();
  }

  std::string render() const {
    std::string out;
    bool within = false;
    int fragments = 0;
    for (const Word& word : words_) {
      if (word.repeated) continue;
      if (!word.shown) {
        within = false;
        continue;
      }
      if (!within && ++fragments > 1) out += options_.delimiter;
      within = true;
      if (word.blanked) {
        out += ' ';
      } else if (!word.skipped) {
        if (word.marked) out += options_.start;
        out += word.text;
        if (word.marked) out += options_.stop;
      }
    }
    return out;
  }

  const TsNode* query_;
  const HeadlineOptions& options_;
  std::vector<const TsNode*> asked_;
  std::vector<Word> words_;
  int place_ = 0;
  int max_cover_ = 0;
};

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return (x >= 'A' && x <= 'Z' ? x + 32 : x) == (y >= 'A' && y <= 'Z' ? y + 32 : y);
         });
}

bool is_true(std::string_view value) {
  for (std::string_view text : {"1", "on", "true", "t", "y", "yes"}) {
    if (same_name(text, value)) return true;
  }
  return false;
}

int integer(std::string_view value) {
  return static_cast<int>(types::parse_integer(types::trim_space(value), INT32_MIN, INT32_MAX, "integer"));
}

}  // namespace

HeadlineOptions parse_headline_options(std::string_view text) {
  HeadlineOptions options;
  for (const DictionaryOption& option : parse_options(text)) {
    const std::string& value = option.value;
    if (same_name(option.name, "MaxWords")) {
      options.max_words = integer(value);
    } else if (same_name(option.name, "MinWords")) {
      options.min_words = integer(value);
    } else if (same_name(option.name, "ShortWord")) {
      options.short_word = integer(value);
    } else if (same_name(option.name, "MaxFragments")) {
      options.max_fragments = integer(value);
    } else if (same_name(option.name, "StartSel")) {
      options.start = value;
    } else if (same_name(option.name, "StopSel")) {
      options.stop = value;
    } else if (same_name(option.name, "FragmentDelimiter")) {
      options.delimiter = value;
    } else if (same_name(option.name, "HighlightAll")) {
      options.highlight_all = is_true(value);
    } else {
      throw SqlError(Sqlstate::InvalidParameterValue, "unrecognized headline parameter: \"" + option.name + "\"");
    }
  }
  auto limit = [](const std::string& value, const char* name) {
    if (value.size() < 32767) return;
    throw SqlError(Sqlstate::InvalidParameterValue, std::string("value for \"") + name + "\" is too long");
  };
  limit(options.start, "StartSel");
  limit(options.stop, "StopSel");
  limit(options.delimiter, "FragmentDelimiter");
  if (options.highlight_all) return options;
  auto require = [](bool holds, const char* message) {
    if (!holds) throw SqlError(Sqlstate::InvalidParameterValue, message);
  };
  require(options.min_words < options.max_words, "MinWords should be less than MaxWords");
  require(options.min_words > 0, "MinWords should be positive");
  require(options.short_word >= 0, "ShortWord should be >= 0");
  require(options.max_fragments >= 0, "MaxFragments should be >= 0");
  return options;
}

std::string headline(const Configuration& configuration, Services& services, std::string_view text, const TsNode* query,
                     const HeadlineOptions& options) {
  Headline headline(query, options);
  headline.read(configuration, services, text);
  return headline.text();
}

}  // namespace aegis::functions::text_search
