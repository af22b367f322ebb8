//! Password hashes that another server made: bcrypt, PBKDF2, scrypt and argon2 in the spellings of PHC strings and of
//! Django. They are read, bounded in cost, compared, and replaced by argon2id at their owner's next sign-in.

use std::num::NonZeroU32;

use argon2::password_hash::phc::PasswordHash;
use aws_lc_rs::pbkdf2;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::constant_time;
use super::digest::sha256;
use super::password::MAXIMUM_PASSES;

/// Bytes one check may hold, in KiB: an import must not let each sign-in take what the machine has.
const MAXIMUM_MEMORY_KIB: u64 = 128 * 1024;
/// KiB times passes, of scrypt and argon2: about two seconds of one core.
const MAXIMUM_WORK_KIB: u64 = 1024 * 1024;
/// Cost of bcrypt: each step doubles the work; 14 is about a second.
const MAXIMUM_BCRYPT_COST: u32 = 14;
/// RFC 8018 section 4.2: below it the hash would be as good as none.
const MINIMUM_ITERATIONS: u32 = 1_000;
const MAXIMUM_ITERATIONS: u32 = 5_000_000;
const SALT_BYTES: std::ops::RangeInclusive<usize> = 1..=256;
const HASH_BYTES: std::ops::RangeInclusive<usize> = 16..=128;

/// Why a hash made elsewhere is not taken. Never holds a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashRefusal {
    /// Another function, or no hash at all.
    #[error("not a hash of a known kind: bcrypt, PBKDF2, scrypt or argon2, as PHC string or as Django writes it")]
    Unknown,
    /// The function is known, what follows its name is not.
    #[error("a {0} hash that cannot be read")]
    Malformed(&'static str),
    /// Each sign-in would cost more than a server can bear.
    #[error("a {0} hash that costs too much to check: {1}")]
    TooDear(&'static str, &'static str),
    /// Whoever reads the database would read the password.
    #[error("a PBKDF2 hash of fewer than {MINIMUM_ITERATIONS} iterations protects nothing")]
    TooCheap,
}

/// A hash that was read and is bearable. Has no `Debug`: it is what a leak would spill.
pub struct ImportedPassword {
    text: String,
    function: Function,
}

enum Function {
    Bcrypt { cost: u32, salt: [u8; 16], hash: [u8; 23], first_sha256: bool },
    Pbkdf2 { algorithm: pbkdf2::Algorithm, iterations: NonZeroU32, salt: Vec<u8>, hash: Vec<u8> },
    Scrypt { params: scrypt::Params, salt: Vec<u8>, hash: Vec<u8> },
    Argon2 { memory_kib: u32 },
}

impl ImportedPassword {
    /// Reads a hash, and refuses one that no sign-in should have to bear.
    ///
    /// # Errors
    /// [`HashRefusal`].
    pub fn parse(text: &str) -> Result<ImportedPassword, HashRefusal> {
        let text = text.strip_prefix("bcrypt$").or_else(|| text.strip_prefix("argon2")).unwrap_or(text);
        let fields: Vec<&str> = text.split('$').collect();
        let function = match *fields.as_slice() {
            ["", "2a" | "2b" | "2y", cost, rest] => bcrypt(cost, rest, false)?,
            ["bcrypt_sha256", "", "2a" | "2b" | "2y", cost, rest] => bcrypt(cost, rest, true)?,
            ["pbkdf2_sha256", iterations, salt, hash] => {
                pbkdf2(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt.as_bytes().to_vec(), hash)?
            }
            ["pbkdf2_sha1", iterations, salt, hash] => {
                pbkdf2(pbkdf2::PBKDF2_HMAC_SHA1, iterations, salt.as_bytes().to_vec(), hash)?
            }
            ["", name @ ("pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512"), iterations, salt, hash] => {
                let algorithm = match name {
                    "pbkdf2-sha256" => pbkdf2::PBKDF2_HMAC_SHA256,
                    "pbkdf2-sha512" => pbkdf2::PBKDF2_HMAC_SHA512,
                    _ => pbkdf2::PBKDF2_HMAC_SHA1,
                };
                let iterations = parameter(iterations, "i").unwrap_or(iterations);
                pbkdf2(algorithm, iterations, decode(salt).ok_or(HashRefusal::Malformed("PBKDF2"))?, hash)?
            }
            ["", "scrypt", costs, salt, hash] => {
                let number = |name| parameter(costs, name).and_then(|value| value.parse().ok());
                let costs = (|| Some((number("ln")?, number("r")?, number("p")?)))();
                scrypt(costs, decode(salt), hash)?
            }
            ["scrypt", n, salt, r, p, hash] => {
                let n: Option<u64> = n.parse().ok().filter(|n: &u64| n.is_power_of_two());
                let costs = (|| Some((n?.ilog2(), r.parse().ok()?, p.parse().ok()?)))();
                scrypt(costs, Some(salt.as_bytes().to_vec()), hash)?
            }
            ["", "argon2i" | "argon2d" | "argon2id", ..] => argon2(text)?,
            _ => return Err(HashRefusal::Unknown),
        };
        Ok(ImportedPassword { text: text.to_owned(), function })
    }

