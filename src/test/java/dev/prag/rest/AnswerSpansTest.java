package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.answering.Answer;
import dev.prag.runtime.ModelRuntime;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The spans of an answer. */
class AnswerSpansTest {
    private final List<SpanData> spans = new ArrayList<>();
    private final Tracer tracer = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(new Kept(spans)))
            .build()
            .get("test");

    private record Kept(List<SpanData> spans) implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> ended) {
            spans.addAll(ended);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    @Test
    void aSpanOfTheWholeAndOneOfEachStepThatTookTime() {
        Span request = tracer.spanBuilder("POST /answers").startSpan();
        try (Scope scope = request.makeCurrent()) {
            record(40);
        }
        request.end();
        assertEquals(
                List.of("retrieve", "compose", "prompt", "generate", "chat", "POST /answers"),
                spans.stream().map(SpanData::getName).toList());
        SpanData whole = spans.get(4);
        assertEquals(request.getSpanContext().getSpanId(), whole.getParentSpanId());
        assertEquals(100_000_000, nanos(whole));
        assertEquals(33L, whole.getAttributes().get(AttributeKey.longKey("gen_ai.usage.input_tokens")));
        assertEquals(2L, whole.getAttributes().get(AttributeKey.longKey("gen_ai.usage.output_tokens")));
        assertEquals("demo:parametric", whole.getAttributes().get(AttributeKey.stringKey("gen_ai.request.model")));
        for (SpanData step : spans.subList(0, 4)) {
            assertEquals(whole.getSpanId(), step.getParentSpanId());
            assertTrue(step.getStartEpochNanos() >= whole.getStartEpochNanos(), step.toString());
            assertTrue(step.getEndEpochNanos() <= whole.getEndEpochNanos(), step.toString());
        }
        assertEquals(40_000_000, nanos(spans.get(1)));
        assertTrue(spans.stream().noneMatch(span -> span.toString().contains("secret")), "no text");
    }

    @Test
    void aStepThatTookNoTimeHasNoneAndNothingIsMadeOutsideOfATrace() {
        record(40);
        assertEquals(List.of(), spans);
        Span request = tracer.spanBuilder("POST /answers").startSpan();
        try (Scope scope = request.makeCurrent()) {
            record(0);
        }
        assertTrue(spans.stream().noneMatch(span -> span.getName().equals("compose")), spans.toString());
    }

    private void record(double compose) {
        ModelRuntime runtime = new ModelRuntime(null, null, null, null) {
            @Override
            public synchronized String modelId() {
                return "hash";
            }
        };
        Answer answer = new Answer(
                "secret question",
                "secret",
                "parametric",
                " secret.",
                "stop",
                33,
                2,
                List.of(),
                new Answer.Timings(10, compose, 20, 50, 100),
                List.of());
        new AnswerSpans(tracer, runtime).record(new Answered(answer, Principal.LOCAL, "id", "demo:parametric"));
    }

    private static long nanos(SpanData span) {
        return span.getEndEpochNanos() - span.getStartEpochNanos();
    }
}
