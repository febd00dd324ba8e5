// Generates TPC-H data by the specification (revision 3.0.1, clause 4.2): its tables, cardinalities, value
// distributions, keys and text grammar. The random streams are our own, so rows differ from dbgen's.
//
//   tpch_data DIRECTORY [SCALE_FACTOR]     writes DIRECTORY/<table>.tbl, columns separated by '|'
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

// SplitMix64: one stream a table, so that tables can be made apart.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  // Uniform in [low, high].
  int64_t between(int64_t low, int64_t high) { return low + static_cast<int64_t>(next() % static_cast<uint64_t>(high - low + 1)); }
  template <size_t N>
  const char* pick(const char* const (&list)[N]) { return list[next() % N]; }

 private:
  uint64_t state_;
};

const char* const kColors[] = {
    "almond", "antique", "aquamarine", "azure", "beige", "bisque", "black", "blanched", "blue", "blush", "brown", "burlywood", "burnished",
    "chartreuse", "chiffon", "chocolate", "coral", "cornflower", "cornsilk", "cream", "cyan", "dark", "deep", "dim", "dodger", "drab",
    "firebrick", "floral", "forest", "frosted", "gainsboro", "ghost", "goldenrod", "green", "grey", "honeydew", "hot", "indian", "ivory",
    "khaki", "lace", "lavender", "lawn", "lemon", "light", "lime", "linen", "magenta", "maroon", "medium", "metallic", "midnight", "mint",
    "misty", "moccasin", "navajo", "navy", "olive", "orange", "orchid", "pale", "papaya", "peach", "peru", "pink", "plum", "powder", "puff",
    "purple", "red", "rose", "rosy", "royal", "saddle", "salmon", "sandy", "seashell", "sienna", "sky", "slate", "smoke", "snow", "spring",
    "steel", "tan", "thistle", "tomato", "turquoise", "violet", "wheat", "white", "yellow"};
const char* const kTypeSize[] = {"STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"};
const char* const kTypeFinish[] = {"ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"};
const char* const kTypeMetal[] = {"TIN", "NICKEL", "BRASS", "STEEL", "COPPER"};
const char* const kContainerSize[] = {"SM", "LG", "MED", "JUMBO", "WRAP"};
const char* const kContainerKind[] = {"CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"};
const char* const kSegments[] = {"AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"};
const char* const kPriorities[] = {"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"};
const char* const kInstructions[] = {"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"};
const char* const kModes[] = {"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"};
const char* const kRegions[] = {"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"};
struct Nation {
  const char* name;
  int region;
};
const Nation kNations[] = {{"ALGERIA", 0},    {"ARGENTINA", 1}, {"BRAZIL", 1},  {"CANADA", 1},       {"EGYPT", 4},         {"ETHIOPIA", 0}, {"FRANCE", 3},
                           {"GERMANY", 3},    {"INDIA", 2},     {"INDONESIA", 2}, {"IRAN", 4},       {"IRAQ", 4},          {"JAPAN", 2},    {"JORDAN", 4},
                           {"KENYA", 0},      {"MOROCCO", 0},   {"MOZAMBIQUE", 0}, {"PERU", 1},      {"CHINA", 2},         {"ROMANIA", 3},  {"SAUDI ARABIA", 4},
                           {"VIETNAM", 2},    {"RUSSIA", 3},    {"UNITED KINGDOM", 3}, {"UNITED STATES", 1}};
const char* const kNouns[] = {"foxes", "ideas", "theodolites", "pinto beans", "instructions", "dependencies", "excuses", "platelets", "asymptotes", "courts",
                              "dolphins", "multipliers", "sauternes", "warthogs", "frets", "dinos", "attainments", "somas", "Tiresias", "patterns", "forges",
                              "braids", "hockey players", "frays", "warhorses", "dugouts", "notornis", "epitaphs", "pearls", "tithes", "waters", "orbits",
                              "gifts", "sheaves", "depths", "sentiments", "decoys", "realms", "pains", "grouches", "escapades", "packages", "requests",
                              "accounts", "deposits"};
const char* const kVerbs[] = {"sleep", "wake", "are", "cajole", "haggle", "nag", "use", "boost", "affix", "detect", "integrate", "maintain", "nod", "was",
                              "lose", "sublate", "solve", "thrash", "promise", "engage", "hinder", "print", "x-ray", "breach", "eat", "grow", "impress", "mold",
                              "poach", "serve", "run", "dazzle", "snooze", "doze", "unwind", "kindle", "play", "hang", "believe", "doubt"};
