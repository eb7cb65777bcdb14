package dev.prag.rest;

import dev.prag.answering.Answer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;

/** How long answers took, how long to their first token, and through what their passages took part. */
@Singleton
final class AnswerMetrics {
    private static final Duration[] BOUNDS = {
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };

    private final MeterRegistry registry;

    @Inject
    AnswerMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void record(Answer answer) {
        Answer.Timings took = answer.timings();
        record("prag.answers", "Answers, from the question to the last token", answer, took.total());
        record(
                "prag.answers.first.token",
                "Answers, from the question to the first token",
                answer,
                took.retrieve() + took.compose() + took.firstToken());
        for (Answer.Used passage : answer.passages()) {
            registry.counter(
                            "prag.answers.passages",
                            "through",
                            passage.through().name().toLowerCase(Locale.ROOT))
                    .increment();
        }
    }

    private void record(String name, String description, Answer answer, double milliseconds) {
        Timer.builder(name)
                .description(description)
                .tag("method", answer.method())
                .tag("finish", answer.finish())
                .serviceLevelObjectives(BOUNDS)
                .register(registry)
                .record(Duration.ofNanos(Math.round(milliseconds * 1e6)));
    }
}
