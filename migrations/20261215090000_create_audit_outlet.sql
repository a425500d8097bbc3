-- How far the audit trail was carried out of this database: its signed heads, and its entries to the webhook. `taken` is how
-- far something is on its way, `carried` how far it has arrived; `at_ms` is when the last of it did. A receiver that is down
-- costs nothing: the entries stay where they are.
CREATE TABLE audit_outlet (
    name TEXT NOT NULL PRIMARY KEY,
    taken BIGINT NOT NULL,
    carried BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);
INSERT INTO audit_outlet (name, taken, carried, at_ms) VALUES ('head', 0, 0, 0);
INSERT INTO audit_outlet (name, taken, carried, at_ms) VALUES ('webhook', 0, 0, 0);
