//! Organizations, by their slugs.

use serde_json::json;

use super::export::Row;
use super::work::{Done, Judged, Work};
use crate::crypto::random;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::import::remembered::{Became, came_by_import};
use crate::flows::import::report::Outcome;
use crate::flows::organizations::names;
use crate::flows::people::imported::FieldRefusal;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::{StoreError, audit_events};

/// Bit 0 of `flags`: members join and leave teams by themselves.
const OPEN_MEMBERSHIP: i64 = 1;

pub(super) async fn one(work: &mut Work<'_>, row: &Row) -> Judged {
    let new = match organization(work, row) {
        Ok(new) => new,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Err(refusal) = work.first("slug", new.slug.as_bytes()) {
        return Ok(Err(refusal));
    }
    let slug = new.slug.clone();
    let by_slug = work.app.store.read(move |conn| organizations::find_by_slug(conn, &slug)).await?;
    let became = work.remembered.organization(work.app, &new.slug).await?;
    let (found, renamed) = match (by_slug, became) {
        // The one that came under this slug is the one that is meant, even if another has taken the slug since.
        (by_slug, Some(Became::Here(found))) => {
            let renamed = by_slug.is_none_or(|row| row.id != found.id);
            (Some(*found), renamed)
        }
        (None, Some(Became::Deleted)) => return Ok(Ok(work.deleted("organization", row, new.slug))),
        (by_slug, _) => (by_slug, false),
    };
    let mut notes = Vec::new();
    let (outcome, organization) = match found {
        Some(found) => {
            if renamed {
                notes.push(format!("it is called {} here now", found.slug));
            }
            let same = renamed
                || work.options.match_existing
                || came_by_import(work.app, "organization", found.id, "org.create").await?;
            if !same || found.status != "active" {
                let why = match same {
                    true => "the organization here is about to be deleted",
                    false => {
                        "an organization with this slug is here already: --match-existing says that it is the same"
                    }
                };
                return Ok(Err(FieldRefusal::new("slug", why)));
            }
            (Outcome::Unchanged, found)
        }
        None => match create(work, new).await? {
            Some(made) => (Outcome::Created, made),
            None => return Ok(Err(FieldRefusal::new("slug", "somebody took it meanwhile; run it again"))),
        },
    };
    let name = organization.slug.clone();
    work.organizations.insert(row.pk.clone(), organization);
    Ok(Ok(Done { name, outcome, notes }))
}

fn organization(work: &Work<'_>, row: &Row) -> Result<OrganizationRow, FieldRefusal> {
    let app = work.app;
    if row.number("status")?.unwrap_or(0) != 0 {
        return Err(FieldRefusal::new("status", "it was about to be deleted there"));
    }
    let name = row.text("name")?.unwrap_or_default();
    let name = names::organization_name(app, &name).map_err(|refusal| FieldRefusal::new("name", refusal))?;
    let slug = row.text("slug")?.unwrap_or_default();
    let slug = names::organization_slug(&slug).map_err(|refusal| FieldRefusal::new("slug", refusal))?;
    let default_role = row.text("default_role")?.filter(|role| app.roles.knows(role) && role != app.roles.top());
    let now = app.clock.now();
    let id = app.store.next_id().map_err(|error| FieldRefusal::new("id", error))?;
    Ok(OrganizationRow {
        id,
        public_id: random::url_safe_text(16),
        slug,
        name,
        status: "active".to_owned(),
        delete_at: None,
        default_role: default_role.unwrap_or_else(|| app.roles.lowest().to_owned()),
        open_membership: row.number("flags")?.unwrap_or(OPEN_MEMBERSHIP) & OPEN_MEMBERSHIP != 0,
        token_max_age: None,
        application_policy: "open".to_owned(),
        created_at: row.time("date_added")?.filter(|at| (0..=now).contains(at)).unwrap_or(now),
        updated_at: now,
    })
}

/// Without an owner yet: the members come next.
async fn create(work: &Work<'_>, new: OrganizationRow) -> Result<Option<OrganizationRow>, StoreError> {
    if work.options.dry_run {
        return Ok(Some(new));
    }
    let data = json!({ "imported": true, "slug": new.slug });
    let event = audit::draft(work.app, None, "org.create", Actor::Operator, Target::Organization(&new), data)?;
    let row = new.clone();
    let made = work.app.store.write(move |write| {
        let done = write.unless_taken(|write| {
            organizations::insert(write, &row)?;
            audit_events::insert(write, &event)
        })?;
        Ok(done.is_some())
    });
    Ok(made.await?.then_some(new))
}
