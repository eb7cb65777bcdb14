package dev.prag.openai;

import dev.prag.answering.Answer;
import dev.prag.rest.Answered;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Arrays;

/**
 * Answers of all faces under the names, attributes and bounds that OpenTelemetry's semantic conventions for generative AI
 * give to a model's server.
 */
@Singleton
final class GenAiMetrics {
    private static final Duration[] REQUEST =
            seconds(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);
    private static final Duration[] FIRST_TOKEN =
            seconds(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);
    private static final Duration[] NEXT_TOKEN =
            seconds(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5);
    private static final String NO_ERROR = "none";

    private final MeterRegistry registry;
    private final Models models;

    @Inject
    GenAiMetrics(MeterRegistry registry, Models models) {
        this.registry = registry;
        this.models = models;
    }

    void answered(@Observes Answered answered) {
        String own = models.name();
        Tags tags = tags(answered.operation(), answered.model() == null ? own : answered.model(), own);
        Answer answer = answered.answer();
        Answer.Timings took = answer.timings();
        time("gen_ai.server.request.duration", REQUEST, tags.and("error.type", NO_ERROR), took.total());
        time(
                "gen_ai.server.time_to_first_token",
                FIRST_TOKEN,
                tags,
                took.retrieve() + took.compose() + took.firstToken());
        if (answer.tokens() > 1) {
            double each = (took.generate() - took.firstToken()) / (answer.tokens() - 1);
            time("gen_ai.server.time_per_output_token", NEXT_TOKEN, tags, each);
        }
    }

    /**
     * An answer that failed.
     *
     * @param type of the error
     */
    void failed(Exchange.Asked asked, String type, Duration took) {
        Tags tags = tags(asked.operation(), asked.model(), models.name()).and("error.type", type);
        time("gen_ai.server.request.duration", REQUEST, tags, took.toNanos() / 1e6);
    }

    private static Tags tags(String operation, String requested, String answering) {
        return Tags.of(
                "gen_ai.operation.name",
                operation,
                "gen_ai.provider.name",
                "prag",
                "gen_ai.request.model",
                requested,
                "gen_ai.response.model",
                answering);
    }

    private void time(String name, Duration[] bounds, Tags tags, double milliseconds) {
        Timer.builder(name)
                .tags(tags)
                .serviceLevelObjectives(bounds)
                .register(registry)
                .record(Duration.ofNanos(Math.round(milliseconds * 1e6)));
    }

    private static Duration[] seconds(double... bounds) {
        return Arrays.stream(bounds)
                .mapToObj(bound -> Duration.ofNanos(Math.round(bound * 1e9)))
                .toArray(Duration[]::new);
    }
}
