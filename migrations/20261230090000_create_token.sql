-- Steward as an issuer: the key that signs assertions, sealed. Its public half is registered with Anthropic; one row.
CREATE TABLE token_issuer (
    id TEXT NOT NULL PRIMARY KEY,
    -- The public key's thumbprint.
    kid TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    -- fdis_…, once it is known to be registered.
    issuer_id TEXT,
    sealed TEXT NOT NULL,
    made_at_ms BIGINT NOT NULL
);
-- Rules of federation that were prepared, each with a service account of its own, and whom each was granted to. `mac` binds the
-- whole row with a key that is not in the database: edited, it gives nothing.
CREATE TABLE token_rule (
    -- The claim `sub` of its assertions is made of it.
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    kid TEXT NOT NULL,
    -- svac_… and fdrl_…, once they are made.
    account_id TEXT,
    rule_id TEXT,
    lifetime_s BIGINT NOT NULL,
    state TEXT NOT NULL,
    made_at_ms BIGINT NOT NULL,
    claim TEXT UNIQUE,
    change_number BIGINT,
    owner_id TEXT,
    name TEXT,
    purpose TEXT,
    environment TEXT,
    granted_at_ms BIGINT,
    ended_at_ms BIGINT,
    mac TEXT NOT NULL
);
CREATE INDEX token_rule_by_state ON token_rule (workspace_id, state);
CREATE INDEX token_rule_by_owner ON token_rule (owner_id);
