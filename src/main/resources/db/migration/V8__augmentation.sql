-- How an augmentation was made (JSON): prompts, seeds, what the model wrote, and why it was dropped; and figures of it.
ALTER TABLE augmentation ADD COLUMN making text, ADD COLUMN figures jsonb NOT NULL DEFAULT '{}';

-- Sums of the figures of all augmentations under a key, kept as other counts are: each row is a difference.
CREATE TABLE augmentation_count (
    key  text NOT NULL,
    name text NOT NULL,
    n    bigint NOT NULL
);
INSERT INTO augmentation_count SELECT key, 'passages', count(*) FROM augmentation GROUP BY key;

CREATE FUNCTION count_augmentations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO augmentation_count
            SELECT c.key, f.name, sum(f.n) FROM came c, LATERAL (SELECT 'passages' AS name, 1::bigint AS n
                UNION ALL SELECT j.key, j.value::bigint FROM jsonb_each_text(c.figures) j) f
            GROUP BY c.key, f.name;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO augmentation_count
            SELECT c.key, f.name, -sum(f.n) FROM went c, LATERAL (SELECT 'passages' AS name, 1::bigint AS n
                UNION ALL SELECT j.key, j.value::bigint FROM jsonb_each_text(c.figures) j) f
            GROUP BY c.key, f.name;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER augmentations_came AFTER INSERT ON augmentation REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION count_augmentations();
CREATE TRIGGER augmentations_went AFTER DELETE ON augmentation REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION count_augmentations();
CREATE TRIGGER augmentations_changed AFTER UPDATE ON augmentation REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION count_augmentations();

-- Questions and answers that people gave with a document. Each belongs to the text of the passage that supports it best,
-- whatever model and recipe the passage is encoded under.
CREATE TABLE document_pair (
    document_id text NOT NULL REFERENCES document ON DELETE CASCADE,
    position    integer NOT NULL,
    text_hash   text NOT NULL,
    question    text NOT NULL,
    answer      text NOT NULL,
    full_answer text NOT NULL,
    PRIMARY KEY (document_id, position)
);
CREATE INDEX document_pair_text ON document_pair (text_hash, document_id, position);
