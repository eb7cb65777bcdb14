package dev.prag.openai;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.access.Principal;
import dev.prag.answering.Answer;
import dev.prag.answering.AnswerListener;
import dev.prag.base.UserException;
import dev.prag.generation.Scorer;
import dev.prag.rest.Answered;
import dev.prag.rest.Callers;
import dev.prag.rest.FieldException;
import dev.prag.rest.OpenAiErrors;
import dev.prag.rest.RequestGate;
import dev.prag.rest.RequestIds;
import dev.prag.runtime.ModelRuntime;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jboss.logging.Logger;

/** Has a request answered, at once or as a stream; whoever goes away ends the generation. */
@Singleton
final class Exchange {
    private static final Logger LOG = Logger.getLogger(Exchange.class);

    private final ModelRuntime runtime;
    private final Models models;
    private final Callers callers;
    private final Event<Answered> answered;
    private final GenAiMetrics metrics;
    private final ObjectMapper json;

    @Inject
    Exchange(
            ModelRuntime runtime,
            Models models,
            Callers callers,
            Event<Answered> answered,
            GenAiMetrics metrics,
            ObjectMapper json) {
        this.runtime = runtime;
        this.models = models;
        this.callers = callers;
        this.answered = answered;
        this.metrics = metrics;
        this.json = json;
    }

    /** What all objects of an answer begin with. */
    record Heading(String id, long created, String model, String fingerprint) {}

    /**
     * A request that was read and found good.
     *
     * @param model as the client named it
     * @param operation as the semantic conventions for generative AI name it
     * @param field that holds what was asked
     * @param streams whether the answer is told as it comes
     * @param logprobs whether tokens are told with their log-probabilities
     * @param goesOn whether the text goes on with the prompt to the letter; else it begins without white space, which
     *     belongs to how the recipe's prompts begin the answer
     */
    record Asked(String model, String operation, String field, boolean streams, boolean logprobs, boolean goesOn) {}

    /** Answers for a caller, and tells of it. */
    interface Task {
        Answer answer(Principal caller, AnswerListener listener);
    }

    /**
     * Answers the request.
     *
     * @param prefix of the answer's id
     * @param form what the answer looks like, given its heading and where its tokens are kept
     */
    Response answer(
            RoutingContext http, Asked asked, String prefix, Task task, BiFunction<Heading, TokenTape, Form> form) {
        TokenTape tape =
                asked.logprobs() ? new TokenTape(runtime.languageModel().tokenizer()) : null;
        Heading heading = new Heading(
                prefix + UUID.randomUUID().toString().replace("-", ""),
                System.currentTimeMillis() / 1000,
                asked.model(),
                models.fingerprint());
        Form told = form.apply(heading, tape);
        Principal caller = callers.of(http);
        String requestId = RequestIds.of(http);
        if (!asked.streams()) {
            StringBuilder text = new StringBuilder();
            List<TokenTape.Entry> tokens = new ArrayList<>();
            Pieces pieces = new Pieces(http, tape, asked.goesOn(), (piece, begun) -> {
                text.append(piece);
                tokens.addAll(begun);
            });
            Answer answer = run(asked, task, caller, requestId, pieces);
            return Response.ok(told.whole(answer, text.toString(), tokens), MediaType.APPLICATION_JSON_TYPE)
                    .build();
        }
        AnswerStream stream = new AnswerStream(told, json);
        Pieces pieces = new Pieces(http, tape, asked.goesOn(), stream::piece) {
            @Override
            public void onStart(Runnable cancel) {
                super.onStart(cancel);
                stream.begun();
            }
        };
        RequestIds.startThread(requestId, () -> {
            try {
                stream.done(run(asked, task, caller, requestId, pieces));
            } catch (UserException e) {
                stream.failed(e, OpenAiErrors.of(e, http.normalizedPath()));
            } catch (RuntimeException e) {
                LOG.errorf(e, "%s failed", http.normalizedPath());
                stream.failed(e, OpenAiErrors.ours());
            }
        });
        // What is known before the answer begins is told by the status.
        stream.awaitBeginning();
        return Response.ok(stream, MediaType.SERVER_SENT_EVENTS)
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .build();
    }

    private Answer run(Asked asked, Task task, Principal caller, String requestId, AnswerListener listener) {
        long start = System.nanoTime();
        Answer answer;
        try {
            answer = task.answer(caller, listener);
        } catch (UserException e) {
            UserException told = e.kind() == UserException.Kind.TOO_LARGE
                    ? new FieldException(
                            UserException.Kind.BAD_INPUT, e.getMessage(), asked.field(), "context_length_exceeded", e)
                    : e;
            failed(asked, told.kind() == UserException.Kind.ENVIRONMENT ? "unavailable" : "invalid_request", start);
            throw told;
        } catch (RuntimeException e) {
            failed(asked, "server_error", start);
            throw e;
        }
        answered.fire(new Answered(answer, caller, requestId, asked.model(), asked.operation()));
        return answer;
    }

    private void failed(Asked asked, String type, long start) {
        metrics.failed(asked, type, Duration.ofNanos(System.nanoTime() - start));
    }

    /** Hands on what is written, with the tokens that begin in it. */
    private static class Pieces implements AnswerListener {
        private final RoutingContext http;
        private final TokenTape tape;
        private final BiConsumer<String, List<TokenTape.Entry>> sink;
        private boolean begun;

        Pieces(RoutingContext http, TokenTape tape, boolean begun, BiConsumer<String, List<TokenTape.Entry>> sink) {
            this.http = http;
            this.tape = tape;
            this.begun = begun;
            this.sink = sink;
        }

        @Override
        public void onToken(int id, String text, float logprob, Scorer.Top top) {
            if (tape != null) {
                tape.add(id, logprob, top);
            }
            if (!text.isEmpty()) {
                onText(text);
            }
        }

        @Override
        public void onText(String text) {
            String told = begun ? text : text.stripLeading();
            begun |= !told.isEmpty();
            List<TokenTape.Entry> tokens = tape == null ? List.of() : tape.release(text.length());
            if (begun || !tokens.isEmpty()) {
                sink.accept(told, tokens);
            }
        }

        @Override
        public void onStart(Runnable cancel) {
            // Also when the response is complete: cancelling what has ended does nothing.
            RequestGate.ended(http).thenRun(cancel);
        }
    }
}
