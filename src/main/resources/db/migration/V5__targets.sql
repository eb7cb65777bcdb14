-- The order in which texts came, in which they are encoded.
CREATE SEQUENCE passage_text_seq;
ALTER TABLE passage_text ADD COLUMN seq bigint;
UPDATE passage_text t SET seq = n.seq
    FROM (SELECT p.text_hash, row_number() OVER (ORDER BY min(d.seq), min(p.position)) AS seq
        FROM passage p JOIN document d ON d.id = p.document_id GROUP BY p.text_hash) n
    WHERE n.text_hash = t.hash;
SELECT setval('passage_text_seq', (SELECT count(*) FROM passage_text) + 1, false);
ALTER TABLE passage_text ALTER COLUMN seq SET DEFAULT nextval('passage_text_seq');
ALTER SEQUENCE passage_text_seq OWNED BY passage_text.seq;
UPDATE passage_text SET seq = nextval('passage_text_seq') WHERE seq IS NULL;
ALTER TABLE passage_text ALTER COLUMN seq SET NOT NULL;
CREATE UNIQUE INDEX passage_text_seq_key ON passage_text (seq);

-- The models and recipes that texts are encoded under. Whoever writes texts makes a row of encoding of each for each;
-- texts that were there before are given theirs in steps, in their order.
CREATE TABLE target (
    model         text NOT NULL,
    recipe        text NOT NULL,
    model_name    text NOT NULL, -- for people
    recipe_name   text NOT NULL,
    registered_at timestamptz NOT NULL,
    filled_to     bigint NOT NULL, -- all texts up to this number have their row
    fill_to       bigint NOT NULL, -- those after this one have it from their writer
    removing      boolean NOT NULL DEFAULT false,
    checked_to    text NOT NULL DEFAULT '', -- the adapter that was last looked for in the store
    PRIMARY KEY (model, recipe)
);

-- The first passage of a text is found without looking at all that have it.
DROP INDEX passage_text_hash;
CREATE INDEX passage_text_hash ON passage (text_hash, id);

-- passages: how many passages have the text.
ALTER TABLE encoding ADD COLUMN seq bigint, ADD COLUMN passages integer;
UPDATE encoding e SET seq = t.seq, passages = (SELECT count(*) FROM passage p WHERE p.text_hash = t.hash)
    FROM passage_text t WHERE t.hash = e.text_hash;
ALTER TABLE encoding ALTER COLUMN seq SET NOT NULL, ALTER COLUMN passages SET NOT NULL;
DROP INDEX encoding_open;
CREATE INDEX encoding_waiting ON encoding (model, recipe, seq) WHERE state = 'PENDING';
-- Without the time, so that renewing a lease touches no index.
CREATE INDEX encoding_leased ON encoding (model, recipe) WHERE state = 'LEASED';
CREATE INDEX encoding_failed ON encoding (model, recipe, id) WHERE state = 'FAILED';
CREATE INDEX adapter_target ON adapter (model, recipe, id);
-- What was taken stays at the front of the index until it is cleaned away: early, whatever the size of the table.
ALTER TABLE encoding SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- Counts, kept by those who change what is counted: the sums of all rows, each a difference. Nobody waits for anybody,
-- as each only adds rows; now and then some are taken out and their sum put in.
CREATE TABLE corpus_count (
    documents bigint NOT NULL,
    passages  bigint NOT NULL
);
CREATE TABLE encoding_count (
    model    text NOT NULL,
    recipe   text NOT NULL,
    state    text NOT NULL,
    passages bigint NOT NULL
);
INSERT INTO corpus_count SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM passage);
INSERT INTO encoding_count SELECT model, recipe, state, sum(passages) FROM encoding GROUP BY model, recipe, state;

CREATE FUNCTION count_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO corpus_count
        SELECT CASE TG_OP WHEN 'INSERT' THEN n ELSE -n END, 0 FROM (SELECT count(*) AS n FROM changed) c WHERE n > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER documents_came AFTER INSERT ON document REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_documents();
CREATE TRIGGER documents_went AFTER DELETE ON document REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_documents();

CREATE FUNCTION count_passages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO corpus_count
        SELECT 0, CASE TG_OP WHEN 'INSERT' THEN n ELSE -n END FROM (SELECT count(*) AS n FROM changed) c WHERE n > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER passages_came AFTER INSERT ON passage REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_passages();
CREATE TRIGGER passages_went AFTER DELETE ON passage REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_passages();

CREATE FUNCTION count_encodings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO encoding_count
            SELECT model, recipe, state, sum(passages) FROM came GROUP BY model, recipe, state;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO encoding_count
            SELECT model, recipe, state, -sum(passages) FROM went GROUP BY model, recipe, state;
    ELSE
        INSERT INTO encoding_count
            SELECT model, recipe, state, sum(n) FROM (
                SELECT model, recipe, state, passages AS n FROM came
                UNION ALL SELECT model, recipe, state, -passages FROM went) c
            GROUP BY model, recipe, state HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER encodings_came AFTER INSERT ON encoding REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION count_encodings();
CREATE TRIGGER encodings_went AFTER DELETE ON encoding REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION count_encodings();
CREATE TRIGGER encodings_changed AFTER UPDATE ON encoding REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION count_encodings();

-- How many passages are neither encoded nor given up, for each registered model and recipe: what an autoscaler asks.
CREATE VIEW encoding_pending AS
    SELECT t.model, t.recipe, greatest(0,
        (SELECT coalesce(sum(c.passages), 0) FROM corpus_count c)
        - (SELECT coalesce(sum(c.passages), 0) FROM encoding_count c
            WHERE c.model = t.model AND c.recipe = t.recipe AND c.state IN ('READY', 'FAILED')))::bigint AS pending
    FROM target t WHERE NOT t.removing;

-- Why an adapter is to be deleted: nothing is without a reason that was noted.
ALTER TABLE adapter_removal ADD COLUMN reason text NOT NULL DEFAULT 'deleted'
    CHECK (reason IN ('deleted', 'unfinished', 'target'));
CREATE INDEX adapter_removal_due ON adapter_removal (not_before);
