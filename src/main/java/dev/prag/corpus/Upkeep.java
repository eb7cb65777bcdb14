package dev.prag.corpus;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a process that stays does now and then: tells of new questions, deletes adapters that are due, sums up counts. */
@ApplicationScoped
public class Upkeep {
    private static final System.Logger LOG = System.getLogger(Upkeep.class.getName());
    private static final Duration BETWEEN = Duration.ofSeconds(20);

    @Inject
    AdapterRemoval removal;

    @Inject
    Counts counts;

    @Inject
    AskedTexts asked;

    private final CountDownLatch ending = new CountDownLatch(1);
    private Thread thread;

    /** Begins, unless it has; ends with the program. */
    public synchronized void start() {
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("prag-upkeep").start(this::work);
        }
    }

    private void work() {
        try {
            while (!ending.await(BETWEEN.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    asked.publish();
                    removal.run();
                    counts.compact();
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "upkeep waits: {0}", e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void onShutdown(@Observes @Priority(1) ShutdownEvent event) {
        ending.countDown();
    }
}
