-- What adapters are worth, and passages whose adapters aren't used because of it.
CREATE TABLE adapter_measure (
    encoding_id   bigint PRIMARY KEY REFERENCES encoding ON DELETE CASCADE,
    own           double precision NOT NULL,
    other         double precision, -- where there was another passage's adapter
    none          double precision NOT NULL,
    neutral       double precision NOT NULL,
    trainings     integer NOT NULL,
    learning_rate double precision NOT NULL,
    measured_at   timestamptz NOT NULL
);

ALTER TABLE encoding DROP CONSTRAINT encoding_state_check;
ALTER TABLE encoding ADD CONSTRAINT encoding_state_check
    CHECK (state IN ('PENDING', 'LEASED', 'READY', 'WITHHELD', 'FAILED'));

CREATE OR REPLACE VIEW encoding_pending AS
    SELECT t.model, t.recipe, greatest(0,
        (SELECT coalesce(sum(c.passages), 0) FROM corpus_count c)
        - (SELECT coalesce(sum(c.passages), 0) FROM encoding_count c
            WHERE c.model = t.model AND c.recipe = t.recipe
                AND c.state IN ('READY', 'WITHHELD', 'FAILED')))::bigint AS pending
    FROM target t WHERE NOT t.removing;
