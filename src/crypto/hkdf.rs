//! One key from another: HKDF-SHA256 (RFC 5869) without salt, one label for each use.

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};

/// 32 bytes derived from `secret` for the use named by `label`.
pub fn derive(secret: &[u8; 32], label: &str) -> [u8; 32] {
    expand(secret, label.as_bytes())
}

fn expand(secret: &[u8], info: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let prk = Salt::new(HKDF_SHA256, b"").extract(secret);
    let info = [info];
    let filled = prk.expand(&info, HKDF_SHA256).and_then(|okm| okm.fill(&mut out));
    filled.expect("HKDF-SHA256 gives up to 255 blocks of 32 bytes, one is asked");
    out
}

#[cfg(test)]
mod tests {
    use super::{derive, expand};

    #[test]
    fn the_third_test_case_of_rfc_5869_holds() {
        let hex: String = expand(&[0x0b; 22], b"").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    }

    #[test]
    fn another_label_gives_another_key() {
        assert_ne!(derive(&[7; 32], "one"), derive(&[7; 32], "two"));
        assert_ne!(derive(&[7; 32], "one"), derive(&[8; 32], "one"));
    }
}
