-- What the organization should be like: as it was found first, as Steward changed it, and as people accepted it since.
CREATE TABLE expected (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, subject)
);
-- Where the organization is otherwise. No value before: it is new; none after: it is gone.
CREATE TABLE drift (
    number BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    before_value TEXT,
    after_value TEXT,
    label TEXT NOT NULL,
    place TEXT,
    folded BIGINT NOT NULL,
    state TEXT NOT NULL,
    found_at_ms BIGINT NOT NULL,
    settled_at_ms BIGINT,
    settled_by TEXT,
    ignored_until_ms BIGINT
);
CREATE UNIQUE INDEX drift_open ON drift (kind, subject) WHERE state IN ('open', 'ignored');
-- Where the cards are of what is no request.
CREATE TABLE notice_receipt (
    about TEXT NOT NULL,
    target TEXT NOT NULL,
    receipt TEXT NOT NULL,
    sent_at_ms BIGINT NOT NULL,
    PRIMARY KEY (about, target)
);
INSERT INTO counter (name, value) VALUES ('drift', 0);
