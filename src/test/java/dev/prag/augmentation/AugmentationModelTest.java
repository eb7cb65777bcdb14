package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.Result;
import dev.langchain4j.service.output.JsonSchemas;
import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.runtime.ModelRuntime;
import io.quarkiverse.langchain4j.ModelName;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.ws.rs.ProcessingException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@QuarkusTestResource(ChatEndpoint.class)
class AugmentationModelTest {
    /** With all that a template could stumble over. */
    private static final String ODD = "Say {passage} {{twice}} {#if}<b>&amp;</b> \"it's\" $1 \\n é 日本.";

    private static final AugmentationSettings SETTINGS =
            new AugmentationSettings("demo", List.of(), List.of(0d), 3, 1, 10, 10, 1);

    @Inject
    AugmentationService service;

    @Inject
    ModelRuntime runtime;

    @Inject
    @ModelName("augmentation")
    ChatModel endpoint;

    @ConfigProperty(name = "prag.augmentation.url")
    String url;

    @Test
    void thePromptReachesTheLocalModelAsItIs() {
        int[] prompt =
                runtime.languageModel().chatIds(List.of(Map.<String, Object>of("role", "user", "content", ODD)), true);
        Result<String> result = call(new Asking(0, 5, 1), ODD);
        assertEquals(prompt.length, result.tokenUsage().inputTokenCount());
        assertEquals(5, result.tokenUsage().outputTokenCount());
        assertEquals(FinishReason.LENGTH, result.finishReason());
    }

    private enum Colour {
        RED,
        GREEN
    }

    private record Fact(String subject, int year, Colour colour, List<String> words, Fact because) {}

