-- Titles of the sections that a passage is in, joined by ' > '.
ALTER TABLE passage ADD COLUMN headings text NOT NULL DEFAULT '';

-- The whole text of a document, from which it can be cut again. Documents that came before have none: their passages
-- stay as they are until they are ingested again.
CREATE TABLE document_text (
    document_id text PRIMARY KEY REFERENCES document ON DELETE CASCADE,
    text        text NOT NULL,
    splitter    integer NOT NULL -- version of what cut it into its passages
);