    /// What the column keeps.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Whether [`super::password`] reads it as it reads its own.
    pub(super) fn is_argon2(&self) -> bool {
        matches!(self.function, Function::Argon2 { .. })
    }

    /// Memory one check holds, in KiB; next to nothing where the function has no such cost.
    pub(super) fn memory_kib(&self) -> u32 {
        match &self.function {
            Function::Bcrypt { .. } | Function::Pbkdf2 { .. } => 0,
            // RFC 7914 section 2: 128 bytes times N times r.
            Function::Scrypt { params, .. } => {
                let blocks = 1u64.checked_shl(u32::from(params.log_n())).unwrap_or(u64::MAX);
                u32::try_from(blocks.saturating_mul(u64::from(params.r())) / 8).unwrap_or(u32::MAX)
            }
            Function::Argon2 { memory_kib } => *memory_kib,
        }
    }

    /// Whether the hash is this password's. Bcrypt sees 72 bytes at most, as it did where the hash was made.
    pub(super) fn is_password(&self, password: &[u8]) -> bool {
        match &self.function {
            Function::Bcrypt { cost, salt, hash, first_sha256 } => {
                let shortened = first_sha256.then(|| hex(&sha256(&[password])));
                let password = shortened.as_ref().map_or(password, |text| text.as_bytes());
                let mut ended: Vec<u8> = password.iter().copied().take(72).collect();
                if ended.len() < 72 {
                    ended.push(0);
                }
                constant_time::equal(&bcrypt::bcrypt(*cost, *salt, &ended)[..23], hash)
            }
            Function::Pbkdf2 { algorithm, iterations, salt, hash } => {
                pbkdf2::verify(*algorithm, *iterations, salt, password, hash).is_ok()
            }
            Function::Scrypt { params, salt, hash } => {
                let mut found = vec![0; hash.len()];
                scrypt::scrypt(password, salt, params, &mut found).is_ok() && constant_time::equal(&found, hash)
            }
            Function::Argon2 { .. } => false,
        }
    }
}

fn bcrypt(cost: &str, rest: &str, first_sha256: bool) -> Result<Function, HashRefusal> {
    let malformed = HashRefusal::Malformed("bcrypt");
    let cost: u32 = cost.parse().ok().filter(|_| cost.len() == 2).ok_or(malformed)?;
    if cost > MAXIMUM_BCRYPT_COST {
        return Err(HashRefusal::TooDear("bcrypt", "a cost of at most 14"));
    }
    if cost < 4 || rest.len() != 53 || !rest.is_ascii() {
        return Err(malformed);
    }
    // The last character of each part has bits to spare, and not every maker left them empty.
    let alphabet = GeneralPurpose::new(&alphabet::BCRYPT, LENIENT);
    let read = |text: &str| alphabet.decode(text).ok();
    let (salt, hash) = rest.split_at(22);
    let salt = read(salt).and_then(|salt| salt.try_into().ok()).ok_or(malformed)?;
    let hash = read(hash).and_then(|hash| hash.try_into().ok()).ok_or(malformed)?;
    Ok(Function::Bcrypt { cost, salt, hash, first_sha256 })
}

