-- Lists of documents, the newest first, a page at a time: what they are filtered by is found through an index.
CREATE INDEX document_newest ON document (created_at DESC, id DESC);
CREATE INDEX document_metadata ON document USING gin (metadata jsonb_path_ops);
CREATE INDEX document_title ON document
    USING gin (to_tsvector('simple', regexp_replace(coalesce(title, ''), '[[:punct:]]+', ' ', 'g')));
CREATE INDEX encoding_withheld ON encoding (model, recipe, id) WHERE state = 'WITHHELD';

-- Where in the text pages of the document begin (characters as UTF-16 has them), and the page that a passage begins on,
-- from 1; none where the document has no pages.
ALTER TABLE document_text ADD COLUMN pages integer[];
ALTER TABLE passage ADD COLUMN page integer;
