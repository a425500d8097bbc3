-- What approvers asked the requester, and what they answered.
CREATE TABLE question (
    change_number BIGINT NOT NULL REFERENCES change (number),
    position BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    question TEXT NOT NULL,
    asked_at_ms BIGINT NOT NULL,
    answer TEXT,
    answered_at_ms BIGINT,
    PRIMARY KEY (change_number, position)
);
