package dev.prag.corpus;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** What is known of an adapter whose bytes the adapter store keeps. */
@Entity
@Table(name = "adapter")
public class StoredAdapter extends PanacheEntityBase {
    @Id
    public String id;

    @Column(name = "text_hash", nullable = false)
    public String textHash;

    @Column(nullable = false)
    public String model;

    @Column(nullable = false)
    public String recipe;

    @Column(nullable = false)
    public String checksum;

    @Column(nullable = false)
    public long bytes;

    @Column(name = "created_at", nullable = false)
    public Instant createdAt;
}
