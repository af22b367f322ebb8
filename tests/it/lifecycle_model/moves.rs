//! What each step does to the model, and what the server must answer to it.

use super::model::{
    ACCESS_LIFETIME, Access, Authorization, CLIENTS, CODE_LIFETIME, EXTRA_TOKENS, FAMILY_LIFETIME, Grant,
    IDLE_LIFETIME, KINDS, Model, Refresh, Use,
};
use super::scopes::{Scopes, covers};
use super::step::{Flaw, Step};

/// The answer to one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was no code or token to do it with.
    Nothing,
    /// Done, no more to say.
    Done,
    /// Nobody could sign in.
    NotSignedIn,
    /// An error page.
    Page,
    /// Back at the client without a code.
    Redirected(&'static str),
    /// Back at the client with the grant's code, after a consent page or silently.
    Code { grant: usize, asked: bool },
    /// An error of the token or revocation endpoint.
    Error(u16, &'static str),
    /// Tokens by their place in the model; places that did not exist before are new tokens.
    Tokens { access: usize, refresh: Option<usize>, scopes: Scopes, expires_in: i64 },
}

const INVALID_CLIENT: Outcome = Outcome::Error(401, "invalid_client");
const INVALID_GRANT: Outcome = Outcome::Error(400, "invalid_grant");
const INVALID_SCOPE: Outcome = Outcome::Error(400, "invalid_scope");

/// From age to place; none where nothing is.
pub fn place(length: usize, age: usize) -> Option<usize> {
    (length > 0).then(|| length - 1 - age % length)
}

/// Who presents what is `client`'s.
pub fn presenter(client: usize, flaw: Flaw) -> usize {
    if flaw == Flaw::OtherClient { (client + 1) % CLIENTS } else { client }
}

impl Model {
    pub fn apply(&mut self, step: Step) -> Outcome {
        match step {
            Step::Authorize { user, client, scopes } => self.authorize(user, client, scopes, true),
            Step::Deny { user, client, scopes } => self.authorize(user, client, scopes, false),
            Step::Redeem { code, flaw } => match place(self.grants.len(), code) {
                Some(grant) => self.redeem(grant, flaw),
                None => Outcome::Nothing,
            },
            Step::Refresh { token, scopes, flaw } => match place(self.refresh.len(), token) {
                Some(token) => self.use_refresh(token, scopes, flaw),
                None => Outcome::Nothing,
            },
            Step::ClientCredentials { client, scopes } => self.client_credentials(client, scopes),
            Step::RevokeAccess { token, flaw } => match place(self.access.len(), token) {
                Some(token) => self.revoke_access(token, flaw),
                None => Outcome::Nothing,
            },
            Step::RevokeRefresh { token, flaw } => match place(self.refresh.len(), token) {
                Some(token) => self.revoke_refresh(token, flaw),
                None => Outcome::Nothing,
            },
            _ => self.govern(step),
        }
    }

    fn govern(&mut self, step: Step) -> Outcome {
        match step {
            Step::RevokeAuthorization { user, client } => {
                if let Some(held) = self.held(user, client) {
                    self.authorizations[held].revoked = true;
                }
            }
            Step::DisableUser { user } => {
                let user = &mut self.users[user];
                user.era += u32::from(user.active);
                user.active = false;
            }
            Step::EnableUser { user } => self.users[user].active = true,
            Step::DisableClient { client } => self.clients[client] = false,
            Step::EnableClient { client } => self.clients[client] = true,
            Step::ChangePassword { user } | Step::SignOutEverywhere { user } => self.users[user].era += 1,
            Step::Wait { seconds } => self.now += seconds,
            _ => {}
        }
        Outcome::Done
    }

    fn authorize(&mut self, user: usize, client: usize, asked: Scopes, allow: bool) -> Outcome {
        if !self.clients[client] {
            return Outcome::Page;
        }
        if !covers(KINDS[client].scopes, asked) {
            return Outcome::Redirected("invalid_scope");
        }
        if !self.users[user].active {
            return Outcome::NotSignedIn;
        }
        if !allow {
            return Outcome::Redirected("access_denied");
        }
        let held = self.held(user, client);
        let covered = held.is_some_and(|held| covers(self.authorizations[held].scopes, asked));
        let silent = covered && KINDS[client].confidential;
        let authorization = held.unwrap_or(self.authorizations.len());
        match held {
            Some(held) => self.authorizations[held].scopes |= asked,
            None => self.authorizations.push(Authorization { user, client, scopes: asked, revoked: false }),
        }
        self.grants.push(Grant {
            authorization,
            era: self.users[user].era,
            scopes: asked,
            code_expires: self.now + CODE_LIFETIME,
            expires: self.now + FAMILY_LIFETIME,
            redeemed: false,
            revoked: false,
        });
        Outcome::Code { grant: self.grants.len() - 1, asked: !silent }
    }

    fn redeem(&mut self, grant: usize, flaw: Flaw) -> Outcome {
        let client = self.client_of(grant);
        if !self.clients[presenter(client, flaw)] {
            return INVALID_CLIENT;
        }
        if flaw != Flaw::None {
            self.grants[grant].redeemed |= self.rules.wrong_verifiers_burn && flaw == Flaw::OtherVerifier;
            return INVALID_GRANT;
        }
        if self.grants[grant].redeemed {
            self.grants[grant].revoked |= !self.rules.replayed_codes_kill_nothing;
            return INVALID_GRANT;
        }
        if self.now >= self.grants[grant].code_expires || !self.lives(grant) {
            return INVALID_GRANT;
        }
        self.grants[grant].redeemed = true;
        let scopes = self.grants[grant].scopes;
        let access = self.new_access(client, Some(grant), scopes);
        let refresh = self.new_refresh(grant);
        self.answer(access, Some(refresh))
    }

    fn use_refresh(&mut self, token: usize, asked: Option<Scopes>, flaw: Flaw) -> Outcome {
        let grant = self.refresh[token].grant;
        let client = self.client_of(grant);
        if !self.clients[presenter(client, flaw)] {
            return INVALID_CLIENT;
        }
        if flaw == Flaw::OtherClient || !self.usable(token) {
            return INVALID_GRANT;
        }
        let granted = self.grants[grant].scopes;
        if asked.is_some_and(|asked| !covers(granted, asked)) {
            return INVALID_SCOPE;
        }
        let scopes = asked.unwrap_or(granted);
        if self.rules.narrowing_sticks {
            self.grants[grant].scopes = scopes;
        }
        if let Some(used) = self.refresh[token].used.clone() {
            return self.replay(token, used, asked, scopes);
        }
        let access = self.new_access(client, Some(grant), scopes);
        if !KINDS[client].rotates {
            self.refresh[token].expires = self.idle_end(grant);
            return self.answer(access, Some(token));
        }
        let refresh = self.new_refresh(grant);
        self.refresh[token].used = Some(Use { at: self.now, asked, refresh, access, extra: 0 });
        self.answer(access, Some(refresh))
    }

    /// Inside the window the same pair, as long as nobody went on with it; after the window the end of the family.
    fn replay(&mut self, token: usize, used: Use, asked: Option<Scopes>, scopes: Scopes) -> Outcome {
        let grant = self.refresh[token].grant;
        let client = self.client_of(grant);
        if self.now >= used.at + KINDS[client].grace {
            self.grants[grant].revoked |= !self.rules.reuse_kills_nothing;
            return INVALID_GRANT;
        }
        if self.rules.grace_slides {
            self.refresh[token].used = Some(Use { at: self.now, ..used.clone() });
        }
        let next = &self.access[used.access];
        if self.refresh[used.refresh].used.is_some() || next.revoked || self.now >= next.expires {
            return INVALID_GRANT;
        }
        if used.asked == asked {
            return self.answer(used.access, Some(used.refresh));
        }
        if used.extra == EXTRA_TOKENS {
            return INVALID_GRANT;
        }
        if let Some(used) = &mut self.refresh[token].used {
            used.extra += 1;
        }
        let access = self.new_access(client, Some(grant), scopes);
        self.answer(access, Some(used.refresh))
    }

    fn client_credentials(&mut self, client: usize, asked: Option<Scopes>) -> Outcome {
        if !self.clients[client] {
            return INVALID_CLIENT;
        }
        if !KINDS[client].confidential {
            return Outcome::Error(400, "unauthorized_client");
        }
        let registered = KINDS[client].scopes;
        if asked.is_some_and(|asked| !covers(registered, asked)) {
            return INVALID_SCOPE;
        }
        let access = self.new_access(client, None, asked.unwrap_or(registered));
        self.answer(access, None)
    }

    fn revoke_access(&mut self, token: usize, flaw: Flaw) -> Outcome {
        let client = self.access[token].client;
        if !self.clients[presenter(client, flaw)] {
            return INVALID_CLIENT;
        }
        self.access[token].revoked |= flaw != Flaw::OtherClient;
        Outcome::Done
    }

    fn revoke_refresh(&mut self, token: usize, flaw: Flaw) -> Outcome {
        let grant = self.refresh[token].grant;
        if !self.clients[presenter(self.client_of(grant), flaw)] {
            return INVALID_CLIENT;
        }
        if flaw != Flaw::OtherClient && !self.rules.revocations_kill_nothing {
            self.grants[grant].revoked = true;
        }
        Outcome::Done
    }

    fn new_access(&mut self, client: usize, grant: Option<usize>, scopes: Scopes) -> usize {
        let end = grant.map_or(i64::MAX, |grant| self.grants[grant].expires);
        let expires = (self.now + ACCESS_LIFETIME).min(end);
        self.access.push(Access { client, grant, scopes, issued: self.now, expires, revoked: false });
        self.access.len() - 1
    }

    fn new_refresh(&mut self, grant: usize) -> usize {
        let expires = self.idle_end(grant);
        self.refresh.push(Refresh { grant, issued: self.now, expires, used: None });
        self.refresh.len() - 1
    }

    fn idle_end(&self, grant: usize) -> i64 {
        (self.now + IDLE_LIFETIME).min(self.grants[grant].expires)
    }

    fn answer(&self, access: usize, refresh: Option<usize>) -> Outcome {
        let row = &self.access[access];
        Outcome::Tokens { access, refresh, scopes: row.scopes, expires_in: row.expires - self.now }
    }
}
