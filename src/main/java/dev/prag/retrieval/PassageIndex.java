package dev.prag.retrieval;

import dev.prag.base.Home;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.CorpusChange;
import dev.prag.corpus.PassageText;
import dev.prag.corpus.PassageVersion;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.LockObtainFailedException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * BM25 over the titles and texts of all passages, kept under the home, following the corpus. The database is what
 * counts: the index is compared with it when it is first used, and made anew where it can't be read.
 */
@ApplicationScoped
public class PassageIndex {
    private static final Logger LOG = Logger.getLogger(PassageIndex.class);
    private static final int BATCH = 2000;

    @Inject
    Home home;

    @Inject
    Corpus corpus;

    @ConfigProperty(name = "prag.retrieval.language", defaultValue = "neutral")
    String language;

    private volatile LuceneIndex index;
    private volatile boolean wasOpened;

    /** Opens the index, so that the first question doesn't wait for it. */
    public void open() {
        // A search loads what analyses words, too.
        search("open", 1);
    }

    /** Whether it was opened. What fails after that is mended by the next use, which no one needs to be kept from. */
    public boolean isOpen() {
        return wasOpened;
    }

    /** The hits of {@link #find}. */
    public List<Hit> search(String question, int k) {
        return find(question, k).hits();
    }

    /**
     * The best {@code k} passages for the question, best first; fewer or none where few or none share a word with it.
     * Of passages with the same text there is the best one. Any characters are fine.
     */
    public Found find(String question, int k) {
        if (k < 1) {
            return new Found(List.of(), 0, 0);
        }
        try {
            try {
                return opened().search(question, k);
            } catch (AlreadyClosedException e) {
                // It was given up by a change that it couldn't follow, just now.
                return opened().search(question, k);
            }
        } catch (IOException e) {
            throw failure("can't be searched", e);
        }
    }

    /** Compares the index with the database and mends it. */
    public synchronized Reconciled reconcile() {
        try {
            return reconcile(writable());
        } catch (IOException e) {
            throw abandoned("can't be compared with the database", e);
        }
    }

    /** Makes the index anew from the database; returns the number of passages. */
    public synchronized int rebuild() {
        try {
            LuceneIndex writable = writable();
            // Searches see the old index until the new one is complete.
            writable.clear();
            int passages = add(writable, Map.of(), new HashSet<>());
            writable.commit();
            return passages;
        } catch (IOException e) {
            throw abandoned("can't be rebuilt", e);
        }
    }

    /** What {@link #reconcile} had to mend. */
    public record Reconciled(int added, int removed) {}

    synchronized void follow(@Observes CorpusChange change) {
        try {
            if (index == null) {
                // Opening compares with the database, which has the change.
                opened();
                return;
            }
            LuceneIndex writable = writable();
            List<String> ids = change.passageIds();
            for (int from = 0; from < ids.size(); from += BATCH) {
                List<String> batch = ids.subList(from, Math.min(ids.size(), from + BATCH));
                Set<String> gone = new HashSet<>(batch);
                for (PassageText passage : corpus.passages(batch)) {
                    writable.put(passage);
                    gone.remove(passage.id());
                }
                for (String id : gone) {
                    writable.remove(id);
                }
            }
            writable.commit();
        } catch (IOException | UserException e) {
            // The change itself is committed; the next use opens the index anew and finds what is missing.
            abandon();
            LOG.warnf("index %s doesn't follow for now: %s", folder(), e.getMessage());
        }
    }

    private Path folder() {
        return home.path("index");
    }

    private LuceneIndex opened() {
        LuceneIndex open = index;
        if (open != null) {
            return open;
        }
        synchronized (this) {
            if (index == null) {
                try {
                    index = comparedWithTheDatabase(openOrReplace());
                } catch (LockObtainFailedException e) {
                    throw new UserException(
                            Kind.CONFLICT,
                            "index " + folder() + " can't be made anew: " + e.getMessage()
                                    + "; end that one, or give the setting that it has",
                            e);
                } catch (IOException e) {
                    throw failure("can't be opened", e);
                }
                wasOpened = true;
            }
            return index;
        }
    }

    /** Nobody searches it before it has what the database has. */
    private LuceneIndex comparedWithTheDatabase(LuceneIndex opened) throws IOException {
        try {
            if (opened.outdated() != null) {
                LOG.warnf("index %s is made anew from the database: %s", folder(), opened.outdated());
            }
            if (opened.writes()) {
                Reconciled mended = reconcile(opened);
                if (mended.added() + mended.removed() > 0) {
                    LOG.infof("index %s: %d passages added, %d removed", folder(), mended.added(), mended.removed());
                }
            }
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private LuceneIndex openOrReplace() throws IOException {
        Language spoken = Language.of(language);
        try {
            return LuceneIndex.open(folder(), spoken);
        } catch (FileSystemException | LockObtainFailedException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            LOG.warnf("index %s is made anew from the database: %s", folder(), e.getMessage());
            try (Stream<Path> files = Files.walk(folder())) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
            return LuceneIndex.open(folder(), spoken);
        }
    }

    private LuceneIndex writable() {
        LuceneIndex open = opened();
        if (!open.writes()) {
            throw new UserException(
                    Kind.CONFLICT,
                    "index " + folder()
                            + " is written by another process; end it, or use another home with --home DIR");
        }
        return open;
    }

    private Reconciled reconcile(LuceneIndex writable) throws IOException {
        Map<String, String> indexed = writable.versions();
        Set<String> gone = new HashSet<>(indexed.keySet());
        int added = add(writable, indexed, gone);
        for (String id : gone) {
            writable.remove(id);
        }
        if (added > 0 || !gone.isEmpty()) {
            writable.commit();
        }
        return new Reconciled(added, gone.size());
    }

    /** Indexes all passages of the database but those indexed in this version, and takes them out of {@code gone}. */
    private int add(LuceneIndex writable, Map<String, String> indexed, Set<String> gone) throws IOException {
        int added = 0;
        String last = "";
        List<PassageVersion> page;
        do {
            page = corpus.versions(last, BATCH);
            List<String> stale = new ArrayList<>();
            for (PassageVersion passage : page) {
                if (!passage.version().equals(indexed.get(passage.id()))) {
                    stale.add(passage.id());
                }
                gone.remove(passage.id());
                last = passage.id();
            }
            for (PassageText passage : corpus.passages(stale)) {
                writable.put(passage);
                added++;
            }
        } while (page.size() == BATCH);
        return added;
    }

    private UserException abandoned(String what, IOException e) {
        abandon();
        return failure(what, e);
    }

    private UserException failure(String what, IOException e) {
        return new UserException(
                Kind.ENVIRONMENT,
                "index " + folder() + " " + what + ": " + IoReason.of(e)
                        + "; make room or give write permission there, then run `prag index rebuild`",
                e);
    }

    @PreDestroy
    synchronized void abandon() {
        LuceneIndex open = index;
        index = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.warnf("index %s was not closed cleanly: %s", folder(), IoReason.of(e));
            }
        }
    }
}
