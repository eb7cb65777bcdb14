package dev.prag.rest;

import dev.prag.retrieval.PassageIndex;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.OptionalLong;

/** How far the index has followed the corpus: processes whose numbers stay apart don't find the same. */
@Singleton
public final class IndexMetrics implements MeterBinder {
    private final PassageIndex index;

    @Inject
    IndexMetrics(PassageIndex index) {
        this.index = index;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("prag.index.followed", this, IndexMetrics::followed)
                .description("Number of the corpus's change up to which searches see it")
                .register(registry);
    }

    private double followed() {
        OptionalLong change = index.followed();
        return change.isPresent() ? change.getAsLong() : Double.NaN;
    }
}
