package dev.prag.rest;

import dev.prag.answering.Answer;
import dev.prag.runtime.ModelRuntime;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An answer as spans below that of its request: one of the whole, and one of each step. Names and attributes are those of
 * OpenTelemetry's semantic conventions for generative AI, as far as they have any; no text is in them.
 */
@Singleton
final class AnswerSpans {
    private final Tracer tracer;
    private final ModelRuntime runtime;

    @Inject
    AnswerSpans(Tracer tracer, ModelRuntime runtime) {
        this.tracer = tracer;
        this.runtime = runtime;
    }

    void record(@Observes Answered answered) {
        Span parent = Span.current();
        if (!parent.isRecording()) {
            return;
        }
        Answer answer = answered.answer();
        Answer.Timings took = answer.timings();
        long end = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        long start = end - nanos(took.total());
        Span whole = tracer.spanBuilder(answered.operation())
                .setSpanKind(SpanKind.INTERNAL)
                .setStartTimestamp(start, TimeUnit.NANOSECONDS)
                .startSpan();
        whole.setAttribute("gen_ai.operation.name", answered.operation())
                .setAttribute("gen_ai.provider.name", "prag")
                .setAttribute("gen_ai.response.model", runtime.modelId())
                .setAttribute("gen_ai.usage.input_tokens", answer.promptTokens())
                .setAttribute("gen_ai.usage.output_tokens", answer.tokens())
                .setAttribute(AttributeKey.stringArrayKey("gen_ai.response.finish_reasons"), List.of(answer.finish()))
                .setAttribute("prag.method", answer.method())
                .setAttribute("prag.request.id", answered.requestId())
                .setAttribute("prag.passages", answer.passages().size());
        if (answered.model() != null) {
            whole.setAttribute("gen_ai.request.model", answered.model());
        }
        Context within = Context.current().with(whole);
        long generating = end - nanos(took.generate());
        step(within, "retrieve", start, start + nanos(took.retrieve()));
        step(within, "compose", generating - nanos(took.compose()), generating);
        step(within, "prompt", generating, generating + nanos(took.firstToken()));
        step(within, "generate", generating + nanos(took.firstToken()), end);
        whole.end(end, TimeUnit.NANOSECONDS);
    }

    private void step(Context within, String name, long from, long to) {
        if (to > from) {
            tracer.spanBuilder(name)
                    .setParent(within)
                    .setStartTimestamp(from, TimeUnit.NANOSECONDS)
                    .startSpan()
                    .end(to, TimeUnit.NANOSECONDS);
        }
    }

    private static long nanos(double milliseconds) {
        return Math.round(milliseconds * 1e6);
    }
}
