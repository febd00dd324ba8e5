// Reads lines of "function OID<TAB>argument types<TAB>argument text…" (\N is null; types are OIDs separated by
// blanks, then "=" and the result type) and prints the result's text form or "ERROR: message".
#include <iostream>
#include <sstream>
#include <string>

#include "aegis/functions/function.h"
#include "aegis/types/time_zone.h"
#include "fake_services.h"

int main(int argc, char** argv) {
  using namespace aegis;
  types::TypeContext context;
  context.time_zone = types::TimeZone::find(argc > 1 ? argv[1] : "PST8PDT");
  test::FakeServices services;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::vector<std::string> fields;
    size_t at = 0;
    for (size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t', at)) {
      fields.push_back(line.substr(at, tab - at));
      at = tab + 1;
    }
    fields.push_back(line.substr(at));
    std::istringstream numbers(fields[1]);
    std::vector<types::Type> argument_types;
    types::Type result_type;
    for (std::string word; numbers >> word;) {
      if (word[0] == '=') {
        result_type.oid = static_cast<Oid>(std::stoul(word.substr(1)));
      } else {
        argument_types.push_back({static_cast<Oid>(std::stoul(word)), -1});
      }
    }
    try {
      const functions::Function* function = functions::find_function(static_cast<Oid>(std::stoul(fields[0])));
      if (function == nullptr || function->kernel == nullptr) {
        std::cout << "ABSENT\n";
        continue;
      }
      Arena arena;
      std::vector<vector::Vector> vectors;
      std::vector<const vector::Vector*> arguments;
      for (size_t i = 0; i < argument_types.size(); ++i) {
        vectors.emplace_back(argument_types[i].oid);
        types::Value value;
        if (fields[i + 2] != "\\N") {
          value = types::type_info(argument_types[i].oid).input(context, fields[i + 2], argument_types[i], arena);
        }
        vectors.back().reset();
        for (size_t k = 0; k < 3; ++k) vectors.back().set(k, value);
      }
      for (const auto& v : vectors) arguments.push_back(&v);
      functions::CallSite site{argument_types, result_type};
      std::shared_ptr<void> cache;
      functions::CallContext call{context, services, site, cache};
      vector::Vector result(result_type.oid);
      function->kernel(call, arguments, 3, result);
      types::Value value = result.get(2);
      std::string out = "NULL";
      if (!value.is_null) {
        out.clear();
        types::type_info(result_type.oid).output(context, value, result_type.oid, out);
        if (result_type.oid == types::oid::kBool) out = out == "t" ? "true" : "false";
      }
      std::cout << out << "\n";
    } catch (const SqlError& error) {
      std::cout << "ERROR: " << error.what() << "\n";
    } catch (const std::exception& error) {
      std::cout << "BUG: " << error.what() << "\n";
    }
  }
}
