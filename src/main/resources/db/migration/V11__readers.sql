-- Who may read a document: names of groups, or user:NAME for a person; empty: everybody who may ask.
ALTER TABLE document ADD COLUMN readers text[] NOT NULL DEFAULT '{}';
