-- Receipts of deletions. What was deleted is named by hashes alone.
CREATE TABLE deletion (
    id            text PRIMARY KEY,
    document_hash text NOT NULL, -- SHA-256 of its id
    content_hash  text NOT NULL,
    passages      text[] NOT NULL, -- ids, which are hashes
    texts         text[] NOT NULL, -- hashes of those that no other document had
    adapters      text[] NOT NULL, -- ids, which are hashes, of what was trained of these
    under_way     integer NOT NULL, -- how many of the texts an encoder was at
    deleted_by    text NOT NULL,
    deleted_at    timestamptz NOT NULL,
    checks        text NOT NULL DEFAULT '[]', -- JSON: what was looked at last, where and when
    verified_at   timestamptz -- when nothing was left
);
CREATE INDEX deletion_document ON deletion (document_hash, deleted_at DESC);
