-- The local copy of the organization. `gone_at_ms` marks what a full pass no longer found; rows stay, names stay known.
CREATE TABLE member (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    search TEXT NOT NULL,
    added_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    gone_at_ms BIGINT
);
CREATE INDEX member_by_email ON member (email);
CREATE INDEX member_by_name ON member (name, id);
CREATE TABLE invite (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    invited_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    accepted_at_ms BIGINT,
    seen_at_ms BIGINT NOT NULL,
    gone_at_ms BIGINT
);
CREATE INDEX invite_by_email ON invite (email);
CREATE TABLE workspace (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    archived_at_ms BIGINT,
    members_seen_at_ms BIGINT,
    seen_at_ms BIGINT NOT NULL,
    gone_at_ms BIGINT
);
CREATE TABLE membership (
    workspace_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    workspace_role TEXT NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX membership_by_user ON membership (user_id);
CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    owner_id TEXT,
    workspace_id TEXT,
    created_by TEXT,
    hint TEXT,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT,
    seen_at_ms BIGINT NOT NULL,
    gone_at_ms BIGINT
);
CREATE INDEX api_key_by_owner ON api_key (owner_id);
CREATE INDEX api_key_by_workspace ON api_key (workspace_id);
-- When each list was last read to its end, and what stopped the last attempt.
CREATE TABLE freshness (
    resource TEXT NOT NULL PRIMARY KEY,
    complete_at_ms BIGINT,
    tried_at_ms BIGINT NOT NULL,
    trouble TEXT
);
