-- Linked people who seem to have left: their chat account was switched off, or they are no longer a member. Told once.
CREATE TABLE leaver (
    person_id TEXT NOT NULL PRIMARY KEY,
    why TEXT NOT NULL,
    account TEXT NOT NULL,
    state TEXT NOT NULL,
    found_at_ms BIGINT NOT NULL,
    settled_at_ms BIGINT,
    settled_by TEXT,
    later_until_ms BIGINT
);
