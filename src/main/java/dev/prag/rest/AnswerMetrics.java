package dev.prag.rest;

import dev.prag.answering.Answer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;

/** How long answers and their steps took, their tokens, and through what their passages took part. */
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

    void record(@Observes Answered answered) {
        Answer answer = answered.answer();
        Answer.Timings took = answer.timings();
        record("prag.answers", "Answers, from the question to the last token", answer, took.total());
        record(
                "prag.answers.first.token",
                "Answers, from the question to the first token",
                answer,
                took.retrieve() + took.compose() + took.firstToken());
        stage("retrieve", took.retrieve());
        stage("compose", took.compose());
        stage("prompt", took.firstToken());
        stage("generate", took.generate() - took.firstToken());
        tokens("prompt", answer.promptTokens());
        tokens("answer", answer.tokens());
        for (Answer.Used passage : answer.passages()) {
            registry.counter(
                            "prag.answers.passages",
                            "through",
                            passage.through().name().toLowerCase(Locale.ROOT))
                    .increment();
        }
    }

    private void stage(String stage, double milliseconds) {
        Timer.builder("prag.answers.stage")
                .description("Steps of answers")
                .tag("stage", stage)
                .serviceLevelObjectives(BOUNDS)
                .register(registry)
                .record(nanos(milliseconds));
    }

    private void tokens(String of, int tokens) {
        registry.counter("prag.answers.tokens", "of", of).increment(tokens);
    }

    private void record(String name, String description, Answer answer, double milliseconds) {
        Timer.builder(name)
                .description(description)
                .tag("method", answer.method())
                .tag("finish", answer.finish())
                .serviceLevelObjectives(BOUNDS)
                .register(registry)
                .record(nanos(milliseconds));
    }

    private static Duration nanos(double milliseconds) {
        return Duration.ofNanos(Math.round(milliseconds * 1e6));
    }
}
