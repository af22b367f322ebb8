//! Client credentials in the Authorization header (RFC 6749 section 2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantor::protocol::basic::Credentials;
use proptest::prelude::*;

use super::config;
use crate::support::relying_party::basic;

proptest! {
    #![proptest_config(config())]

    /// A31: colons, spaces, plus signs and letters beyond ASCII arrive as they were sent.
    #[test]
    fn any_credentials_arrive_as_they_were_sent(id in "[ -~é世]{1,20}", secret in "[ -~é世]{0,30}") {
        let read = Credentials::from_basic(&basic(&id, &secret));
        prop_assert!(read.is_ok_and(|read| read.client_id == id && read.client_secret == secret));
    }

    #[test]
    fn no_header_makes_it_panic(header in "\\PC{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _any = Credentials::from_basic(&header);
        let _scheme = Credentials::from_basic(&format!("Basic {header}"));
        if let Ok(read) = Credentials::from_basic(&format!("basic {}", STANDARD.encode(&bytes))) {
            prop_assert!(!read.client_id.is_empty() && bytes.contains(&b':'));
        }
    }
}
