package dev.prag.retrieval;

import dev.prag.base.IoReason;
import dev.prag.corpus.Change;
import dev.prag.corpus.Changes;
import dev.prag.corpus.PassageSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.lucene.store.AlreadyClosedException;
import org.jboss.logging.Logger;

/**
 * The thread that brings the index from change to change of the corpus: searches see each within a second, and it is
 * made last on a timer and in the end. A crash between the two only means following again.
 */
final class IndexFollower implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(IndexFollower.class);
    /** Changes that are followed at once. */
    private static final int BATCH = 500;
    /** While there is more to follow, searches see it at these intervals, at first, and when it goes on for long. */
    private static final long SHOW_NANOS = Duration.ofMillis(500).toNanos();

    private static final long LATER_SHOW_NANOS = Duration.ofSeconds(5).toNanos();
    /** What part of the time since it began an interval is: each one makes a piece of an index, to be put together again. */
    private static final long INTERVALS = 10;

    /** Before a snapshot is looked for again. */
    private static final long JUMP_NANOS = Duration.ofMinutes(1).toNanos();

    /** Between looks at how far another process has come. */
    private static final Duration WATCH = Duration.ofMillis(200);

    private static final Duration IDLE = Duration.ofSeconds(10);
    /** Before what failed is tried again. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final SearchEngine engine;
    private final Changes changes;
    private final PassageSource source;
    private final Duration commit;
    private final long behind;
    private final Thread thread;

    private volatile boolean ending;
    private long shownAt;
    private long committedAt = System.nanoTime();
    private boolean isDirty;
    private long jumpedAt = System.nanoTime() - 2 * JUMP_NANOS;

    /** Guarded by this, as all below. */
    private boolean isWaiting;

    private long shown;

    private boolean hasJumped;
    private Throwable error;
    /** Of the index: it has to be opened anew. */
    private IOException failure;
    /** Of what it reads from, such as a database that is gone; it goes on by itself. */
    private RuntimeException trouble;

    private long troubles;

    IndexFollower(SearchEngine engine, Changes changes, PassageSource source, RetrievalConfig config)
            throws IOException {
        this.engine = engine;
        this.changes = changes;
        this.source = source;
        this.commit = config.commit();
        this.behind = config.snapshot().behind();
        this.shown = engine.shown();
        this.thread = Thread.ofPlatform().daemon().name("prag-index").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Brings an index to the end of the sequence, for searches to see it when it is shown. */
    static void catchUp(FollowingIndex index, Changes changes, PassageSource source) throws IOException {
        List<Change> next;
        do {
            next = changes.after(index.written(), BATCH);
            if (!next.isEmpty()) {
                index.follow(next, source);
            }
        } while (next.size() == BATCH);
    }

    /**
     * Waits until searches see that change, for so long at most.
     *
     * @return whether they do
     * @throws IOException if the index can't follow; it has to be opened anew
     * @throws RuntimeException if what it reads from fails
     */
    boolean await(long seq, Duration most) throws IOException {
        return await(() -> shown >= seq, most);
    }

    /** Waits until searches see that change, or a snapshot, from which it follows on while they do. */
    boolean awaitUsable(long seq, Duration most) throws IOException {
        return await(() -> hasJumped || shown >= seq, most);
    }

    private synchronized boolean await(BooleanSupplier isReached, Duration most) throws IOException {
        long end = System.nanoTime() + most.toNanos();
        long before = troubles;
        while (!isReached.getAsBoolean()) {
            if (failure != null) {
                throw new IOException(failure.getMessage(), failure);
            }
            if (troubles > before) {
                throw trouble;
            }
            long left = end - System.nanoTime();
            if (left <= 0 || ending || error != null) {
                return false;
            }
            try {
                wait(Math.max(1, Math.min(Duration.ofNanos(left).toMillis(), 1000)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** The error of the machine that ended it; null if none did. */
    synchronized Throwable error() {
        return error;
    }

    /** Whether it ended because the index failed. */
    synchronized boolean hasFailed() {
        return failure != null;
    }

    private void run() {
        while (!ending) {
            try {
                followAll();
                sleep();
            } catch (IOException | AlreadyClosedException e) {
                fail(e instanceof IOException io ? io : new IOException(e.getMessage(), e));
                return;
            } catch (RuntimeException e) {
                stumble(e);
            } catch (Error e) {
                end(e);
                throw e;
            }
        }
    }

    private synchronized void end(Error e) {
        error = e;
        notifyAll();
    }

    private void followAll() throws IOException {
        if (!engine.writes()) {
            watch();
            return;
        }
        jump();
        FollowingIndex index = engine.current();
        long began = System.nanoTime();
        List<Change> next;
        do {
            next = changes.after(index.written(), BATCH);
            if (!next.isEmpty()) {
                index.follow(next, source);
                isDirty = true;
            }
            long now = System.nanoTime();
            long interval = Math.clamp((now - began) / INTERVALS, SHOW_NANOS, LATER_SHOW_NANOS);
            if (next.size() < BATCH || now - shownAt > interval) {
                show(index);
            }
            if (isDirty && untilCommit() <= 0) {
                index.commit();
                isDirty = false;
                committedAt = System.nanoTime();
            }
        } while (next.size() == BATCH && !ending);
    }

    /** Another process writes; it may be a little behind. */
    private void watch() throws IOException {
        long last = changes.last();
        long now = engine.shown();
        tell(now);
        if (now < last) {
            interruptibly(() -> Thread.sleep(WATCH));
        }
    }

    private synchronized void tell(long nowShown) {
        shown = nowShown;
        hasJumped |= engine.isShared() && nowShown > 0;
        trouble = null;
        notifyAll();
    }

    /** Where it is far behind, somebody else may have left a newer state. */
    private void jump() throws IOException {
        long last = changes.last();
        long written = engine.current().written();
        boolean isFar = last - written > behind || (written == 0 && last > 0);
        if (isFar && System.nanoTime() - jumpedAt > JUMP_NANOS) {
            jumpedAt = System.nanoTime();
            if (engine.jump(last)) {
                synchronized (this) {
                    hasJumped = true;
                }
                show(engine.current());
            }
        }
    }

    private void show(FollowingIndex index) throws IOException {
        if (index.written() > engine.shown()) {
            index.show();
        }
        shownAt = System.nanoTime();
        tell(engine.shown());
    }

    private long untilCommit() {
        return committedAt + commit.toNanos() - System.nanoTime();
    }

    private void sleep() {
        long most = isDirty ? Math.max(1, untilCommit()) : IDLE.toNanos();
        long from = shown();
        interruptibly(() -> changes.await(from, Duration.ofNanos(most)));
    }

    /** The number of the change up to which searches are known to see the corpus. */
    synchronized long shown() {
        return shown;
    }

    /** Something that waits. */
    private interface Waiting {
        void run() throws InterruptedException;
    }

    /** Only here it may be interrupted: an index that is being written would be closed by that. */
    private void interruptibly(Waiting waiting) {
        synchronized (this) {
            if (ending) {
                return;
            }
            isWaiting = true;
        }
        try {
            waiting.run();
        } catch (InterruptedException e) {
            ending = true;
        } finally {
            synchronized (this) {
                isWaiting = false;
                // Whoever ended it may have come too late.
                Thread.interrupted();
            }
        }
    }

    private synchronized void fail(IOException e) {
        LOG.warnf("%s doesn't follow for now: %s", engine.name(), IoReason.of(e));
        failure = e;
        notifyAll();
    }

    private void stumble(RuntimeException e) {
        synchronized (this) {
            if (trouble == null && !ending) {
                LOG.warnf("%s doesn't follow for now: %s", engine.name(), e.getMessage());
            }
            trouble = e;
            troubles++;
            notifyAll();
        }
        interruptibly(() -> Thread.sleep(PAUSE));
    }

    /** Ends it when what it is at is done. */
    @Override
    public void close() {
        synchronized (this) {
            ending = true;
            if (isWaiting) {
                thread.interrupt();
            }
            notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
