//! Key, token and password bytes: everything that must not leak, be guessed or be compared carelessly.

pub mod base62;
pub mod constant_time;
pub mod digest;
pub mod hkdf;
pub mod hmac_jwt;
pub mod imported;
pub mod imported_password;
pub mod jwt;
pub mod jwt_id;
pub mod mac;
pub mod master_key;
pub mod own_tokens;
pub mod password;
pub mod random;
pub mod refresh_derivation;
pub mod signing;
pub mod token;
