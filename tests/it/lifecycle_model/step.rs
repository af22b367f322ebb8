//! What may happen: one step each, and how often. Steps name codes and tokens by their age, so that any part of a
//! sequence is a sequence, and a failing one shrinks.

use proptest::prelude::*;

use super::model::{CLIENTS, USERS};
use super::scopes::{NAMES, Scopes};

/// 0 is the newest.
pub type Age = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    OtherClient,
    OtherVerifier,
    OtherRedirect,
}

#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// The user signs in, comes with a request, and says yes where asked.
    Authorize {
        user: usize,
        client: usize,
        scopes: Scopes,
    },
    /// The same with `prompt=consent`, and no.
    Deny {
        user: usize,
        client: usize,
        scopes: Scopes,
    },
    Redeem {
        code: Age,
        flaw: Flaw,
    },
    Refresh {
        token: Age,
        scopes: Option<Scopes>,
        flaw: Flaw,
    },
    ClientCredentials {
        client: usize,
        scopes: Option<Scopes>,
    },
    RevokeAccess {
        token: Age,
        flaw: Flaw,
    },
    RevokeRefresh {
        token: Age,
        flaw: Flaw,
    },
    /// The user takes back what the client may do.
    RevokeAuthorization {
        user: usize,
        client: usize,
    },
    DisableUser {
        user: usize,
    },
    EnableUser {
        user: usize,
    },
    DisableClient {
        client: usize,
    },
    EnableClient {
        client: usize,
    },
    ChangePassword {
        user: usize,
    },
    SignOutEverywhere {
        user: usize,
    },
    Wait {
        seconds: i64,
    },
    Restart,
}

/// Mostly the newest, sometimes one from before.
fn age() -> impl Strategy<Value = Age> {
    prop_oneof![6 => Just(0usize), 3 => Just(1usize), 3 => 0usize..8]
}

/// Of refresh tokens, as often the one before: most likely the newest one's parent.
fn refresh_age() -> impl Strategy<Value = Age> {
    prop_oneof![5 => Just(0usize), 6 => Just(1usize), 2 => 0usize..8]
}

/// Two codes, one redeemed, and then whatever comes.
pub fn sequence(length: usize) -> impl Strategy<Value = Vec<Step>> {
    let authorize = (0..USERS, 0..CLIENTS, prop::sample::select(vec![0b000110, 0b110110]));
    let begin = authorize.prop_map(|(user, client, scopes)| Step::Authorize { user, client, scopes });
    (prop::collection::vec(begin, 2), prop::collection::vec(step(), length - 3)).prop_map(|(mut begin, rest)| {
        begin.insert(1, Step::Redeem { code: 0, flaw: Flaw::None });
        begin.extend(rest);
        begin
    })
}

fn scopes() -> impl Strategy<Value = Scopes> {
    prop_oneof![3 => prop::sample::select(vec![0b000010, 0b010000, 0b110110, 0b011010]), 1 => 1u8..(1 << NAMES.len())]
}

fn redemption_flaw() -> impl Strategy<Value = Flaw> {
    prop_oneof![
        10 => Just(Flaw::None),
        1 => Just(Flaw::OtherClient),
        1 => Just(Flaw::OtherVerifier),
        1 => Just(Flaw::OtherRedirect),
    ]
}

fn flaw() -> impl Strategy<Value = Flaw> {
    prop_oneof![9 => Just(Flaw::None), 1 => Just(Flaw::OtherClient)]
}

/// Around every limit there is: grace 10 and 60, codes 60, access 300, idle 1200, family 3000.
fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 1i64..=9,
        3 => Just(10),
        3 => prop::sample::select(vec![59, 60, 61]),
        2 => prop::sample::select(vec![299, 300]),
        1 => prop::sample::select(vec![1199, 1200, 1800]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let (user, client) = (|| 0..USERS, || 0..CLIENTS);
    prop_oneof![
        10 => (user(), client(), scopes()).prop_map(|(user, client, scopes)| Step::Authorize { user, client, scopes }),
        2 => (user(), client(), scopes()).prop_map(|(user, client, scopes)| Step::Deny { user, client, scopes }),
        11 => (age(), redemption_flaw()).prop_map(|(code, flaw)| Step::Redeem { code, flaw }),
        34 => (refresh_age(), prop::option::weighted(0.3, scopes()), flaw())
            .prop_map(|(token, scopes, flaw)| Step::Refresh { token, scopes, flaw }),
        3 => (client(), prop::option::of(scopes()))
            .prop_map(|(client, scopes)| Step::ClientCredentials { client, scopes }),
        3 => (age(), flaw()).prop_map(|(token, flaw)| Step::RevokeAccess { token, flaw }),
        2 => (age(), flaw()).prop_map(|(token, flaw)| Step::RevokeRefresh { token, flaw }),
        2 => (user(), client()).prop_map(|(user, client)| Step::RevokeAuthorization { user, client }),
        1 => user().prop_map(|user| Step::DisableUser { user }),
        3 => user().prop_map(|user| Step::EnableUser { user }),
        1 => client().prop_map(|client| Step::DisableClient { client }),
        4 => client().prop_map(|client| Step::EnableClient { client }),
        1 => user().prop_map(|user| Step::ChangePassword { user }),
        1 => user().prop_map(|user| Step::SignOutEverywhere { user }),
        12 => seconds().prop_map(|seconds| Step::Wait { seconds }),
        2 => Just(Step::Restart),
    ]
}
