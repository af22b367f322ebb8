-- Clients that register themselves, and ways to authenticate with a signature. Only adds: the release before runs on it.

-- The text of a secret that assertions are signed with (client_secret_jwt), sealed; all others are digests only.
ALTER TABLE client_secrets ADD COLUMN sealed BYTEA;
-- The key pairwise subjects are made with, sealed; made once and never changed.
ALTER TABLE instance ADD COLUMN pairwise_key BYTEA;

-- What lets somebody register clients (RFC 7591 section 1.2, initial access token).
CREATE TABLE initial_access_tokens (
    id              BIGINT  NOT NULL PRIMARY KEY,
    digest          BYTEA    NOT NULL,
    last_four       TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    organization_id BIGINT,
    created_by      BIGINT,
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT,
    uses_left       BIGINT
);

-- Clients that registered themselves, and what each changes its registration with (RFC 7592).
CREATE TABLE client_registrations (
    client          BIGINT  NOT NULL PRIMARY KEY,
    digest          BYTEA    NOT NULL,
    last_four       TEXT    NOT NULL,
    registered_at   BIGINT  NOT NULL,
    initial_token   BIGINT,
    organization_id BIGINT
);
