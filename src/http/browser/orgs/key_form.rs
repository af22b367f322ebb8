//! The form of a key: what was typed, and what is wrong with it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::enter::Inside;
use super::frame::{Page, frame};
use crate::flows::api_keys::{ApiKeyRefusal as Refusal, EXEMPT, FOLLOWS, KeyChanges, KeyView, NewApiKey};
use crate::http::answer::page::{Forms, page};
use crate::http::api::entity;
use crate::http::browser::faults::{CHANGED_MEANWHILE, input};
use crate::http::browser::once;
use crate::http::pages::Hidden;
use crate::http::pages::orgs::{Choice, KeyPage, ScopeChoices};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::NumericDate;
use crate::protocol::catalogue::Level;
use crate::protocol::params::Params;
use crate::protocol::rfc3339;
use crate::protocol::roles::is_of_people;

/// As typed.
pub struct Typed {
    label: String,
    scopes: Vec<String>,
    origins: String,
    sso_policy: String,
    ends: String,
    active: bool,
}

impl Typed {
    /// What a new key usually is: it reads.
    pub fn usual(visit: &Visit) -> Typed {
        let reads = visit.app.catalogue.scopes().filter(|scope| scope.ends_with(":read") && !is_of_people(scope));
        Typed {
            label: String::new(),
            scopes: reads.map(str::to_owned).collect(),
            origins: String::new(),
            sso_policy: EXEMPT.to_owned(),
            ends: String::new(),
            active: true,
        }
    }

    /// Reads the form.
    pub fn of(params: &Params) -> Typed {
        let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
        Typed {
            label: field("label"),
            scopes: params.all("scope").map(str::to_owned).collect(),
            origins: field("origins"),
            sso_policy: field("sso_policy"),
            ends: field("ends"),
            active: field("active") == "yes",
        }
    }

    /// As a key to be made.
    ///
    /// # Errors
    /// [`Refusal::Expiry`].
    pub fn new_key(&self) -> Result<NewApiKey, Refusal> {
        Ok(NewApiKey {
            label: self.label.clone(),
            scopes: self.scopes.clone(),
            allowed_origins: self.origins(),
            sso_policy: self.sso_policy.clone(),
            expires_at: self.end()?,
        })
    }

    /// As changes of a key. A day that was not touched leaves the second at which it ends.
    ///
    /// # Errors
    /// [`Refusal::Expiry`].
    pub fn changes(&self, key: &KeyView) -> Result<KeyChanges, Refusal> {
        let untouched = self.ends.trim() == day(key.row.expires_at);
        Ok(KeyChanges {
            label: Some(self.label.clone()),
            scopes: Some(self.scopes.clone()),
            allowed_origins: Some(self.origins()),
            status: Some(if self.active { "active" } else { "inactive" }.to_owned()),
            sso_policy: Some(self.sso_policy.clone()),
            expires_at: if untouched { None } else { Some(self.end()?) },
        })
    }

