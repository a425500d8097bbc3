-- Whose spend was told of as unusual, once for each day of the configuration's zone.
CREATE TABLE anomaly (
    scope TEXT NOT NULL,
    day TEXT NOT NULL,
    told_at_ms BIGINT NOT NULL,
    PRIMARY KEY (scope, day)
);
CREATE INDEX anomaly_by_time ON anomaly (told_at_ms);
-- Whose spend may be unusual until then, because somebody expects it.
CREATE TABLE expected_spend (
    scope TEXT NOT NULL PRIMARY KEY,
    until_ms BIGINT NOT NULL,
    reason TEXT,
    made_by TEXT NOT NULL,
    made_at_ms BIGINT NOT NULL
);
