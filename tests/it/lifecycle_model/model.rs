//! The lifecycle as a few vectors and rules: what the server must answer, written without looking at how it does it.

use super::rules::Rules;
use super::scopes::{self, Scopes};

pub const USERS: usize = 2;
pub const CLIENTS: usize = 3;

pub const CODE_LIFETIME: i64 = 60;
pub const ACCESS_LIFETIME: i64 = 300;
pub const IDLE_LIFETIME: i64 = 1200;
pub const FAMILY_LIFETIME: i64 = 3000;
/// More tokens for other scopes than this are not given in one window.
pub const EXTRA_TOKENS: usize = 8;

/// How the three clients differ.
#[derive(Clone, Copy)]
pub struct Kind {
    pub confidential: bool,
    pub rotates: bool,
    pub grace: i64,
    pub scopes: Scopes,
}

pub const KINDS: [Kind; CLIENTS] = [
    Kind { confidential: true, rotates: true, grace: 60, scopes: 0b111111 },
    Kind { confidential: false, rotates: true, grace: 10, scopes: 0b110110 },
    Kind { confidential: true, rotates: false, grace: 60, scopes: 0b111111 },
];

#[derive(Clone)]
pub struct User {
    pub active: bool,
    /// Counts what voids everything before: new passwords, sign-outs everywhere, disablings.
    pub era: u32,
}

#[derive(Clone)]
pub struct Authorization {
    pub user: usize,
    pub client: usize,
    pub scopes: Scopes,
    pub revoked: bool,
}

#[derive(Clone)]
pub struct Grant {
    pub authorization: usize,
    pub era: u32,
    pub scopes: Scopes,
    pub code_expires: i64,
    pub expires: i64,
    pub redeemed: bool,
    pub revoked: bool,
}

#[derive(Clone)]
pub struct Access {
    pub client: usize,
    /// None for client credentials.
    pub grant: Option<usize>,
    pub scopes: Scopes,
    pub issued: i64,
    pub expires: i64,
    pub revoked: bool,
}

#[derive(Clone)]
pub struct Refresh {
    pub grant: usize,
    pub issued: i64,
    pub expires: i64,
    pub used: Option<Use>,
}

/// The first use of a refresh token.
#[derive(Clone)]
pub struct Use {
    pub at: i64,
    pub asked: Option<Scopes>,
    pub refresh: usize,
    pub access: usize,
    pub extra: usize,
}

#[derive(Clone)]
pub struct Model {
    pub rules: Rules,
    pub now: i64,
    pub users: Vec<User>,
    pub clients: Vec<bool>,
    pub authorizations: Vec<Authorization>,
    pub grants: Vec<Grant>,
    pub access: Vec<Access>,
    pub refresh: Vec<Refresh>,
}

/// What introspection must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// The asking client may not ask at all now.
    Refused,
    Inactive,
    Active {
        scope: String,
        client: usize,
        user: Option<usize>,
        /// Seconds since the model began.
        issued: i64,
        expires: i64,
    },
}

impl Model {
    pub fn new(rules: Rules) -> Model {
        Model {
            rules,
            now: 0,
            users: vec![User { active: true, era: 0 }; USERS],
            clients: vec![true; CLIENTS],
            authorizations: Vec::new(),
            grants: Vec::new(),
            access: Vec::new(),
            refresh: Vec::new(),
        }
    }

    pub fn client_of(&self, grant: usize) -> usize {
        self.authorizations[self.grants[grant].authorization].client
    }

    pub fn user_of(&self, grant: usize) -> usize {
        self.authorizations[self.grants[grant].authorization].user
    }

    /// What the user lets the client have now.
    pub fn held(&self, user: usize, client: usize) -> Option<usize> {
        self.authorizations.iter().rposition(|row| row.user == user && row.client == client && !row.revoked)
    }

    /// Whether a grant still carries tokens.
    pub fn lives(&self, grant: usize) -> bool {
        let row = &self.grants[grant];
        let authorization = &self.authorizations[row.authorization];
        let user = &self.users[authorization.user];
        let authorized = !authorization.revoked
            || (self.rules.consent_revives && self.held(authorization.user, authorization.client).is_some());
        let honoured = user.active && (row.era == user.era || self.rules.passwords_end_nothing);
        !row.revoked && authorized && honoured && self.now < row.expires
    }

    /// What the resource server is told of an access token.
    pub fn introspect_access(&self, token: usize) -> Introspection {
        let row = &self.access[token];
        let lives = row.grant.is_none_or(|grant| self.lives(grant));
        if !self.clients[row.client] || row.revoked || self.now >= row.expires || !lives {
            return Introspection::Inactive;
        }
        Introspection::Active {
            scope: scopes::text(scopes::closure(row.scopes)),
            client: row.client,
            user: row.grant.map(|grant| self.user_of(grant)),
            issued: row.issued,
            expires: row.expires,
        }
    }

    /// What its own client is told of a refresh token; a public client cannot ask, and to others it is nothing.
    pub fn introspect_refresh(&self, token: usize) -> Introspection {
        let row = &self.refresh[token];
        let client = self.client_of(row.grant);
        if KINDS[client].confidential && !self.clients[client] {
            return Introspection::Refused;
        }
        if !KINDS[client].confidential || !self.usable(token) || row.used.is_some() {
            return Introspection::Inactive;
        }
        Introspection::Active {
            scope: scopes::text(scopes::closure(self.grants[row.grant].scopes)),
            client,
            user: Some(self.user_of(row.grant)),
            issued: row.issued,
            expires: row.expires,
        }
    }

    /// Whether a refresh with it is worth more than a look: a used token's own end does not matter.
    pub fn usable(&self, token: usize) -> bool {
        let row = &self.refresh[token];
        self.lives(row.grant) && (row.used.is_some() || self.now < row.expires)
    }
}
