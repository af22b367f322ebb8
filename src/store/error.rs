//! What a caller of the store can be told, and how the databases' errors are sorted into it.

use diesel::result::{DatabaseErrorKind, Error};

/// Why the store has no answer. The first three are a 503 on the wire, the fourth a 500; the last is a refusal.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// More writes are waiting than the queue holds; nothing was changed.
    #[error("the write queue is full")]
    QueueFull,
    /// The database cannot be reached or used now; nothing was changed.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost while committing: the change may or may not be there.
    #[error("the connection was lost during commit: the outcome is unknown")]
    CommitUnknown,
    /// The statement was wrong or met a row it did not expect; nothing was changed.
    #[error("{0}")]
    Internal(String),
    /// What a change hangs on does not hold any more; nothing was changed.
    #[error("{0}")]
    Unmet(Unmet),
}

/// What does not hold any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmet {
    /// That whoever asks may.
    #[error("whoever asked was signed out, or their credential ended, before this could be done")]
    Credential,
    /// That it is what whoever asks saw of it.
    #[error("it has changed since it was read")]
    NotAsSeen,
    /// That it is what the change was made of.
    #[error("somebody else changed it just now: look at it and try again")]
    Overtaken,
}

impl StoreError {
    pub(super) fn unavailable(error: impl std::fmt::Display) -> StoreError {
        StoreError::Unavailable(error.to_string())
    }

    pub(super) fn internal(error: impl std::fmt::Display) -> StoreError {
        StoreError::Internal(error.to_string())
    }
}

/// Errors that undo one job and say nothing about the health of the connection.
pub(super) fn is_of_the_job(error: &Error) -> bool {
    match error {
        Error::NotFound | Error::RollbackTransaction => true,
        Error::DatabaseError(kind, _) => matches!(
            kind,
            DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::RestrictViolation
                | DatabaseErrorKind::ExclusionViolation
        ),
        _ => false,
    }
}

/// A unique index refused the row.
pub(super) fn is_unique_violation(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

/// The message of a database error; diesel does not carry the SQLSTATE of those it has no name for.
pub(super) fn message(error: &Error) -> &str {
    match error {
        Error::DatabaseError(_, information) => information.message(),
        _ => "",
    }
}

impl StoreError {
    /// Sorts an error that ended a read or a PostgreSQL transaction: trouble of the database, or of the statement.
    pub(super) fn unavailable_or_internal(error: Error) -> StoreError {
        const TROUBLE: [&str; 11] = [
            "canceling statement due to",
            "could not extend file",
            "No space left",
            "database system is",
            "terminating connection",
            "remaining connection slots",
            "too many clients",
            "database is locked",
            "disk I/O error",
            "database or disk is full",
            "unable to open database file",
        ];
        let text = message(&error);
        match error {
            Error::BrokenTransactionManager | Error::RollbackErrorOnCommit { .. } => StoreError::unavailable(error),
            Error::DatabaseError(
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::SerializationFailure
                | DatabaseErrorKind::ReadOnlyTransaction,
                _,
            ) => StoreError::unavailable(error),
            _ if TROUBLE.iter().any(|trouble| text.contains(trouble)) => StoreError::unavailable(error),
            _ => StoreError::internal(error),
        }
    }
}
