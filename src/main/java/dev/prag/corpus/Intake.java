package dev.prag.corpus;

import dev.prag.base.UserException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Documents on their way into the corpus, any number of them, in transactions of bounded size: each document is kept
 * whole or not at all, and of the documents that were added those before some point are kept. One that isn't full is
 * written by {@link #finish}, so up to {@link #DOCUMENTS} documents of together {@link #CHARACTERS} are kept all or none.
 * Used by one thread.
 */
public final class Intake {
    /** Documents of a transaction. */
    public static final int DOCUMENTS = 500;
    /** Characters of their texts, beyond which no other is added; about 16 MB. */
    public static final long CHARACTERS = 16L << 20;

    private final Function<DocumentInput, DocumentDraft> draft;
    private final Function<List<DocumentDraft>, List<Ingested>> write;
    private final Consumer<Ingested> each;
    private final Drafts drafts = new Drafts();
    private long kept;

    Intake(
            Function<DocumentInput, DocumentDraft> draft,
            Function<List<DocumentDraft>, List<Ingested>> write,
            Consumer<Ingested> each) {
        this.draft = draft;
        this.write = write;
        this.each = each;
    }

    /**
     * Adds a document, and writes those before it if with it they are too many.
     *
     * @throws UserException naming the document, if it can't be kept; those before it may be written
     */
    public void add(DocumentInput document) {
        add(draft.apply(document));
    }

    /** As {@link #add}, where a document that can't be kept is told and left out. */
    public void addUnless(DocumentInput document, Consumer<UserException> refused) {
        DocumentDraft next;
        try {
            next = draft.apply(document);
        } catch (UserException e) {
            refused.accept(e);
            return;
        }
        add(next);
    }

    private void add(DocumentDraft next) {
        if (!drafts.isRoomFor(next)) {
            finish();
        }
        drafts.add(next);
    }

    /** Writes what isn't written. */
    public void finish() {
        if (!drafts.isEmpty()) {
            List<Ingested> written = write.apply(drafts.take());
            kept += written.size();
            written.forEach(each);
        }
    }

    /** How many of the documents that were added are in the corpus: the first ones. */
    public long kept() {
        return kept;
    }

    /** Those of one transaction. */
    static final class Drafts {
        private List<DocumentDraft> some = new ArrayList<>();
        private long characters;

        boolean isRoomFor(DocumentDraft draft) {
            return some.isEmpty()
                    || some.size() < DOCUMENTS && characters + draft.text().length() <= CHARACTERS;
        }

        void add(DocumentDraft draft) {
            some.add(draft);
            characters += draft.text().length();
        }

        boolean isEmpty() {
            return some.isEmpty();
        }

        List<DocumentDraft> take() {
            List<DocumentDraft> taken = some;
            some = new ArrayList<>();
            characters = 0;
            return taken;
        }
    }
}