const char* const kAdjectives[] = {"furious", "sly", "careful", "blithe", "quick", "fluffy", "slow", "quiet", "ruthless", "thin", "close", "dogged", "daring",
                                   "brave", "stealthy", "permanent", "enticing", "idle", "busy", "regular", "final", "ironic", "even", "bold", "silent",
                                   "special", "pending", "express", "unusual"};
const char* const kAdverbs[] = {"sometimes", "always", "never", "furiously", "slyly", "carefully", "blithely", "quickly", "fluffily", "slowly", "quietly",
                                "ruthlessly", "thinly", "closely", "doggedly", "daringly", "bravely", "stealthily", "permanently", "enticingly", "idly",
                                "busily", "regularly", "finally", "ironically", "evenly", "boldly", "silently"};
const char* const kPrepositions[] = {"about", "above", "according to", "across", "after", "against", "along", "alongside of", "among", "around", "at", "atop",
                                     "before", "behind", "beneath", "beside", "besides", "between", "beyond", "by", "despite", "during", "except", "for",
                                     "from", "in place of", "inside", "instead of", "into", "near", "of", "on", "outside", "over", "past", "since", "through",
                                     "throughout", "to", "toward", "under", "until", "up", "upon", "without", "with", "within"};
const char* const kAuxiliaries[] = {"do", "may", "might", "shall", "will", "would", "can", "could", "should", "ought to", "must", "will have to",
                                    "shall have to", "could have to", "should have to", "must have to", "need to", "try to"};
const char* const kTerminators[] = {".", ";", ":", "?", "!", "--"};

void noun_phrase(Random& random, std::string& out) {
  switch (random.between(0, 3)) {
    case 0: out += random.pick(kNouns); break;
    case 1: (out += random.pick(kAdjectives)) += " "; out += random.pick(kNouns); break;
    case 2: (out += random.pick(kAdjectives)) += ", "; (out += random.pick(kAdjectives)) += " "; out += random.pick(kNouns); break;
    default: (out += random.pick(kAdverbs)) += " "; (out += random.pick(kAdjectives)) += " "; out += random.pick(kNouns); break;
  }
}

void verb_phrase(Random& random, std::string& out) {
  switch (random.between(0, 3)) {
    case 0: out += random.pick(kVerbs); break;
    case 1: (out += random.pick(kAuxiliaries)) += " "; out += random.pick(kVerbs); break;
    case 2: (out += random.pick(kVerbs)) += " "; out += random.pick(kAdverbs); break;
    default: (out += random.pick(kAuxiliaries)) += " "; (out += random.pick(kVerbs)) += " "; out += random.pick(kAdverbs); break;
  }
}

void prepositional_phrase(Random& random, std::string& out) {
  (out += random.pick(kPrepositions)) += " the ";
  noun_phrase(random, out);
}

void sentence(Random& random, std::string& out) {
  int64_t form = random.between(0, 4);
  noun_phrase(random, out);
  out += " ";
  if (form == 2) {
    prepositional_phrase(random, out);
    out += " ";
  } else if (form == 4) {
    prepositional_phrase(random, out);
    out += " ";
  }
  verb_phrase(random, out);
  if (form == 1 || form == 4) {
    out += " ";
    prepositional_phrase(random, out);
  } else if (form == 3) {
    out += " ";
    noun_phrase(random, out);
  }
  out += random.pick(kTerminators);
}

// Clause 4.2.2.10: pieces of a pool of pseudo-text.
class TextPool {
 public:
  explicit TextPool(size_t size) {
    Random random(7);
    while (text_.size() < size) {
      sentence(random, text_);
      text_ += " ";
    }
  }
  void append(Random& random, int64_t low, int64_t high, std::string& out) const {
    size_t length = static_cast<size_t>(random.between(low, high));
    out.append(text_, static_cast<size_t>(random.between(0, static_cast<int64_t>(text_.size() - length))), length);
  }

 private:
  std::string text_;
};

const TextPool& pool() {
  static const TextPool the_pool(4 << 20);
  return the_pool;
}

void v_string(Random& random, int64_t low, int64_t high, std::string& out) {
  static const char kAlphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,";
  int64_t length = random.between(low, high);
  for (int64_t i = 0; i < length; ++i) out += kAlphabet[random.next() % 64];
}

void money(int64_t cents, std::string& out) {
  char text[32];
  snprintf(text, sizeof text, "%s%" PRId64 ".%02d", cents < 0 ? "-" : "", std::llabs(cents) / 100, static_cast<int>(std::llabs(cents) % 100));
  out += text;
}

