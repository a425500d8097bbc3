-- Since when somebody is in a workspace, at the latest: when a look first found them there. Not known for those whom the
-- first look of all found.
ALTER TABLE membership ADD COLUMN since_ms BIGINT;
