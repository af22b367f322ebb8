DROP TABLE client_registrations;
DROP TABLE initial_access_tokens;
ALTER TABLE instance DROP COLUMN pairwise_key;
ALTER TABLE client_secrets DROP COLUMN sealed;
