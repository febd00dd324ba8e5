-- version: 1.3
-- comment: cryptographic functions
-- trusted: true
CREATE FUNCTION digest(text, text) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgcrypto_digest';
CREATE FUNCTION digest(bytea, text) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgcrypto_digest';
CREATE FUNCTION hmac(text, text, text) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgcrypto_hmac';
CREATE FUNCTION hmac(bytea, bytea, text) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgcrypto_hmac';
CREATE FUNCTION crypt(text, text) RETURNS text LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgcrypto_crypt';
CREATE FUNCTION gen_salt(text) RETURNS text LANGUAGE internal VOLATILE STRICT PARALLEL SAFE AS 'pgcrypto_gen_salt';
CREATE FUNCTION gen_salt(text, int4) RETURNS text LANGUAGE internal VOLATILE STRICT PARALLEL SAFE AS 'pgcrypto_gen_salt_rounds';
CREATE FUNCTION encrypt(bytea, bytea, text) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgcrypto_encrypt';
CREATE FUNCTION decrypt(bytea, bytea, text) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgcrypto_decrypt';
CREATE FUNCTION encrypt_iv(bytea, bytea, bytea, text) RETURNS bytea
  LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgcrypto_encrypt_iv';
CREATE FUNCTION decrypt_iv(bytea, bytea, bytea, text) RETURNS bytea
  LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgcrypto_decrypt_iv';
CREATE FUNCTION gen_random_bytes(int4) RETURNS bytea LANGUAGE internal VOLATILE STRICT PARALLEL SAFE AS 'pgcrypto_random_bytes';
CREATE FUNCTION gen_random_uuid() RETURNS uuid LANGUAGE internal VOLATILE PARALLEL SAFE AS 'gen_random_uuid';
CREATE FUNCTION pgp_sym_encrypt(text, text) RETURNS bytea LANGUAGE internal VOLATILE STRICT PARALLEL SAFE AS 'pgp_sym_encrypt_text';
CREATE FUNCTION pgp_sym_encrypt(text, text, text) RETURNS bytea LANGUAGE internal VOLATILE STRICT PARALLEL SAFE AS 'pgp_sym_encrypt_text_options';
CREATE FUNCTION pgp_sym_encrypt_bytea(bytea, text) RETURNS bytea LANGUAGE internal VOLATILE STRICT PARALLEL SAFE AS 'pgp_sym_encrypt_bytea';
CREATE FUNCTION pgp_sym_encrypt_bytea(bytea, text, text) RETURNS bytea LANGUAGE internal VOLATILE STRICT PARALLEL SAFE AS 'pgp_sym_encrypt_bytea_options';
CREATE FUNCTION pgp_sym_decrypt(bytea, text) RETURNS text LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgp_sym_decrypt_text';
CREATE FUNCTION pgp_sym_decrypt(bytea, text, text) RETURNS text LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgp_sym_decrypt_text_options';
CREATE FUNCTION pgp_sym_decrypt_bytea(bytea, text) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgp_sym_decrypt_bytea';
CREATE FUNCTION pgp_sym_decrypt_bytea(bytea, text, text) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'pgp_sym_decrypt_bytea_options';
