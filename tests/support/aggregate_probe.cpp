// Reads "aggregate OID<TAB>argument types =result type<TAB>rows", rows separated by ';' and values by '|' (\N is
// null), and prints the aggregate's text form; says so when combining two halves gives another result.
#include <iostream>
#include <sstream>
#include <string>

#include "aegis/functions/function.h"
#include "aegis/types/time_zone.h"
#include "fake_services.h"

namespace {

using namespace aegis;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::string part;
  std::istringstream stream(text);
  while (std::getline(stream, part, separator)) parts.push_back(part);
  if (!text.empty() && text.back() == separator) parts.emplace_back();
  return parts;
}

}  // namespace

int main() {
  types::TypeContext context;
  context.time_zone = types::TimeZone::find("PST8PDT");
  test::FakeServices services;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::vector<std::string> fields = split(line, '\t');
    fields.resize(3);
    std::vector<types::Type> argument_types;
    types::Type result_type;
    std::istringstream numbers(fields[1]);
    for (std::string word; numbers >> word;) {
      if (word[0] == '=') {
        result_type.oid = static_cast<Oid>(std::stoul(word.substr(1)));
      } else {
        argument_types.push_back({static_cast<Oid>(std::stoul(word)), -1});
      }
    }
    try {
      const functions::Function* function = functions::find_function(static_cast<Oid>(std::stoul(fields[0])));
      if (function == nullptr || function->aggregate == nullptr) {
        std::cout << "ABSENT\n";
        continue;
      }
      const functions::AggregateKernel& kernel = *function->aggregate;
      Arena arena;
      std::vector<vector::Vector> vectors;
      for (const types::Type& type : argument_types) {
        vectors.emplace_back(type.oid);
        vectors.back().reset();
      }
      std::vector<std::string> rows = split(fields[2], ';');
      for (size_t r = 0; r < rows.size(); ++r) {
        std::vector<std::string> values = split(rows[r], '|');
        values.resize(argument_types.size());
        for (size_t a = 0; a < argument_types.size(); ++a) {
          types::Value value;
          if (values[a] != "\\N") {
            value = types::type_info(argument_types[a].oid).input(context, values[a], argument_types[a], arena);
          }
          vectors[a].set(r, value);
        }
      }
      std::vector<const vector::Vector*> arguments;
      for (const auto& v : vectors) arguments.push_back(&v);
      functions::CallSite site{argument_types, result_type};
      std::vector<functions::CallSite::Order> order(argument_types.size());
      site.within_group = order;
      functions::AggregateContext aggregate{context, services, site, arena};
      auto* state = static_cast<std::byte*>(arena.allocate(kernel.state_size, 16));
      kernel.init(state);
      std::vector<std::byte*> states(rows.size(), state);
      kernel.update(aggregate, arguments, rows.size(), states.data());
      vector::Vector result(result_type.oid);
      kernel.finalize(aggregate, &state, 1, result);
      auto text = [&](const vector::Vector& v) {
        types::Value value = v.get(0);
        std::string out = "NULL";
        if (value.is_null) return out;
        out.clear();
        types::type_info(result_type.oid).output(context, value, result_type.oid, out);
        if (result_type.oid == types::oid::kBool) out = out == "t" ? "true" : "false";
        return out;
      };
      std::string out = text(result);
      if (kernel.combine != nullptr) {
        auto* first = static_cast<std::byte*>(arena.allocate(kernel.state_size, 16));
        auto* second = static_cast<std::byte*>(arena.allocate(kernel.state_size, 16));
        kernel.init(first);
        kernel.init(second);
        for (size_t r = 0; r < rows.size(); ++r) states[r] = r % 2 == 0 ? first : second;
        kernel.update(aggregate, arguments, rows.size(), states.data());
        kernel.combine(aggregate, second, first);
        vector::Vector combined(result_type.oid);
        kernel.finalize(aggregate, &first, 1, combined);
        if (text(combined) != out) std::cerr << line << ": combined " << text(combined) << " instead of " << out << "\n";
      }
      std::cout << out << "\n";
    } catch (const SqlError& error) {
      std::cout << "ERROR: " << error.what() << "\n";
    } catch (const std::exception& error) {
      std::cout << "BUG: " << error.what() << "\n";
    }
  }
}