    fn origins(&self) -> Vec<String> {
        let parts = self.origins.split([' ', ',', '\n', '\r', '\t']);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    fn end(&self) -> Result<Option<NumericDate>, Refusal> {
        match self.ends.trim() {
            "" => Ok(None),
            text => rfc3339::parse(text).map(Some).ok_or(Refusal::Expiry),
        }
    }
}

impl From<&KeyView> for Typed {
    fn from(key: &KeyView) -> Typed {
        let row = &key.row;
        Typed {
            label: row.label.clone(),
            scopes: row.scopes.iter().map(str::to_owned).collect(),
            origins: row.allowed_origins.0.join(" "),
            sso_policy: row.sso_policy.clone(),
            ends: day(row.expires_at),
            active: row.status == "active",
        }
    }
}

fn day(at: Option<NumericDate>) -> String {
    at.map(|at| rfc3339::text(at)[..10].to_owned()).unwrap_or_default()
}

/// The hidden field that says what the form was filled with.
pub const SEEN: &str = "seen";

/// Of what the form changes; that a key was used changes nothing.
pub fn tag(key: &KeyView) -> String {
    let row = &key.row;
    entity::tag(&(&row.label, &row.scopes, &row.allowed_origins.0, &row.status, &row.sso_policy, row.expires_at))
}

/// Why the form is shown again.
pub enum Fault<'a> {
    /// What was typed is refused.
    Refused(&'a Refusal),
    /// Somebody else changed the key since the form was filled: sent as it was, it would undo that.
    Meanwhile,
}

/// The form of a new key, or of one that is there.
pub fn show(
    visit: &Visit,
    inside: &Inside<'_>,
    key: Option<&KeyView>,
    typed: &Typed,
    fault: Option<Fault<'_>>,
) -> HttpResponse {
    let refusal = match &fault {
        Some(Fault::Refused(refusal)) => Some(*refusal),
        _ => None,
    };
    let text = match &fault {
        Some(Fault::Meanwhile) => Some(CHANGED_MEANWHILE.to_owned()),
        _ => refusal.map(ToString::to_string),
    };
    let (label, origins, ends, error) = match refusal {
        Some(Refusal::Label) => (text, None, None, None),
        Some(Refusal::Origin(..) | Refusal::TooManyOrigins(_)) => (None, text, None, None),
        Some(Refusal::Expiry) => (None, None, text, None),
        _ => (None, None, None, text),
    };
    let own = |path: &str| inside.own(visit, &format!("/api-keys{path}"));
    let name = key.map_or("/new".to_owned(), |key| format!("/{}", key.row.public_id));
    let shown = KeyPage {
        frame: visit.frame(),
        org: frame(visit, inside, Page::ApiKeys, None),
        title: key.map_or("New API key".to_owned(), |key| key.row.label.clone()),
        facts: key.map(|key| facts(visit, key)).unwrap_or_default(),
        action: own(&name),
        carried: vec![key.map_or_else(once::field, |key| Hidden::new(SEEN, tag(key)))],
        error,
        key_label: input(&typed.label, label),
        sets: sets(visit, inside, typed),
        origins: input(&typed.origins, origins),
        policies: policies(typed, key),
        ends: input(&typed.ends, ends),
        active: key.map(|_| typed.active),
        submit: if key.is_some() { "Save" } else { "Make key" },
        delete_href: key.map(|_| own(&format!("{name}/delete"))),
        keys_href: own(""),
    };
    let status = match fault {
        None => StatusCode::OK,
        Some(Fault::Refused(_)) => StatusCode::BAD_REQUEST,
        Some(Fault::Meanwhile) => StatusCode::CONFLICT,
    };
    page(visit, status, Forms::Here, &shown)
}

fn facts(visit: &Visit, key: &KeyView) -> String {
    let (row, now) = (&key.row, visit.app.clock.now());
    let by = key.made_by.as_ref().map(|login| format!(" by {login}")).unwrap_or_default();
    let used = row.last_used_at.map_or("never used".to_owned(), |at| format!("last used {}", moment::at(at, now)));
    format!("Ends in ..{}, made {}{by}, {used}.", row.last_four, moment::at(row.created_at, now))
}

/// What the visitor may put into a key, and what is in it already.
fn sets(visit: &Visit, inside: &Inside<'_>, typed: &Typed) -> Vec<ScopeChoices> {
    let mine = visit.app.roles.scopes_of(&inside.membership.member().role);
    let choice = |level: &Level| Choice {
        value: level.scope.clone(),
        label: level.scope.clone(),
        text: level.text.clone(),
        chosen: typed.scopes.contains(&level.scope),
    };
    let sets = visit.app.catalogue.sets().iter().map(|set| ScopeChoices {
        name: set.name.clone(),
        scopes: set
            .levels
            .iter()
            .filter(|level| mine.contains(&level.scope) || typed.scopes.contains(&level.scope))
            .map(choice)
            .collect(),
    });
    sets.filter(|set| !set.scopes.is_empty()).collect()
}

fn policies(typed: &Typed, key: Option<&KeyView>) -> Vec<Choice> {
    let choice = |value: &str, label: &str, text: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        text: text.to_owned(),
        chosen: typed.sso_policy == value,
    };
    let mut all = vec![choice(EXEMPT, "Exempt", "It works on its own: single sign-on is nothing to it.")];
    if key.is_none_or(|key| key.row.creator_id.is_some()) {
        all.push(choice(FOLLOWS, "Follows its maker", "It works while its maker is a member who gets in."));
    }
    all
}
