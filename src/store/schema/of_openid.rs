//! Tables of the OpenID Provider.

use diesel::table;

table! {
    use diesel::sql_types::*;

    signing_keys (id) {
        id -> BigInt,
        kid -> Text,
        algorithm -> Text,
        sealed -> Nullable<Binary>,
        public_jwk -> Text,
        created_at -> BigInt,
        active_from -> BigInt,
        retired_at -> Nullable<BigInt>,
        published_until -> Nullable<BigInt>,
        withdrawn_at -> Nullable<BigInt>,
    }
}
