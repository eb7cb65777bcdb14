package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.prag.Relay;
import dev.prag.answering.DemoCorpus;
import dev.prag.database.DatabaseResource;
import dev.prag.rest.Http;
import io.quarkiverse.langchain4j.ModelName;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The application of docs/langchain4j.md, which asks the service that it runs in. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@QuarkusTestResource(LangChain4jTest.AsInTheDocument.class)
class LangChain4jTest {
    private static final Path PROPERTIES = Path.of("src/test/resources/langchain4j/application.properties");

    @Inject
    DemoCorpus demo;

    @Inject
    @ModelName("prag")
    ChatModel model;

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @BeforeEach
    void oneEncodedPassage() {
        AsInTheDocument.service = port;
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    /** The document's properties, with a port that leads to the service wherever it comes to listen. */
    public static final class AsInTheDocument implements QuarkusTestResourceLifecycleManager {
        private static volatile int service;
        private Relay relay;

        @Override
        public Map<String, String> start() {
            try (Reader in = Files.newBufferedReader(PROPERTIES)) {
                relay = new Relay(() -> service);
                Properties properties = new Properties();
                properties.load(in);
                Map<String, String> settings = new HashMap<>();
                properties.forEach((name, value) ->
                        settings.put(name.toString(), value.toString().replace(":8080", ":" + relay.port())));
                return settings;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void stop() {
            try {
                relay.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void theAiServiceStreams() {
        Http.Reply reply = Http.get("/ask?question=" + URLEncoder.encode(DemoCorpus.QUESTION, StandardCharsets.UTF_8));
        assertEquals(200, reply.status(), reply.body());
        String text = reply.body()
                .lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> line.substring(5))
                .collect(Collectors.joining());
        assertEquals("France.", text);
    }

    @Test
    void theChatModelTellsOfTokensAndTheEnd() {
        ChatResponse response = model.chat(UserMessage.from(DemoCorpus.QUESTION));
        assertEquals("France.", response.aiMessage().text());
        assertEquals(FinishReason.STOP, response.finishReason());
        assertTrue(response.tokenUsage().inputTokenCount() > 10
                && response.tokenUsage().outputTokenCount() == 2);
    }

    @Test
    void theChatModelKeepsToASchema() {
        JsonSchema schema = JsonSchema.builder()
                .name("produced")
                .rootElement(JsonObjectSchema.builder()
                        .addEnumProperty("land", List.of("France", "Greece"))
                        .required("land")
                        .build())
                .build();
        ChatResponse response = model.chat(ChatRequest.builder()
                .messages(UserMessage.from(DemoCorpus.QUESTION))
                .responseFormat(ResponseFormat.builder()
                        .type(ResponseFormatType.JSON)
                        .jsonSchema(schema)
                        .build())
                .build());
        assertTrue(
                List.of("France", "Greece")
                        .contains(Http.parse(response.aiMessage().text())
                                .get("land")
                                .asText()),
                response.toString());
    }

    @Test
    void theDocumentShowsTheApplication() throws IOException {
        String document = Files.readString(Path.of("docs/langchain4j.md"));
        for (Path source : new Path[] {
            Path.of("src/test/java/org/acme/ask/Assistant.java"),
            Path.of("src/test/java/org/acme/ask/AskResource.java"),
            PROPERTIES
        }) {
            assertTrue(document.contains("\n" + Files.readString(source) + "```"), source + " is another one there");
        }
    }
}
