// Reads "type<TAB>text" lines and prints each text in the server's canonical form, or "ERROR: message". Compared
// with PostgreSQL's answers by hand or by tools, it shows where a text form differs.
#include <iostream>
#include <string>

#include "aegis/base/error.h"
#include "aegis/types/time_zone.h"
#include "aegis/types/type.h"

int main(int argc, char** argv) {
  using namespace aegis;
  types::TypeContext context;
  context.time_zone = types::TimeZone::find(argc > 1 ? argv[1] : "PST8PDT");
  std::string line;
  while (std::getline(std::cin, line)) {
    size_t tab = line.find('\t');
    try {
      const types::TypeInfo* info = types::find_type_by_name(line.substr(0, tab));
      if (info == nullptr) throw SqlError(Sqlstate::UndefinedObject, "no such type");
      Arena arena;
      types::Value value = info->input(context, std::string_view(line).substr(tab + 1), {info->oid, -1}, arena);
      std::string binary;
      info->send(context, value, info->oid, binary);
      types::Value again = info->receive(context, binary, {info->oid, -1}, arena);
      std::string out;
      info->output(context, value, info->oid, out);
      if (info->compare != nullptr && info->compare(value, again, info->oid) != 0) out += " BINARY DIFFERS";
      if (info->hash != nullptr && info->hash(value, info->oid) != info->hash(again, info->oid)) out += " HASH DIFFERS";
      std::cout << out << "\n";
    } catch (const SqlError& error) {
      std::cout << "ERROR: " << error.what() << "\n";
    }
  }
}
