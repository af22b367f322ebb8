-- Being an OpenID Provider. Only adds: the release before runs on it.

-- Registered metadata beyond the columns, by the names of RFC 7591 and OpenID Connect Dynamic Client Registration.
ALTER TABLE clients ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata));
-- Standard claims of the person that are no columns of their own (OpenID Connect Core section 5.1).
ALTER TABLE users ADD COLUMN claims TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(claims));
-- What an ID token of this grant has to say; NULL for grants without `openid`.
ALTER TABLE grants ADD COLUMN openid TEXT CHECK (openid IS NULL OR json_valid(openid));

-- The private part is erased when a key no longer signs; the public part stays for id_token_hint.
CREATE TABLE signing_keys (
    id              INTEGER NOT NULL PRIMARY KEY,
    kid             TEXT    NOT NULL UNIQUE,
    algorithm       TEXT    NOT NULL,
    sealed          BLOB,
    public_jwk      TEXT    NOT NULL CHECK (json_valid(public_jwk)),
    created_at      BIGINT  NOT NULL,
    active_from     BIGINT  NOT NULL,
    retired_at      BIGINT,
    published_until BIGINT,
    withdrawn_at    BIGINT
);

-- One key an algorithm has no successor yet: of two nodes that make one at once, one wins.
CREATE UNIQUE INDEX signing_keys_last ON signing_keys (algorithm) WHERE retired_at IS NULL;
