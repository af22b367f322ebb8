//! Applications become confidential clients under their old `client_id` and secret; of the secret only its digest stays.

use serde_json::json;

use super::export::Row;
use super::scopes;
use super::work::{Done, Judged, Work};
use crate::crypto::imported;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::clients::secret::{self, ImportedSecret, NewSecret};
use crate::flows::clients::{ClientFailure, ClientMetadata, ClientRegistration, create};
use crate::flows::import::report::Outcome;
use crate::flows::people::imported::FieldRefusal;
use crate::protocol::origin::AllowedOrigin;
use crate::protocol::redirect_uri::validate_for_registration;
use crate::store::clients::{self, ClientRow};
use crate::store::{CachedRow as _, StoreError, audit_events, client_secrets};

/// `status`: 0 active, 1 inactive, 2 and 3 on their way out.
const INACTIVE: i64 = 1;

/// A client as the file has it, checked.
struct New {
    client_id: String,
    secret: ImportedSecret,
    registration: ClientRegistration,
    inactive: bool,
    owner: Option<i64>,
}

pub(super) async fn one(work: &mut Work<'_>, row: &Row) -> Judged {
    let mut notes = Vec::new();
    let new = match read(work, row, &mut notes) {
        Ok(new) => new,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Err(refusal) = work.first("client_id", new.client_id.as_bytes()) {
        return Ok(Err(refusal));
    }
    let client_id = new.client_id.clone();
    let find = move |conn: &mut _| match clients::id_of(conn, &client_id)? {
        Some(id) => ClientRow::load(conn, id),
        None => Ok(None),
    };
    if let Some(found) = work.app.store.read(find).await? {
        let name = found.name.clone();
        work.clients.insert(row.pk.clone(), found);
        return Ok(Ok(Done { name, outcome: Outcome::Unchanged, notes: Vec::new() }));
    }
    if work.remembered.is_deleted_client(&new.client_id) {
        let name = new.registration.name.clone().unwrap_or(new.client_id);
        return Ok(Ok(work.deleted("application", row, name)));
    }
    let made = match create(work, row, new).await? {
        Ok(made) => made,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let name = made.name.clone();
    work.clients.insert(row.pk.clone(), made);
    Ok(Ok(Done { name, outcome: Outcome::Created, notes }))
}

fn read(work: &Work<'_>, row: &Row, notes: &mut Vec<String>) -> Result<New, FieldRefusal> {
    let status = row.number("status")?.unwrap_or(0);
    if !(0..=INACTIVE).contains(&status) {
        return Err(FieldRefusal::new("status", "it was about to be deleted there"));
    }
    let client_id = row.text("client_id")?.unwrap_or_default();
    if client_id.len() > 64 || client_id.is_empty() || !client_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(FieldRefusal::new("client_id", "not 1 to 64 letters and digits"));
    }
    let secret = row.text("client_secret")?.unwrap_or_default();
    imported::digest(&secret).map_err(|refusal| FieldRefusal::new("client_secret", refusal))?;
    let secret = ImportedSecret::new(secret).map_err(|refusal| FieldRefusal::new("client_secret", refusal))?;
    let owner = match row.value("owner") {
        None => None,
        Some(_) => match work.user(row, "owner") {
            Ok(owner) => Some(owner.id),
            Err(refusal) => {
                notes.push(format!("without its owner: {}", refusal.reason));
                None
            }
        },
    };
    let registration = registration(work, row, notes)?;
    Ok(New { client_id, secret, registration, inactive: status == INACTIVE, owner })
}

fn registration(work: &Work<'_>, row: &Row, notes: &mut Vec<String>) -> Result<ClientRegistration, FieldRefusal> {
    let app = work.app;
    let keep = |field: &'static str, notes: &mut Vec<String>, is_good: &dyn Fn(&str) -> bool| {
        let mut kept: Vec<String> = Vec::new();
        for line in row.lines(field)? {
            match is_good(&line) {
                true if kept.contains(&line) => {}
                true => kept.push(line),
                false => notes.push(format!("{field}: {line:.100?} is not possible here and was left out")),
            }
        }
        Ok::<_, FieldRefusal>(kept)
    };
    let redirect_uris = keep("redirect_uris", notes, &|text| validate_for_registration(text).is_ok())?;
    if redirect_uris.is_empty() {
        return Err(FieldRefusal::new("redirect_uris", "none that is possible here, and an application needs one"));
    }
    let allowed_origins = keep("allowed_origins", notes, &|text| AllowedOrigin::parse(text).is_ok())?;
    let scopes = match row.value("scopes").and_then(serde_json::Value::as_array).map(Vec::is_empty) {
        Some(false) => scopes::of(row, &app.catalogue, notes)?.into_vec(),
        _ => scopes::every(&app.catalogue, work.held.get(&row.pk)),
    };
    let mut metadata = ClientMetadata {
        name: row.text("name")?,
        kind: Some("confidential".to_owned()),
        // The reference server read the secret from the body only, and knew no PKCE.
        authentication_method: Some("client_secret_post".to_owned()),
        redirect_uris,
        scopes,
        allowed_origins,
        homepage_url: row.text("homepage_url")?,
        privacy_url: row.text("privacy_url")?,
        terms_url: row.text("terms_url")?,
        require_pkce: Some(false),
        organization_access: row.flag("requires_org_level_access")?,
        ..ClientMetadata::default()
    };
    let check = |metadata: &ClientMetadata| {
        ClientRegistration::check(metadata.clone(), &app.catalogue, &app.config.clients.reserved_names)
    };
    let problems = match check(&metadata) {
        Ok(registration) => return Ok(registration),
        Err(problems) => problems,
    };
    // What an application can do without is left out rather than the whole application.
    for problem in problems {
        match problem.field {
            "name" => metadata.name = None,
            "homepage_url" => metadata.homepage_url = None,
            "privacy_url" => metadata.privacy_url = None,
            "terms_url" => metadata.terms_url = None,
            _ => {}
        }
        notes.push(format!("left out {problem}"));
    }
    check(&metadata).map_err(|problems| {
        let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
        FieldRefusal::new("application", words.join("; "))
    })
}

