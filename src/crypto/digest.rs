//! SHA-256 over concatenated parts. Callers whose parts vary in length put the lengths in, or use `mac`.

use aws_lc_rs::digest::{Context, SHA256};

/// SHA-256 of the parts written one after the other: 32 bytes.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn the_digest_of_abc_is_the_one_of_fips_180() {
        let hex: String = sha256(&[b"a", b"bc"]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
