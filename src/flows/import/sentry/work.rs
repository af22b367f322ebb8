//! What an import knows while it goes through the export: which row here each row there became.

use std::collections::{BTreeMap, BTreeSet};

use super::export::Row;
use crate::app::App;
use crate::flows::import::remembered::{DELETED, Remembered};
use crate::flows::import::report::{Line, Outcome, Report};
use crate::flows::people::imported::FieldRefusal;
use crate::store::StoreError;
use crate::store::authorizations::AuthorizationRow;
use crate::store::clients::ClientRow;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;

/// How the operator wants it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Accounts with the same login, and organizations with the same slug, that no import made are the same all the same.
    pub match_existing: bool,
}

/// What became of one row.
pub(super) struct Done {
    pub name: String,
    pub outcome: Outcome,
    pub notes: Vec<String>,
}

/// A row that cannot be brought in is a value; a store that does not answer ends the run.
pub(super) type Judged = Result<Result<Done, FieldRefusal>, StoreError>;

/// Rows here, by their keys there. In a dry run they exist here only.
pub(super) struct Work<'a> {
    pub app: &'a App,
    pub options: Options,
    pub report: Report,
    /// Addresses the other server had made sure of, folded, with the key of their user.
    pub verified: BTreeSet<(String, String)>,
    pub users: BTreeMap<String, UserRow>,
    pub organizations: BTreeMap<String, OrganizationRow>,
    /// Row ids of memberships, by organization and user here.
    pub members: BTreeMap<(i64, i64), i64>,
    pub clients: BTreeMap<String, ClientRow>,
    /// By user, client and organization here.
    pub authorizations: BTreeMap<(i64, i64, Option<i64>), AuthorizationRow>,
    /// Digests of secrets that came by an earlier run.
    pub known: BTreeSet<Vec<u8>>,
    /// What earlier runs made, and what became of it.
    pub remembered: Remembered,
    /// What each application's permissions and tokens hold in the file.
    pub held: BTreeMap<String, BTreeSet<String>>,
    /// Kinds and keys there of what was deleted here since an earlier run.
    gone: BTreeSet<(&'static str, String)>,
    seen: BTreeSet<(&'static str, Vec<u8>)>,
}

impl<'a> Work<'a> {
    pub fn new(app: &'a App, options: Options, remembered: Remembered) -> Work<'a> {
        Work {
            app,
            options,
            report: Report::default(),
            verified: BTreeSet::new(),
            users: BTreeMap::new(),
            organizations: BTreeMap::new(),
            members: BTreeMap::new(),
            clients: BTreeMap::new(),
            authorizations: BTreeMap::new(),
            known: BTreeSet::new(),
            remembered,
            held: BTreeMap::new(),
            gone: BTreeSet::new(),
            seen: BTreeSet::new(),
        }
    }

    pub fn say(&mut self, kind: &'static str, row: &Row, judged: Result<Done, FieldRefusal>) {
        let Done { name, outcome, notes } = judged.unwrap_or_else(|refusal| Done {
            name: String::new(),
            outcome: Outcome::Refused,
            notes: vec![refusal.to_string()],
        });
        self.report.lines.push(Line { kind, place: row.place(), name, outcome, notes });
    }

    /// Refuses what an earlier row of the file has.
    pub fn first(&mut self, field: &'static str, value: &[u8]) -> Result<(), FieldRefusal> {
        self.first_of(field, field, value)
    }

    /// The same among all fields of a kind: a secret opens one thing, whatever the field is called.
    pub fn first_of(&mut self, kind: &'static str, field: &'static str, value: &[u8]) -> Result<(), FieldRefusal> {
        match self.seen.insert((kind, value.to_vec())) {
            true => Ok(()),
            false => Err(FieldRefusal::new(field, "an earlier row of the file has the same")),
        }
    }

    /// An earlier run brought the row, and what it became was deleted here.
    pub fn deleted(&mut self, what: &'static str, row: &Row, name: String) -> Done {
        self.gone.insert((what, row.pk.clone()));
        Done { name, outcome: Outcome::Unchanged, notes: vec![DELETED.to_owned()] }
    }

    /// The user a row names.
    pub fn user(&self, row: &Row, field: &'static str) -> Result<UserRow, FieldRefusal> {
        self.found(&self.users, row, field, "user")
    }

    /// The organization a row names.
    pub fn organization(&self, row: &Row, field: &'static str) -> Result<OrganizationRow, FieldRefusal> {
        self.found(&self.organizations, row, field, "organization")
    }

    /// The application a row names.
    pub fn client(&self, row: &Row) -> Result<ClientRow, FieldRefusal> {
        self.found(&self.clients, row, "application", "application")
    }

    fn found<T: Clone>(
        &self,
        known: &BTreeMap<String, T>,
        row: &Row,
        field: &'static str,
        what: &'static str,
    ) -> Result<T, FieldRefusal> {
        let Some(pk) = row.reference(field)? else { return Err(FieldRefusal::new(field, "it is missing")) };
        known.get(&pk).cloned().ok_or_else(|| {
            let why = match self.gone.contains(&(what, pk.clone())) {
                true => format!("was {DELETED}"),
                false => "is not in the file, or was refused".to_owned(),
            };
            FieldRefusal::new(field, format!("the {what} {pk} {why}"))
        })
    }
}
