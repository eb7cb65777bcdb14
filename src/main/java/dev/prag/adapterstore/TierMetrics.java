package dev.prag.adapterstore;

import dev.prag.adapterstore.HotTier.Held;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What is measured of each tier ({@code device}, {@code hot}, {@code durable}): reads and how long they took by their
 * result ({@code prag.adapters.read}), bytes held ({@code prag.adapters.held}), and what had to make room
 * ({@code prag.adapters.evicted}).
 */
public final class TierMetrics {
    private final MeterRegistry registry;
    /** What meters ask, which they don't keep from being collected themselves. */
    private final List<Supplier<Long>> asked = new CopyOnWriteArrayList<>();

    public TierMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Measures a read; null is a miss. */
    public <T> T reading(String tier, Supplier<T> read) {
        long from = System.nanoTime();
        String result = "error";
        try {
            T found = read.get();
            result = found == null ? "miss" : "hit";
            return found;
        } finally {
            read(tier, result, System.nanoTime() - from);
        }
    }

    /** Measures a read that took so long. */
    public void read(String tier, boolean hit, long nanos) {
        read(tier, hit ? "hit" : "miss", nanos);
    }

    private void read(String tier, String result, long nanos) {
        Timer.builder("prag.adapters.read")
                .description("reads of adapters from a tier of their storage")
                .tags("tier", tier, "result", result)
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Measures what a tier holds and what went because it was full. */
    void holds(String tier, Supplier<Held> held) {
        holds(tier, () -> held.get().bytes(), () -> held.get().evictions());
    }

    /**
     * Measures what a tier holds and what went because it was full.
     *
     * @param bytes held now
     * @param evictions adapters in all
     */
    public void holds(String tier, Supplier<Long> bytes, Supplier<Long> evictions) {
        Gauge.builder("prag.adapters.held", bytes::get)
                .description("adapters that a tier of their storage holds")
                .baseUnit(BaseUnits.BYTES)
                .tag("tier", tier)
                .strongReference(true)
                .register(registry);
        asked.add(evictions);
        FunctionCounter.builder("prag.adapters.evicted", evictions, Supplier::get)
                .description("adapters that went from a tier because it was full")
                .tag("tier", tier)
                .register(registry);
    }
}
