package dev.prag.openai;

import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.Chat;
import dev.prag.answering.ModelAlone;
import dev.prag.answering.Writing;
import dev.prag.rest.FieldException;
import dev.prag.rest.OpenAiError;
import dev.prag.rest.QuestionBodies;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Texts to be continued. */
@Path("/v1/completions")
@Tag(name = "openai")
public final class CompletionsResource {
    private final QuestionBodies bodies;
    private final Models models;
    private final AnswerService answers;
    private final ModelAlone alone;
    private final Exchange exchange;

    @Inject
    CompletionsResource(
            QuestionBodies bodies, Models models, AnswerService answers, ModelAlone alone, Exchange exchange) {
        this.bodies = bodies;
        this.models = models;
        this.answers = answers;
        this.alone = alone;
        this.exchange = exchange;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Continue a text",
            description =
                    "As OpenAI's older API has it. The model's own name goes on with the text as it stands, without"
                            + " a chat template; with a method of answering behind a colon, the text is a question that is"
                            + " answered from passages.")
    @RequestBody(content = @Content(schema = @Schema(implementation = CompletionRequest.class)))
    @APIResponse(
            responseCode = "200",
            description =
                    "What the text goes on with; where a stream is asked for in chunks, each the data of an event",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = TextCompletion.class)),
                @Content(
                        mediaType = MediaType.SERVER_SENT_EVENTS,
                        schema = @Schema(implementation = TextCompletion.class))
            })
    @APIResponse(
            responseCode = "default",
            description = "An error",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = OpenAiError.class)))
    public Response complete(InputStream body, @Context RoutingContext http) {
        CompletionRequest request = bodies.read(body, http, CompletionRequest.class);
        Models.Served model = models.require(request.model());
        request.check();
        PragOptions options = PragOptions.of(request.prag());
        String method = options.methodOr(model.method(), answers);
        return exchange.answer(
                http,
                new Exchange.Asked(
                        model.id(),
                        "text_completion",
                        "prompt",
                        request.streams(),
                        request.logprobs() != null,
                        method == null),
                "cmpl-",
                task(request, options, method),
                (heading, tape) -> new TextForm(heading, tape, StreamOptions.usage(request.streamOptions())));
    }

    private Exchange.Task task(CompletionRequest request, PragOptions options, String method) {
        Writing writing = request.writing();
        if (method == null) {
            int most = request.mostAlone(options);
            return (caller, listener) -> alone.complete(request.text(), most, writing, listener);
        }
        if (request.text().isBlank()) {
            throw new FieldException("prompt is empty; ask something", "prompt");
        }
        AnswerRequest question = options.request(request.text(), method, request.most());
        return (caller, listener) -> answers.answer(question, Chat.NONE, writing, caller, listener);
    }
}
