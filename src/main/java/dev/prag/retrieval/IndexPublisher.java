package dev.prag.retrieval;

import dev.prag.adapterstore.Blobs;
import dev.prag.base.IoReason;
import dev.prag.corpus.Changes;
import dev.prag.corpus.Leadership;
import dev.prag.corpus.Leaderships;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Publishes snapshots of the index, in one of the processes that offer to: the others follow the corpus beside it, and
 * one of them goes on when it dies.
 */
@ApplicationScoped
public class IndexPublisher {
    private static final Logger LOG = Logger.getLogger(IndexPublisher.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    @Inject
    PassageIndex index;

    @Inject
    Blobs blobs;

    @Inject
    Changes changes;

    @Inject
    Leaderships leaderships;

    @Inject
    RetrievalConfig config;

    private volatile boolean ending;

    /** Publishes whenever there is something new, until the process ends. */
    public void run() {
        SnapshotWriter writer =
                new SnapshotWriter(blobs, changes.corpusId(), config.snapshot().grace(), Clock.systemUTC());
        boolean failed = false;
        long publishedAt = System.nanoTime() - config.snapshot().every().toNanos();
        try (Leadership leadership = leaderships.ofIndexSnapshots()) {
            while (!ending) {
                try {
                    boolean due = System.nanoTime() - publishedAt
                            >= config.snapshot().every().toNanos();
                    if (due && leadership.isMine() && publish(writer)) {
                        publishedAt = System.nanoTime();
                    }
                    failed = false;
                } catch (IOException | RuntimeException e) {
                    if (!failed && !ending) {
                        LOG.warnf(
                                "no snapshot of the index is published for now: %s",
                                e instanceof IOException ? IoReason.of(e) : e.getMessage());
                    }
                    failed = true;
                }
                sleep();
            }
        }
    }

    /** Publishes what was last committed, unless it is published; whether it did. */
    private boolean publish(SnapshotWriter writer) throws IOException {
        Optional<LuceneIndex> current = index.lucene();
        if (current.isEmpty()) {
            return false;
        }
        try (LuceneIndex.Commit commit = current.get().hold()) {
            if (commit.written() <= writer.newest()) {
                return false;
            }
            Snapshot snapshot = writer.publish(commit);
            LOG.infof(
                    "snapshot of the index at change %d: %d files",
                    snapshot.written(), snapshot.files().size());
            return true;
        }
    }

    private synchronized void sleep() {
        try {
            if (!ending) {
                wait(LOOK.toMillis());
            }
        } catch (InterruptedException e) {
            ending = true;
        }
    }

    synchronized void end(@Observes ShutdownEvent event) {
        ending = true;
        notifyAll();
    }
}
