-- API keys that an admin made in the Console and loaded here: sealed here, switched off there, until one is issued.
-- `claim` is the mark of the request that took it; `mac` binds who it is for, with a key that is not in the database.
CREATE TABLE stock_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    -- What it is called in the organization as long as it is free.
    pool_name TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    -- A keyed fingerprint of the secret, so that none is loaded twice.
    digest TEXT NOT NULL UNIQUE,
    -- None once it is erased.
    sealed TEXT,
    state TEXT NOT NULL,
    loaded_by TEXT NOT NULL,
    loaded_at_ms BIGINT NOT NULL,
    -- When it was last seen free in the organization: called by its pool name, and inactive.
    checked_at_ms BIGINT,
    claim TEXT UNIQUE,
    change_number BIGINT,
    owner_id TEXT,
    offered_until_ms BIGINT,
    pressed_at_ms BIGINT,
    seen_at_ms BIGINT,
    look_until_ms BIGINT,
    trouble TEXT,
    mac TEXT
);
CREATE INDEX stock_key_by_state ON stock_key (workspace_id, state);
CREATE INDEX stock_key_by_change ON stock_key (change_number);
-- What Steward knows of an API key beyond what the API tells.
CREATE TABLE key_record (
    key_id TEXT NOT NULL PRIMARY KEY,
    owner_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    environment TEXT NOT NULL,
    change_number BIGINT,
    since_ms BIGINT NOT NULL,
    rotate_at_ms BIGINT,
    mac TEXT NOT NULL
);
CREATE INDEX key_record_by_owner ON key_record (owner_id);
-- At how many keys left the admins were told of a workspace's stock.
CREATE TABLE low_stock (
    workspace_id TEXT NOT NULL PRIMARY KEY,
    keys_left BIGINT NOT NULL,
    told_at_ms BIGINT NOT NULL
);
