// What SQL/XML's syntax (XMLELEMENT, XMLTABLE, …) calls; pg_proc does not list these functions.
#pragma once

#include <string>

#include "aegis/functions/function.h"

namespace aegis::functions {

// xmlelement(name text, attributes int4, {name text, value}…, content…).
const Function& xml_element_function();
// xmlforest({name text, value}…).
const Function& xml_forest_function();
const Function& xml_concat_function();  // xmlconcat(xml…)
// xmlparse(text, preserve whitespace bool, document bool).
const Function& xml_parse_function();
const Function& xml_pi_function();         // xmlpi(name text [, content text])
const Function& xml_root_function();       // xmlroot(xml, version text, standalone int4 as PostgreSQL's XmlStandaloneType)
const Function& xml_serialize_function();  // xmlserialize(xml, document bool) → text
const Function& xml_is_document_function();
// xmltable(document xml, row path text, columns int4, {path text, name text, kind text}…, {prefix text, URI text}…): the number of the row (int8),
// then a text for each column. kind: x for xml, n for numbers, t for others.
const Function& xml_table_function();
// not_null(value, name text): 22004 when the value is null.
const Function& xml_not_null_function();

// A value as XML shows it; `escape`: texts become character data.
std::string xml_value_text(const types::TypeContext& context, Oid type, const types::Value& value, bool escape);

}  // namespace aegis::functions
