-- What was said to the bot: ids, verb, place, outcome; never free text. The two unique ids stop repeated deliveries.
CREATE TABLE invocation (
    delivery TEXT NOT NULL PRIMARY KEY,
    logical TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    verb TEXT NOT NULL,
    place TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    closed_at_ms BIGINT,
    outcome TEXT
);
CREATE INDEX invocation_open ON invocation (at_ms) WHERE closed_at_ms IS NULL;
-- The command behind a button or a form.
CREATE TABLE press (
    id TEXT NOT NULL PRIMARY KEY,
    words TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX press_by_age ON press (created_at_ms);
