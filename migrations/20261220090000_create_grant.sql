-- One permission more for one person, until a day or without end. `mac` binds everything that gives the right (key outside the
-- database). The workspace is kept by id, so that its right goes where it goes, whatever it is called.
CREATE TABLE granted (
    number BIGINT NOT NULL PRIMARY KEY,
    change_id TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id),
    permission TEXT NOT NULL,
    workspace_id TEXT,
    workspace TEXT,
    until_day TEXT,
    until_ms BIGINT,
    given_by TEXT NOT NULL,
    given_at_ms BIGINT NOT NULL,
    ended TEXT,
    ended_at_ms BIGINT,
    told BIGINT NOT NULL,
    mac TEXT NOT NULL
);
CREATE INDEX granted_by_person ON granted (person_id, ended);
-- Somebody stands in for an approver, for a time. `agreed` is 1 if somebody else agreed to it: otherwise it was made at once because
-- they may decide all of it anyway, and gives them nothing more. `told` is 1 once both were told that it began.
CREATE TABLE delegation (
    number BIGINT NOT NULL PRIMARY KEY,
    change_id TEXT NOT NULL,
    from_person TEXT NOT NULL REFERENCES person (id),
    to_person TEXT NOT NULL REFERENCES person (id),
    workspace_id TEXT,
    workspace TEXT,
    from_day TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    until_day TEXT NOT NULL,
    until_ms BIGINT NOT NULL,
    agreed BIGINT NOT NULL,
    given_by TEXT NOT NULL,
    given_at_ms BIGINT NOT NULL,
    ended TEXT,
    ended_at_ms BIGINT,
    told BIGINT NOT NULL,
    mac TEXT NOT NULL
);
CREATE INDEX delegation_by_delegate ON delegation (to_person, ended);
INSERT INTO counter (name, value) VALUES ('grant', 0), ('delegation', 0);
