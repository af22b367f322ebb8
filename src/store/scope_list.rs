//! Scope lists as columns: sorted and deduplicated by their own type, stored as [`sql_types::TextArray`].

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromStaticSqlRow, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sqlite::{Sqlite, SqliteValue};

use super::connection::{MultiBackend, MultiRawValue};
use super::types::{TextArray, sql_types};
use crate::protocol::scope::ScopeList;

impl AsExpression<sql_types::TextArray> for ScopeList {
    type Expression = Bound<sql_types::TextArray, ScopeList>;
    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<'a> AsExpression<sql_types::TextArray> for &'a ScopeList {
    type Expression = Bound<sql_types::TextArray, &'a ScopeList>;
    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<DB: Backend, ST> Queryable<ST, DB> for ScopeList
where
    ScopeList: FromStaticSqlRow<ST, DB>,
{
    type Row = ScopeList;
    fn build(row: Self::Row) -> deserialize::Result<ScopeList> {
        Ok(row)
    }
}

impl ToSql<sql_types::TextArray, MultiBackend> for ScopeList {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((sql_types::TextArray, self));
        Ok(IsNull::No)
    }
}

impl ToSql<sql_types::TextArray, Pg> for ScopeList {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <[String] as ToSql<diesel::sql_types::Array<diesel::sql_types::Text>, Pg>>::to_sql(self.as_slice(), out)
    }
}

impl ToSql<sql_types::TextArray, Sqlite> for ScopeList {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(self.as_slice())?);
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::TextArray, MultiBackend> for ScopeList {
    fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<ScopeList> {
        value.from_sql::<ScopeList, sql_types::TextArray>()
    }
}

impl FromSql<sql_types::TextArray, Pg> for ScopeList {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<ScopeList> {
        <TextArray as FromSql<sql_types::TextArray, Pg>>::from_sql(value).map(|list| ScopeList::from(list.0))
    }
}

impl FromSql<sql_types::TextArray, Sqlite> for ScopeList {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<ScopeList> {
        <TextArray as FromSql<sql_types::TextArray, Sqlite>>::from_sql(value).map(|list| ScopeList::from(list.0))
    }
}
