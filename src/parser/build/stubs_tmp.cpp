#include "build/builder.h"
namespace aegis::parser {
Node* Builder::create(antlr4::ParserRuleContext* context) { throw_not_supported("create"); }
Node* Builder::alter(antlr4::ParserRuleContext* context) { throw_not_supported("alter"); }
Node* Builder::drop(P::Drop_stmtContext* context) { throw_not_supported("drop"); }
Node* Builder::utility(antlr4::ParserRuleContext* context) { throw_not_supported("utility"); }
List<IndexElem> Builder::index_elements(P::Index_elemsContext* context) { throw_not_supported("x"); }
}
