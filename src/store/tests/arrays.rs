//! Text arrays through the connection enum.

use super::*;

fn list(items: &[&str]) -> TextArray {
    TextArray(items.iter().map(ToString::to_string).collect())
}

#[test]
fn a_text_array_keeps_its_order_its_quotes_and_its_emptiness() {
    let awkward = list(&["write", "read", "a,b", "{\"q\"}", "NULL", "", "ö \\ '"]);
    for bench in benches() {
        let full = Thing { tags: awkward.clone(), notes: Some(list(&["n"])), ..thing(1, "full") };
        let empty = thing(2, "empty");
        bench.add(full.clone()).unwrap();
        bench.add(empty.clone()).unwrap();
        let found = run(bench
            .store
            .read(|conn| things::table.select(Thing::as_select()).order(things::id.asc()).load::<Thing>(conn)));
        assert_eq!(found.unwrap(), [full, empty]);
    }
}

#[test]
fn text_arrays_filter_update_and_become_null() {
    for bench in benches() {
        bench.add(Thing { tags: list(&["read"]), notes: Some(list(&["x"])), ..thing(1, "a") }).unwrap();
        bench.add(Thing { tags: list(&["read", "write"]), ..thing(2, "b") }).unwrap();
        let by_equality = |tags: TextArray| {
            run(bench
                .store
                .read(move |conn| things::table.filter(things::tags.eq(&tags)).select(things::id).load::<i64>(conn)))
            .unwrap()
        };
        assert_eq!(by_equality(list(&["read", "write"])), [2]);
        run(bench.store.write(|write| {
            diesel::update(things::table.find(1))
                .set((things::tags.eq(list(&["admin"])), things::notes.eq(None::<TextArray>)))
                .execute(write.conn())
        }))
        .unwrap();
        assert_eq!(by_equality(list(&["admin"])), [1]);
        let without_notes =
            run(bench.store.read(|conn| things::table.filter(things::notes.is_null()).count().get_result::<i64>(conn)));
        assert_eq!(without_notes.unwrap(), 2);
    }
}

// Inserting a list of rows by one statement does not exist through the enum: one statement a row, one transaction.
#[test]
fn array_columns_are_read_alone_and_by_a_list_of_ids() {
    for bench in benches() {
        let inserted = run(bench.store.write(|write| {
            for id in 1..4 {
                insert(write, &Thing { tags: list(&["t", "u"]), ..thing(id, &id.to_string()) })?;
            }
            Ok(())
        }));
        inserted.unwrap();
        let some = run(bench.store.read(|conn| {
            things::table.filter(things::id.eq_any([1_i64, 3])).select(things::tags).load::<TextArray>(conn)
        }));
        assert_eq!(some.unwrap(), [list(&["t", "u"]), list(&["t", "u"])]);
    }
}
