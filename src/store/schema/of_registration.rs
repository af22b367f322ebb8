//! Tables of clients that register themselves.

use diesel::{allow_tables_to_appear_in_same_query, table};

use super::{authorizations, clients};

table! {
    use diesel::sql_types::*;

    initial_access_tokens (id) {
        id -> BigInt,
        digest -> Binary,
        last_four -> Text,
        name -> Text,
        organization_id -> Nullable<BigInt>,
        created_by -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        uses_left -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;

    client_registrations (client) {
        client -> BigInt,
        digest -> Binary,
        last_four -> Text,
        registered_at -> BigInt,
        initial_token -> Nullable<BigInt>,
        organization_id -> Nullable<BigInt>,
    }
}

allow_tables_to_appear_in_same_query!(client_registrations, clients);
allow_tables_to_appear_in_same_query!(client_registrations, authorizations);
