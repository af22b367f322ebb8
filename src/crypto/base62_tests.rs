use super::*;
use proptest::prelude::*;

#[test]
fn the_ends_of_each_range_have_the_texts_they_should() {
    assert_eq!(encode_u32(0), "000000");
    assert_eq!(encode_u32(61), "00000z");
    assert_eq!(encode_u32(62), "000010");
    assert_eq!(encode_u32(u32::MAX), "4gfFC3");
    assert_eq!(encode_u64(u64::MAX), "LygHa16AHYF");
    assert_eq!(encode_bytes32(&[0; 32]), "0".repeat(43));
    assert_eq!(decode_bytes32(&encode_bytes32(&[0xff; 32])), Some([0xff; 32]));
}

#[test]
fn a_value_past_the_end_of_its_range_is_refused() {
    assert_eq!(decode_u32("4gfFC3"), Some(u32::MAX));
    assert_eq!(decode_u32("4gfFC4"), None);
    assert_eq!(decode_u64("LygHa16AHYF"), Some(u64::MAX));
    assert_eq!(decode_u64("LygHa16AHYG"), None);
    assert_eq!(decode_u64(&"z".repeat(11)), None);
    assert_eq!(decode_bytes32(&"z".repeat(43)), None);
    let mut past_the_end = encode_bytes32(&[0xff; 32]).into_bytes();
    *past_the_end.last_mut().expect("43 characters") += 1;
    assert_eq!(decode_bytes32(std::str::from_utf8(&past_the_end).expect("ASCII")), None);
}

#[test]
fn other_widths_and_characters_are_refused() {
    for text in ["", "00000", "0000000", "00000-", "00000 ", "0000é", "+00000"] {
        assert_eq!(decode_u32(text), None, "{text}");
    }
    assert_eq!(decode_u64("0000000000"), None);
    assert_eq!(decode_u64("000000000000"), None);
    assert_eq!(decode_bytes32(&"0".repeat(42)), None);
    assert_eq!(decode_bytes32(&"0".repeat(44)), None);
}

proptest! {
    #[test]
    fn what_was_encoded_decodes_and_sorts_the_same(a: u64, b: u64) {
        prop_assert_eq!(decode_u64(&encode_u64(a)), Some(a));
        prop_assert_eq!(a.cmp(&b), encode_u64(a).cmp(&encode_u64(b)));
    }

    #[test]
    fn what_was_encoded_of_bytes_decodes_and_sorts_the_same(a: [u8; 32], b: [u8; 32]) {
        prop_assert_eq!(decode_bytes32(&encode_bytes32(&a)), Some(a));
        prop_assert_eq!(a.cmp(&b), encode_bytes32(&a).cmp(&encode_bytes32(&b)));
    }

    #[test]
    fn what_decodes_encodes_to_itself(text in "[0-9A-Za-z]{43}") {
        if let Some(bytes) = decode_bytes32(&text) {
            prop_assert_eq!(encode_bytes32(&bytes), text);
        }
    }
}
