package dev.prag.parameterization;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** What this process has encoded: passages by what became of them, tokens trained on, and the losses they ended with. */
@Singleton
@Startup
final class EncoderMetrics {
    private final MeterRegistry registry;
    private final Counter tokens;
    private final DistributionSummary loss;

    @Inject
    EncoderMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.tokens = Counter.builder("prag.encoder.tokens")
                .description("Tokens trained on")
                .register(registry);
        this.loss = DistributionSummary.builder("prag.encoder.loss")
                .description("Loss of an adapter's last step, nats a token")
                .serviceLevelObjectives(0.01, 0.03, 0.1, 0.3, 1, 3)
                .register(registry);
        // So that each is there before the first of its kind.
        List.of("trained", "reused", "withheld", "failed").forEach(this::passages);
    }

    /** Counts for nobody. */
    static EncoderMetrics unseen() {
        return new EncoderMetrics(new SimpleMeterRegistry());
    }

    void trainedOn(int more) {
        tokens.increment(more);
    }

    /** @param losses of an adapter's steps */
    void ended(float[] losses) {
        loss.record(losses[losses.length - 1]);
    }

    /** @param result trained, reused, withheld or failed */
    void passage(String result) {
        passages(result).increment();
    }

    private Counter passages(String result) {
        return registry.counter("prag.encoder.passages", "result", result);
    }
}
