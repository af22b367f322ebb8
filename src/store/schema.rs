//! The tables as diesel sees them: one schema for both databases, compared with both by a test.

mod of_logout;
mod of_openid;
mod of_organizations;
mod of_registration;
mod of_the_api;

use diesel::{allow_tables_to_appear_in_same_query, table};

pub use of_logout::*;
pub use of_openid::*;
pub use of_organizations::*;
pub use of_registration::*;
pub use of_the_api::*;

table! {
    use diesel::sql_types::*;

    instance (id) {
        id -> BigInt,
        epoch -> BigInt,
        key_check -> Binary,
        setup_digest -> Nullable<Binary>,
        created_at -> BigInt,
        pairwise_key -> Nullable<Binary>,
    }
}

table! {
    use diesel::sql_types::*;

    users (id) {
        id -> BigInt,
        sub -> Text,
        login -> Text,
        login_key -> Text,
        name -> Text,
        email -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        administrator -> Bool,
        status -> Text,
        valid_from -> BigInt,
        created_at -> BigInt,
        password_changed_at -> Nullable<BigInt>,
        last_sign_in_at -> Nullable<BigInt>,
        email_verified_at -> Nullable<BigInt>,
        managed_by -> Nullable<BigInt>,
        claims -> Text,
    }
}

table! {
    use diesel::sql_types::*;

    sessions (id) {
        id -> BigInt,
        sid -> Text,
        user_id -> BigInt,
        digest -> Binary,
        created_at -> BigInt,
        authenticated_at -> BigInt,
        authentication_count -> BigInt,
        authentication_method -> Text,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        user_agent -> Text,
        address -> Text,
        first_session -> Nullable<BigInt>,
        client_sid -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::store::types::sql_types::TextArray;

    clients (id) {
        id -> BigInt,
        client_id -> Text,
        name -> Text,
        kind -> Text,
        authentication_method -> Text,
        status -> Text,
        delete_at -> Nullable<BigInt>,
        owner_id -> Nullable<BigInt>,
        verified -> Bool,
        redirect_uris -> TextArray,
        grant_types -> TextArray,
        response_types -> TextArray,
        scopes -> TextArray,
        allowed_origins -> TextArray,
        homepage_url -> Nullable<Text>,
        privacy_url -> Nullable<Text>,
        terms_url -> Nullable<Text>,
        logo_url -> Nullable<Text>,
        require_pkce -> Bool,
        silent_token -> Bool,
        may_introspect -> Bool,
        rotate_refresh_tokens -> Bool,
        access_token_lifetime -> Nullable<BigInt>,
        refresh_idle_lifetime -> Nullable<BigInt>,
        refresh_absolute_lifetime -> Nullable<BigInt>,
        refresh_grace -> Nullable<BigInt>,
        managed_by -> Nullable<Text>,
        valid_from -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        organization_access -> Bool,
        metadata -> Text,
    }
}

table! {
    use diesel::sql_types::*;

    client_secrets (id) {
        id -> BigInt,
        client -> BigInt,
        digest -> Binary,
        last_four -> Text,
        imported -> Bool,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
        sealed -> Nullable<Binary>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::store::types::sql_types::TextArray;

    resource_servers (id) {
        id -> BigInt,
        identifier -> Text,
        name -> Text,
        scope_sets -> TextArray,
        client -> Nullable<BigInt>,
        managed_by -> Nullable<Text>,
        created_at -> BigInt,
        access_token_alg -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::store::types::sql_types::TextArray;

    authorizations (id) {
        id -> BigInt,
        user_id -> BigInt,
        client -> BigInt,
        organization_id -> Nullable<BigInt>,
        scopes -> TextArray,
        created_at -> BigInt,
        updated_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        member_id -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::store::types::sql_types::TextArray;

    grants (id) {
        id -> BigInt,
        authorization_id -> BigInt,
        user_id -> BigInt,
        client -> BigInt,
        organization_id -> Nullable<BigInt>,
        session_id -> Nullable<BigInt>,
        scopes -> TextArray,
        authenticated_at -> BigInt,
        code_digest -> Nullable<Binary>,
        code_expires_at -> Nullable<BigInt>,
        redirect_uri -> Nullable<Text>,
        redirect_uri_sent -> Bool,
        code_challenge -> Nullable<Text>,
        redeemed_at -> Nullable<BigInt>,
        redeemed_by -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        revocation_reason -> Nullable<Text>,
        expires_at -> BigInt,
        created_at -> BigInt,
        openid -> Nullable<Text>,
        resources -> TextArray,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::store::types::sql_types::TextArray;

    access_tokens (id) {
        id -> BigInt,
        grant_id -> Nullable<BigInt>,
        client -> BigInt,
        scopes -> TextArray,
        audience -> TextArray,
        digest -> Binary,
        last_four -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    derivation_keys (id) {
        id -> BigInt,
        sealed -> Binary,
        created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    refresh_tokens (id) {
        id -> BigInt,
        grant_id -> BigInt,
        generation -> BigInt,
        digest -> Binary,
        last_four -> Text,
        salt -> Nullable<Binary>,
        derivation_key -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        first_used_at -> Nullable<BigInt>,
        fingerprint -> Nullable<Binary>,
        next_refresh_token -> Nullable<BigInt>,
        next_access_token -> Nullable<BigInt>,
        next_access_expires_at -> Nullable<BigInt>,
        extra_access_tokens -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    consent_requests (id) {
        id -> BigInt,
        digest -> Binary,
        session_id -> BigInt,
        user_id -> BigInt,
        client -> BigInt,
        request -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    used_marks (digest) {
        digest -> Binary,
        expires_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    audit_events (id) {
        id -> BigInt,
        at -> BigInt,
        event -> Text,
        actor_user -> Nullable<BigInt>,
        actor_client -> Nullable<BigInt>,
        actor_label -> Text,
        target_kind -> Text,
        target_id -> Nullable<BigInt>,
        target_label -> Text,
        organization_id -> Nullable<BigInt>,
        address -> Text,
        data -> Text,
        actor_key -> Nullable<BigInt>,
        actor_token -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    refusals (slot) {
        slot -> BigInt,
        reference -> Text,
        at -> BigInt,
        code -> Text,
        description -> Text,
        client_id -> Nullable<Text>,
        address -> Text,
        endpoint -> Text,
        detail -> Text,
    }
}

allow_tables_to_appear_in_same_query!(
    instance,
    users,
    sessions,
    clients,
    client_secrets,
    resource_servers,
    authorizations,
    grants,
    access_tokens,
    derivation_keys,
    refresh_tokens,
    consent_requests,
    used_marks,
    audit_events,
    refusals,
    organizations,
    organization_members,
    teams,
    team_members,
    invitations,
    providers,
    identities,
    sso_flows,
    session_proofs,
    mails,
    mail_links,
    known_devices,
    email_addresses,
    personal_tokens,
    api_keys,
    imported_secrets,
    idempotency_keys,
    hourly_counts,
    organization_clients
);
