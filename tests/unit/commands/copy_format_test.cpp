#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "copy.h"
#include "names.h"
#include "sql_scan.h"

using namespace aegis::commands;

namespace {

std::string split(std::string_view line, const CopyOptions& options, const std::vector<bool>& not_null = {}, const std::vector<bool>& null = {}) {
  std::string scratch, out;
  std::vector<CopyField> fields;
  if (options.format == CopyFormat::Csv) split_csv_line(line, options, not_null, null, scratch, fields);
  else split_text_line(line, options, scratch, fields);
  for (const auto& field : fields) out += field.is_null ? "<null>" : "<" + std::string(field.text) + ">";
  return out;
}

CopyOptions csv() {
  CopyOptions options;
  options.format = CopyFormat::Csv;
  options.delimiter = ',';
  options.null_text.clear();
  return options;
}

}  // namespace

TEST_CASE("text lines") {
  CopyOptions options;
  CHECK(split("1\tone\t\\N", options) == "<1><one><null>");
  CHECK(split("a\\tb\t\\\\\t\\x41\\101", options) == "<a\tb><\\><AA>");
  CHECK(split("\t", options) == "<><>");
  CHECK(split("\\\\N", options) == "<\\N>");
}

TEST_CASE("csv lines") {
  CHECK(split("1,\"a,b\",,\"\"", csv()) == "<1><a,b><null><>");
  CHECK(split("\"say \"\"x\"\"\",y", csv()) == "<say \"x\"><y>");
  CHECK(split(",\"\"", csv(), {true, false}, {false, true}) == "<><null>");
  CHECK_THROWS(split("\"open", csv()));
}

TEST_CASE("lines come whole from any buffers") {
  for (size_t step = 1; step < 12; ++step) {
    auto options = csv();
    CopyLines lines(options);
    std::string input = "a,b\r\n\"x\ny\",2\nlast", out;
    std::string_view line;
    for (size_t at = 0; at < input.size(); at += step) {
      lines.feed(std::string_view(input).substr(at, step));
      while (lines.next(line)) out += "[" + std::string(line) + "]";
    }
    lines.finish();
    while (lines.next(line)) out += "[" + std::string(line) + "]";
    CHECK(out == "[a,b][\"x\ny\",2][last]");
  }
}

TEST_CASE("output is escaped") {
  CopyOptions options;
  std::string out;
  append_text_field("a\tb\\c\n", options, out);
  CHECK(out == "a\\tb\\\\c\\n");
  out.clear();
  append_csv_field("say \"x\"", csv(), false, false, out);
  CHECK(out == "\"say \"\"x\"\"\"");
}

TEST_CASE("made-up names fit into 63 bytes") {
  CHECK(make_object_name("t", "a", "seq") == "t_a_seq");
  CHECK(make_object_name("t", "", "pkey") == "t_pkey");
  std::string name = make_object_name(std::string(60, 'x'), std::string(60, 'y'), "fkey");
  CHECK(name.size() == 63);
  CHECK(name.substr(name.size() - 5) == "_fkey");
}

TEST_CASE("words of SQL") {
  auto words = scan_sql("SELECT \"A\"\"b\", 'it''s' -- c\n FROM t /* x /* y */ */ WHERE (a > 1)");
  CHECK(words[0].is("select"));
  CHECK(words[1].text == "A\"b");
  CHECK(words[3].kind == SqlWord::Kind::String);
  CHECK(words[4].is("from"));
  CHECK(words[8].depth == 1);
}
