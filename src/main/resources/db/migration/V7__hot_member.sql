-- The processes of a clustered hot tier (prag.hot.mode=clustered), by which a new one finds the others.
CREATE TABLE hot_member (
    address     text PRIMARY KEY,
    name        text,
    cluster     text NOT NULL,
    ip          text NOT NULL,
    coordinator boolean
);
