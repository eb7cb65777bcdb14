package dev.prag.corpus;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.time.Instant;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** A document as it was last ingested. Its text is a row of its own, read only to cut it again. */
@Entity
public class Document extends PanacheEntityBase {
    @Id
    public String id;

    public String title;

    public String source;

    /** An object of JSON as text, which keeps every digit of its numbers. */
    @JdbcTypeCode(SqlTypes.JSON)
    @Column(nullable = false)
    public String metadata;

    /** Of title, text and metadata: the same again changes nothing. */
    @Column(name = "content_hash", nullable = false)
    public String contentHash;

    @Column(name = "created_at", nullable = false)
    public Instant createdAt;

    @Column(name = "updated_at", nullable = false)
    public Instant updatedAt;
}
