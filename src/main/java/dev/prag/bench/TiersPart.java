package dev.prag.bench;

import dev.prag.adapterstore.FileAdapterStore;
import dev.prag.adapterstore.TieredAdapterStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An adapter of 4 MB from the tiers of its storage: Infinispan in this process, and the files below it. */
final class TiersPart {
    private static final String PART = "tiers";
    private static final int BYTES = 4_000_000;
    private static final int ADAPTERS = 16;
    private static final int MIB = 128;
    private static final int WARM_UP = 300;
    private static final int READS = 1000;

    private TiersPart() {}

    static List<Figure> run(Path folder) throws Exception {
        FileAdapterStore files = new FileAdapterStore(folder);
        List<String> checksums = new ArrayList<>();
        Random random = new Random(1);
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < ADAPTERS; i++) {
            random.nextBytes(bytes);
            checksums.add(files.put(id(i), bytes));
        }
        List<Figure> figures = new ArrayList<>();
        try (TieredAdapterStore tiers = TieredAdapterStore.embedded(files, MIB)) {
            long start = System.nanoTime();
            tiers.open();
            tiers.awaitQuiet();
            figures.add(Figure.of(PART, "hot tier opened", "ms", Spread.of((System.nanoTime() - start) / 1e6)));
            double[] first = new double[ADAPTERS];
            for (int i = 0; i < ADAPTERS; i++) {
                first[i] = read(tiers, checksums, i);
                tiers.awaitQuiet();
            }
            figures.add(Figure.of(PART, "4 MB adapter, first read (file)", "ms", Spread.of(first)));
            double[] hits = new double[READS];
            for (int i = -WARM_UP; i < READS; i++) {
                double took = read(tiers, checksums, Math.floorMod(i, ADAPTERS));
                if (i >= 0) {
                    hits[i] = took;
                }
            }
            figures.add(Figure.of(PART, "4 MB adapter, hot, p50", "ms", Spread.of(hits)));
            figures.add(Figure.of(PART, "4 MB adapter, hot, p99", "ms", Spread.of(RetrievalPart.percentile(hits, 99))));
        }
        return figures;
    }

    private static String id(int adapter) {
        return "%064x".formatted(adapter + 1);
    }

    /** Milliseconds of a read, with its check. */
    private static double read(TieredAdapterStore tiers, List<String> checksums, int adapter) {
        long start = System.nanoTime();
        if (tiers.get(id(adapter), checksums.get(adapter)).isEmpty()) {
            throw new IllegalStateException("adapter " + adapter + " is gone");
        }
        return (System.nanoTime() - start) / 1e6;
    }
}
