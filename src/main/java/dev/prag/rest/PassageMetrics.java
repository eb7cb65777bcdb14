package dev.prag.rest;

import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingQueue;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToDoubleFunction;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Passages by state under the model and recipe in force. Whoever collects metrics gets what was last known and has it
 * looked up again: a database that is slow or gone holds nobody up, and where nobody collects nothing is asked.
 */
@Singleton
public final class PassageMetrics implements MeterBinder {
    private static final System.Logger LOG = System.getLogger(PassageMetrics.class.getName());
    private static final long FRESH_NANOS = Duration.ofSeconds(5).toNanos();

    private final EncodingQueue queue;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final ProcessRole role;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile Known known = new Known(null, System.nanoTime() - FRESH_NANOS);

    /** @param at nanoseconds of the system's clock */
    private record Known(EncodingCounts counts, long at) {}

    @Inject
    PassageMetrics(
            EncodingQueue queue,
            ModelRuntime runtime,
            Recipes recipes,
            @ConfigProperty(name = ProcessRole.SETTING) Optional<ProcessRole> role) {
        this.queue = queue;
        this.runtime = runtime;
        this.recipes = recipes;
        this.role = role.orElse(ProcessRole.SERVE);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        // An index is written for all models; whoever does it may have none.
        if (role != ProcessRole.INDEX) {
            gauge(registry, "pending", EncodingCounts::pending);
            gauge(registry, "leased", EncodingCounts::leased);
            gauge(registry, "ready", EncodingCounts::ready);
            gauge(registry, "failed", EncodingCounts::failed);
        }
    }

    private void gauge(MeterRegistry registry, String state, ToDoubleFunction<EncodingCounts> value) {
        Gauge.builder("prag.passages", this, metrics -> metrics.of(value))
                .description("Passages by state; those that are leased are pending, too")
                .tag("state", state)
                .register(registry);
    }

    private double of(ToDoubleFunction<EncodingCounts> value) {
        Known last = known;
        if (System.nanoTime() - last.at >= FRESH_NANOS && looking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("prag-counts").start(this::look);
        }
        return last.counts == null ? Double.NaN : value.applyAsDouble(last.counts);
    }

    private void look() {
        EncodingCounts counts = null;
        try {
            counts = queue.counts(runtime.modelId(), recipes.current().hash());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "passages were not counted", e);
        } finally {
            known = new Known(counts, System.nanoTime());
            looking.set(false);
        }
    }
}
