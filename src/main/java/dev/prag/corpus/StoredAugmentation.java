package dev.prag.corpus;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;

/** An augmentation of a text, kept before training starts, so that a crash doesn't ask the model again. */
@Entity
@Table(name = "augmentation")
@IdClass(StoredAugmentation.Key.class)
public class StoredAugmentation extends PanacheEntityBase {
    @Id
    @Column(name = "text_hash")
    public String textHash;

    /** Says how it was made. */
    @Id
    public String key;

    /** JSON, as it was given. */
    @Column(nullable = false)
    public String body;

    /** How it was made (JSON); null if that isn't known. */
    public String making;

    @Column(name = "created_at", nullable = false)
    public Instant createdAt;

    /** The primary key. */
    public record Key(String textHash, String key) {}
}
