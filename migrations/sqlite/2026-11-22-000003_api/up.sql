-- Personal tokens, API keys and what else the API needs. Only adds: the release before runs on it.

ALTER TABLE audit_events ADD COLUMN actor_key BIGINT;
ALTER TABLE audit_events ADD COLUMN actor_token BIGINT;
-- Whether members may authorize any application, or those the organization allowed.
ALTER TABLE organizations ADD COLUMN application_policy TEXT NOT NULL DEFAULT 'open'
    CHECK (application_policy IN ('open', 'approval'));

-- The key that sent it, where no person did: what it sent ends with it.
ALTER TABLE invitations ADD COLUMN invited_by_key BIGINT;

-- What a person registered, and what a person did.
CREATE INDEX clients_by_owner ON clients (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX audit_events_by_actor ON audit_events (actor_user, id) WHERE actor_user IS NOT NULL;

CREATE TABLE personal_tokens (
    id              INTEGER NOT NULL PRIMARY KEY,
    public_id       TEXT   NOT NULL UNIQUE,
    user_id         BIGINT NOT NULL REFERENCES users (id),
    name            TEXT   NOT NULL,
    scopes          TEXT NOT NULL CHECK (json_valid(scopes)),
    audience        TEXT NOT NULL CHECK (json_valid(audience)),
    organization_id BIGINT REFERENCES organizations (id),
    member_id       BIGINT,
    digest          BLOB NOT NULL,
    last_four       TEXT   NOT NULL,
    imported        BOOLEAN NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT,
    last_used_at    BIGINT
);
CREATE INDEX personal_tokens_by_user ON personal_tokens (user_id);
CREATE INDEX personal_tokens_by_organization ON personal_tokens (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX personal_tokens_by_member ON personal_tokens (member_id) WHERE member_id IS NOT NULL;

CREATE TABLE api_keys (
    id              INTEGER NOT NULL PRIMARY KEY,
    public_id       TEXT   NOT NULL UNIQUE,
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    label           TEXT   NOT NULL,
    scopes          TEXT NOT NULL CHECK (json_valid(scopes)),
    allowed_origins TEXT NOT NULL CHECK (json_valid(allowed_origins)),
    status          TEXT   NOT NULL CHECK (status IN ('active', 'inactive')),
    sso_policy      TEXT   NOT NULL CHECK (sso_policy IN ('exempt', 'creator')),
    creator_id      BIGINT,
    digest          BLOB NOT NULL,
    last_four       TEXT   NOT NULL,
    imported        BOOLEAN NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    expires_at      BIGINT,
    last_used_at    BIGINT
);
CREATE INDEX api_keys_by_organization ON api_keys (organization_id);

-- Secrets made elsewhere, whose text names no row.
CREATE TABLE imported_secrets (
    id         INTEGER NOT NULL PRIMARY KEY,
    digest     BLOB NOT NULL UNIQUE,
    kind       TEXT   NOT NULL CHECK (kind IN ('access_token', 'refresh_token', 'personal_token', 'api_key')),
    row_id     BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- What was answered to a request that may come again (Idempotency-Key). Secrets are left out: they are derived again.
CREATE TABLE idempotency_keys (
    id            INTEGER NOT NULL PRIMARY KEY,
    digest        BLOB NOT NULL UNIQUE,
    body_digest   BLOB NOT NULL,
    row_id        BIGINT NOT NULL,
    status        BIGINT,
    answer        TEXT,
    claimed_until BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at);

-- What every node counted, by the hour.
CREATE TABLE hourly_counts (
    hour  BIGINT NOT NULL,
    name  TEXT   NOT NULL,
    label TEXT   NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (hour, name, label)
);

-- Which applications an organization lets its members authorize.
CREATE TABLE organization_clients (
    id              INTEGER NOT NULL PRIMARY KEY,
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    client          BIGINT NOT NULL REFERENCES clients (id),
    status          TEXT   NOT NULL CHECK (status IN ('asked', 'allowed', 'refused')),
    asked_by        BIGINT,
    decided_by      BIGINT,
    created_at      BIGINT NOT NULL,
    decided_at      BIGINT,
    UNIQUE (organization_id, client)
);
CREATE INDEX organization_clients_by_client ON organization_clients (client);
-- What an organization's members let applications do there.
CREATE INDEX authorizations_by_organization ON authorizations (organization_id, client)
    WHERE organization_id IS NOT NULL;
