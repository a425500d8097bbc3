-- People, and the chat accounts that are theirs. A person is at most one member of the organization.
CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    member_id TEXT UNIQUE,
    created_at_ms BIGINT NOT NULL
);
-- An account belongs to one person, and a person has at most one account on each platform.
CREATE TABLE link (
    account TEXT NOT NULL PRIMARY KEY,
    platform TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id),
    state TEXT NOT NULL,
    email TEXT,
    how TEXT NOT NULL,
    linked_at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX link_once_per_platform ON link (person_id, platform);
