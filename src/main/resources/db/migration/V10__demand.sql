-- How often questions have retrieved a text, without the questions. A retrieval counts twice as much as one a month
-- before: instead of making old ones smaller every day, later ones add more, so the order is that of decayed counts and
-- nothing has to be written but what was retrieved. No foreign key: whoever counts must not wait for who deletes texts,
-- and takes no lock that he might wait for.
CREATE TABLE demand (
    text_hash text PRIMARY KEY,
    score     double precision NOT NULL
);

-- The same where it is asked for: beside what is pending. Rows without demand have no part in the index, so it costs
-- nothing to who ingests.
ALTER TABLE encoding ADD COLUMN demand double precision NOT NULL DEFAULT 0;
CREATE INDEX encoding_wanted ON encoding (model, recipe, demand DESC, seq) WHERE state = 'PENDING' AND demand > 0;

-- How many passages questions have retrieved on a day, and how many of them had an adapter.
CREATE TABLE demand_day (
    day       date NOT NULL,
    model     text NOT NULL,
    recipe    text NOT NULL,
    retrieved bigint NOT NULL,
    adapters  bigint NOT NULL,
    PRIMARY KEY (model, recipe, day)
);
