-- Keys that somebody is to make in the Console, and by what Steward knows them.
CREATE TABLE key_claim (
    -- The mark of the request, which is in the name that the key is to have.
    mark TEXT NOT NULL PRIMARY KEY,
    change_number BIGINT NOT NULL,
    workspace_id TEXT NOT NULL,
    name TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    -- From this moment on it may appear, and until that one it is looked for.
    since_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    key_id TEXT,
    mac TEXT NOT NULL
);
CREATE INDEX key_claim_by_change ON key_claim (change_number);
