//! Query strings and forms.

use grantor::protocol::params::Params;
use proptest::prelude::*;

use super::config;

/// Bytes that mean something here, and some that do not.
fn encoded() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "a", "b", "=", "&", "+", "%", "%41", "%zz", "%00", "%c3%a9", "%c3", "%ff", ";", "%2"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// What a browser's decoder makes of it.
fn slowly(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}

proptest! {
    #![proptest_config(config())]

    /// A14, D3 rows 21 and 22: no bytes make it panic, and what is read is what everybody reads.
    #[test]
    fn any_bytes_are_read_as_everybody_reads_them_or_refused(encoded in encoded()) {
        if let Ok(params) = Params::parse(&encoded) {
            let pairs: Vec<_> = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            prop_assert_eq!(&pairs, &slowly(&encoded));
            for (name, value) in &pairs {
                let times = pairs.iter().filter(|(other, _)| other == name).count();
                let once = params.once(name);
                prop_assert_eq!(once.is_err(), times > 1);
                if times == 1 {
                    let expected = (!value.is_empty()).then_some(value.as_str());
                    prop_assert_eq!(once.ok().flatten(), expected);
                }
            }
        }
    }

    #[test]
    fn what_is_written_reads_back(pairs in prop::collection::vec(("\\PC{1,8}", "\\PC{0,8}"), 0..8)) {
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let Ok(params) = Params::parse(text.as_bytes()) else {
            return Err(TestCaseError::fail(format!("refused: {text}")));
        };
        let read: Vec<_> = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(read, pairs);
        let again = Params::parse(params.encode().as_bytes());
        prop_assert!(again.is_ok_and(|again| again == params));
    }
}
