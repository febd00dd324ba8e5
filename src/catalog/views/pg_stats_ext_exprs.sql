-- oid: 12063
SELECT cn.nspname AS schemaname, c.relname AS tablename, sn.nspname AS statistics_schemaname, s.stxname AS statistics_name,
  pg_get_userbyid(s.stxowner) AS statistics_owner, stat.expr, sd.stxdinherit AS inherited,
  split_part(stat.a, ';', 1)::real AS null_frac, split_part(stat.a, ';', 2)::integer AS avg_width, split_part(stat.a, ';', 3)::real AS n_distinct,
  nullif(split_part(stat.a, ';', 5), '')::text AS most_common_vals, nullif(split_part(stat.a, ';', 4), '')::real[] AS most_common_freqs,
  NULL::text AS histogram_bounds, NULL::real AS correlation, NULL::text AS most_common_elems, NULL::real[] AS most_common_elem_freqs,
  NULL::real[] AS elem_count_histogram
FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid LEFT JOIN pg_statistic_ext_data sd ON s.oid = sd.stxoid
  LEFT JOIN pg_namespace cn ON cn.oid = c.relnamespace LEFT JOIN pg_namespace sn ON sn.oid = s.stxnamespace
  JOIN LATERAL (SELECT unnest(pg_get_statisticsobjdef_expressions(s.oid)) AS expr, unnest(sd.stxdexpr) AS a) stat ON stat.expr IS NOT NULL
WHERE pg_has_role(c.relowner, 'USAGE') AND (NOT c.relrowsecurity OR NOT row_security_active(c.oid))
