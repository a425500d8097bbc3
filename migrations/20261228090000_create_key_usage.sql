-- How many tokens each API key used, by hour for the last weeks and by day for longer.
CREATE TABLE key_hour (
    key_id TEXT NOT NULL,
    hour_ms BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    PRIMARY KEY (key_id, hour_ms)
);
CREATE INDEX key_hour_by_hour ON key_hour (hour_ms);
CREATE TABLE key_day (
    key_id TEXT NOT NULL,
    day_ms BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    PRIMARY KEY (key_id, day_ms)
);
CREATE INDEX key_day_by_day ON key_day (day_ms);
-- How far each reading of a report has come.
CREATE TABLE usage_mark (
    name TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL
);
