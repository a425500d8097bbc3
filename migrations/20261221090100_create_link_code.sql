-- Codes that join a second account to a person; one an account, kept as a keyed hash.
CREATE TABLE link_code (
    account TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    expires_at_ms BIGINT NOT NULL,
    -- Who entered it. It can be entered once, and joins that account's person, if they say so.
    entered_by TEXT
);
-- Wrong codes, by the account that entered them.
CREATE TABLE link_try (
    account TEXT NOT NULL PRIMARY KEY,
    wrong BIGINT NOT NULL,
    since_ms BIGINT NOT NULL
);
