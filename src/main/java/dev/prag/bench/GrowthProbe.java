package dev.prag.bench;

import dev.prag.corpus.Corpus;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.Intake;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.Target;
import dev.prag.corpus.Targets;
import dev.prag.documents.DocumentInput;
import dev.prag.retrieval.PassageIndex;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What is measured of a corpus of a given size, in the process that has it open. */
@Dependent
@Unremovable
public class GrowthProbe {
    private static final Target TARGET = new Target("bench", "bench", "bench", "bench");
    private static final int BATCH = 16;
    private static final int WARMUPS = 10;
    private static final int RUNS = 50;
    private static final int TOP_K = 3;
    private static final double MILLI = 1e6;

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    PassageIndex index;

    /**
     * What ingesting took.
     *
     * @param heapMegabytes the most of the heap that was in use after a collection
     */
    public record Ingest(double perSecond, double heapMegabytes) {}

    /** Medians, in milliseconds. */
    public record Times(double statusMs, double takeMs, double searchMs) {}

    /** Makes the corpus as large as this, with documents of one made-up passage each, to be encoded under a target. */
    public Ingest ingest(long passages) {
        targets.register(TARGET);
        targets.fillAll(TARGET.model(), TARGET.recipe());
        long there = corpus.documents();
        Intake intake = corpus.intake(one -> {});
        long start = System.nanoTime();
        for (long i = there; i < passages; i++) {
            // A seed each, so that it doesn't matter where a run began.
            MadeUpText text = new MadeUpText(i);
            intake.add(new DocumentInput("made-up-" + i, text.words(1, 4), text.words(80, 95), Map.of(), null));
        }
        intake.finish();
        // As who ingests does: the next start has nothing to follow.
        index.catchUp();
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Ingest((passages - there) / seconds, heap() / 1e6);
    }

    private static double heap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getCollectionUsage)
                .filter(usage -> usage != null)
                .mapToLong(usage -> usage.getUsed())
                .sum();
    }

    /** Opens what a service opens before it answers. */
    public void open() {
        index.open();
    }

    /** Measures, on a corpus that {@link #ingest} made. */
    public Times measure() {
        double status = median(() -> {
            queue.counts(TARGET.model(), TARGET.recipe());
            queue.failures(TARGET.model(), TARGET.recipe(), 10);
            targets.list();
        });
        double take = median(() -> {
            List<LeasedPassage> taken =
                    queue.lease(TARGET.model(), TARGET.recipe(), BATCH, "bench", Duration.ofSeconds(20));
            if (taken.isEmpty()) {
                throw new IllegalStateException("nothing to take");
            }
        });
        queue.release("bench");
        MadeUpText text = new MadeUpText(-1);
        double search = median(() -> index.search(text.words(6, 12), TOP_K));
        return new Times(status, take, search);
    }

    private static double median(Runnable work) {
        double[] milliseconds = new double[RUNS];
        for (int i = -WARMUPS; i < RUNS; i++) {
            long start = System.nanoTime();
            work.run();
            if (i >= 0) {
                milliseconds[i] = (System.nanoTime() - start) / MILLI;
            }
        }
        Arrays.sort(milliseconds);
        return milliseconds[RUNS / 2];
    }
}
