-- Logout. Only adds: the release before runs on it.

-- Signing in again in the same browser makes a new session, which goes on from the first one: clients know both by the
-- first one's name, and what they were given ends with the last.
ALTER TABLE sessions ADD COLUMN first_session BIGINT;
ALTER TABLE sessions ADD COLUMN client_sid TEXT;

-- Which grants end with a session.
CREATE INDEX grants_by_session ON grants (session_id) WHERE session_id IS NOT NULL;

-- Which clients a session signed in to; session_id is that of the first session.
CREATE TABLE session_clients (
    id         INTEGER NOT NULL PRIMARY KEY,
    session_id BIGINT  NOT NULL,
    client     BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    UNIQUE (session_id, client)
);

CREATE INDEX session_clients_of_client ON session_clients (client, id);

-- Logout tokens that are to be sent; each is signed when it is.
CREATE TABLE logout_tokens (
    id              INTEGER NOT NULL PRIMARY KEY,
    client          BIGINT  NOT NULL,
    user_id         BIGINT  NOT NULL,
    sid             TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    next_attempt_at BIGINT,
    claimed_until   BIGINT,
    attempts        BIGINT  NOT NULL,
    sent_at         BIGINT,
    failed_at       BIGINT,
    last_error      TEXT
);
CREATE INDEX logout_tokens_due ON logout_tokens (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX logout_tokens_of_client ON logout_tokens (client, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
