//! Invitations that a key sent: they are worth what the key is worth, and end with it.

use std::sync::Arc;

use crate::app::App;
use crate::protocol::NumericDate;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::roles::Roles;
use crate::store::api_keys::ApiKeyRow;
use crate::store::invitations::{self, InvitationRow};
use crate::store::{CachedRow as _, Conn, QueryResult, Write, organization_members};

/// What a key is judged by, as a value that a transaction may hold.
#[derive(Clone)]
pub struct Rules {
    catalogue: Catalogue,
    roles: Arc<Roles>,
    now: NumericDate,
}

impl Rules {
    /// As they are now.
    pub fn of(app: &App) -> Rules {
        Rules { catalogue: app.catalogue.clone(), roles: Arc::clone(&app.roles), now: app.clock.now() }
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
        let maker = organization_members::find(conn, maker)?.filter(|maker| maker.status == "active");
        Ok(maker.is_some_and(|maker| {
            self.roles.allows(&maker.role, "member:write") && self.roles.reaches(&maker.role, role)
        }))
    }

    /// Takes back what the key sent and, as it is now, could not send any more; how many. Part of the change of the key,
    /// and told by its event.
    ///
    /// # Errors
    /// The database's.
    pub fn take_back(&self, write: &mut Write<'_>, key: &ApiKeyRow) -> QueryResult<usize> {
        let mut taken = 0;
        for row in invitations::pending_by_key(write, key.organization_id, key.id)? {
            if !self.could_send(write, key, &row.role)? {
                taken += invitations::revoke(write, row.id, self.now)?;
            }
        }
        Ok(taken)
    }

    /// Takes back everything a key sent that is gone; how many.
    ///
    /// # Errors
    /// The database's.
    pub fn take_back_all(&self, write: &mut Write<'_>, key: &ApiKeyRow) -> QueryResult<usize> {
        let mut taken = 0;
        for row in invitations::pending_by_key(write, key.organization_id, key.id)? {
            taken += invitations::revoke(write, row.id, self.now)?;
        }
        Ok(taken)
    }
}
