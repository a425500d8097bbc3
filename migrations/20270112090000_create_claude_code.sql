-- What members used of Claude Code by subscription, by UTC day: it is paid by the seat and stands on no bill of the API. What they use
-- of it through the API is among what was spent.
CREATE TABLE claude_code_day (
    day_ms BIGINT NOT NULL,
    -- In lower case, as the directory's may differ in it.
    email TEXT NOT NULL,
    model TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    -- At list prices, in microcents (10^-8 USD), as Anthropic estimates it.
    amount BIGINT NOT NULL,
    PRIMARY KEY (day_ms, email, model)
);
