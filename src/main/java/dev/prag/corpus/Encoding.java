package dev.prag.corpus;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import java.time.Instant;

/** The state of a text under a model and a recipe; written by {@link EncodingQueue} in plain SQL. */
@Entity
public class Encoding extends PanacheEntityBase {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Long id;

    @Column(name = "text_hash", nullable = false)
    public String textHash;

    @Column(nullable = false)
    public String model;

    @Column(nullable = false)
    public String recipe;

    @Enumerated(EnumType.STRING)
    @Column(nullable = false)
    public EncodingState state;

    /** The encoder that holds it while it is leased. */
    public String owner;

    @Column(name = "lease_until")
    public Instant leaseUntil;

    @Column(nullable = false)
    public int attempts;

    @Column(name = "adapter_id")
    public String adapterId;

    public String note;

    public String error;

    /** What a model wrote that was no use, where it failed. */
    public String detail;

    @Column(name = "earlier_attempts", nullable = false)
    public int earlierAttempts;

    @Column(name = "updated_at", nullable = false)
    public Instant updatedAt;
}
