//! Scopes as bits, and what implies what, written down a second time.

/// Bits over [`NAMES`].
pub type Scopes = u8;

pub const NAMES: [&str; 6] = ["org:admin", "org:read", "org:write", "project:releases", "team:read", "team:write"];

/// With each scope all it implies.
const IMPLIES: [Scopes; 6] = [0b000111, 0b000010, 0b000110, 0b001000, 0b010000, 0b110000];

pub fn closure(scopes: Scopes) -> Scopes {
    let held = (0..NAMES.len()).filter(|bit| scopes & (1 << bit) != 0);
    held.fold(0, |closure, bit| closure | IMPLIES[bit])
}

/// Whether holding `held` allows all of `asked`.
pub fn covers(held: Scopes, asked: Scopes) -> bool {
    asked & !closure(held) == 0
}

/// As on the wire: sorted, a space between.
pub fn text(scopes: Scopes) -> String {
    let names: Vec<_> = (0..NAMES.len()).filter(|bit| scopes & (1 << bit) != 0).map(|bit| NAMES[bit]).collect();
    names.join(" ")
}
