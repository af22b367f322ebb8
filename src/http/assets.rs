//! The one stylesheet and the favicon, embedded. Their addresses carry a hash of their content, so they may be cached
//! for ever (`Cache-Control: public, max-age=31536000, immutable`) and a new build is fetched at once.

use std::sync::LazyLock;

const STYLESHEET: &str = concat!(
    include_str!("../../templates/assets/1-ground.css"),
    include_str!("../../templates/assets/2-parts.css"),
    include_str!("../../templates/assets/3-pages.css"),
    include_str!("../../templates/assets/4-playground.css"),
    include_str!("../../templates/assets/5-organizations.css"),
    include_str!("../../templates/assets/6-account.css"),
    include_str!("../../templates/assets/7-administration.css"),
);
const ICON: &str = include_str!("../../templates/assets/mark.svg");

/// One embedded file.
pub struct Asset {
    /// Path below the issuer's base, e.g. `/assets/grantor-0123456789abcdef.css`.
    pub path: String,
    /// Value for `Content-Type`.
    pub content_type: &'static str,
    /// The file's bytes.
    pub body: &'static [u8],
}

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    let asset = |name: &str, extension: &str, content_type, text: &'static str| Asset {
        path: format!("/assets/{name}-{:016x}.{extension}", fnv1a(text.as_bytes())),
        content_type,
        body: text.as_bytes(),
    };
    [
        asset("grantor", "css", "text/css; charset=utf-8", STYLESHEET),
        asset("mark", "svg", "image/svg+xml; charset=utf-8", ICON),
    ]
});

/// The stylesheet every page links to.
#[must_use]
pub fn stylesheet() -> &'static Asset {
    &ASSETS[0]
}

/// The favicon every page links to.
#[must_use]
pub fn icon() -> &'static Asset {
    &ASSETS[1]
}

/// The asset at `path` (below the issuer's base), if there is one: the whole path must match, hash included.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// FNV-1a, 64 bits: names a version of our own files, protects nothing.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_by_its_hashed_path_only() {
        assert_eq!(find(&stylesheet().path).map(|asset| asset.content_type), Some("text/css; charset=utf-8"));
        assert!(find("/assets/grantor.css").is_none());
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8, "the published test vector of FNV-1a");
    }

    /// A11: the stylesheet loads nothing, so no page can leak its address through it.
    #[test]
    fn the_stylesheet_names_no_other_resource() {
        for needle in ["url(", "@import", "http:", "https:", "//"] {
            assert!(!STYLESHEET.contains(needle), "{needle} in the stylesheet");
        }
    }
}
