//! "Who holds scope X" on PostgreSQL: each of the four tables is found by its inverted index.

use super::super::{migrations, scope_holders};
use super::*;

#[derive(QueryableByName)]
struct Scans {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    scans: i64,
}

/// How often this transaction looked into an index.
fn scans(conn: &mut Conn, index: &str) -> i64 {
    let sql = format!("SELECT pg_stat_get_xact_numscans('{index}'::regclass) AS scans");
    diesel::sql_query(sql).get_result::<Scans>(conn).unwrap().scans
}

/// Without the choice of reading whole tables, which a planner prefers while they are this small.
#[test]
fn the_index_over_scopes_answers_who_holds_one() {
    let Some(bench) = postgres_bench(options()) else { return };
    migrations::run(&bench.url).unwrap();
    let asked = ["org:read".to_owned(), "org:admin".to_owned()];
    let looked = run(bench.store.write(move |write| {
        write.conn().batch_execute("SET LOCAL enable_seqscan = off")?;
        let indexes = ["authorizations_by_scope", "personal_tokens_by_scope", "api_keys_by_scope", "clients_by_scope"];
        let before = indexes.map(|index| scans(write.conn(), index));
        scope_holders::authorizations(write.conn(), &asked, 1001)?;
        scope_holders::personal_tokens(write.conn(), &asked, 0, 1001)?;
        scope_holders::api_keys(write.conn(), &asked, 0, 1001)?;
        scope_holders::clients(write.conn(), &asked, 1001)?;
        let after = indexes.map(|index| scans(write.conn(), index));
        Ok((before, after))
    }));
    assert_eq!(looked.unwrap(), ([0; 4], [1; 4]));
}
