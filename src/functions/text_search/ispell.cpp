// The template ispell: words and affixes of Ispell, MySpell and Hunspell files, with compound words.
#include <algorithm>
#include <map>
#include <mutex>

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"
#include "regex.h"
#include "text_search/dictionary.h"
#include "unicode.h"

namespace aegis::functions::text_search {

namespace {

// What a word or an affix may do in compound words; kOnly: nothing else.
enum Compound : int { kOnly = 1, kBegin = 2, kMiddle = 4, kLast = 8, kAnywhere = kBegin | kMiddle | kLast, kMask = 15, kPermit = 16, kForbid = 32, kCrossProduct = 64 };
enum class FlagMode : uint8_t { Character, Long, Number };

constexpr size_t kMaxWordBytes = 256;
constexpr size_t kMaxForms = 1024;

[[noreturn]] void throw_config(std::string message) { throw SqlError(Sqlstate::ConfigFileError, std::move(message)); }
[[noreturn]] void throw_parameter(std::string message) { throw SqlError(Sqlstate::InvalidParameterValue, std::move(message)); }

struct Affix {
  std::string flag;
  int compound = 0;
  bool suffix = false;
  std::string stripped;  // of the base word
  std::string added;
  std::shared_ptr<const Regex> mask;  // of the base word; null: any
};

struct Word {
  std::string text;
  std::string flag_text;
  std::vector<std::string> flags;
  int compound = 0;
};

std::vector<std::string> fields(std::string_view line) {
  std::vector<std::string> out;
  while (!(line = types::trim_space(line)).empty()) {
    size_t end = 0;
    while (end < line.size() && !types::is_space(line[end])) ++end;
    out.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return out;
}

class Ispell : public Dictionary {
 public:
  Ispell(std::span<const DictionaryOption> options, DictionarySource& source) {
    bool has_words = false, has_affixes = false, has_stops = false;
    for (const auto& [name, value] : options) {
      auto once = [](bool& given, const char* what) {
        if (given) throw_parameter(std::string("multiple ") + what + " parameters");
        given = true;
      };
      if (name == "dictfile") {
        once(has_words, "DictFile");
        read_words(source.read_file(value, "dict"));
      } else if (name == "afffile") {
        once(has_affixes, "AffFile");
        read_affixes(source.read_file(value, "affix"));
      } else if (name == "stopwords") {
        once(has_stops, "StopWords");
        stops_ = StopList(value, source);
      } else {
        throw_parameter("unrecognized Ispell parameter: \"" + name + "\"");
      }
    }
    if (!has_affixes) throw_parameter("missing AffFile parameter");
    if (!has_words) throw_parameter("missing DictFile parameter");
    sort_words();
    sort_affixes();
  }

  std::optional<Lexemes> lexize(std::string_view given, LexizeState&) const override {
    if (given.empty()) return std::nullopt;
    std::string word = lower(given);
    Lexemes lexemes;
    int variant = 1;
    for (std::string& form : base_forms(word, 0)) lexemes.push_back({std::move(form), variant++});
    if (uses_compounds_) add_compounds(word, variant, lexemes);
    if (lexemes.empty()) return std::nullopt;
    std::erase_if(lexemes, [&](const Lexeme& lexeme) { return stops_.contains(lexeme.text); });
    return lexemes;
  }

 private:
  // ---- Files ----

  void read_words(const std::string& content) {
    for_each_line(content, [&](std::string_view line) {
      Word word;
      size_t slash = line.find('/');
      if (slash != std::string_view::npos) {
        std::string_view flags = line.substr(slash + 1);
        size_t end = 0;
        while (end < flags.size() && flags[end] > ' ' && flags[end] < 0x7f) ++end;
        word.flag_text = flags.substr(0, end);
        line = line.substr(0, slash);
      }
      size_t end = 0;
      while (end < line.size() && !types::is_space(line[end])) ++end;
      if (end == 0) return;
      word.text = lower(line.substr(0, end));
      words_.push_back(std::move(word));
    });
  }

  static bool starts(std::string_view text, std::string_view with) { return text.starts_with(with); }

  void read_affixes(const std::string& content) {
    bool hunspell = false;
    for_each_line(content, [&](std::string_view line) {
      for (std::string_view word : {"COMPOUNDFLAG", "COMPOUNDMIN", "PFX", "SFX"}) hunspell = hunspell || starts(line, word);
    });
    if (hunspell) {
      read_hunspell_settings(content);
      read_hunspell_affixes(content);
    } else {
      read_ispell_affixes(content);
    }
  }

  void read_ispell_affixes(const std::string& content) {
    bool suffixes = false, prefixes = false;
    std::string flag;
    int compound = 0;
    for_each_line(content, [&](std::string_view line) {
      if (line.empty() || types::is_space(line[0]) ? types::trim_space(line).empty() : line[0] == '#') return;
      std::string folded = lower(line);
      if (starts(folded, "compoundwords")) {
        size_t at = line.find_first_of("lL");
        if (at == std::string_view::npos) return;
        auto rest = fields(line.substr(at));
        if (rest.size() > 1 && rest[1].size() == 1) add_compound_flag(rest[1], kAnywhere);
      } else if (starts(folded, "suffixes") || starts(folded, "prefixes")) {
        suffixes = folded[0] == 's';
        prefixes = !suffixes;
      } else if (starts(folded, "flag")) {
        std::string_view rest = types::trim_space(line.substr(4));
        compound = starts(rest, "*") ? kCrossProduct : starts(rest, "~") ? kOnly : 0;
        if (compound != 0) rest.remove_prefix(1);
        if (starts(rest, "\\")) rest.remove_prefix(1);
        flag = rest.substr(0, 1);
      } else if (suffixes || prefixes) {
        add_ispell_rule(folded, flag, compound, suffixes);
      }
    });
  }

  // "mask > -stripped,added"
  void add_ispell_rule(std::string_view line, const std::string& flag, int compound, bool suffix) {
    line = line.substr(0, line.find('#'));
    size_t arrow = line.find('>');
    if (arrow == std::string_view::npos) return;
    auto squeeze = [](std::string_view text) {
      std::string out;
      for (char c : text) {
        if (!types::is_space(c)) out += c;
      }
      return out;
    };
    std::string mask = squeeze(line.substr(0, arrow));
    std::string change = squeeze(line.substr(arrow + 1));
    std::string stripped;
    if (starts(change, "-")) {
      size_t comma = change.find(',');
      stripped = change.substr(1, comma == std::string::npos ? std::string::npos : comma - 1);
      change = comma == std::string::npos ? "" : change.substr(comma + 1);
    }
    if (mask.empty() || (stripped.empty() && change.empty())) return;
    add_affix(flag, compound, mask, stripped, change, suffix);
  }

  void read_hunspell_settings(const std::string& content) {
    for_each_line(content, [&](std::string_view line) {
      auto parts = fields(line);
      if (parts.size() < 2 || parts[0][0] == '#') return;
      struct Setting {
        const char* name;
        int value;
      };
      for (auto [name, value] : {Setting{"COMPOUNDFLAG", kAnywhere}, {"COMPOUNDBEGIN", kBegin}, {"COMPOUNDLAST", kLast}, {"COMPOUNDEND", kLast},
                                 {"COMPOUNDMIDDLE", kMiddle}, {"ONLYINCOMPOUND", kOnly}, {"COMPOUNDPERMITFLAG", kPermit},
                                 {"COMPOUNDFORBIDFLAG", kForbid}}) {
        if (parts[0] == name) add_compound_flag(parts[1], value);
      }
      if (parts[0] != "FLAG") return;
      if (parts[1] == "long") {
        mode_ = FlagMode::Long;
      } else if (parts[1] == "num") {
        mode_ = FlagMode::Number;
      } else if (parts[1] != "default") {
        throw_config("Ispell dictionary supports only \"default\", \"long\", and \"num\" flag values");
      }
    });
  }

  void read_hunspell_affixes(const std::string& content) {
    size_t alias_count = 0;
    bool suffix = false;
    int cross = 0;
    for_each_line(content, [&](std::string_view line) {
      auto parts = fields(line);
      if (parts.size() < 2 || parts[0][0] == '#') return;
      std::string type = lower(parts[0]);
      if (starts(type, "af")) {
        if (aliases_.empty()) {
          int count = std::atoi(parts[1].c_str());
          if (count <= 0) throw_config("invalid number of flag vector aliases");
          alias_count = static_cast<size_t>(count) + 1;
          aliases_.emplace_back();
        } else if (aliases_.size() < alias_count) {
          aliases_.push_back(parts[1]);
        } else {
          throw_config("number of aliases exceeds specified number " + std::to_string(alias_count - 1));
        }
        return;
      }
      if (parts.size() < 4 || (!starts(type, "sfx") && !starts(type, "pfx"))) return;
      const std::string& flag = parts[1];
      if ((flag.size() > 1 && mode_ == FlagMode::Character) || (flag.size() > 2 && mode_ == FlagMode::Long)) return;
      bool is_header = parts.size() == 4 || parts[4][0] == '#';
      if (is_header) {
        suffix = starts(type, "sfx");
        cross = starts(parts[2], "y") || starts(parts[2], "Y") ? kCrossProduct : 0;
        return;
      }
      std::string added = parts[3];
      int compound = 0;
      if (size_t slash = added.find('/'); slash != std::string::npos) {
        compound = compound_of(flags_of(alias(added.substr(slash + 1))));
        added.resize(slash);
      }
      std::string stripped = starts(parts[2], "0") ? "" : lower(parts[2]);
      add_affix(flag, cross | compound, lower(parts[4]), stripped, starts(added, "0") ? "" : lower(added), suffix);
    });
  }

  void add_compound_flag(const std::string& text, int value) {
    std::string flag = mode_ == FlagMode::Number ? std::to_string(std::atoi(text.c_str())) : text;
    compound_flags_[flag] |= value;
    uses_compounds_ = true;
  }

  void add_affix(const std::string& flag, int compound, const std::string& mask, const std::string& stripped, const std::string& added, bool suffix) {
    Affix affix;
    affix.flag = flag;
    affix.compound = compound;
    if ((compound & (kOnly | kPermit)) != 0 && (compound & kAnywhere) == 0) affix.compound |= kAnywhere;
    affix.suffix = suffix;
    affix.stripped = stripped;
    affix.added = added;
    if (!mask.empty() && mask != ".") affix.mask = std::make_shared<Regex>(suffix ? mask + "$" : "^" + mask, RegexFlags());
    affixes_.push_back(std::move(affix));
  }

  // ---- Flags ----

  // With aliases, a set is a number.
  const std::string& alias(const std::string& text) const {
    if (aliases_.empty() || text.empty()) return text;
    char* end = nullptr;
    long number = std::strtol(text.c_str(), &end, 10);
    bool valid = end != text.c_str() && number >= 0 && static_cast<size_t>(number) < aliases_.size() && (*end == '\0' || types::is_space(*end));
    if (!valid) throw_config("invalid affix alias \"" + text + "\"");
    return aliases_[static_cast<size_t>(number)];
  }

  std::vector<std::string> flags_of(const std::string& text) const {
    std::vector<std::string> flags;
    switch (mode_) {
      case FlagMode::Character:
        for (size_t at = 0; at < text.size(); at += types::utf8_bytes(text[at])) flags.push_back(text.substr(at, types::utf8_bytes(text[at])));
        break;
      case FlagMode::Long:
        if (text.size() % 2 != 0) throw_config("invalid affix flag \"" + text.substr(text.size() - 1) + "\" with \"long\" flag value");
        for (size_t at = 0; at < text.size(); at += 2) flags.push_back(text.substr(at, 2));
        break;
      case FlagMode::Number:
        for (size_t at = 0; at < text.size();) {
          size_t end = at;
          while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
          if (end == at) throw_config("invalid affix flag \"" + text.substr(at) + "\"");
          int number = std::atoi(text.substr(at, std::min<size_t>(end - at, 7)).c_str());
          if (number > 65000) throw_config("affix flag \"" + text.substr(at) + "\" is out of range");
          flags.push_back(std::to_string(number));
          if (end < text.size() && text[end] != ',') throw_config("invalid character in affix flag \"" + text.substr(end) + "\"");
          at = end + 1;
        }
        break;
    }
    return flags;
  }

  int compound_of(const std::vector<std::string>& flags) const {
    int compound = 0;
    for (const std::string& flag : flags) {
      if (auto found = compound_flags_.find(flag); found != compound_flags_.end()) compound |= found->second;
    }
    return compound;
  }

  void sort_words() {
    for (Word& word : words_) word.flag_text = alias(word.flag_text);
    std::stable_sort(words_.begin(), words_.end(), [](const Word& a, const Word& b) { return a.text < b.text; });
    std::vector<Word> joined;
    for (Word& word : words_) {
      word.flags = flags_of(word.flag_text);
      word.compound = compound_of(word.flags);
      bool again = !joined.empty() && joined.back().text == word.text;
      bool only_once = false;
      if (again) {
        Word& before = joined.back();
        only_once = before.flag_text != word.flag_text && (before.compound & word.compound & kOnly) == 0;
        before.flags.insert(before.flags.end(), word.flags.begin(), word.flags.end());
        before.flag_text += "," + word.flag_text;
      } else {
        joined.push_back(std::move(word));
      }
      Word& kept = joined.back();
      kept.compound = compound_of(kept.flags);
      if ((kept.compound & kOnly) != 0 && (kept.compound & kAnywhere) == 0) kept.compound |= kAnywhere;
      if (only_once) kept.compound &= ~kOnly;
    }
    words_ = std::move(joined);
  }

  void sort_affixes() {
    // The order in which PostgreSQL's trees give them: short ones first.
    std::stable_sort(affixes_.begin(), affixes_.end(), [](const Affix& a, const Affix& b) {
      if (a.suffix != b.suffix) return !a.suffix;
      return a.added.size() < b.added.size();
    });
    for (const Affix& affix : affixes_) {
      bool in_use = std::any_of(words_.begin(), words_.end(), [&](const Word& word) { return has_flag(word, affix.flag); });
      if ((affix.compound & kAnywhere) == 0 || affix.added.empty() || !in_use) continue;
      // One that another begins or ends with stands for both.
      bool covered = std::any_of(joints_.begin(), joints_.end(), [&](const Affix* other) {
        return other->suffix == affix.suffix && (affix.suffix ? affix.added.ends_with(other->added) : affix.added.starts_with(other->added));
      });
      if (!covered) joints_.push_back(&affix);
    }
  }

  static bool has_flag(const Word& word, const std::string& flag) {
    return flag.empty() || std::find(word.flags.begin(), word.flags.end(), flag) != word.flags.end();
  }

  // ---- Base forms ----

  // `part`: which part of a compound word it is; 0: a word of its own.
  bool is_word(const std::string& text, const std::string& flag, int part) const {
    auto found = std::lower_bound(words_.begin(), words_.end(), text, [](const Word& a, const std::string& b) { return a.text < b; });
    if (found == words_.end() || found->text != text) return false;
    part &= kMask;
    if (part == 0 ? (found->compound & kOnly) != 0 : (found->compound & part) == 0) return false;
    return has_flag(*found, flag);
  }

  static bool may_stand(const Affix& affix, int part) {
    if (part == 0) return (affix.compound & kOnly) == 0;
    if ((affix.compound & kForbid) != 0) return false;
    if ((part & kBegin) != 0) return (affix.compound & kBegin) != 0 || !affix.suffix;
    if ((part & kMiddle) != 0) return (affix.compound & kMiddle) != 0;
    return (affix.compound & kLast) != 0 || affix.suffix;
  }

  // The word without the affix; `unchanged`: how much of it is the base's own.
  bool remove_affix(const std::string& word, const Affix& affix, int part, size_t* unchanged, std::string& base) const {
    bool fits = affix.suffix ? word.ends_with(affix.added) : word.starts_with(affix.added);
    if (!fits || !may_stand(affix, part)) return false;
    if (affix.suffix) {
      if (unchanged != nullptr) *unchanged = word.size() - affix.added.size();
      base = word.substr(0, word.size() - affix.added.size()) + affix.stripped;
    } else {
      if (unchanged != nullptr && *unchanged + affix.stripped.size() <= affix.added.size()) return false;
      base = affix.stripped + word.substr(affix.added.size());
    }
    if (affix.mask == nullptr) return true;
    std::lock_guard lock(mask_mutex_);
    return affix.mask->matches(base);
  }

  std::vector<std::string> base_forms(const std::string& word, int part) const {
    std::vector<std::string> forms;
    if (word.size() > kMaxWordBytes) return forms;
    auto add = [&](const std::string& form) {
      if (forms.size() < kMaxForms - 1 && (forms.empty() || forms.back() != form)) forms.push_back(form);
    };
    if (is_word(word, "", part)) add(word);
    std::string base, inner;
    for (const Affix& prefix : affixes_) {
      if (!prefix.suffix && remove_affix(word, prefix, part, nullptr, base) && is_word(base, prefix.flag, part)) add(base);
    }
    for (const Affix& suffix : affixes_) {
      size_t unchanged = 0;
      if (!suffix.suffix || !remove_affix(word, suffix, part, &unchanged, base)) continue;
      if (is_word(base, suffix.flag, part)) add(base);
      for (const Affix& prefix : affixes_) {
        if (prefix.suffix || !remove_affix(base, prefix, part, &unchanged, inner)) continue;
        bool cross = (prefix.compound & suffix.compound & kCrossProduct) != 0;
        if (is_word(inner, cross ? "" : prefix.flag, part)) add(inner);
      }
    }
    return forms;
  }

  // ---- Compound words ----

  using Stems = std::vector<std::string>;

  void add_compounds(const std::string& word, int variant, Lexemes& lexemes) const {
    std::vector<Stems> ways;
    split({0, words_.size(), 0}, {}, word, 0, -1, ways, 0);
    for (const Stems& stems : ways) {
      if (stems.size() < 2) continue;
      for (std::string& last : base_forms(stems.back(), kLast)) {
        for (size_t i = 0; i + 1 < stems.size(); ++i) lexemes.push_back({stems[i], variant});
        lexemes.push_back({std::move(last), variant});
        ++variant;
      }
    }
  }

  // The words that begin with the `depth` bytes read.
  struct Range {
    size_t from, to, depth;
  };
  Range narrow(Range range, char c) const {
    auto byte = [&](const Word& word) { return word.text.size() > range.depth ? static_cast<unsigned char>(word.text[range.depth]) + 1 : 0; };
    int wanted = static_cast<unsigned char>(c) + 1;
    auto begin = words_.begin() + static_cast<ptrdiff_t>(range.from), end = words_.begin() + static_cast<ptrdiff_t>(range.to);
    auto low = std::lower_bound(begin, end, wanted, [&](const Word& word, int value) { return byte(word) < value; });
    auto high = std::upper_bound(low, end, wanted, [&](int value, const Word& word) { return value < byte(word); });
    return {static_cast<size_t>(low - words_.begin()), static_cast<size_t>(high - words_.begin()), range.depth + 1};
  }

  // Bytes that a joint adds to the word before it, -1 when none is left; `at` moves behind it.
  int next_joint(size_t& at, std::string_view rest, bool in_place) const {
    while (at < joints_.size()) {
      const Affix& joint = *joints_[at++];
      size_t size = joint.added.size();
      if (rest.size() <= size) continue;
      size_t found = in_place ? (rest.starts_with(joint.added) ? 0 : std::string_view::npos) : rest.find(joint.added);
      if (found == std::string_view::npos) continue;
      return joint.suffix ? static_cast<int>(size + found) : 0;
    }
    return -1;
  }

  static int part_of(bool first, bool last) { return first ? kBegin : last ? kLast : kMiddle; }

  // All ways to read the word as a row of words, appended to `ways`. `range` has the words met since `start`; those of up
  // to `shortest` bytes are known already.
  void split(Range range, Stems stems, const std::string& word, size_t start, int shortest, std::vector<Stems>& ways, int depth) const {
    if (depth > 64 || ways.size() > kMaxForms) return;
    std::vector<bool> tried(word.size());
    size_t own = ways.size();
    ways.emplace_back();  // its place; filled when it is known
    size_t level = range.depth == 0 ? start : static_cast<size_t>(shortest);
    bool dead = false;
    while (level < word.size()) {
      size_t joint = 0;
      for (int extra; level > start && (extra = next_joint(joint, std::string_view(word).substr(level), !dead)) >= 0;) {
        size_t size = level - start + static_cast<size_t>(extra);
        if (size == 0 || tried[start + size - 1] || static_cast<int>(level + size) - 1 <= shortest || size >= kMaxWordBytes) continue;
        auto forms = base_forms(word.substr(start, size), part_of(level == 0, level == word.size() - 1));
        if (forms.empty()) continue;
        tried[start + size - 1] = true;
        Stems longer = stems;
        longer.insert(longer.end(), forms.begin(), forms.end());
        split({0, words_.size(), 0}, std::move(longer), word, start + size, static_cast<int>(start + size), ways, depth + 1);
      }
      if (dead) break;
      Range next = narrow(range, word[level]);
      if (next.from == next.to) {
        dead = true;
        ++level;
        continue;
      }
      const Word& first = words_[next.from];
      int part = part_of(start == 0, level == word.size() - 1);
      bool is_part = first.text.size() == next.depth && (first.compound & part) != 0 && !tried[level];
      if (is_part && static_cast<int>(level) > shortest) {
        if (level + 1 == word.size()) break;
        // Longer words that begin at the same place, and then what comes behind this one.
        split(range, stems, word, start, static_cast<int>(level), ways, depth + 1);
        ++level;
        stems.push_back(word.substr(start, level - start));
        range = {0, words_.size(), 0};
        start = level;
        continue;
      }
      range = next;
      ++level;
    }
    stems.push_back(word.substr(start));
    ways[own] = std::move(stems);
  }

  StopList stops_;
  std::vector<Word> words_;
  std::vector<Affix> affixes_;
  std::vector<const Affix*> joints_;  // affixes between the words of a compound
  std::map<std::string, int> compound_flags_;
  std::vector<std::string> aliases_;
  FlagMode mode_ = FlagMode::Character;
  bool uses_compounds_ = false;
  mutable std::mutex mask_mutex_;  // a regular expression is matched by one thread at a time
};

}  // namespace

std::shared_ptr<const Dictionary> load_ispell(std::span<const DictionaryOption> options, DictionarySource& source) {
  return std::make_shared<Ispell>(options, source);
}

}  // namespace aegis::functions::text_search
