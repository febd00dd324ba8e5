CREATE PROCEDURE poly_a(inout a anyelement, out b anyelement) LANGUAGE sql AS $$ SELECT $1, $1 $$;
CALL poly_a(1, null);
CALL poly_a('x'::text, null);
CREATE PROCEDURE poly_b(a anyelement, inout b anyarray) LANGUAGE plpgsql AS $$ BEGIN b := b || a; END $$;
CALL poly_b(1.1, array[2.2]);
CREATE PROCEDURE poly_c(inout a anyelement, inout b anyelement) LANGUAGE sql AS $$ SELECT $1, 1 $$;
CALL poly_c(1, null);
DROP PROCEDURE poly_a, poly_b, poly_c;
