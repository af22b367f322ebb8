//! A secret of the file on its way to a digest: too short ones, doubles and those brought before are told apart here.

use super::export::Row;
use super::work::Work;
use crate::crypto::imported;
use crate::crypto::token::TokenKind;
use crate::flows::people::imported::FieldRefusal;
use crate::flows::presented_token;
use crate::store::imported_secrets::{self, ImportedSecretRow};
use crate::store::{QueryResult, StoreError, Write};

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

/// Looks at the secret in a field.
pub(super) async fn look(
    work: &mut Work<'_>,
    row: &Row,
    field: &'static str,
) -> Result<Result<Found, FieldRefusal>, StoreError> {
    let text = match row.text(field) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(Ok(Found::Nothing)),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let digest = match imported::digest(&text) {
        Ok(digest) => digest,
        Err(refusal) => return Ok(Err(FieldRefusal::new(field, refusal))),
    };
    if let Err(refusal) = work.first(field, digest.as_bytes()) {
        return Ok(Err(refusal));
    }
    let known = work.app.store.read(move |conn| imported_secrets::find(conn, digest.as_bytes())).await?;
    Ok(Ok(match known {
        Some(_) => Found::Known,
        None => Found::New(Kept { digest: digest.as_bytes().to_vec(), last_four: imported::last_four(&text) }),
    }))
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
