//! The handle a write closure holds: the connection, and the record of what it touched.

use std::ops::{Deref, DerefMut};

use diesel::Connection;
use diesel::QueryResult;

use super::Table;
use super::cache::Touched;
use super::connection::Conn;
use super::error::is_unique_violation;

/// A connection inside a write transaction. Every changed row is named by [`Write::touch`] or [`Write::touch_table`].
pub struct Write<'a> {
    conn: &'a mut Conn,
    touched: &'a mut Touched,
}

impl<'a> Write<'a> {
    pub(super) fn new(conn: &'a mut Conn, touched: &'a mut Touched) -> Write<'a> {
        Write { conn, touched }
    }

    /// The connection, for `.execute(write.conn())`.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// This row was inserted, updated or deleted.
    pub fn touch(&mut self, table: Table, id: i64) {
        self.touched.row(table, id);
    }

    /// A statement that did not name its rows changed this table: all of it leaves the cache.
    pub fn touch_table(&mut self, table: Table) {
        self.touched.table(table);
    }

    /// Runs `f` in a savepoint; an error rolls back to it and comes back, and the transaction goes on.
    ///
    /// # Errors
    /// Those of `f`, and of the savepoint itself.
    pub fn savepoint<T>(&mut self, f: impl FnOnce(&mut Write<'_>) -> QueryResult<T>) -> QueryResult<T> {
        let touched = &mut *self.touched;
        self.conn.transaction(|conn| f(&mut Write { conn, touched }))
    }

    /// Runs `f` in a savepoint; what it did is undone when it refuses, and the refusal comes back.
    ///
    /// # Errors
    /// Those of `f`, and of the savepoint itself.
    pub fn unless_refused<T, R>(
        &mut self,
        f: impl FnOnce(&mut Write<'_>) -> QueryResult<Result<T, R>>,
    ) -> QueryResult<Result<T, R>> {
        let mut refusal = None;
        let done = self.savepoint(|write| match f(write)? {
            Ok(value) => Ok(value),
            Err(refused) => {
                refusal = Some(refused);
                Err(diesel::result::Error::RollbackTransaction)
            }
        });
        match (done, refusal) {
            (Ok(value), _) => Ok(Ok(value)),
            (Err(_), Some(refused)) => Ok(Err(refused)),
            (Err(error), None) => Err(error),
        }
    }

    /// Runs `f` in a savepoint; `None` when a unique index refused what it inserted. This is the upsert both
    /// databases share: on `None`, update the row that was there first.
    ///
    /// # Errors
    /// Those of `f` but the unique violation.
    pub fn unless_taken<T>(&mut self, f: impl FnOnce(&mut Write<'_>) -> QueryResult<T>) -> QueryResult<Option<T>> {
        match self.savepoint(f) {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_unique_violation(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Deref for Write<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl DerefMut for Write<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}
