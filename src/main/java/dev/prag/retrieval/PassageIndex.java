package dev.prag.retrieval;

import dev.prag.access.Principal;
import dev.prag.adapterstore.Blobs;
import dev.prag.base.Home;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.base.VitalThread;
import dev.prag.corpus.Changes;
import dev.prag.corpus.CorpusChange;
import dev.prag.corpus.Leaderships;
import dev.prag.corpus.PassageReader;
import dev.prag.corpus.PassageSource;
import dev.prag.corpus.QuestionsChange;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.LockObtainFailedException;
import org.jboss.logging.Logger;

/**
 * BM25 over the titles, headings and texts of all passages, following the corpus. The database is what counts: the index
 * remembers up to which change it has followed, goes on from there, and is made anew where it can't be read.
 */
@ApplicationScoped
public class PassageIndex implements VitalThread {
    private static final Logger LOG = Logger.getLogger(PassageIndex.class);
    /** How long whoever changed the corpus waits until searches see it: as a rule, milliseconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Changes that nobody waits for who only brought some of them. */
    private static final long MANY = 20_000;

    private static final long NONE = -1;

    private static final Duration FOREVER = Duration.ofDays(1000);

    @Inject
    Home home;

    @Inject
    Changes changes;

    @Inject
    PassageReader passages;

    @Inject
    Blobs blobs;

    @Inject
    Leaderships leaderships;

    @Inject
    RetrievalConfig config;

    @Inject
    OpenSearchConfig openSearch;

    private volatile Opened opened;
    private volatile boolean wasOpened;

    /**
     * @param start number of the change up to which searches have to see it before it is asked
     * @param follower null where another process writes
     */
    private record Opened(SearchEngine engine, long start, IndexFollower follower) {
        boolean hasFailed() {
            return follower != null && follower.hasFailed();
        }

        boolean await(long seq, Duration most) throws IOException {
            return follower == null || follower.await(seq, most);
        }

