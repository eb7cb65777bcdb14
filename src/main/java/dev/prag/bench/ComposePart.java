package dev.prag.bench;

import dev.prag.adapterstore.AdapterRef;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.adapterstore.FileAdapterStore;
import dev.prag.adapterstore.TierMetrics;
import dev.prag.adapterstore.TieredAdapterStore;
import dev.prag.llm.Decoder;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.runtime.Acquired;
import dev.prag.runtime.AdapterResidency;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Three rank-2 adapters for a request, ready for the batch: where they are on the device already, where their bytes are
 * in memory, and where they come from disk; and, for comparison, into a merged copy of the weights and back.
 */
final class ComposePart {
    private static final String PART = "compose";
    private static final int ADAPTERS = 3;
    private static final int GROUPS = 4;
    private static final int WARM_UP = 200;
    private static final int LOADS = 20;

    private ComposePart() {}

    static List<Figure> run(Subject subject, int runs, Path folder) throws Exception {
        List<Figure> figures = new ArrayList<>();
        AdapterStore disk = new FileAdapterStore(folder);
        List<AdapterRef> refs = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < ADAPTERS * GROUPS; i++) {
            byte[] encoded = AdapterCodec.encode(subject.adapter(i), Map.of());
            bytes += encoded.length;
            String id = "%064x".formatted(i + 1);
            refs.add(new AdapterRef(id, disk.put(id, encoded)));
        }
        try (TieredAdapterStore memory = TieredAdapterStore.embedded(disk, 1 + (2 * bytes >> 20))) {
            warm(memory, refs);
            // Room for one composition: the next group finds none of its adapters on the device.
            figures.add(Figure.of(
                    PART, "3 adapters, on the device", "ms", acquire(subject, memory, refs, 1, WARM_UP, runs)));
            figures.add(Figure.of(
                    PART, "3 adapters, from memory", "ms", acquire(subject, memory, refs, GROUPS, LOADS, runs)));
            figures.add(
                    Figure.of(PART, "3 adapters, from disk", "ms", acquire(subject, disk, refs, GROUPS, LOADS, runs)));
            merge(subject, memory, refs, runs, figures);
        }
        return figures;
    }

    private static void warm(TieredAdapterStore memory, List<AdapterRef> refs) throws InterruptedException {
        memory.open();
        memory.awaitQuiet();
        for (AdapterRef ref : refs) {
            memory.get(ref.id(), ref.checksum());
            memory.awaitQuiet();
        }
    }

    private static AdapterSlab slab(Subject subject) {
        long floats = ADAPTERS * AdapterSlab.footprint(subject.adapter(0));
        return new AdapterSlab(subject.device(), subject.config().decoderShape(), floats);
    }

    private static AdapterResidency residency(Subject subject, AdapterStore store) {
        return new AdapterResidency(
                store, slab(subject), new TierMetrics(new SimpleMeterRegistry()), Duration.ofSeconds(10));
    }

    /** Milliseconds to have a group's adapters on the device in a composition; a run is the mean of many. */
    private static Spread acquire(
            Subject subject, AdapterStore store, List<AdapterRef> refs, int groups, int times, int runs)
            throws Exception {
        try (AdapterResidency residency = residency(subject, store)) {
            int[] next = {0};
            Spread seconds = Spread.seconds(1, runs, () -> {
                for (int i = 0; i < times; i++) {
                    int group = next[0]++ % groups;
                    List<AdapterResidency.Handle> handles = hold(residency, refs, group);
                    compose(handles);
                    handles.forEach(AdapterResidency.Handle::close);
                }
                subject.await();
            });
            return seconds.times(1e3 / times);
        }
    }

    private static List<AdapterResidency.Handle> hold(AdapterResidency residency, List<AdapterRef> refs, int group) {
        return residency.acquire(refs.subList(group * ADAPTERS, (group + 1) * ADAPTERS)).stream()
                .map(Acquired::orElseThrow)
                .toList();
    }

    private static Composition compose(List<AdapterResidency.Handle> handles) {
        return new Composition(handles.stream()
                .map(handle -> new Composition.Term(handle.adapter(), 1f / ADAPTERS))
                .toList());
    }

    private static void merge(
            Subject subject, AdapterStore store, List<AdapterRef> refs, int runs, List<Figure> figures) {
        try (AdapterResidency residency = residency(subject, store)) {
            List<AdapterResidency.Handle> handles = hold(residency, refs, 0);
            Composition composition = compose(handles);
            double[] there = new double[runs];
            double[] back = new double[runs];
            for (int i = -1; i < runs; i++) {
                long start = System.nanoTime();
                Decoder merged = subject.decoder().merged(composition);
                subject.await();
                long between = System.nanoTime();
                merged.close();
                if (i >= 0) {
                    there[i] = (between - start) / 1e6;
                    back[i] = (System.nanoTime() - between) / 1e6;
                }
            }
            figures.add(Figure.of(PART, "3 adapters, into a merged copy", "ms", Spread.of(there)));
            figures.add(Figure.of(PART, "merged copy given up", "ms", Spread.of(back)));
        }
    }
}
