ALTER TABLE resource_servers DROP COLUMN access_token_alg;
ALTER TABLE grants DROP COLUMN resources;
