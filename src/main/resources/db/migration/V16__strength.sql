-- What an adapter's update was multiplied by after its training.
ALTER TABLE adapter_measure ADD COLUMN strength double precision NOT NULL DEFAULT 1;
