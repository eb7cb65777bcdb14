package dev.prag.corpus;

import dev.prag.base.UserException;
import dev.prag.documents.DocumentDraft;
import dev.prag.documents.DocumentInput;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Documents on their way into the corpus, any number of them, in transactions of bounded size: each document is kept
 * whole or not at all, and of the documents that were added those before some point are kept. One that isn't full is
 * written by {@link #finish}, so up to {@link #DOCUMENTS} documents of together {@link #CHARACTERS} are kept all or none.
 * Used by one thread; where it writes beside that one, an error of writing comes with the next call.
 */
public final class Intake {
    /** Documents of a transaction. */
    public static final int DOCUMENTS = 500;
    /** Characters of their texts, beyond which no other is added; about 16 MB. */
    public static final long CHARACTERS = 16L << 20;

    private final Function<DocumentInput, DocumentDraft> draft;
    private final Write write;
    private final Consumer<Ingested> each;
    private final boolean beside;
    private final Drafts drafts = new Drafts();
    private FutureTask<List<Ingested>> writing;
    private long kept;

    /** Keeps documents in one transaction; {@code more} says that others follow at once. */
    interface Write {
        List<Ingested> write(List<DocumentDraft> documents, boolean more);
    }

    /** @param beside whether a transaction is written while the documents of the next one are added */
    Intake(Function<DocumentInput, DocumentDraft> draft, Write write, Consumer<Ingested> each, boolean beside) {
        this.draft = draft;
        this.write = write;
        this.each = each;
        this.beside = beside;
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
            await();
            List<DocumentDraft> full = drafts.take();
            writing = new FutureTask<>(() -> write.write(full, true));
            if (beside) {
                Thread.ofPlatform().daemon().name("prag-intake").start(writing);
            } else {
                writing.run();
                await();
            }
        }
        drafts.add(next);
    }

    /** Writes what isn't written. */
    public void finish() {
        await();
        if (!drafts.isEmpty()) {
            done(write.write(drafts.take(), false));
        }
    }

    /** Waits for what is being written, and throws what that threw. */
    private void await() {
        if (writing == null) {
            return;
        }
        FutureTask<List<Ingested>> last = writing;
        writing = null;
        try {
            done(last.get());
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("writing documents was interrupted");
        }
    }

    private void done(List<Ingested> written) {
        kept += written.size();
        written.forEach(each);
    }

    /**
     * How many of the documents that were added are in the corpus: the first ones. Waits for those that are being
     * written.
     */
    public long kept() {
        try {
            await();
        } catch (RuntimeException e) {
            // Whoever asks has an error already, or gets what is written next refused for the same reason.
            return kept;
        }
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
