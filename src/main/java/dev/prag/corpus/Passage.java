package dev.prag.corpus;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** A piece of a document. Its id follows from the document and the text, so it stays when the document grows around it. */
@Entity
public class Passage extends PanacheEntityBase {
    @Id
    public String id;

    @Column(name = "document_id", nullable = false)
    public String documentId;

    @Column(nullable = false)
    public int position;

    @Column(name = "text_hash", nullable = false)
    public String textHash;

    /** Titles of the sections it is in, joined by {@code " > "}; empty if none. */
    @Column(nullable = false)
    public String headings;
}
