-- version: 1.0
-- comment: foreign-data wrapper for flat file access
-- trusted: false
CREATE FUNCTION file_fdw_handler() RETURNS fdw_handler LANGUAGE internal STRICT AS 'file_fdw_handler';
CREATE FUNCTION file_fdw_validator(text[], oid) RETURNS void LANGUAGE internal STRICT AS 'file_fdw_validator';
CREATE FOREIGN DATA WRAPPER file_fdw HANDLER file_fdw_handler VALIDATOR file_fdw_validator;
