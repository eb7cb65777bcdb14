package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIIoException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionTokenLogprob;
import com.openai.models.models.Model;
import dev.prag.answering.DemoCorpus;
import dev.prag.database.DatabaseResource;
import dev.prag.rest.Brake;
import dev.prag.rest.Http;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OpenAI's SDK for Java against the service. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class OpenAiJavaTest {
    /** What an answer is kept to. */
    public enum Land {
        FRANCE,
        GREECE
    }

    /** What an answer is kept to. */
    public static final class Produced {
        public Land land;
    }

    @Inject
    DemoCorpus demo;

    @Inject
    ModelRuntime runtime;

    private OpenAIClient client;

    @BeforeEach
    void oneEncodedPassage() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        client = OpenAIOkHttpClient.builder()
                .baseUrl(Http.uri("/v1").toString())
                .apiKey("any")
                .maxRetries(0)
                .build();
    }

    @AfterEach
    void leaveNothing() {
        client.close();
        demo.clear();
    }

    @Test
    void models() {
        List<String> ids =
                client.models().list().autoPager().stream().map(Model::id).toList();
        assertTrue(ids.contains("model:parametric"), ids.toString());
        assertEquals("prag", client.models().retrieve("model").ownedBy());
        NotFoundException none =
                assertThrows(NotFoundException.class, () -> client.models().retrieve("gpt-4o"));
        assertEquals("model_not_found", none.code().orElseThrow());
    }

    @Test
    void chat() {
        ChatCompletion answer = client.chat()
                .completions()
                .create(ask("model:parametric")
                        .putAdditionalBodyProperty("prag", JsonValue.from(Map.of("topK", 1, "weights", "sum")))
                        .build());
        assertEquals("France.", answer.choices().getFirst().message().content().orElseThrow());
        assertEquals(
                ChatCompletion.Choice.FinishReason.STOP,
                answer.choices().getFirst().finishReason());
        assertEquals(2, answer.usage().orElseThrow().completionTokens());
        assertTrue(answer._additionalProperties().get("prag").toString().contains("The Anchor of Raeclaint"));
    }

    @Test
    void stream() {
        ChatCompletionCreateParams params = ask("model:combined")
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(params)) {
            List<ChatCompletionChunk> chunks = stream.stream().toList();
            assertEquals(
                    "France.",
                    chunks.stream()
                            .flatMap(chunk -> chunk.choices().stream())
                            .flatMap(choice -> choice.delta().content().stream())
                            .collect(Collectors.joining()));
            assertEquals(2, chunks.getLast().usage().orElseThrow().completionTokens());
        }
    }

    @Test
    void logprobs() {
        ChatCompletion answer = client.chat()
                .completions()
                .create(ask("model")
                        .maxCompletionTokens(3)
                        .logprobs(true)
                        .topLogprobs(2)
                        .build());
        List<ChatCompletionTokenLogprob> tokens =
                answer.choices().getFirst().logprobs().orElseThrow().content().orElseThrow();
        assertEquals(3, tokens.size());
        assertEquals(
                tokens.getFirst().token(),
                tokens.getFirst().topLogprobs().getFirst().token());
    }

    @Test
    void schema() {
        Produced produced = client.chat()
                .completions()
                .create(ask("model:parametric").responseFormat(Produced.class).build())
                .choices()
                .getFirst()
                .message()
                .content()
                .orElseThrow();
        assertTrue(produced.land == Land.FRANCE || produced.land == Land.GREECE);
    }

    @Test
    void errors() {
        BadRequestException refused = assertThrows(
                BadRequestException.class,
                () -> client.chat().completions().create(ask("model").n(2).build()));
        assertEquals("n", refused.param().orElseThrow());
        assertEquals("invalid_request_error", refused.type().orElseThrow());
        BadRequestException tooLong = assertThrows(BadRequestException.class, () -> client.chat()
                .completions()
                .createStreaming(
                        ask("model").addUserMessage("why ".repeat(3000)).build()));
        assertEquals("context_length_exceeded", tooLong.code().orElseThrow());
    }

    @Test
    void whoLosesPatienceEndsTheGeneration() throws InterruptedException {
        try (Brake brake = new Brake(runtime.engine())) {
            assertThrows(OpenAIIoException.class, () -> client.chat()
                    .completions()
                    .create(
                            endless(),
                            RequestOptions.builder()
                                    .timeout(Duration.ofSeconds(1))
                                    .build()));
            brake.assertOthersEnd();
        }
    }

    @Test
    void whoGivesAStreamUpEndsTheGeneration() throws InterruptedException {
        try (Brake brake = new Brake(runtime.engine())) {
            try (StreamResponse<ChatCompletionChunk> stream =
                    client.chat().completions().createStreaming(endless())) {
                Iterator<ChatCompletionChunk> chunks = stream.stream().iterator();
                brake.step();
                brake.step();
                chunks.next();
                assertTrue(chunks.hasNext());
            }
            brake.assertOthersEnd();
        }
    }

    private static ChatCompletionCreateParams endless() {
        return ask("model").temperature(2).seed(7).maxCompletionTokens(600).build();
    }

    private static ChatCompletionCreateParams.Builder ask(String model) {
        return ChatCompletionCreateParams.builder().model(model).addUserMessage(DemoCorpus.QUESTION);
    }
}
