-- Messages that nobody waits for, written in the transaction that caused them. `about` orders: a row waits for earlier ones
-- about the same thing.
CREATE TABLE outbox (
    id BIGINT NOT NULL PRIMARY KEY,
    about TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    sent_at_ms BIGINT,
    fence BIGINT NOT NULL,
    held_until_ms BIGINT,
    trouble TEXT
);
CREATE INDEX outbox_open ON outbox (due_at_ms, id) WHERE state = 'open';
INSERT INTO counter (name, value) VALUES ('outbox', 0);
-- Where each card went, so that it can be changed.
CREATE TABLE receipt (
    change_number BIGINT NOT NULL,
    target TEXT NOT NULL,
    receipt TEXT NOT NULL,
    sent_at_ms BIGINT NOT NULL,
    PRIMARY KEY (change_number, target)
);
