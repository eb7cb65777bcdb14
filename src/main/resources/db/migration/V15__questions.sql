-- The questions of an augmentation, which the index finds its passages by; sentences with a gap aren't among them.
ALTER TABLE augmentation ADD COLUMN questions text[] NOT NULL DEFAULT '{}';
UPDATE augmentation SET questions = ARRAY(
    SELECT pair ->> 'question' FROM jsonb_array_elements(body::jsonb -> 'pairs') WITH ORDINALITY AS pairs (pair, n)
    WHERE pair ->> 'kind' IS DISTINCT FROM 'cloze' ORDER BY n);

-- Texts whose questions came or changed, and whose documents aren't among the changes yet: whoever keeps an
-- augmentation doesn't wait for a turn to write the corpus.
CREATE TABLE asked_text (
    text_hash text PRIMARY KEY REFERENCES passage_text ON DELETE CASCADE
);
