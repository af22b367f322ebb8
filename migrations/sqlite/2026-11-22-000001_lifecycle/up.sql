-- Times are epoch seconds, ids are made by the application and grow with time, lists are JSON arrays.

CREATE TABLE instance (
    id           BIGINT NOT NULL PRIMARY KEY,
    epoch        BIGINT NOT NULL,
    key_check    BLOB   NOT NULL,
    setup_digest BLOB,
    created_at   BIGINT NOT NULL
);

CREATE TABLE users (
    id                  INTEGER NOT NULL PRIMARY KEY,
    sub                 TEXT    NOT NULL UNIQUE,
    login               TEXT    NOT NULL,
    login_key           TEXT    NOT NULL UNIQUE,
    name                TEXT    NOT NULL,
    email               TEXT,
    password_hash       TEXT,
    administrator       BOOLEAN NOT NULL,
    status              TEXT    NOT NULL CHECK (status IN ('active', 'disabled', 'deleted')),
    valid_from          BIGINT  NOT NULL,
    created_at          BIGINT  NOT NULL,
    password_changed_at BIGINT,
    last_sign_in_at     BIGINT
);

CREATE TABLE sessions (
    id                     INTEGER NOT NULL PRIMARY KEY,
    sid                    TEXT    NOT NULL UNIQUE,
    user_id                BIGINT  NOT NULL REFERENCES users (id),
    digest                 BLOB    NOT NULL,
    created_at             BIGINT  NOT NULL,
    authenticated_at       BIGINT  NOT NULL,
    authentication_count   BIGINT  NOT NULL,
    authentication_method  TEXT    NOT NULL,
    last_seen_at           BIGINT  NOT NULL,
    expires_at             BIGINT  NOT NULL,
    ended_at               BIGINT,
    user_agent             TEXT    NOT NULL,
    address                TEXT    NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE clients (
    id                        INTEGER NOT NULL PRIMARY KEY,
    client_id                 TEXT    NOT NULL UNIQUE,
    name                      TEXT    NOT NULL,
    kind                      TEXT    NOT NULL CHECK (kind IN ('confidential', 'public')),
    authentication_method     TEXT    NOT NULL,
    status                    TEXT    NOT NULL CHECK (status IN ('active', 'inactive', 'pending_deletion')),
    delete_at                 BIGINT,
    owner_id                  BIGINT  REFERENCES users (id),
    verified                  BOOLEAN NOT NULL,
    redirect_uris             TEXT    NOT NULL CHECK (json_valid(redirect_uris)),
    grant_types               TEXT    NOT NULL CHECK (json_valid(grant_types)),
    response_types            TEXT    NOT NULL CHECK (json_valid(response_types)),
    scopes                    TEXT    NOT NULL CHECK (json_valid(scopes)),
    allowed_origins           TEXT    NOT NULL CHECK (json_valid(allowed_origins)),
    homepage_url              TEXT,
    privacy_url               TEXT,
    terms_url                 TEXT,
    logo_url                  TEXT,
    require_pkce              BOOLEAN NOT NULL,
    silent_token              BOOLEAN NOT NULL,
    may_introspect            BOOLEAN NOT NULL,
    rotate_refresh_tokens     BOOLEAN NOT NULL,
    access_token_lifetime     BIGINT,
    refresh_idle_lifetime     BIGINT,
    refresh_absolute_lifetime BIGINT,
    refresh_grace             BIGINT,
    managed_by                TEXT,
    valid_from                BIGINT  NOT NULL,
    created_at                BIGINT  NOT NULL,
    updated_at                BIGINT  NOT NULL
);

CREATE TABLE client_secrets (
    id           INTEGER NOT NULL PRIMARY KEY,
    client       BIGINT  NOT NULL REFERENCES clients (id),
    digest       BLOB    NOT NULL,
    last_four    TEXT    NOT NULL,
    imported     BOOLEAN NOT NULL,
    created_at   BIGINT  NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT
);
CREATE INDEX client_secrets_by_client ON client_secrets (client);

CREATE TABLE resource_servers (
    id         INTEGER NOT NULL PRIMARY KEY,
    identifier TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    scope_sets TEXT    NOT NULL CHECK (json_valid(scope_sets)),
    client     BIGINT  REFERENCES clients (id),
    managed_by TEXT,
    created_at BIGINT  NOT NULL
);

CREATE TABLE authorizations (
    id              INTEGER NOT NULL PRIMARY KEY,
    user_id         BIGINT  NOT NULL REFERENCES users (id),
    client          BIGINT  NOT NULL REFERENCES clients (id),
    organization_id BIGINT,
    scopes          TEXT    NOT NULL CHECK (json_valid(scopes)),
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    last_used_at    BIGINT
);
-- Two, because NULLs do not collide.
CREATE UNIQUE INDEX authorizations_without_organization ON authorizations (user_id, client) WHERE organization_id IS NULL;
CREATE UNIQUE INDEX authorizations_with_organization ON authorizations (user_id, client, organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX authorizations_by_client ON authorizations (client);

CREATE TABLE grants (
    id                   INTEGER NOT NULL PRIMARY KEY,
    authorization_id     BIGINT  NOT NULL,
    user_id              BIGINT  NOT NULL,
    client               BIGINT  NOT NULL,
    organization_id      BIGINT,
    session_id           BIGINT,
    scopes               TEXT    NOT NULL CHECK (json_valid(scopes)),
    authenticated_at     BIGINT  NOT NULL,
    code_digest          BLOB,
    code_expires_at      BIGINT,
    redirect_uri         TEXT,
    redirect_uri_sent    BOOLEAN NOT NULL,
    code_challenge       TEXT,
    redeemed_at          BIGINT,
    redeemed_by          BIGINT,
    revoked_at           BIGINT,
    revocation_reason    TEXT,
    expires_at           BIGINT  NOT NULL,
    created_at           BIGINT  NOT NULL
);

CREATE TABLE access_tokens (
    id         INTEGER NOT NULL PRIMARY KEY,
    grant_id   BIGINT,
    client     BIGINT  NOT NULL,
    scopes     TEXT    NOT NULL CHECK (json_valid(scopes)),
    audience   TEXT    NOT NULL CHECK (json_valid(audience)),
    digest     BLOB    NOT NULL,
    last_four  TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE derivation_keys (
    id         INTEGER NOT NULL PRIMARY KEY,
    sealed     BLOB    NOT NULL,
    created_at BIGINT  NOT NULL,
    retired_at BIGINT
);

CREATE TABLE refresh_tokens (
    id                     INTEGER NOT NULL PRIMARY KEY,
    grant_id               BIGINT  NOT NULL,
    generation             BIGINT  NOT NULL,
    digest                 BLOB    NOT NULL,
    last_four              TEXT    NOT NULL,
    salt                   BLOB,
    derivation_key         BIGINT,
    created_at             BIGINT  NOT NULL,
    expires_at             BIGINT  NOT NULL,
    revoked_at             BIGINT,
    first_used_at          BIGINT,
    fingerprint            BLOB,
    next_refresh_token     BIGINT,
    next_access_token      BIGINT,
    next_access_expires_at BIGINT,
    extra_access_tokens    BIGINT  NOT NULL
);

CREATE TABLE consent_requests (
    id         INTEGER NOT NULL PRIMARY KEY,
    digest     BLOB    NOT NULL,
    session_id BIGINT  NOT NULL,
    user_id    BIGINT  NOT NULL,
    client     BIGINT  NOT NULL,
    request    TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    used_at    BIGINT
);

CREATE INDEX consent_requests_by_session ON consent_requests (session_id);

CREATE TABLE used_marks (
    digest     BLOB   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE audit_events (
    id              INTEGER NOT NULL PRIMARY KEY,
    at              BIGINT  NOT NULL,
    event           TEXT    NOT NULL,
    actor_user      BIGINT,
    actor_client    BIGINT,
    actor_label     TEXT    NOT NULL,
    target_kind     TEXT    NOT NULL,
    target_id       BIGINT,
    target_label    TEXT    NOT NULL,
    organization_id BIGINT,
    address         TEXT    NOT NULL,
    data            TEXT    NOT NULL CHECK (json_valid(data))
);
CREATE INDEX audit_events_by_target ON audit_events (target_kind, target_id);
CREATE TRIGGER audit_events_are_append_only BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit events are append-only');
END;

CREATE INDEX used_marks_by_end ON used_marks (expires_at);

-- A ring of fixed slots: a flood of refusals cannot grow it.
CREATE TABLE refusals (
    slot        BIGINT  NOT NULL PRIMARY KEY,
    reference   TEXT    NOT NULL,
    at          BIGINT  NOT NULL,
    code        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    client_id   TEXT,
    address     TEXT    NOT NULL,
    endpoint    TEXT    NOT NULL,
    detail      TEXT    NOT NULL
);
