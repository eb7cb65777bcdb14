package dev.prag.openai;

import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.ModelAlone;
import dev.prag.answering.Writing;
import dev.prag.base.UserException;
import dev.prag.rest.FieldException;
import dev.prag.rest.OpenAiError;
import dev.prag.rest.QuestionBodies;
import dev.prag.runtime.ModelRuntime;
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
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Chats. */
@Path("/v1/chat/completions")
@Tag(name = "openai")
public final class ChatResource {
    private final QuestionBodies bodies;
    private final Models models;
    private final AnswerService answers;
    private final ModelAlone alone;
    private final ModelRuntime runtime;
    private final Exchange exchange;
    private final boolean rewrites;

    /** @param rewrites whether the model makes a question of its own of the last message before passages are searched for */
    @Inject
    ChatResource(
            QuestionBodies bodies,
            Models models,
            AnswerService answers,
            ModelAlone alone,
            ModelRuntime runtime,
            Exchange exchange,
            @ConfigProperty(name = "prag.openai.rewrite", defaultValue = "false") boolean rewrites) {
        this.bodies = bodies;
        this.models = models;
        this.answers = answers;
        this.alone = alone;
        this.runtime = runtime;
        this.exchange = exchange;
        this.rewrites = rewrites;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Continue a chat",
            description =
                    "As OpenAI's API has it. The model's own name answers alone; with a method of answering behind"
                            + " a colon, passages are retrieved for the last message of the user's, and the field prag of the"
                            + " answer tells of them. With stream: true the answer comes as server-sent events, data: with a"
                            + " chunk each, and data: [DONE] in the end.")
    @RequestBody(content = @Content(schema = @Schema(implementation = ChatRequest.class)))
    @APIResponse(
            responseCode = "200",
            description = "The next turn; where a stream is asked for in chunks, each the data of an event",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = ChatCompletion.class)),
                @Content(
                        mediaType = MediaType.SERVER_SENT_EVENTS,
                        schema = @Schema(implementation = ChatCompletion.class))
            })
    @APIResponse(
            responseCode = "default",
            description = "An error",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = OpenAiError.class)))
    public Response chat(InputStream body, @Context RoutingContext http) {
        ChatRequest request = bodies.read(body, http, ChatRequest.class);
        Models.Served model = models.require(request.model());
        request.check();
        Writing writing = request.writing();
        PragOptions options = PragOptions.of(request.prag());
        String method = options.methodOr(model.method(), answers);
        if (writing.schema() != null) {
            check(writing, method);
        }
        return exchange.answer(
                http,
                new Exchange.Asked(
                        model.id(), "chat", "messages", request.streams(), request.wantsLogprobs(), method == null),
                "chatcmpl-",
                task(request, writing, options, method),
                (heading, tape) -> new ChatForm(heading, tape, StreamOptions.usage(request.streamOptions())));
    }

    private Exchange.Task task(ChatRequest request, Writing writing, PragOptions options, String method) {
        if (method == null) {
            Integer most = options.bound(request.most());
            return (caller, listener) -> alone.chat(request.turns(), most, writing, listener);
        }
        ChatRequest.Asked asked = request.question(rewrites);
        AnswerRequest question = options.request(asked.text(), method, request.most());
        return (caller, listener) -> answers.answer(question, asked.chat(), writing, caller, listener);
    }

    private void check(Writing writing, String method) {
        try {
            runtime.engine().check(writing.schema());
            if (method != null) {
                answers.check(answers.requireMethod(method), writing);
            }
        } catch (UserException e) {
            throw new FieldException(e.kind(), "response_format: " + e.getMessage(), "response_format", null, e);
        }
    }
}