fn pbkdf2(algorithm: pbkdf2::Algorithm, iterations: &str, salt: Vec<u8>, hash: &str) -> Result<Function, HashRefusal> {
    let malformed = HashRefusal::Malformed("PBKDF2");
    let iterations: NonZeroU32 = iterations.parse().map_err(|_| malformed)?;
    if iterations.get() > MAXIMUM_ITERATIONS {
        return Err(HashRefusal::TooDear("PBKDF2", "at most 5,000,000 iterations"));
    }
    if iterations.get() < MINIMUM_ITERATIONS {
        return Err(HashRefusal::TooCheap);
    }
    let hash = decode(hash).filter(|hash| fits(&salt, hash)).ok_or(malformed)?;
    Ok(Function::Pbkdf2 { algorithm, iterations, salt, hash })
}

/// `costs` are log2 N, r and p (RFC 7914 section 2).
fn scrypt(costs: Option<(u32, u32, u32)>, salt: Option<Vec<u8>>, hash: &str) -> Result<Function, HashRefusal> {
    let malformed = HashRefusal::Malformed("scrypt");
    let ((log_n, r, p), salt) = costs.zip(salt).ok_or(malformed)?;
    let too_dear = HashRefusal::TooDear("scrypt", "at most 128 MiB (N=131072, r=8) and 1 GiB over all p");
    // 128 bytes times N times r, in KiB, of each of p passes.
    let pass = 1u64.checked_shl(log_n.min(63)).and_then(|n| n.checked_mul(u64::from(r))).ok_or(too_dear)? / 8;
    if log_n > 30 || pass > MAXIMUM_MEMORY_KIB || pass.saturating_mul(u64::from(p)) > MAXIMUM_WORK_KIB || p > 64 {
        return Err(too_dear);
    }
    let params = u8::try_from(log_n).ok().filter(|log_n| *log_n > 0);
    let params = params.and_then(|log_n| scrypt::Params::new(log_n, r, p).ok()).ok_or(malformed)?;
    let hash = decode(hash).filter(|hash| fits(&salt, hash)).ok_or(malformed)?;
    Ok(Function::Scrypt { params, salt, hash })
}

/// Compared by the same crate that hashes here, so only cost and form are looked at.
fn argon2(text: &str) -> Result<Function, HashRefusal> {
    let malformed = HashRefusal::Malformed("argon2");
    let parsed = PasswordHash::new(text).map_err(|_| malformed)?;
    let params = argon2::Params::try_from(&parsed).map_err(|_| malformed)?;
    // Without a version it would be read as one it may not be.
    if parsed.version.is_none() || parsed.salt.is_none() || parsed.hash.is_none() {
        return Err(malformed);
    }
    let memory = u64::from(params.m_cost());
    let work = memory.saturating_mul(u64::from(params.t_cost()));
    if memory > MAXIMUM_MEMORY_KIB || work > MAXIMUM_WORK_KIB || params.t_cost() > MAXIMUM_PASSES {
        return Err(HashRefusal::TooDear("argon2", "at most 128 MiB (m=131072), 64 passes, and 1 GiB over all passes"));
    }
    Ok(Function::Argon2 { memory_kib: params.m_cost() })
}

fn fits(salt: &[u8], hash: &[u8]) -> bool {
    SALT_BYTES.contains(&salt.len()) && HASH_BYTES.contains(&hash.len())
}

/// `i=29000,l=32` and the like.
fn parameter<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Base64 with or without padding; passlib writes `.` for `+`.
fn decode(text: &str) -> Option<Vec<u8>> {
    GeneralPurpose::new(&alphabet::STANDARD, LENIENT).decode(text.replace('.', "+")).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "imported_password_tests.rs"]
mod tests;
