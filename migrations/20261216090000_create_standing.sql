-- In which groups the chats last said that linked accounts are, so that a comparison need not ask for hundreds of people.
-- Rights are never decided by it.
CREATE TABLE standing (
    account TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    groups_json TEXT NOT NULL,
    seen_at_ms BIGINT NOT NULL
);
