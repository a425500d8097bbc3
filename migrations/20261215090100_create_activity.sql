-- Whether Anthropic's activity feed answers, since when, and how far it was read.
CREATE TABLE activity_feed (
    id BIGINT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    since_ms BIGINT,
    asked_at_ms BIGINT,
    read_to_ms BIGINT,
    sifted BIGINT NOT NULL
);
INSERT INTO activity_feed (id, state, sifted) VALUES (1, 'unknown', 1);
-- What the feed told, so that nothing is told twice. `change_number` and `position` name the call of the ledger that an
-- activity belongs to; without them it was done outside Steward, and `told_at_ms` is when people were told so.
CREATE TABLE activity (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    own_key BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    change_number BIGINT,
    position BIGINT,
    told_at_ms BIGINT
);
CREATE INDEX activity_by_call ON activity (change_number, position);
CREATE INDEX activity_by_time ON activity (at_ms);
-- Calls that are done and that the feed does not show. `what` says why nobody worries any more, or that somebody should.
CREATE TABLE activity_gap (
    change_number BIGINT NOT NULL,
    position BIGINT NOT NULL,
    what TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (change_number, position)
);
CREATE INDEX effect_by_end ON effect (done_at_ms);
