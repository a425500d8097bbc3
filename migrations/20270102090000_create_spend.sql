-- What was spent. Every combination of key, workspace, model and the rest that was ever seen has a number; facts know it by that.
-- An empty text stands for "none".
CREATE TABLE spend_series (
    id BIGINT NOT NULL PRIMARY KEY,
    key_id TEXT NOT NULL,
    -- user_…, svac_… or another name of whoever used it, where no key was used.
    actor TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    model TEXT NOT NULL,
    tier TEXT NOT NULL,
    geo TEXT NOT NULL,
    context TEXT NOT NULL,
    -- What is paid for: tokens, web_search, code_execution, session_usage …
    kind TEXT NOT NULL,
    UNIQUE (key_id, actor, workspace_id, model, tier, geo, context, kind)
);
-- Tokens by hour, and what they cost as far as is known, in microcents (10^-8 USD).
CREATE TABLE spend_hour (
    hour_ms BIGINT NOT NULL,
    series_id BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_5m BIGINT NOT NULL,
    cache_1h BIGINT NOT NULL,
    output BIGINT NOT NULL,
    searches BIGINT NOT NULL,
    unpriced BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (hour_ms, series_id)
);
-- The same by day, UTC. Made anew from the hours whenever one of them changes, and kept when the hours go.
CREATE TABLE spend_day (
    day_ms BIGINT NOT NULL,
    series_id BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    unpriced BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (day_ms, series_id)
);
-- What the figures of a day are: billed, reconciled or estimate, and as of when.
CREATE TABLE spend_state (
    day_ms BIGINT NOT NULL PRIMARY KEY,
    basis TEXT NOT NULL,
    as_of_ms BIGINT NOT NULL,
    -- When its amounts were last reckoned, and with which prices.
    settled TEXT NOT NULL
);
-- What was billed for a day, by the analytics (key, actor, workspace, model) or by the cost report (workspace, model).
CREATE TABLE spend_bill (
    source TEXT NOT NULL,
    day_ms BIGINT NOT NULL,
    series_id BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (source, day_ms, series_id)
);
-- Each day that was read from such a source, with or without rows.
CREATE TABLE spend_bill_day (
    source TEXT NOT NULL,
    day_ms BIGINT NOT NULL,
    as_of_ms BIGINT NOT NULL,
    read_at_ms BIGINT NOT NULL,
    PRIMARY KEY (source, day_ms)
);
-- The configuration's tags: keys whose names fit the pattern.
CREATE TABLE spend_tag (
    name TEXT NOT NULL,
    pattern TEXT NOT NULL,
    PRIMARY KEY (name, pattern)
);
INSERT INTO counter (name, value) VALUES ('spend series', 0);
