//! Tables of logout.

use diesel::table;

table! {
    use diesel::sql_types::*;

    session_clients (id) {
        id -> BigInt,
        session_id -> BigInt,
        client -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;

    logout_tokens (id) {
        id -> BigInt,
        client -> BigInt,
        user_id -> BigInt,
        sid -> Text,
        created_at -> BigInt,
        next_attempt_at -> Nullable<BigInt>,
        claimed_until -> Nullable<BigInt>,
        attempts -> BigInt,
        sent_at -> Nullable<BigInt>,
        failed_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
    }
}
