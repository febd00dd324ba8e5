#!/usr/bin/env python3
"""Writes the views' SQL files as a C++ list, each after the views it reads."""
import os
import re
import sys


def read_views(paths):
    views = {}
    for path in paths:
        schema = 'information_schema' if '/information_schema/' in path else 'pg_catalog'
        name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding='utf-8') as file:
            first, sql = file.read().split('\n', 1)
        oid = re.fullmatch(r'-- oid: (\d+)', first)
        if oid is None:
            sys.exit(f'{path}: the first line must be "-- oid: <number>"')
        views[name] = (schema, int(oid.group(1)), sql.strip())
    return views


def in_order(views):
    done, order = set(), []

    def visit(name):
        if name in done:
            return
        done.add(name)
        for used in re.findall(r'\b(?:FROM|JOIN)\s+(?:information_schema\.)?(\w+)', views[name][2]):
            if used in views and (used != name):
                visit(used)
        order.append(name)

    for name in sorted(views):
        visit(name)
    return order


def main(output, paths):
    views = read_views(paths)
    with open(output, 'w', encoding='utf-8') as out:
        out.write('#include "aegis/catalog/system.h"\n\nnamespace aegis::catalog {\nnamespace {\n\nconstexpr SystemView kViews[] = {\n')
        for name in in_order(views):
            schema, oid, sql = views[name]
            out.write(f'    {{{oid}, "{schema}", "{name}", R"sql({sql})sql"}},\n')
        out.write('};\n\n}  // namespace\n\nstd::span<const SystemView> system_views() { return kViews; }\n\n}  // namespace aegis::catalog\n')


main(sys.argv[1], sys.argv[2:])
