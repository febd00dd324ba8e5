-- version: 1.0
-- comment: functions that manipulate whole tables, including crosstab
-- trusted: true
CREATE FUNCTION normal_rand(integer, double precision, double precision) RETURNS SETOF double precision LANGUAGE internal VOLATILE STRICT AS 'tablefunc_normal_rand';
CREATE FUNCTION crosstab(text) RETURNS SETOF record LANGUAGE internal STABLE STRICT AS 'tablefunc_crosstab';
CREATE TYPE tablefunc_crosstab_2 AS (row_name text, category_1 text, category_2 text);
CREATE TYPE tablefunc_crosstab_3 AS (row_name text, category_1 text, category_2 text, category_3 text);
CREATE TYPE tablefunc_crosstab_4 AS (row_name text, category_1 text, category_2 text, category_3 text, category_4 text);
CREATE FUNCTION crosstab2(text) RETURNS SETOF tablefunc_crosstab_2 LANGUAGE internal STABLE STRICT AS 'tablefunc_crosstab';
CREATE FUNCTION crosstab3(text) RETURNS SETOF tablefunc_crosstab_3 LANGUAGE internal STABLE STRICT AS 'tablefunc_crosstab';
CREATE FUNCTION crosstab4(text) RETURNS SETOF tablefunc_crosstab_4 LANGUAGE internal STABLE STRICT AS 'tablefunc_crosstab';
CREATE FUNCTION crosstab(text, integer) RETURNS SETOF record LANGUAGE internal STABLE STRICT AS 'tablefunc_crosstab';
CREATE FUNCTION crosstab(text, text) RETURNS SETOF record LANGUAGE internal STABLE STRICT AS 'tablefunc_crosstab_categories';
CREATE FUNCTION connectby(text, text, text, text, integer, text) RETURNS SETOF record LANGUAGE internal STABLE STRICT AS 'tablefunc_connectby';
CREATE FUNCTION connectby(text, text, text, text, integer) RETURNS SETOF record LANGUAGE internal STABLE STRICT AS 'tablefunc_connectby';
CREATE FUNCTION connectby(text, text, text, text, text, integer, text) RETURNS SETOF record LANGUAGE internal STABLE STRICT AS 'tablefunc_connectby_serial';
CREATE FUNCTION connectby(text, text, text, text, text, integer) RETURNS SETOF record LANGUAGE internal STABLE STRICT AS 'tablefunc_connectby_serial';
