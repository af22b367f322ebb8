//! A secret of the file on its way to a digest: too short ones, doubles and those brought before are told apart here.

use super::export::{Export, Row};
use super::work::Work;
use crate::crypto::imported;
use crate::crypto::token::TokenKind;
use crate::flows::people::imported::FieldRefusal;
use crate::flows::presented_token;
use crate::store::imported_secrets::{self, ImportedSecretRow};
use crate::store::{QueryResult, StoreError, Write};

/// Digests of one question.
const ASKED_AT_ONCE: usize = 500;

/// What stays of a secret.
#[derive(Clone)]
pub(super) struct Kept {
    pub digest: Vec<u8>,
    pub last_four: String,
}

/// A secret of the file.
pub(super) enum Found {
    /// The field is empty.
    Nothing,
    /// It is here from an earlier run, whatever became of it since.
    Known,
    /// It is new.
    New(Kept),
}

/// Asks which secrets of the file are here from an earlier run: what ended here since must not come back by another one.
pub(super) async fn recall(work: &mut Work<'_>, export: &Export) -> Result<(), StoreError> {
    let mut digests: Vec<Vec<u8>> = Vec::new();
    for (model, fields) in [("sentry.apitoken", &["token", "refresh_token"][..]), ("sentry.apikey", &["key"])] {
        for row in export.rows(model) {
            for field in fields {
                if let Ok(Some(text)) = row.text(field)
                    && let Ok(digest) = imported::digest(&text)
                {
                    digests.push(digest.as_bytes().to_vec());
                }
            }
        }
    }
    for some in digests.chunks(ASKED_AT_ONCE) {
        let asked = some.to_vec();
        work.known.extend(work.app.store.read(move |conn| imported_secrets::known(conn, &asked)).await?);
    }
    Ok(())
}

/// Looks at the secret in a field.
pub(super) fn look(work: &mut Work<'_>, row: &Row, field: &'static str) -> Result<Found, FieldRefusal> {
    let Some(text) = row.text(field)? else { return Ok(Found::Nothing) };
    let digest = imported::digest(&text).map_err(|refusal| FieldRefusal::new(field, refusal))?;
    work.first_of("secret", field, digest.as_bytes())?;
    Ok(match work.known.contains(digest.as_bytes()) {
        true => Found::Known,
        false => Found::New(Kept { digest: digest.as_bytes().to_vec(), last_four: imported::last_four(&text) }),
    })
}

/// The entry by which the text finds its row.
pub(super) fn entry(
    work: &Work<'_>,
    kind: TokenKind,
    row_id: i64,
    kept: &Kept,
) -> Result<ImportedSecretRow, StoreError> {
    Ok(ImportedSecretRow {
        id: work.app.store.next_id()?,
        digest: kept.digest.clone(),
        kind: presented_token::name_of(kind).to_owned(),
        row_id,
        created_at: work.app.clock.now(),
    })
}

/// Runs `f` and adds the entries, all or nothing; false when another run was faster with one of them.
pub(super) async fn write(
    work: &Work<'_>,
    entries: Vec<ImportedSecretRow>,
    f: impl Fn(&mut Write<'_>) -> QueryResult<()> + Send + 'static,
) -> Result<bool, StoreError> {
    let written = work.app.store.write(move |write| {
        let done = write.unless_taken(|write| {
            for entry in &entries {
                imported_secrets::insert(write, entry)?;
            }
            f(write)
        })?;
        Ok(done.is_some())
    });
    written.await
}
