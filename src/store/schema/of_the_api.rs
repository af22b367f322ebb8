//! Tables of the API: personal tokens, keys, what was imported, what may come twice, and what is counted.

use diesel::table;

table! {
    use diesel::sql_types::*;
    use crate::store::types::sql_types::TextArray;

    personal_tokens (id) {
        id -> BigInt,
        public_id -> Text,
        user_id -> BigInt,
        name -> Text,
        scopes -> TextArray,
        audience -> TextArray,
        organization_id -> Nullable<BigInt>,
        member_id -> Nullable<BigInt>,
        digest -> Binary,
        last_four -> Text,
        imported -> Bool,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::store::types::sql_types::TextArray;

    api_keys (id) {
        id -> BigInt,
        public_id -> Text,
        organization_id -> BigInt,
        label -> Text,
        scopes -> TextArray,
        allowed_origins -> TextArray,
        status -> Text,
        sso_policy -> Text,
        creator_id -> Nullable<BigInt>,
        digest -> Binary,
        last_four -> Text,
        imported -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    imported_secrets (id) {
        id -> BigInt,
        digest -> Binary,
        kind -> Text,
        row_id -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    idempotency_keys (id) {
        id -> BigInt,
        digest -> Binary,
        body_digest -> Binary,
        row_id -> BigInt,
        status -> Nullable<BigInt>,
        answer -> Nullable<Text>,
        claimed_until -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    hourly_counts (hour, name, label) {
        hour -> BigInt,
        name -> Text,
        label -> Text,
        count -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    organization_clients (id) {
        id -> BigInt,
        organization_id -> BigInt,
        client -> BigInt,
        status -> Text,
        asked_by -> Nullable<BigInt>,
        decided_by -> Nullable<BigInt>,
        created_at -> BigInt,
        decided_at -> Nullable<BigInt>,
    }
}