    @Test
    void anAnswerKeepsToTheFormAskedFor() throws Exception {
        LocalChatModel local = new LocalChatModel(runtime::languageModel, runtime::engine);
        assertEquals(Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA), local.supportedCapabilities());
        ResponseFormat form = ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchemas.jsonSchemaFrom(Fact.class).orElseThrow())
                .build();
        for (ResponseFormat format : List.of(form, ResponseFormat.JSON)) {
            ChatResponse response = local.chat(ChatRequest.builder()
                    .messages(UserMessage.from(ODD))
                    .temperature(1.0)
                    .maxOutputTokens(150)
                    .responseFormat(format)
                    .build());
            assertEquals(FinishReason.STOP, response.finishReason());
            String text = response.aiMessage().text();
            if (format == form) {
                new ObjectMapper().readValue(text, Fact.class);
            } else {
                new ObjectMapper().readTree(text);
            }
        }
        JsonSchema one = JsonSchema.of("{\"const\":\"é 日\"}");
        assertEquals(
                "\"é 日\"", call(new Asking(0, 60, 1, List.of(), null, one), ODD).content());
    }

    @Test
    void samplingIsAsAskedForWhateverRunsBesideIt() throws Exception {
        JsonNode golden = new ObjectMapper()
                .readTree(Path.of("src/test/resources/demo/golden-samples.json").toFile());
        String prompt =
                PromptSet.named("demo").rewritePrompt(golden.get("passage").asText());
        String greedy = golden.get("rewrites").get(0).asText();
        String warm = call(new Asking(1.5, 60, 7), prompt).content();
        assertEquals(warm, call(new Asking(1.5, 60, 7), prompt).content());
        assertNotEquals(greedy, warm);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = threads.invokeAll(IntStream.range(0, 8)
                    .mapToObj(i -> (Callable<String>) () -> call(new Asking(i % 2 == 0 ? 0 : 1.5, 60, i), prompt)
                            .content())
                    .toList());
            Set<String> sampled = new HashSet<>();
            for (int i = 0; i < answers.size(); i++) {
                if (i % 2 == 0) {
                    assertEquals(greedy, answers.get(i).get());
                } else {
                    sampled.add(answers.get(i).get());
                }
            }
            assertTrue(sampled.size() > 1, "each seed has its own answer: " + sampled);
        }
    }

    @Test
    void anEndpointIsAskedWithTheSameSampling() {
        AugmentationModel model = new AugmentationModel(runtime, endpoint, "openai", url, "echo", "open sesame");
        Result<String> result = through(model).rewrite(ODD);
        assertEquals("You said: " + ODD, result.content());
        JsonNode request = ChatEndpoint.REQUESTS.getLast();
        assertEquals("echo", request.get("model").asText());
        assertEquals(0.5, request.get("temperature").asDouble());
        assertEquals(33, request.get("seed").asInt());
        assertEquals(
                100,
                request.has("max_tokens")
                        ? request.get("max_tokens").asInt()
                        : request.get("max_completion_tokens").asInt());
        assertEquals("openai echo", model.id(SETTINGS), "its address doesn't count");
    }

    @Test
    void whatAnEndpointRefusesFailsThatPassageAndNoOther() {
        AugmentationModel model = new AugmentationModel(runtime, endpoint, "openai", url, "echo", "open sesame");
        AugmentationSettings settings = new AugmentationSettings("demo", List.of(), List.of(0d), 3, 1, 10, 10, 1);
        String pair = "[{\"question\":\"Q?\",\"answer\":\"A\",\"full_answer\":\"F\"}]";
        List<Augmented> made = new Augmenter(through(model), model, 2)
                .augment(
                        List.of(new Augmentable("refuse " + pair, 0), new Augmentable(pair, 0)),
                        settings,
                        AugmentationListener.NONE,
                        () -> false);
        assertTrue(made.get(0).failed() && made.get(0).failure().contains("refused"), made.toString());
        assertFalse(made.get(1).failed());
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 401, 403, 404, 408, 429, 500, 503})
    void whatIsWrongWithAnEndpointIsNoPassagesFault(int status) {
        AugmentationModel model = new AugmentationModel(runtime, endpoint, "openai", url, "echo", "open sesame");
        AugmentationSettings settings = new AugmentationSettings("demo", List.of(), List.of(0d), 3, 1, 10, 10, 1);
        UserException e = assertThrows(UserException.class, () -> new Augmenter(through(model), model, 2)
                .augment(
                        List.of(new Augmentable("status " + status, 0)),
                        settings,
                        AugmentationListener.NONE,
                        () -> false));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        assertTrue(e.getMessage().contains("prag.augmentation.url"), e.getMessage());
        assertFalse(e.getMessage().contains("open sesame"), e.getMessage());
    }

    @Test
    void whetherAModelCanBeUsedIsTried() {
        AugmentationSettings settings = new AugmentationSettings("demo", List.of(), List.of(0d), 3, 1, 10, 20, 1);
        new AugmentationModel(runtime, endpoint, "openai", url, "echo", "open sesame").check(settings);
        assertEquals(20, ChatEndpoint.REQUESTS.getLast().get("max_tokens").asInt(), "as it will be asked");
        ChatModel refusing = new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                throw new InvalidRequestException("max_tokens is not supported");
            }
        };
        UserException e = assertThrows(
                UserException.class,
                () -> new AugmentationModel(runtime, refusing, "openai", url, "echo", "key").check(settings));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        assertTrue(e.getMessage().contains("max_tokens"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "htp://me:hush@h/v1", "http:///v1", "http://a b/v1", ""})
    void whatIsNoAddressIsRefusedBeforeItIsTried(String address) {
        AugmentationSettings settings = new AugmentationSettings("demo", List.of(), List.of(0d), 3, 1, 10, 20, 1);
        AugmentationModel model = new AugmentationModel(runtime, endpoint, "openai", address, "m", "key");
        UserException e = assertThrows(UserException.class, () -> model.check(settings));
        assertEquals(UserException.Kind.BAD_INPUT, e.kind());
        assertTrue(e.getMessage().contains("prag.augmentation.url"), e.getMessage());
        assertFalse(e.getMessage().contains("hush"), e.getMessage());
    }

    @Test
    void reasonsAreToldInWords() {
        AugmentationModel model = new AugmentationModel(runtime, endpoint, "openai", url, "m", "key");
        String unknown = model.failure(new ProcessingException(new UnknownHostException("no.such.host")))
                .getMessage();
        assertTrue(unknown.contains("the host no.such.host is unknown"), unknown);
        String refused = model.failure(
                        new ProcessingException("io.netty.channel.X$ConnectException: Connection refused: /1.2.3.4:9"))
                .getMessage();
        assertTrue(refused.contains("used: Connection refused: /1.2.3.4:9;"), refused);
    }

    @Test
    void addressesAreToldWithoutPasswords() {
        AugmentationModel model =
                new AugmentationModel(runtime, endpoint, "openai", "https://me:hush@h/v1?token=abc", "m", "key");
        assertEquals("the model m at https://h/v1", model.description());
        assertEquals(Optional.of("openai m"), model.identity(SETTINGS));
        assertEquals(
                Optional.empty(),
                new AugmentationModel(runtime, endpoint, "local", url, "m", "key").identity(SETTINGS));
    }

    @Test
    void anUnknownProviderIsRefusedByName() {
        AugmentationModel model = new AugmentationModel(runtime, endpoint, "telepathy", url, "echo", "open sesame");
        UserException e = assertThrows(UserException.class, () -> model.id(SETTINGS));
        assertTrue(e.getMessage().contains("telepathy"), e.getMessage());
    }

    private Result<String> call(Asking asking, String prompt) {
        return ScopedValue.where(Asking.CURRENT, asking).call(() -> service.rewrite(prompt));
    }

    /** The service over another model than the one that Quarkus gave it. */
    private static AugmentationService through(AugmentationModel model) {
        return new AugmentationService() {
            @Override
            public Result<String> rewrite(String prompt) {
                Asking asking = Asking.CURRENT.isBound() ? Asking.CURRENT.get() : new Asking(0.5, 100, 33);
                var answer = ScopedValue.where(Asking.CURRENT, asking).call(() -> model.chat(UserMessage.from(prompt)));
                return Result.<String>builder()
                        .content(answer.aiMessage().text())
                        .finishReason(answer.finishReason())
                        .build();
            }

            @Override
            public Result<String> pairs(String prompt) {
                return rewrite(prompt);
            }

            @Override
            public Result<String> line(String prompt) {
                return rewrite(prompt);
            }
        };
    }
}
