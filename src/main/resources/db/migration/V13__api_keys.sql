-- Keys of services and scripts that ask. A key has 256 random bits, so that a plain hash of it can't be searched through;
-- the key itself is nowhere. Rows stay when a key is revoked: its name stands in audit logs, and a service that once had
-- keys doesn't become open to everybody with the last one.
CREATE TABLE api_key (
    name text PRIMARY KEY,
    hash text NOT NULL UNIQUE,
    prefix text NOT NULL,
    roles text[] NOT NULL,
    groups text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at timestamptz
);
