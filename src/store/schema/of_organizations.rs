//! Tables of organizations, their providers and identities, and of mail.

use diesel::table;

table! {
    use diesel::sql_types::*;

    organizations (id) {
        id -> BigInt,
        public_id -> Text,
        slug -> Text,
        name -> Text,
        status -> Text,
        delete_at -> Nullable<BigInt>,
        default_role -> Text,
        open_membership -> Bool,
        token_max_age -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        application_policy -> Text,
    }
}

table! {
    use diesel::sql_types::*;

    organization_members (id) {
        id -> BigInt,
        organization_id -> BigInt,
        user_id -> BigInt,
        role -> Text,
        status -> Text,
        break_glass_until -> Nullable<BigInt>,
        created_at -> BigInt,
        removed_at -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    teams (id) {
        id -> BigInt,
        organization_id -> BigInt,
        slug -> Text,
        name -> Text,
        created_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    team_members (id) {
        id -> BigInt,
        team_id -> BigInt,
        member_id -> BigInt,
        joined_at -> BigInt,
        by_claim -> Bool,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::store::types::sql_types::TextArray;

    invitations (id) {
        id -> BigInt,
        organization_id -> BigInt,
        email -> Text,
        email_key -> Text,
        role -> Text,
        teams -> TextArray,
        digest -> Binary,
        invited_by -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
        accepted_at -> Nullable<BigInt>,
        accepted_by -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        invited_by_key -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    providers (id) {
        id -> BigInt,
        organization_id -> BigInt,
        kind -> Text,
        settings -> Text,
        sealed_secret -> Nullable<Binary>,
        allow_unlinked -> Bool,
        joining -> Text,
        status -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    identities (id) {
        id -> BigInt,
        provider_id -> BigInt,
        issuer -> Text,
        subject -> Text,
        user_id -> BigInt,
        email -> Nullable<Text>,
        email_verified -> Bool,
        name -> Nullable<Text>,
        sealed_tokens -> Nullable<Binary>,
        recheckable -> Bool,
        status -> Text,
        invalid_reason -> Nullable<Text>,
        last_verified -> BigInt,
        last_synced -> BigInt,
        next_check_at -> Nullable<BigInt>,
        check_failures -> BigInt,
        claimed_until -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    sso_flows (id) {
        id -> BigInt,
        digest -> Binary,
        browser_digest -> Binary,
        flow -> Text,
        organization_id -> BigInt,
        provider_id -> Nullable<BigInt>,
        user_id -> Nullable<BigInt>,
        session_id -> Nullable<BigInt>,
        step -> BigInt,
        sealed -> Binary,
        return_to -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    session_proofs (id) {
        id -> BigInt,
        session_id -> BigInt,
        organization_id -> BigInt,
        provider_id -> BigInt,
        identity_id -> BigInt,
        proven_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    mails (id) {
        id -> BigInt,
        kind -> Text,
        recipient -> Text,
        subject -> Text,
        sealed -> Nullable<Binary>,
        user_id -> Nullable<BigInt>,
        organization_id -> Nullable<BigInt>,
        created_at -> BigInt,
        next_attempt_at -> Nullable<BigInt>,
        claimed_until -> Nullable<BigInt>,
        attempts -> BigInt,
        sent_at -> Nullable<BigInt>,
        failed_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;

    mail_links (id) {
        id -> BigInt,
        kind -> Text,
        user_id -> BigInt,
        email -> Text,
        digest -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    known_devices (id) {
        id -> BigInt,
        user_id -> BigInt,
        device -> Binary,
        network -> Text,
        first_seen_at -> BigInt,
        last_seen_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    email_addresses (id) {
        id -> BigInt,
        user_id -> BigInt,
        email -> Text,
        email_key -> Text,
        verified_at -> BigInt,
        created_at -> BigInt,
    }
}
