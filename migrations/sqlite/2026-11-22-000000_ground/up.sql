-- Which process may use which node number in its ids; times are milliseconds of the database's clock.
CREATE TABLE node_leases (
    node INTEGER NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    lease_until BIGINT NOT NULL
);
