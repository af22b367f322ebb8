//! Table `hourly_counts`: what all nodes counted, by the hour, for charts.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::hourly_counts;
use crate::protocol::NumericDate;

/// One count.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = hourly_counts, treat_none_as_default_value = false)]
pub struct HourlyCountRow {
    /// The hour's first second.
    pub hour: NumericDate,
    /// What is counted, such as `sign_in`.
    pub name: String,
    /// Which kind of it, such as a reason; may be empty.
    pub label: String,
    /// How often.
    pub count: i64,
}

/// Adds to a count, making its row when it is the first.
pub fn add(write: &mut Write<'_>, row: &HourlyCountRow) -> QueryResult<()> {
    if raise(write, row)? == 1 {
        return Ok(());
    }
    let made =
        write.unless_taken(|write| diesel::insert_into(hourly_counts::table).values(row).execute(&mut **write))?;
    if made.is_none() {
        raise(write, row)?;
    }
    Ok(())
}

fn raise(write: &mut Write<'_>, row: &HourlyCountRow) -> QueryResult<usize> {
    diesel::update(hourly_counts::table.find((row.hour, &row.name, &row.label)))
        .set(hourly_counts::count.eq(hourly_counts::count + row.count))
        .execute(&mut **write)
}

/// All counts of the hours from `since` on, oldest first.
pub fn since(conn: &mut Conn, since: NumericDate) -> QueryResult<Vec<HourlyCountRow>> {
    hourly_counts::table
        .filter(hourly_counts::hour.ge(since))
        .order((hourly_counts::hour, hourly_counts::name, hourly_counts::label))
        .select(HourlyCountRow::as_select())
        .load(conn)
}

/// Forgets hours before `before`.
pub fn delete_before(write: &mut Write<'_>, before: NumericDate) -> QueryResult<usize> {
    diesel::delete(hourly_counts::table.filter(hourly_counts::hour.lt(before))).execute(&mut **write)
}
