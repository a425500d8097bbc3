-- Who said yes so far, in order, as JSON: policies may ask for several people. Bound by the change's `mac`.
ALTER TABLE change ADD COLUMN approvals TEXT NOT NULL DEFAULT '[]';
