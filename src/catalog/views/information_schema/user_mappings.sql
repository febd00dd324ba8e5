-- oid: 13555
SELECT NULL::name AS authorization_identifier, NULL::name AS foreign_server_catalog, NULL::name AS foreign_server_name
WHERE false
