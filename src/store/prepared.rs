//! An UPDATE whose prepared statement stays on its connection, which diesel does for SELECT, INSERT and DELETE only.

use diesel::expression::{AppearsOnTable, Expression};
use diesel::query_builder::{AsChangeset, AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;
use diesel::{QueryResult, QuerySource, RunQueryDsl, Table};

use super::connection::{Conn, MultiBackend};

/// `UPDATE from SET set WHERE filter`, as made by [`prepared_update`].
pub struct PreparedUpdate<F, S, W> {
    from: F,
    set: S,
    filter: W,
}

/// An UPDATE that is parsed once a connection: on PostgreSQL this saves a round trip, on SQLite the parser. For the
/// guarded statements of the hot paths, whose columns and conditions are fixed:
/// `prepared_update(codes::table, codes::used_at.eq(now), codes::id.eq(id).and(codes::used_at.is_null())).execute(conn)`.
pub fn prepared_update<T, S, W>(table: T, set: S, filter: W) -> PreparedUpdate<T::FromClause, S::Changeset, W>
where
    T: Table + QuerySource,
    S: AsChangeset<Target = T>,
    W: Expression<SqlType = Bool> + AppearsOnTable<T>,
{
    PreparedUpdate { from: table.from_clause(), set: set.as_changeset(), filter }
}

impl<F, S, W> QueryFragment<MultiBackend> for PreparedUpdate<F, S, W>
where
    F: QueryFragment<MultiBackend>,
    S: QueryFragment<MultiBackend>,
    W: QueryFragment<MultiBackend>,
{
    // diesel's own UPDATE forbids keeping, because a changeset may leave columns out. The statement is kept under its
    // SQL text: one that did vary would be another entry, never a wrong one.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.from.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.set.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.filter.walk_ast(out.reborrow())
    }
}

impl<F, S, W> QueryId for PreparedUpdate<F, S, W> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<F, S, W> RunQueryDsl<Conn> for PreparedUpdate<F, S, W> {}
