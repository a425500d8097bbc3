-- Whose work an API key is for, where it is a team's: one person of it answers for the key.
ALTER TABLE key_record ADD COLUMN team TEXT;
