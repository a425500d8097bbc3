-- What changes about the organization, from the question to the receipt. `mac` binds the decision (key outside the database).
CREATE TABLE change (
    number BIGINT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    plan TEXT NOT NULL,
    digest TEXT NOT NULL,
    decision TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT,
    reason TEXT,
    asked_by TEXT NOT NULL,
    asker_account TEXT NOT NULL,
    asker_standing TEXT NOT NULL,
    for_person TEXT,
    asked_at_ms BIGINT NOT NULL,
    decided_by TEXT,
    decider_account TEXT,
    decided_at_ms BIGINT,
    settled_at_ms BIGINT,
    expires_at_ms BIGINT,
    remind_at_ms BIGINT,
    reminders BIGINT NOT NULL,
    undoes TEXT,
    undone_by TEXT,
    mac TEXT NOT NULL,
    fence BIGINT NOT NULL,
    holder TEXT,
    held_until_ms BIGINT,
    retry_at_ms BIGINT
);
CREATE INDEX change_by_state ON change (state, asked_at_ms);
CREATE INDEX change_by_asker ON change (asked_by, state);
-- One open change per kind and subject: two people asking for the same thing meet in one request.
CREATE UNIQUE INDEX change_one_open ON change (kind, subject) WHERE state IN ('waiting', 'approved', 'applying');
-- The ledger: one row per call, written before the call is made.
CREATE TABLE effect (
    change_number BIGINT NOT NULL REFERENCES change (number),
    position BIGINT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    intended_at_ms BIGINT,
    done_at_ms BIGINT,
    result TEXT,
    trouble TEXT,
    PRIMARY KEY (change_number, position)
);
CREATE INDEX effect_by_state ON effect (state);
-- Numbers that count up without a gap, such as a change's.
CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('change', 0);
