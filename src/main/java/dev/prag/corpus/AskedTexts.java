package dev.prag.corpus;

import dev.prag.base.BusyException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.util.Collection;
import java.util.List;

/**
 * Texts whose questions came or changed. Whoever keeps an augmentation only notes its text, as it has no turn to write the
 * corpus; now and then somebody puts the documents of all that were noted among the corpus's changes, so that every index
 * takes in their questions.
 */
@ApplicationScoped
class AskedTexts {
    private static final System.Logger LOG = System.getLogger(AskedTexts.class.getName());
    /** Texts of one transaction. */
    private static final int BATCH = 500;

    @Inject
    Sql sql;

    @Inject
    Writers writers;

    @Inject
    Changes changes;

    @Inject
    Event<QuestionsChange> published;

    /** Notes a text, in the transaction that keeps its questions. */
    void note(String textHash) {
        // What was noted before is held, too: it must not be told of before these questions can be seen.
        sql.update(
                "INSERT INTO asked_text VALUES (?) ON CONFLICT (text_hash) DO UPDATE SET text_hash = excluded.text_hash",
                textHash);
    }

    /** Puts documents of these texts among the changes; in the transaction, and within the turn, of a writer. */
    void record(Collection<String> textHashes) {
        changes.record(sql.strings("SELECT DISTINCT document_id FROM passage WHERE text_hash = ANY (?)", textHashes));
    }

    /**
     * Puts documents of all noted texts among the changes. What is noted meanwhile, or by whoever is killed, is left to
     * the next time, and so is all while others write documents for long.
     */
    void publish() {
        int all = 0;
        int taken = BATCH;
        try {
            while (taken == BATCH && sql.number("SELECT count(*) FROM (SELECT FROM asked_text LIMIT 1) a") > 0) {
                taken = writers.write(this::publishSome);
                all += taken;
            }
        } catch (BusyException e) {
            LOG.log(System.Logger.Level.DEBUG, "new questions wait: {0}", e.getMessage());
        }
        if (all > 0) {
            published.fire(new QuestionsChange());
        }
    }

    private int publishSome() {
        // Who has noted one of them and isn't done keeps its row: that is told the next time.
        List<String> texts = sql.strings(
                "DELETE FROM asked_text WHERE text_hash = ANY (ARRAY(SELECT text_hash FROM asked_text LIMIT ?"
                        + " FOR UPDATE SKIP LOCKED)) RETURNING text_hash",
                BATCH);
        record(texts);
        return texts.size();
    }
}
