//! Base62 of fixed width: digits, capitals, small letters, most significant first. Each value has exactly one text,
//! and texts of one width sort like their values.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters of an encoded `u32`.
pub const U32_WIDTH: usize = 6;
/// Characters of an encoded `u64`.
pub const U64_WIDTH: usize = 11;
/// Characters of 32 encoded bytes.
pub const BYTES32_WIDTH: usize = 43;

/// Six characters.
pub fn encode_u32(value: u32) -> String {
    encode_width(u64::from(value), U32_WIDTH)
}

/// The value of exactly six characters; `None` if it is not below 2^32.
pub fn decode_u32(text: &str) -> Option<u32> {
    u32::try_from(decode_width(text, U32_WIDTH)?).ok()
}

/// Eleven characters.
pub fn encode_u64(value: u64) -> String {
    encode_width(value, U64_WIDTH)
}

/// The value of exactly eleven characters; `None` if it is not below 2^64.
pub fn decode_u64(text: &str) -> Option<u64> {
    decode_width(text, U64_WIDTH)
}

/// Forty-three characters, the bytes read as one big-endian number.
pub fn encode_bytes32(bytes: &[u8; 32]) -> String {
    let mut number = *bytes;
    let mut text = [0_u8; BYTES32_WIDTH];
    for place in text.iter_mut().rev() {
        let mut remainder = 0_u32;
        for byte in &mut number {
            let dividend = (remainder << 8) | u32::from(*byte);
            *byte = low_byte(dividend / 62);
            remainder = dividend % 62;
        }
        *place = ALPHABET[remainder as usize];
    }
    text.iter().map(|&byte| char::from(byte)).collect()
}

/// The bytes of exactly forty-three characters; `None` if the number is not below 2^256.
pub fn decode_bytes32(text: &str) -> Option<[u8; 32]> {
    if text.len() != BYTES32_WIDTH {
        return None;
    }
    let mut number = [0_u8; 32];
    for character in text.bytes() {
        let mut carry = u32::from(digit(character)?);
        for byte in number.iter_mut().rev() {
            let product = u32::from(*byte) * 62 + carry;
            *byte = low_byte(product);
            carry = product >> 8;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(number)
}

/// The character of a digit below 62; for texts drawn character by character.
pub(super) fn character(digit: u8) -> char {
    char::from(ALPHABET[usize::from(digit % 62)])
}

fn encode_width(mut value: u64, width: usize) -> String {
    let mut text = vec!['0'; width];
    for place in text.iter_mut().rev() {
        *place = character(low_byte(u32::try_from(value % 62).unwrap_or(0)));
        value /= 62;
    }
    text.into_iter().collect()
}

fn decode_width(text: &str, width: usize) -> Option<u64> {
    if text.len() != width {
        return None;
    }
    text.bytes().try_fold(0_u64, |value, character| value.checked_mul(62)?.checked_add(u64::from(digit(character)?)))
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'A'..=b'Z' => Some(character - b'A' + 10),
        b'a'..=b'z' => Some(character - b'a' + 36),
        _ => None,
    }
}

fn low_byte(value: u32) -> u8 {
    value.to_le_bytes()[0]
}

#[cfg(test)]
#[path = "base62_tests.rs"]
mod tests;
