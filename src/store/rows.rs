//! Rows by id for the hot paths: out of the cache when every one is there, else one trip to the database that fills it.

use std::sync::Arc;

use diesel::QueryResult;
use diesel::result::Error;

use super::Table;
use super::cache::Cache;
use super::connection::Conn;

/// A row the cache may keep. One `load` is one answer about one row: it may use several statements, and anything it
/// reads from other rows must be touched whenever this row is.
pub trait CachedRow: Sized + Send + Sync + 'static {
    /// The table of the row, as named by [`super::Write::touch`].
    const TABLE: Table;

    /// Reads the row from the database.
    ///
    /// # Errors
    /// The database's; absence is `None`.
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<Self>>;
}

/// The handle of a [`super::Store::view`].
pub struct Rows<'a> {
    source: Source<'a>,
}

enum Source<'a> {
    CacheOnly { cache: &'a Cache, missed: bool },
    Filling { conn: &'a mut Conn, cache: &'a Cache },
    Uncached { conn: &'a mut Conn },
}

impl<'a> Rows<'a> {
    /// The committed row with this id, or `None` if there is none.
    ///
    /// # Errors
    /// Those of [`CachedRow::load`], and a private one that ends the first, cache-only run: pass it on with `?`.
    pub fn get<R: CachedRow>(&mut self, id: i64) -> QueryResult<Option<Arc<R>>> {
        match &mut self.source {
            Source::CacheOnly { cache, missed } => match cache.get(R::TABLE, id) {
                Some(row) => Ok(Some(row)),
                None => {
                    *missed = true;
                    Err(Error::QueryBuilderError("not in the cache".into()))
                }
            },
            Source::Filling { conn, cache } => {
                if let Some(row) = cache.get(R::TABLE, id) {
                    return Ok(Some(row));
                }
                // Before the read's own snapshot begins: what is committed after this line refuses the fill.
                let seq = cache.seq(R::TABLE, id);
                let row = R::load(conn, id)?.map(Arc::new);
                if let Some(row) = &row {
                    cache.fill(seq, R::TABLE, id, row);
                }
                Ok(row)
            }
            Source::Uncached { conn } => Ok(R::load(conn, id)?.map(Arc::new)),
        }
    }

    /// Runs `f` without a database; `None` when a row was not in the cache, whatever `f` made of that.
    pub(super) fn from_cache_only<T>(
        cache: &'a Cache,
        f: &impl Fn(&mut Rows<'_>) -> QueryResult<T>,
    ) -> Option<QueryResult<T>> {
        let mut rows = Rows { source: Source::CacheOnly { cache, missed: false } };
        let found = f(&mut rows);
        match rows.source {
            Source::CacheOnly { missed: true, .. } => None,
            _ => Some(found),
        }
    }

    /// No transaction may be open on `conn`: each row's read must be a snapshot of its own.
    pub(super) fn filling(conn: &'a mut Conn, cache: &'a Cache) -> Rows<'a> {
        Rows { source: Source::Filling { conn, cache } }
    }

    pub(super) fn uncached(conn: &'a mut Conn) -> Rows<'a> {
        Rows { source: Source::Uncached { conn } }
    }
}
