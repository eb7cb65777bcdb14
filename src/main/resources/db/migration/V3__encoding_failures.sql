-- What a model wrote that was no use, where encoding failed; and attempts before failed passages were last tried again,
-- so that no attempt samples as an earlier one did.
ALTER TABLE encoding ADD COLUMN detail text;
ALTER TABLE encoding ADD COLUMN earlier_attempts integer NOT NULL DEFAULT 0;

-- Also adapters that an encoder is about to store, until it has marked them ready: from then on nobody has to delete
-- them, and if it is killed before, they are deleted once nobody can be at them any more.
ALTER TABLE adapter_removal ADD COLUMN not_before timestamptz NOT NULL DEFAULT now();
