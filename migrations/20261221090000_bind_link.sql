-- A link is bound by a key that is not in the database, so that nobody gives an account away by editing its row; why one is
-- held back; and when its platform was last asked about the address. Rows of before are bound at the next start.
ALTER TABLE link ADD COLUMN mac TEXT;
ALTER TABLE link ADD COLUMN held TEXT;
ALTER TABLE link ADD COLUMN checked_at_ms BIGINT;
-- Whose person somebody turned out to be: requests keep the person that asked for them.
ALTER TABLE person ADD COLUMN merged_into TEXT;
