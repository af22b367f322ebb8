DROP TABLE signing_keys;
ALTER TABLE grants DROP COLUMN openid;
ALTER TABLE users DROP COLUMN claims;
ALTER TABLE clients DROP COLUMN metadata;
