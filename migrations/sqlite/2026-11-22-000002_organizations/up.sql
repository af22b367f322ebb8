-- Organizations, who belongs to them, and the upstream identities they trust. Only adds: the release before runs on it.

ALTER TABLE users ADD COLUMN email_verified_at BIGINT;
-- The organization whose provider is the only way in, set for accounts its provider brought.
ALTER TABLE users ADD COLUMN managed_by BIGINT;
ALTER TABLE clients ADD COLUMN organization_access BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE authorizations ADD COLUMN member_id BIGINT;
CREATE INDEX users_by_email ON users (email) WHERE email IS NOT NULL;
CREATE INDEX authorizations_by_member ON authorizations (member_id) WHERE member_id IS NOT NULL;
CREATE INDEX audit_events_by_organization ON audit_events (organization_id, id) WHERE organization_id IS NOT NULL;

CREATE TABLE organizations (
    id              INTEGER NOT NULL PRIMARY KEY,
    public_id       TEXT    NOT NULL UNIQUE,
    slug            TEXT    NOT NULL UNIQUE,
    name            TEXT    NOT NULL,
    status          TEXT    NOT NULL CHECK (status IN ('active', 'pending_deletion')),
    delete_at       BIGINT,
    default_role    TEXT    NOT NULL,
    open_membership BOOLEAN NOT NULL,
    token_max_age   BIGINT,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL
);

-- A removed member's row stays, so that single sign-on does not bring them back.
CREATE TABLE organization_members (
    id                INTEGER NOT NULL PRIMARY KEY,
    organization_id   BIGINT  NOT NULL REFERENCES organizations (id),
    user_id           BIGINT  NOT NULL REFERENCES users (id),
    role              TEXT    NOT NULL,
    status            TEXT    NOT NULL CHECK (status IN ('active', 'removed')),
    break_glass_until BIGINT,
    created_at        BIGINT  NOT NULL,
    removed_at        BIGINT,
    UNIQUE (organization_id, user_id)
);
CREATE INDEX organization_members_by_user ON organization_members (user_id);

CREATE TABLE teams (
    id              INTEGER NOT NULL PRIMARY KEY,
    organization_id BIGINT  NOT NULL REFERENCES organizations (id),
    slug            TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    UNIQUE (organization_id, slug)
);

CREATE TABLE team_members (
    id        INTEGER NOT NULL PRIMARY KEY,
    team_id   BIGINT  NOT NULL REFERENCES teams (id),
    member_id BIGINT  NOT NULL REFERENCES organization_members (id),
    joined_at BIGINT  NOT NULL,
    -- Taken by the provider's claim, and given up when the claim no longer names the team.
    by_claim  BOOLEAN NOT NULL,
    UNIQUE (team_id, member_id)
);
CREATE INDEX team_members_by_member ON team_members (member_id);

CREATE TABLE invitations (
    id              INTEGER NOT NULL PRIMARY KEY,
    organization_id BIGINT  NOT NULL REFERENCES organizations (id),
    email           TEXT    NOT NULL,
    email_key       TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    teams           TEXT    NOT NULL CHECK (json_valid(teams)),
    digest          BLOB    NOT NULL,
    invited_by      BIGINT,
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    accepted_at     BIGINT,
    accepted_by     BIGINT,
    revoked_at      BIGINT
);
CREATE UNIQUE INDEX invitations_open ON invitations (organization_id, email_key)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- One upstream identity provider an organization; replacing it makes a new row.
CREATE TABLE providers (
    id              INTEGER NOT NULL PRIMARY KEY,
    organization_id BIGINT  NOT NULL UNIQUE REFERENCES organizations (id),
    kind            TEXT    NOT NULL,
    settings        TEXT    NOT NULL CHECK (json_valid(settings)),
    sealed_secret   BLOB,
    allow_unlinked  BOOLEAN NOT NULL,
    -- Whom the upstream's word makes a member: everybody it knows, or only whom an invitation waits for.
    joining         TEXT    NOT NULL CHECK (joining IN ('everyone', 'invited')),
    status          TEXT    NOT NULL CHECK (status IN ('active', 'disabled')),
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL
);

CREATE TABLE identities (
    id             INTEGER NOT NULL PRIMARY KEY,
    provider_id    BIGINT  NOT NULL REFERENCES providers (id),
    issuer         TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    user_id        BIGINT  NOT NULL REFERENCES users (id),
    email          TEXT,
    email_verified BOOLEAN NOT NULL,
    name           TEXT,
    sealed_tokens  BLOB,
    recheckable    BOOLEAN NOT NULL,
    status         TEXT    NOT NULL CHECK (status IN ('valid', 'invalid')),
    invalid_reason TEXT,
    last_verified  BIGINT  NOT NULL,
    last_synced    BIGINT  NOT NULL,
    next_check_at  BIGINT,
    check_failures BIGINT  NOT NULL,
    claimed_until  BIGINT,
    created_at     BIGINT  NOT NULL,
    UNIQUE (provider_id, issuer, subject),
    UNIQUE (provider_id, user_id)
);
CREATE INDEX identities_by_user ON identities (user_id);
CREATE INDEX identities_due ON identities (next_check_at) WHERE next_check_at IS NOT NULL;

-- A browser on its way to an upstream and back. Ten minutes, each step once.
CREATE TABLE sso_flows (
    id              INTEGER NOT NULL PRIMARY KEY,
    digest          BLOB    NOT NULL,
    browser_digest  BLOB    NOT NULL,
    flow            TEXT    NOT NULL CHECK (flow IN ('sign_in', 'set_up', 'link')),
    organization_id BIGINT  NOT NULL,
    provider_id     BIGINT,
    user_id         BIGINT,
    session_id      BIGINT,
    step            BIGINT  NOT NULL,
    sealed          BLOB    NOT NULL,
    return_to       TEXT,
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    finished_at     BIGINT
);

-- Which organizations' providers this session has proven its person at.
CREATE TABLE session_proofs (
    id              INTEGER NOT NULL PRIMARY KEY,
    session_id      BIGINT  NOT NULL,
    organization_id BIGINT  NOT NULL,
    provider_id     BIGINT  NOT NULL,
    identity_id     BIGINT  NOT NULL,
    proven_at       BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    UNIQUE (session_id, organization_id)
);

-- Bodies are sealed, because they carry links that let somebody in, and emptied once sent.
CREATE TABLE mails (
    id              INTEGER NOT NULL PRIMARY KEY,
    kind            TEXT    NOT NULL,
    recipient       TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    sealed          BLOB,
    user_id         BIGINT,
    organization_id BIGINT,
    created_at      BIGINT  NOT NULL,
    next_attempt_at BIGINT,
    claimed_until   BIGINT,
    attempts        BIGINT  NOT NULL,
    sent_at         BIGINT,
    failed_at       BIGINT,
    last_error      TEXT
);
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE TABLE mail_links (
    id         INTEGER NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    user_id    BIGINT  NOT NULL REFERENCES users (id),
    email      TEXT    NOT NULL,
    digest     BLOB    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    used_at    BIGINT
);
CREATE INDEX mail_links_by_user ON mail_links (user_id);

CREATE TABLE known_devices (
    id           INTEGER NOT NULL PRIMARY KEY,
    user_id      BIGINT  NOT NULL REFERENCES users (id),
    device       BLOB    NOT NULL,
    network      TEXT    NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT  NOT NULL,
    UNIQUE (user_id, device, network)
);
