#include "aegis/parser/node.h"

#include <iterator>

#include "aegis/parser/parser.h"

namespace aegis::ast {

std::string_view node_tag_name(NodeTag tag) {
  static constexpr std::string_view kNames[] = {
#define AEGIS_AST_NODE(name) #name,
#include "aegis/parser/nodes.def"
#undef AEGIS_AST_NODE
  };
  size_t index = static_cast<size_t>(tag);
  return index < std::size(kNames) ? kNames[index] : std::string_view("?");
}

}  // namespace aegis::ast

namespace aegis::parser {

int character_position(std::string_view text, int byte_offset) {
  if (byte_offset < 0) return 0;
  size_t end =
      static_cast<size_t>(byte_offset) < text.size() ? static_cast<size_t>(byte_offset) : text.size();
  int position = 1;
  for (size_t i = 0; i < end; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) ++position;
  }
  return position;
}

}  // namespace aegis::parser
