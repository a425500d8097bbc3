-- Where a key stands between its replacement and its end, and what its owner said of it.
CREATE TABLE key_life (
    key_id TEXT NOT NULL PRIMARY KEY,
    -- The key that was issued in its place, and when its owner saw it.
    next_key_id TEXT,
    replaced_at_ms BIGINT,
    -- When it was switched off to be archived later.
    off_at_ms BIGINT,
    -- Its owner goes on with it until then, used or not.
    keep_until_ms BIGINT,
    -- When its owner was asked whether it is still needed.
    asked_at_ms BIGINT
);
CREATE INDEX key_life_by_next ON key_life (next_key_id);
