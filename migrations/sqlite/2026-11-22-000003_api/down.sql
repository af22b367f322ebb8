DROP TABLE organization_clients;
DROP TABLE hourly_counts;
DROP TABLE idempotency_keys;
DROP TABLE imported_secrets;
DROP TABLE api_keys;
DROP TABLE personal_tokens;
ALTER TABLE organizations DROP COLUMN application_policy;
ALTER TABLE audit_events DROP COLUMN actor_token;
ALTER TABLE audit_events DROP COLUMN actor_key;