        void awaitUsable() throws IOException {
            if (follower != null) {
                follower.awaitUsable(start, FOREVER);
            }
        }
    }

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
        return find(question, k, Filter.NONE, Principal.LOCAL).hits();
    }

    /**
     * The best {@code k} passages for the question that pass the filter, best first; fewer or none where few or none
     * share a word with it. Of passages with the same text there is the best one. Any characters are fine.
     *
     * @param caller to whom what the caller may not read doesn't exist
     */
    public Found find(String question, int k, Filter filter, Principal caller) {
        if (k < 1) {
            return new Found(List.of(), 0, 0);
        }
        try {
            try {
                return ready().engine().search(question, k, filter, caller);
            } catch (AlreadyClosedException e) {
                // It was given up by a change that it couldn't follow, just now.
                return ready().engine().search(question, k, filter, caller);
            }
        } catch (IOException e) {
            throw failure("can't be searched", e);
        }
    }

    /** How many passages of these ids searches of this process see. */
    public long count(Collection<String> passageIds) {
        try {
            return ready().engine().count(passageIds);
        } catch (IOException e) {
            throw failure("can't be searched", e);
        }
    }

    /** Whether all processes search the same index. */
    public boolean isShared() {
        return opened().engine().isShared();
    }

    /** Follows until searches see what the corpus has now. */
    public void catchUp() {
        follow(Long.MAX_VALUE, FOREVER);
    }

    void follow(@Observes CorpusChange change) {
        // Beside whoever goes on writing it follows without being waited for.
        follow(change.more() ? NONE : MANY, PATIENCE);
    }

    /** A process that only makes questions doesn't open an index for them. */
    void follow(@Observes QuestionsChange change) {
        if (opened != null) {
            follow(MANY, PATIENCE);
        }
    }

    private void follow(long mostChanges, Duration most) {
        // The change itself is committed; the next use opens the index anew and goes on from where it was.
        Opened now;
        try {
            now = opened();
        } catch (RuntimeException e) {
            LOG.warnf("index doesn't follow for now: %s", e.getMessage());
            return;
        }
        try {
            long last = changes.last();
            changes.wake();
            if (last - now.engine().shown() <= mostChanges) {
                now.await(last, most);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debugf("who follows says why: %s", e.getMessage());
        }
    }

    /**
     * Makes a new index from the database, while searches see the old one.
     *
     * @return the number of passages
     */
    public synchronized long rebuild() {
        Opened now = opened();
        SearchEngine engine = now.engine();
        if (!engine.writes()) {
            throw new UserException(
                    Kind.CONFLICT,
                    engine.name() + " is written by another process; end it, or use another home with --home DIR");
        }
        now.follower().close();
        try {
            FollowingIndex fresh = engine.fresh();
            try {
                IndexFollower.catchUp(fresh, changes, source());
                engine.install(fresh);
            } catch (IOException | RuntimeException e) {
                fresh.close();
                throw e;
            }
            opened = following(engine, now.start());
            return fresh.passages();
        } catch (IOException e) {
            abandon();
            throw failure("can't be rebuilt", e);
        } catch (RuntimeException e) {
            abandon();
            throw e;
        }
    }

    /** The number of the corpus's change up to which searches see it; empty before it is opened, and after it failed. */
    public OptionalLong followed() {
        Opened now = opened;
        return now == null || now.follower() == null || now.hasFailed()
                ? OptionalLong.empty()
                : OptionalLong.of(now.follower().shown());
    }

    /** The index that this process writes; empty if it writes none, or none on this machine. */
    Optional<LuceneIndex> lucene() {
        return opened().engine() instanceof LuceneEngine engine && engine.writes()
                ? Optional.of(engine.current())
                : Optional.empty();
    }

    @Override
    public String name() {
        return "index";
    }

    @Override
    public Optional<Throwable> failure() {
        Opened now = opened;
        return now == null || now.follower() == null
                ? Optional.empty()
                : Optional.ofNullable(now.follower().error());
    }

    /** The index, when it has what the corpus had when it was opened. */
    private Opened ready() throws IOException {
        Opened now = opened();
        now.awaitUsable();
        wasOpened = true;
        return now;
    }

    private Opened opened() {
        Opened now = opened;
        if (now != null && !now.hasFailed()) {
            return now;
        }
        synchronized (this) {
            if (opened != null && opened.hasFailed()) {
                abandon();
            }
            if (opened == null) {
                opened = openAnew();
            }
            return opened;
        }
    }

    private Opened openAnew() {
        long last = changes.last();
        SearchEngine engine =
                engine(new IndexIdentity(changes.corpusId(), Language.of(config.language()), config.questions()), last);
        try {
            return following(engine, last);
        } catch (IOException e) {
            close(engine);
            throw failure("can't be opened", e);
        } catch (RuntimeException e) {
            close(engine);
            throw e;
        }
    }

    private SearchEngine engine(IndexIdentity identity, long last) {
        return switch (config.engine()) {
            case "lucene" -> lucene(identity, last);
            case "opensearch" -> openSearch(identity, last);
            default ->
                throw new UserException(
                        "prag.retrieval.engine is \"" + config.engine() + "\"; choose lucene or opensearch");
        };
    }

    private SearchEngine openSearch(IndexIdentity identity, long last) {
        return new OpenSearchEngine(
                OpenSearchConnection.open(openSearch), identity, openSearch, leaderships.ofSharedIndex(), last);
    }

    private SearchEngine lucene(IndexIdentity identity, long last) {
        try {
            return LuceneEngine.open(folder(), identity, blobs, last);
        } catch (LockObtainFailedException e) {
            throw new UserException(
                    Kind.CONFLICT,
                    "index " + folder() + " can't be made anew: " + e.getMessage()
                            + "; end that one, or give the setting that it has",
                    e);
        } catch (IOException e) {
            throw failure("can't be opened", e);
        }
    }

    private Opened following(SearchEngine engine, long start) throws IOException {
        if (!engine.mayWrite()) {
            return new Opened(engine, start, null);
        }
        IndexFollower follower = new IndexFollower(engine, changes, source(), config);
        follower.start();
        return new Opened(engine, start, follower);
    }

    private PassageSource source() {
        return config.questions() ? passages : passages.withoutQuestions();
    }

    /** Ends following while there is a database. */
    void end(@Observes ShutdownEvent event) {
        Opened now = opened;
        if (now != null && now.follower() != null) {
            now.follower().close();
        }
    }

    private Path folder() {
        return home.path("index");
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
        Opened last = opened;
        opened = null;
        if (last == null) {
            return;
        }
        if (last.follower() != null) {
            last.follower().close();
        }
        close(last.engine());
    }

    private static void close(SearchEngine engine) {
        try {
            engine.close();
        } catch (IOException e) {
            LOG.warnf("%s was not closed cleanly: %s", engine.name(), IoReason.of(e));
        }
    }
}
