-- Further e-mail addresses of an account, each proven by a mailed link. Only adds: the release before runs on it, and knows
-- the main address alone.
CREATE TABLE email_addresses (
    id          INTEGER NOT NULL PRIMARY KEY,
    user_id     BIGINT  NOT NULL,
    email       TEXT    NOT NULL,
    email_key   TEXT    NOT NULL,
    verified_at BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL
);

CREATE UNIQUE INDEX email_addresses_of_user ON email_addresses (user_id, email_key);
-- Several accounts may have proven one address: whoever asks for a new password by it may mean any of them.
CREATE INDEX email_addresses_by_key ON email_addresses (email_key);
-- Whoever asks for a new password types an address in small letters or capitals.
CREATE INDEX users_by_email_in_any_case ON users (lower(email)) WHERE email IS NOT NULL;
