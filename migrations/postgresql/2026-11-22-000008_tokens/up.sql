-- Tokens for named resources, and JWTs for those who verify by themselves. Only adds: the release before runs on it.

-- The resources the authorization request named (RFC 8707); empty for all owners of the scopes.
ALTER TABLE grants ADD COLUMN resources TEXT[] NOT NULL DEFAULT '{}' CHECK (array_position(resources, NULL) IS NULL);
-- Access tokens for it are JWTs (RFC 9068) signed with this; NULL where the client's registration decides.
ALTER TABLE resource_servers ADD COLUMN access_token_alg TEXT;
