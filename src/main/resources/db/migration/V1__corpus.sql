-- Documents and their passages.
CREATE TABLE document (
    id           text PRIMARY KEY,
    seq          bigint GENERATED ALWAYS AS IDENTITY UNIQUE, -- the order of arrival
    title        text,
    source       text,
    metadata     jsonb NOT NULL,
    content_hash text NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);

-- What is encoded: equal passages share a text, and with it augmentations, state and adapters.
CREATE TABLE passage_text (
    hash text PRIMARY KEY,
    text text NOT NULL
);

CREATE TABLE passage (
    id          text PRIMARY KEY,
    document_id text NOT NULL REFERENCES document ON DELETE CASCADE,
    position    integer NOT NULL,
    text_hash   text NOT NULL REFERENCES passage_text
);
CREATE INDEX passage_document ON passage (document_id, position);
CREATE INDEX passage_text_hash ON passage (text_hash);

CREATE TABLE augmentation (
    text_hash  text NOT NULL REFERENCES passage_text ON DELETE CASCADE,
    key        text NOT NULL,
    body       text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (text_hash, key)
);

CREATE TABLE adapter (
    id         text PRIMARY KEY,
    text_hash  text NOT NULL REFERENCES passage_text ON DELETE CASCADE,
    model      text NOT NULL,
    recipe     text NOT NULL,
    checksum   text NOT NULL,
    bytes      bigint NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX adapter_text_hash ON adapter (text_hash);

-- The state of a text under a model and a recipe, and the queue of the encoders.
CREATE TABLE encoding (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text_hash   text NOT NULL REFERENCES passage_text ON DELETE CASCADE,
    model       text NOT NULL,
    recipe      text NOT NULL,
    state       text NOT NULL CHECK (state IN ('PENDING', 'LEASED', 'READY', 'FAILED')),
    owner       text,
    lease_until timestamptz,
    attempts    integer NOT NULL DEFAULT 0,
    adapter_id  text REFERENCES adapter ON DELETE CASCADE,
    note        text,
    error       text,
    updated_at  timestamptz NOT NULL,
    UNIQUE (text_hash, model, recipe),
    CHECK ((state = 'LEASED') = (owner IS NOT NULL AND lease_until IS NOT NULL)),
    CHECK ((state = 'READY') = (adapter_id IS NOT NULL))
);
CREATE INDEX encoding_open ON encoding (model, recipe, id) WHERE state IN ('PENDING', 'LEASED');
CREATE INDEX encoding_owner ON encoding (owner) WHERE owner IS NOT NULL;
CREATE INDEX encoding_adapter ON encoding (adapter_id);

-- Adapters that no row needs any more and whose files are still to be deleted.
CREATE TABLE adapter_removal (
    adapter_id text PRIMARY KEY,
    created_at timestamptz NOT NULL
);
