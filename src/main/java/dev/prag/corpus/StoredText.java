package dev.prag.corpus;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** The text of one or more equal passages under its SHA-256. */
@Entity
@Table(name = "passage_text")
public class StoredText extends PanacheEntityBase {
    @Id
    public String hash;

    @Column(nullable = false)
    public String text;
}
