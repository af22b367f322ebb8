//! Answers at a redirect URI. The registered text is edited, never parsed and written anew: `https://example.com`
//! stays without a slash (RFC 6749 section 4.1.2).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986, so that form decoders and URI decoders read the same bytes and no
/// line break can reach a header.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parameters a client acts on. One of these in the registered query would stand beside the answer's own, or pass
/// for an answer's where it has none, so it is left out (C06).
const RESPONSE_PARAMETERS: [&str; 9] =
    ["code", "state", "iss", "error", "error_description", "access_token", "id_token", "response", "session_state"];

/// The `Location` of an answer in the query (`response_mode=query`). The registered query is kept in front.
pub fn query_location(redirect_uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut location = without_answers(redirect_uri, parameters);
    if parameters.is_empty() {
        return location;
    }
    match location.split_once('?') {
        None => location.push('?'),
        Some((_, query)) if query.is_empty() || query.ends_with('&') => {}
        Some(_) => location.push('&'),
    }
    location + &encode(parameters)
}

/// The `Location` of an answer in the fragment (`response_mode=fragment`).
pub fn fragment_location(redirect_uri: &str, parameters: &[(&str, &str)]) -> String {
    let location = without_answers(redirect_uri, parameters);
    match parameters.is_empty() {
        true => location,
        false => format!("{location}#{}", encode(parameters)),
    }
}

fn encode(parameters: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        format!("{}={}", utf8_percent_encode(name, ENCODED), utf8_percent_encode(value, ENCODED))
    };
    parameters.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The registered text without a fragment and without parameters an answer may have; all else byte for byte.
fn without_answers(redirect_uri: &str, parameters: &[(&str, &str)]) -> String {
    let text = redirect_uri.split_once('#').map_or(redirect_uri, |(before, _)| before);
    let Some((base, query)) = text.split_once('?') else { return text.to_owned() };
    let is_answer = |part: &&str| {
        let name = part.split_once('=').map_or(*part, |(name, _)| name).replace('+', " ");
        let name = percent_decode_str(&name).decode_utf8_lossy();
        RESPONSE_PARAMETERS.contains(&name.as_ref()) || parameters.iter().any(|(known, _)| *known == name)
    };
    if !query.split('&').any(|part| is_answer(&part)) {
        return text.to_owned();
    }
    let kept: Vec<_> = query.split('&').filter(|part| !is_answer(part)).collect();
    if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S7, S1: no slash is inserted.
    #[test]
    fn the_registered_text_stays_as_it_is() {
        for (uri, expected) in [
            ("https://example.com", "https://example.com?code=abc"),
            ("https://example.com/", "https://example.com/?code=abc"),
            ("https://Example.com:443/%7Ea/", "https://Example.com:443/%7Ea/?code=abc"),
            ("https://example.com/cb?x=1", "https://example.com/cb?x=1&code=abc"),
            ("https://example.com/cb?x=&y&&x=%20+", "https://example.com/cb?x=&y&&x=%20+&code=abc"),
            ("https://example.com/cb?", "https://example.com/cb?code=abc"),
            ("https://example.com/cb?x=1&", "https://example.com/cb?x=1&code=abc"),
            ("com.example.app:/cb", "com.example.app:/cb?code=abc"),
            ("https://example.com/cb#old", "https://example.com/cb?code=abc"),
        ] {
            assert_eq!(query_location(uri, &[("code", "abc")]), expected);
        }
        assert_eq!(query_location("https://example.com", &[]), "https://example.com");
    }

    /// S5, S14, S15.
    #[test]
    fn a_fragment_follows_the_whole_uri() {
        let denied = [("error", "access_denied")];
        assert_eq!(fragment_location("https://example.com", &denied), "https://example.com#error=access_denied");
        assert_eq!(
            fragment_location("https://example.com?x=1", &denied),
            "https://example.com?x=1#error=access_denied"
        );
        assert_eq!(fragment_location("https://example.com#old", &denied), "https://example.com#error=access_denied");
    }

    /// A06: decoded either way, the client has the bytes it sent.
    #[test]
    fn state_comes_back_byte_for_byte() {
        for state in ["x y+z", "a&b=c#d?e", "\u{e9}\u{1f680}", "%20%zz", "\r\nSet-Cookie: a=b", "\"<>\\^`{|}", "-._~"] {
            let location = query_location("https://c.test/cb?x=1", &[("code", "1"), ("state", state)]);
            assert!(location.bytes().all(|byte| byte.is_ascii_graphic()), "{location}");
            let parsed = url::Url::parse(&location).unwrap();
            let pairs: Vec<_> = parsed.query_pairs().collect();
            assert_eq!(pairs[2], ("state".into(), state.into()));
            let raw = location.rsplit_once("state=").unwrap().1;
            assert_eq!(percent_decode_str(raw).decode_utf8().unwrap(), state);
        }
    }

    /// C06: each response parameter once, whatever was registered.
    #[test]
    fn a_registered_parameter_never_stands_beside_the_answers() {
        let answer = [("code", "good"), ("iss", "https://as.test")];
        for uri in [
            "https://c.test/cb?code=evil&x=1",
            "https://c.test/cb?x=1&c%6fde=evil&code",
            "https://c.test/cb?state=planted&x=1&iss=evil&error=e",
        ] {
            assert_eq!(query_location(uri, &answer), "https://c.test/cb?x=1&code=good&iss=https%3A%2F%2Fas.test");
        }
        assert_eq!(query_location("https://c.test/cb?code=evil", &[("code", "1")]), "https://c.test/cb?code=1");
        assert_eq!(
            fragment_location("https://c.test/cb?access_token=e", &[("error", "x")]),
            "https://c.test/cb#error=x"
        );
        assert_eq!(
            query_location("https://c.test/cb?scope=mine", &[("code", "1")]),
            "https://c.test/cb?scope=mine&code=1"
        );
        assert_eq!(query_location("https://c.test/cb?scope=mine", &[("scope", "a")]), "https://c.test/cb?scope=a");
    }
}