// Days since 1970-01-01 as YYYY-MM-DD.
std::string date(int64_t days) {
  time_t seconds = static_cast<time_t>(days * 86400);
  tm parts;
  gmtime_r(&seconds, &parts);
  char text[16];
  strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}
constexpr int64_t kStartDate = 8035;    // 1992-01-01
constexpr int64_t kCurrentDate = 9298;  // 1995-06-17
constexpr int64_t kEndDate = 10591;     // 1998-12-31

void phone(Random& random, int64_t nation, std::string& out) {
  char text[32];
  snprintf(text, sizeof text, "%d-%03d-%03d-%04d", static_cast<int>(10 + nation), static_cast<int>(random.between(100, 999)),
           static_cast<int>(random.between(100, 999)), static_cast<int>(random.between(1000, 9999)));
  out += text;
}

int64_t retail_price(int64_t part) { return 90000 + (part / 10) % 20001 + 100 * (part % 1000); }

// Clause 4.2.3: the i-th of a part's four suppliers.
int64_t part_supplier(int64_t part, int64_t i, int64_t suppliers) { return (part + i * (suppliers / 4 + (part - 1) / suppliers)) % suppliers + 1; }

std::string numbered(const char* prefix, int64_t number) {
  char text[40];
  snprintf(text, sizeof text, "%s%09" PRId64, prefix, number);
  return text;
}

class Table {
 public:
  Table(const std::string& directory, const char* name) : file_(fopen((directory + "/" + name + ".tbl").c_str(), "w")) {
    if (file_ == nullptr) {
      perror((directory + "/" + name + ".tbl").c_str());
      exit(1);
    }
  }
  ~Table() {
    flush();
    if (fclose(file_) != 0) {
      perror("fclose");
      exit(1);
    }
  }
  std::string& row() { return buffer_; }
  Table& field(const std::string& text) {
    buffer_ += text;
    buffer_ += '|';
    return *this;
  }
  Table& field(int64_t number) { return field(std::to_string(number)); }
  void separator() { buffer_ += '|'; }
  void end() {
    buffer_.back() = '\n';
    if (buffer_.size() > (1 << 20)) flush();
  }

 private:
  void flush() {
    if (fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) {
      perror("fwrite");
      exit(1);
    }
    buffer_.clear();
  }
  FILE* file_;
  std::string buffer_;
};

void comment(Table& table, Random& random, int64_t low, int64_t high) {
  pool().append(random, low, high, table.row());
  table.separator();
}

void small_tables(const std::string& directory) {
  Random random(1);
  Table region(directory, "region");
  for (int i = 0; i < 5; ++i) {
    region.field(i).field(kRegions[i]);
    comment(region, random, 31, 115);
    region.end();
  }
  Table nation(directory, "nation");
  for (int i = 0; i < 25; ++i) {
    nation.field(i).field(kNations[i].name).field(kNations[i].region);
    comment(nation, random, 31, 114);
    nation.end();
  }
}

void supplier_table(const std::string& directory, int64_t count) {
  Random random(2);
  Table table(directory, "supplier");
  for (int64_t key = 1; key <= count; ++key) {
    int64_t nation = random.between(0, 24);
    table.field(key).field(numbered("Supplier#", key));
    v_string(random, 10, 40, table.row());
    table.separator();
    table.field(nation);
    phone(random, nation, table.row());
    table.separator();
    money(random.between(-99999, 999999), table.row());
    table.separator();
    // Five of ten thousand have complaints, five have recommendations.
    int64_t kind = random.between(0, 1999);
    std::string text;
    pool().append(random, 25, 100, text);
    if (kind == 0 || kind == 1) {
      std::string mark = std::string("Customer ") + random.pick(kAdverbs) + (kind == 0 ? " Complaints" : " Recommends");
      text.replace(0, std::min(text.size(), mark.size()), mark);
    }
    table.row() += text;
    table.separator();
    table.end();
  }
}

