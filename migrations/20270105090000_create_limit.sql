-- Limits of what is spent, one for each scope and length of period; those of the configuration are not here. `id` is both.
CREATE TABLE spend_limit (
    id TEXT NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    per TEXT NOT NULL,
    amount_microcents BIGINT NOT NULL,
    brake TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    change_number BIGINT NOT NULL,
    since_ms BIGINT NOT NULL
);
-- What is on top of a limit before a moment.
CREATE TABLE limit_raise (
    change_number BIGINT NOT NULL PRIMARY KEY,
    limit_id TEXT NOT NULL,
    by_microcents BIGINT NOT NULL,
    since_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL
);
CREATE INDEX limit_raise_by_limit ON limit_raise (limit_id);
-- Since when a limit is watched, which of one in the configuration nobody else knows; and until when nothing is told of it.
CREATE TABLE limit_watch (
    limit_id TEXT NOT NULL PRIMARY KEY,
    since_ms BIGINT NOT NULL,
    quiet_until_ms BIGINT
);
-- What was told in each period, once for each amount that the limit had.
CREATE TABLE limit_told (
    limit_id TEXT NOT NULL,
    period_ms BIGINT NOT NULL,
    percent BIGINT NOT NULL,
    amount_microcents BIGINT NOT NULL,
    spent_microcents BIGINT NOT NULL,
    told_at_ms BIGINT NOT NULL,
    PRIMARY KEY (limit_id, period_ms, percent, amount_microcents)
);
CREATE INDEX limit_told_by_time ON limit_told (told_at_ms);
-- Keys that no brake touches.
CREATE TABLE pinned_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    until_ms BIGINT,
    change_number BIGINT NOT NULL,
    since_ms BIGINT NOT NULL
);
-- Brakes that are on, or were: the change that put one on says what it did. `workspace_id` is where rate limits were lowered.
CREATE TABLE brake (
    change_number BIGINT NOT NULL PRIMARY KEY,
    limit_id TEXT NOT NULL,
    period_ms BIGINT NOT NULL,
    workspace_id TEXT,
    began_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT
);
CREATE INDEX brake_by_limit ON brake (limit_id, ended_at_ms);
-- The keys that a brake switched off, or keeps off: `stays` is 1 if somebody else has had a say since, so that it switches nothing
-- on again.
CREATE TABLE brake_key (
    change_number BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    stays BIGINT NOT NULL,
    PRIMARY KEY (change_number, key_id)
);
CREATE INDEX brake_key_by_key ON brake_key (key_id);
