DROP TABLE logout_tokens;
DROP TABLE session_clients;
DROP INDEX grants_by_session;
ALTER TABLE sessions DROP COLUMN client_sid;
ALTER TABLE sessions DROP COLUMN first_session;
