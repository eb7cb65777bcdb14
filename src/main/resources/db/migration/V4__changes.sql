-- Which corpus this is: what is derived from it or belongs to it (an index, a store of adapters) keeps this id, and is
-- refused to another corpus.
CREATE TABLE corpus (
    id     text PRIMARY KEY,
    single boolean NOT NULL DEFAULT true UNIQUE CHECK (single)
);
INSERT INTO corpus (id) VALUES (gen_random_uuid()::text);

-- The last change of every document that there is or was. Writers take turns until they have committed, so whoever has
-- seen a number will see no smaller one later.
CREATE SEQUENCE change_seq;
CREATE TABLE change (
    document_id text PRIMARY KEY,
    seq         bigint NOT NULL UNIQUE
);
INSERT INTO change (document_id, seq) SELECT id, row_number() OVER (ORDER BY seq) FROM document;
SELECT setval('change_seq', (SELECT count(*) FROM change) + 1, false);
