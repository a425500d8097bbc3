-- Who does what at the moment. The fence grows with each change of holder; a late one is refused by it.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    until_ms BIGINT NOT NULL
);
-- When each job ran and is due again.
CREATE TABLE schedule (
    job TEXT NOT NULL PRIMARY KEY,
    due_at_ms BIGINT NOT NULL,
    ran_at_ms BIGINT,
    trouble TEXT
);
-- What platforms remember: values by key, and keys that were seen.
CREATE TABLE memory (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
