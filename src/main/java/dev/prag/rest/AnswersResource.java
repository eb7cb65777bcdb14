package dev.prag.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.access.Principal;
import dev.prag.answering.Answer;
import dev.prag.answering.AnswerListener;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.Retrieval;
import dev.prag.base.UserException;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Multi;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;

/** Questions and answers. */
@Path("/answers")
@Tag(name = "answers")
public final class AnswersResource {
    private static final Logger LOG = Logger.getLogger(AnswersResource.class);

    private final AnswerService answers;
    private final ObjectMapper json;
    private final QuestionBodies bodies;
    private final Event<Answered> answered;
    private final Callers callers;

    @Inject
    AnswersResource(
            AnswerService answers,
            ObjectMapper json,
            Event<Answered> answered,
            Callers callers,
            QuestionBodies bodies) {
        this.answers = answers;
        this.json = json;
        this.answered = answered;
        this.callers = callers;
        this.bodies = bodies;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Answer a question",
            description = "Retrieves passages, brings their adapters into the model (or the passages into the prompt,"
                    + " as the method says) and generates the answer. A passage whose adapter can't be had stands in"
                    + " the prompt instead: through is \"prompt\" then. With Accept: text/event-stream the text comes"
                    + " as token events, followed by done with the whole answer, or by error with a problem. With trace:"
                    + " true the answer tells of its retrievals, and the stream has an event retrieval for each.")
    @RequestBody(content = @Content(schema = @Schema(implementation = AnswerRequest.class)))
    @APIResponse(
            responseCode = "200",
            description = "The answer; as events where the client accepts them",
            content = {
                @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Answer.class)),
                @Content(mediaType = MediaType.SERVER_SENT_EVENTS, schema = @Schema(implementation = String.class))
            })
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    public Answer answer(InputStream body, @Context RoutingContext http) {
        AnswerRequest request = parse(body, http);
        Principal caller = callers.of(http);
        Answer answer = answers.answer(request, caller, new AnswerListener() {
            @Override
            public void onText(String text) {}

            @Override
            public void onStart(Runnable cancel) {
                // Also when the response is complete: cancelling what has ended does nothing.
                RequestGate.ended(http).thenRun(cancel);
            }
        });
        answered.fire(new Answered(answer, caller, RequestIds.of(http), null));
        return answer;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Blocking
    @Operation(hidden = true)
    public Multi<OutboundSseEvent> stream(InputStream body, @Context Sse sse, @Context RoutingContext http) {
        // What is known before the answer begins is told by the status, not by an event.
        AnswerRequest request = parse(body, http);
        answers.requireMethod(request.method());
        answers.requireRoom();
        Principal caller = callers.of(http);
        String id = RequestIds.of(http);
        return Multi.createFrom().emitter(emitter -> {
            AtomicReference<Runnable> cancel = new AtomicReference<>();
            AtomicBoolean gone = new AtomicBoolean();
            emitter.onTermination(() -> {
                gone.set(true);
                Runnable running = cancel.get();
                if (running != null) {
                    running.run();
                }
            });
            RequestIds.startThread(id, () -> {
                try {
                    Answer answer = answers.answer(request, caller, new AnswerListener() {
                        @Override
                        public void onText(String text) {
                            emitter.emit(event(sse, "token", Map.of("text", text)));
                        }

                        @Override
                        public void onRetrieval(Retrieval retrieval) {
                            if (request.wantsTrace()) {
                                emitter.emit(event(sse, "retrieval", retrieval));
                            }
                        }

                        @Override
                        public void onStart(Runnable stop) {
                            cancel.set(stop);
                            if (gone.get()) {
                                stop.run();
                            }
                        }
                    });
                    answered.fire(new Answered(answer, caller, id, null));
                    emitter.emit(event(sse, "done", answer));
                } catch (UserException e) {
                    emitter.emit(event(sse, "error", Problems.of(e, "/answers")));
                } catch (RuntimeException e) {
                    LOG.error("/answers failed", e);
                    emitter.emit(event(sse, "error", Problem.of(500, Problems.OURS, "/answers")));
                }
                emitter.complete();
            });
        });
    }

    private AnswerRequest parse(InputStream stream, RoutingContext http) {
        return bodies.read(stream, http, AnswerRequest.class);
    }

    private OutboundSseEvent event(Sse sse, String name, Object data) {
        try {
            return sse.newEventBuilder()
                    .name(name)
                    .data(json.writeValueAsString(data))
                    .build();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