void part_tables(const std::string& directory, int64_t count, int64_t suppliers) {
  Random random(3);
  Table part(directory, "part");
  Table partsupp(directory, "partsupp");
  for (int64_t key = 1; key <= count; ++key) {
    part.field(key);
    for (int i = 0; i < 5; ++i) {
      if (i > 0) part.row() += ' ';
      part.row() += random.pick(kColors);
    }
    part.separator();
    int64_t manufacturer = random.between(1, 5);
    int64_t brand = manufacturer * 10 + random.between(1, 5);
    part.field("Manufacturer#" + std::to_string(manufacturer)).field("Brand#" + std::to_string(brand));
    part.field(std::string(random.pick(kTypeSize)) + " " + random.pick(kTypeFinish) + " " + random.pick(kTypeMetal));
    part.field(random.between(1, 50));
    part.field(std::string(random.pick(kContainerSize)) + " " + random.pick(kContainerKind));
    money(retail_price(key), part.row());
    part.separator();
    comment(part, random, 5, 22);
    part.end();
    for (int64_t i = 0; i < 4; ++i) {
      partsupp.field(key).field(part_supplier(key, i, suppliers)).field(random.between(1, 9999));
      money(random.between(100, 100000), partsupp.row());
      partsupp.separator();
      comment(partsupp, random, 49, 198);
      partsupp.end();
    }
  }
}

void customer_table(const std::string& directory, int64_t count) {
  Random random(4);
  Table table(directory, "customer");
  for (int64_t key = 1; key <= count; ++key) {
    int64_t nation = random.between(0, 24);
    table.field(key).field(numbered("Customer#", key));
    v_string(random, 10, 40, table.row());
    table.separator();
    table.field(nation);
    phone(random, nation, table.row());
    table.separator();
    money(random.between(-99999, 999999), table.row());
    table.separator();
    table.field(random.pick(kSegments));
    comment(table, random, 29, 116);
    table.end();
  }
}

void order_tables(const std::string& directory, int64_t count, int64_t customers, int64_t parts, int64_t suppliers, int64_t clerks) {
  Random random(5);
  Table orders(directory, "orders");
  Table lineitem(directory, "lineitem");
  for (int64_t i = 1; i <= count; ++i) {
    // Only the first 8 of every 32 keys are used.
    int64_t key = (i - 1) / 8 * 32 + (i - 1) % 8 + 1;
    int64_t customer;
    do {
      customer = random.between(1, customers);
    } while (customer % 3 == 0);
    int64_t ordered = random.between(kStartDate, kEndDate - 151);
    int64_t lines = random.between(1, 7);
    int64_t total = 0;
    int finished = 0;
    for (int64_t line = 1; line <= lines; ++line) {
      int64_t part = random.between(1, parts);
      int64_t supplier = part_supplier(part, random.between(0, 3), suppliers);
      int64_t quantity = random.between(1, 50);
      int64_t price = quantity * retail_price(part);
      int64_t discount = random.between(0, 10);
      int64_t tax = random.between(0, 8);
      int64_t shipped = ordered + random.between(1, 121);
      int64_t committed = ordered + random.between(30, 90);
      int64_t received = shipped + random.between(1, 30);
      bool open = shipped > kCurrentDate;
      finished += open ? 0 : 1;
      total += static_cast<int64_t>(static_cast<double>(price) * (100 + tax) / 100 * (100 - discount) / 100 + 0.5);
      lineitem.field(key).field(part).field(supplier).field(line).field(quantity);
      money(price, lineitem.row());
      lineitem.separator();
      money(discount, lineitem.row());
      lineitem.separator();
      money(tax, lineitem.row());
      lineitem.separator();
      lineitem.field(received <= kCurrentDate ? (random.next() % 2 != 0 ? "R" : "A") : "N").field(open ? "O" : "F");
      lineitem.field(date(shipped)).field(date(committed)).field(date(received));
      lineitem.field(random.pick(kInstructions)).field(random.pick(kModes));
      comment(lineitem, random, 10, 43);
      lineitem.end();
    }
    orders.field(key).field(customer).field(finished == lines ? "F" : finished == 0 ? "O" : "P");
    money(total, orders.row());
    orders.separator();
    orders.field(date(ordered)).field(random.pick(kPriorities)).field(numbered("Clerk#", random.between(1, clerks))).field(0);
    comment(orders, random, 19, 78);
    orders.end();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s DIRECTORY [SCALE_FACTOR]\n", argv[0]);
    return 2;
  }
  std::string directory = argv[1];
  double scale = argc > 2 ? atof(argv[2]) : 1;
  auto rows = [&](double base) { return std::max<int64_t>(1, static_cast<int64_t>(base * scale)); };
  int64_t suppliers = std::max<int64_t>(4, rows(10000));
  small_tables(directory);
  supplier_table(directory, suppliers);
  part_tables(directory, rows(200000), suppliers);
  customer_table(directory, rows(150000));
  order_tables(directory, rows(1500000), rows(150000), rows(200000), suppliers, rows(1000));
  return 0;
}