async fn create(work: &Work<'_>, row: &Row, new: New) -> Result<Result<ClientRow, FieldRefusal>, StoreError> {
    let app = work.app;
    let refuse = |failure: ClientFailure| match failure {
        ClientFailure::Store(error) => Err(error),
        other => Ok(Err(FieldRefusal::new("application", other))),
    };
    let mut client = match create::empty_row(app) {
        Ok(client) => client,
        Err(failure) => return refuse(failure),
    };
    new.registration.apply(&mut client, new.owner);
    client.client_id.clone_from(&new.client_id);
    if new.inactive {
        client.status = "inactive".to_owned();
    }
    if let Ok(Some(at)) = row.time("date_added") {
        client.created_at = at.clamp(0, app.clock.now());
    }
    if work.options.dry_run {
        return Ok(Ok(client));
    }
    let (secret, _) = match secret::draft(app, &client, NewSecret::Brought(&new.secret)) {
        Ok(drafted) => drafted,
        Err(failure) => return refuse(failure),
    };
    let data = json!({
        "imported": true, "client_id": client.client_id, "kind": client.kind, "redirect_uris": client.redirect_uris.0,
    });
    let event = audit::draft(app, None, "client.create", Actor::Operator, Target::Client(&client), data)?;
    let made = client.clone();
    let written = app.store.write(move |write| {
        let done = write.unless_taken(|write| {
            clients::insert(write, &made)?;
            client_secrets::insert(write, &secret)?;
            audit_events::insert(write, &event)
        })?;
        Ok(done.is_some())
    });
    Ok(match written.await? {
        true => Ok(client),
        false => Err(FieldRefusal::new("client_id", "somebody took it meanwhile; run it again")),
    })
}
