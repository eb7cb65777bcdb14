package dev.prag.parameterization;

import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingQueue;
import dev.prag.runtime.ModelRuntime;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How far encoding is: the counts are the database's, so that they are right wherever the encoders are; how fast it goes
 * is the encoder's own word where it is in this process, and else what was seen of the counts while somebody watched.
 */
@ApplicationScoped
public class EncodingOverview {
    /** Between two looks at the database, however many watch. */
    static final Duration FRESH = Duration.ofSeconds(1);
    /** What was seen longer ago says nothing of how fast it goes now. */
    private static final Duration WINDOW = Duration.ofMinutes(5);
    /** Of less nothing can be said. */
    private static final Duration LEAST = Duration.ofSeconds(5);

    private final EncodingQueue queue;
    private final AugmentationFiles augmentations;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final EncodingWorker worker;
    private final Deque<Seen> seen = new ArrayDeque<>();
    private EncodingStatus last;
    private long lookedAt;

    /**
     * What was once seen.
     *
     * @param at nanoseconds of the system's clock
     * @param over passages that were over with
     */
    record Seen(long at, long over) {}

    @Inject
    public EncodingOverview(
            EncodingQueue queue,
            AugmentationFiles augmentations,
            ModelRuntime runtime,
            Recipes recipes,
            EncodingWorker worker) {
        this.queue = queue;
        this.augmentations = augmentations;
        this.runtime = runtime;
        this.recipes = recipes;
        this.worker = worker;
    }

    /** How far it is, at most a second ago. */
    public synchronized EncodingStatus status() {
        long now = System.nanoTime();
        if (last == null || now - lookedAt >= FRESH.toNanos()) {
            last = look(now);
            lookedAt = now;
        }
        return last;
    }

    private EncodingStatus look(long now) {
        EncodingCounts counts =
                queue.counts(runtime.modelId(), recipes.current().hash());
        long augmented = augmentations.figures().getOrDefault("passages", 0L);
        EncodingProgress own = worker.progress().orElse(null);
        EncodingStatus status = new EncodingStatus(
                counts.pending() - counts.leased(),
                counts.leased(),
                counts.ready(),
                counts.withheld(),
                counts.failed(),
                augmented,
                counts.ready() + counts.withheld(),
                own == null || own.tokensPerSecond() == 0 ? null : own.tokensPerSecond(),
                null);
        Long left = left(now, status, own);
        return new EncodingStatus(
                status.waiting(),
                status.leased(),
                status.ready(),
                status.withheld(),
                status.failed(),
                status.augmented(),
                status.trained(),
                status.tokensPerSecond(),
                left);
    }

    private Long left(long now, EncodingStatus status, EncodingProgress own) {
        see(seen, now, status.over());
        if (status.open() == 0) {
            return 0L;
        }
        if (own != null && own.left().isPresent()) {
            return Math.max(1, own.left().get().toSeconds());
        }
        return left(seen, status.open());
    }

    /** Adds what is seen now, and drops what was seen too long ago or before some passages became pending again. */
    static void see(Deque<Seen> seen, long now, long over) {
        seen.removeIf(one -> now - one.at() > WINDOW.toNanos() || one.over() > over);
        seen.addLast(new Seen(now, over));
    }

    /** Seconds until so many open passages are over with, at the pace that was seen; null where none was. */
    static Long left(Deque<Seen> seen, long open) {
        Seen first = seen.getFirst();
        Seen now = seen.getLast();
        double seconds = (now.at() - first.at()) / 1e9;
        long done = now.over() - first.over();
        return done == 0 || seconds < LEAST.toSeconds() ? null : Math.max(1, Math.round(open * seconds / done));
    }
}
