#!/usr/bin/env python3
"""Writes the extensions' SQL scripts as a C++ list. A script begins with lines "-- key: value" (version, comment, trusted)."""
import os
import re
import sys


def main(output, paths):
    with open(output, 'w', encoding='utf-8') as out:
        out.write('#include "aegis/catalog/extensions.h"\n\nnamespace aegis::catalog {\nnamespace {\nconstexpr ExtensionScript kScripts[] = {\n')
        for path in sorted(paths, key=os.path.basename):
            name = os.path.splitext(os.path.basename(path))[0]
            with open(path, encoding='utf-8') as file:
                text = file.read()
            facts = dict(re.findall(r'^-- (\w+): (.*)$', text, re.M))
            body = '\n'.join(line for line in text.split('\n') if not line.startswith('--')).strip()
            # Compilers limit the length of one literal.
            parts = [body[i:i + 10000] for i in range(0, len(body), 10000)]
            literal = '\n'.join(f'R"script({part})script"' for part in parts)
            out.write(f'{{"{name}", "{facts["version"]}", "{facts["comment"]}", {facts.get("trusted", "false")},\n{literal}}},\n')
        out.write('};\n}  // namespace\n\nstd::span<const ExtensionScript> extension_scripts() { return kScripts; }\n\n}  // namespace aegis::catalog\n')


main(sys.argv[1], sys.argv[2:])
