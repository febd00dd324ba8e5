-- oid: 13250
SELECT NULL::name AS character_set_catalog, NULL::name AS character_set_schema,
  CAST('UTF8' AS name) AS character_set_name, CAST('UCS' AS name) AS character_repertoire,
  CAST('UTF8' AS name) AS form_of_use, CAST(current_database() AS name) AS default_collate_catalog,
  CAST('pg_catalog' AS name) AS default_collate_schema, CAST('C.utf8' AS name) AS default_collate_name

