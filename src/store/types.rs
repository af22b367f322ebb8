//! The one custom SQL type: a list of text, `text[]` on PostgreSQL and a JSON array on SQLite.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Array, HasSqlType, Text};
use diesel::sqlite::{Sqlite, SqliteValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connection::{MultiBackend, MultiRawValue};

/// What `table!` declarations name.
pub mod sql_types {
    /// `text[]` (oid 1009) on PostgreSQL, `TEXT` holding a JSON array on SQLite.
    #[derive(Clone, Copy, Default, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(oid = 1009, array_oid = 0))]
    #[diesel(sqlite_type(name = "Text"))]
    pub struct TextArray;
}

/// A list of text in the order it was given; scopes are sorted and deduplicated before they get here.
#[derive(Clone, Debug, Default, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::TextArray)]
pub struct TextArray(pub Vec<String>);

impl From<Vec<String>> for TextArray {
    fn from(items: Vec<String>) -> TextArray {
        TextArray(items)
    }
}

impl HasSqlType<sql_types::TextArray> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        MultiBackend::lookup_sql_type::<sql_types::TextArray>(lookup)
    }
}

impl ToSql<sql_types::TextArray, MultiBackend> for TextArray {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((sql_types::TextArray, self));
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::TextArray, MultiBackend> for TextArray {
    fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<TextArray> {
        value.from_sql::<TextArray, sql_types::TextArray>()
    }
}

impl ToSql<sql_types::TextArray, Pg> for TextArray {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <Vec<String> as ToSql<Array<Text>, Pg>>::to_sql(&self.0, out)
    }
}

impl FromSql<sql_types::TextArray, Pg> for TextArray {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<TextArray> {
        <Vec<String> as FromSql<Array<Text>, Pg>>::from_sql(value).map(TextArray)
    }
}

impl ToSql<sql_types::TextArray, Sqlite> for TextArray {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::TextArray, Sqlite> for TextArray {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<TextArray> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(TextArray(serde_json::from_str(&text)?))
    }
}
/// A structured value kept as JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json<T: std::fmt::Debug>(pub T);

impl<T: std::fmt::Debug + Serialize + Send + Sync + 'static> ToSql<Text, MultiBackend> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

impl<T: std::fmt::Debug + DeserializeOwned> FromSql<Text, MultiBackend> for Json<T> {
    fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<Json<T>> {
        value.from_sql::<Json<T>, Text>()
    }
}

impl<T: std::fmt::Debug + Serialize> ToSql<Text, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: std::fmt::Debug + DeserializeOwned> FromSql<Text, Pg> for Json<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Json<T>> {
        Ok(Json(serde_json::from_slice(value.as_bytes())?))
    }
}

impl<T: std::fmt::Debug + Serialize> ToSql<Text, Sqlite> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl<T: std::fmt::Debug + DeserializeOwned> FromSql<Text, Sqlite> for Json<T> {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Json<T>> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Json(serde_json::from_str(&text)?))
    }
}
