//! Invitations that a key sent: they are worth what the key is worth, and end with it.

use std::sync::Arc;

use crate::app::App;
use crate::flows::sso::access::TokenRules;
use crate::protocol::NumericDate;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::roles::Roles;
use crate::store::api_keys::ApiKeyRow;
use crate::store::invitations::{self, InvitationRow};
use crate::store::member_standing::MemberStanding;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, Conn, QueryResult, Write};

/// What a key is judged by, as a value that a transaction may hold.
#[derive(Clone)]
pub struct Rules {
    catalogue: Catalogue,
    roles: Arc<Roles>,
    tokens: TokenRules,
    now: NumericDate,
}

impl Rules {
    /// As they are now.
    pub fn of(app: &App) -> Rules {
        Rules {
            catalogue: app.catalogue.clone(),
            roles: Arc::clone(&app.roles),
            tokens: TokenRules::of(app),
            now: app.clock.now(),
        }
    }

    /// Whether whoever sent an invitation could still send it, if a key did; people's go with their roles.
    ///
    /// # Errors
    /// The database's.
    pub fn stands(&self, conn: &mut Conn, row: &InvitationRow) -> QueryResult<bool> {
        let Some(key) = row.invited_by_key else { return Ok(true) };
        let key = ApiKeyRow::load(conn, key)?.filter(|key| key.organization_id == row.organization_id);
        match key {
            Some(key) => self.could_send(conn, &key, &row.role),
            None => Ok(false),
        }
    }

    fn could_send(&self, conn: &mut Conn, key: &ApiKeyRow, role: &str) -> QueryResult<bool> {
        let scopes = self.catalogue.closure(&key.scopes);
        let could = scopes.contains("member:write") && self.roles.manages_within(role, &scopes);
        if !key.is_live(self.now) || !could {
            return Ok(false);
        }
        let Some(maker) = key.creator_id.filter(|_| key.sso_policy == "creator") else {
            return Ok(key.sso_policy != "creator");
        };
        // Nobody who could not use the key now sends anything through it: neither whose account is shut, nor whom their
        // organization's provider does not vouch for.
        let Some(maker) = MemberStanding::load(conn, maker)? else { return Ok(false) };
        if !UserRow::load(conn, maker.member.user_id)?.is_some_and(|user| user.is_active())
            || !self.tokens.standing(&maker).is_good()
        {
            return Ok(false);
        }
        let held = &maker.member.role;
        Ok(self.roles.allows(held, "member:write") && self.roles.reaches(held, role))
    }

    /// Takes back what the key sent and, as it is now, could not send any more; which. Part of the change of the key,
    /// and told by its event.
    ///
    /// # Errors
    /// The database's.
    pub fn take_back(&self, write: &mut Write<'_>, key: &ApiKeyRow) -> QueryResult<Vec<InvitationRow>> {
        let mut taken = Vec::new();
        for row in invitations::pending_by_key(write, key.organization_id, key.id)? {
            if !self.could_send(write, key, &row.role)? && invitations::revoke(write, row.id, self.now)? == 1 {
                taken.push(row);
            }
        }
        Ok(taken)
    }
}

/// Takes back everything a key sent, when it or whoever it follows is gone; which.
///
/// # Errors
/// The database's.
pub fn take_back_all(write: &mut Write<'_>, key: &ApiKeyRow, now: NumericDate) -> QueryResult<Vec<InvitationRow>> {
    let mut taken = Vec::new();
    for row in invitations::pending_by_key(write, key.organization_id, key.id)? {
        if invitations::revoke(write, row.id, now)? == 1 {
            taken.push(row);
        }
    }
    Ok(taken)
}
