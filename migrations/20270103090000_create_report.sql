-- Channels that want reports, one row for each kind. `due_at_ms` moves on in the transaction that posts a report: whoever moves it
-- tells it. Warnings are told when there are any, and are never due.
CREATE TABLE report_subscription (
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    rhythm TEXT NOT NULL,
    -- Minutes after midnight, on the wall clock of the zone.
    at_minute BIGINT NOT NULL,
    zone TEXT NOT NULL,
    -- Whether people and keys are named; only an admin subscribes to that.
    names BIGINT NOT NULL,
    -- Whether nothing is said when nothing is notable.
    quiet BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    made_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT,
    snoozed_until_ms BIGINT,
    snooze_reason TEXT,
    PRIMARY KEY (channel, kind)
);
CREATE INDEX report_subscription_by_due ON report_subscription (due_at_ms);
