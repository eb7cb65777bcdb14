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
import dev.prag.answering.DemoCorpus;
import dev.prag.corpus.DatabaseResource;
import dev.prag.rest.Http;
import io.quarkiverse.langchain4j.ModelName;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The application of docs/langchain4j.md, which asks the service that it runs in. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@TestProfile(LangChain4jTest.AsInTheDocument.class)
class LangChain4jTest {
    private static final Path PROPERTIES = Path.of("src/test/resources/langchain4j/application.properties");

    @Inject
    DemoCorpus demo;

    @Inject
    @ModelName("prag")
    ChatModel model;

    @BeforeEach
    void oneEncodedPassage() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    /** The document's properties, at a port of the test's. */
    public static final class AsInTheDocument implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            try (ServerSocket free = new ServerSocket(0);
                    Reader in = Files.newBufferedReader(PROPERTIES)) {
                Properties properties = new Properties();
                properties.load(in);
                Map<String, String> overrides = new HashMap<>();
                properties.forEach((name, value) ->
                        overrides.put(name.toString(), value.toString().replace(":8080", ":" + free.getLocalPort())));
                overrides.put("quarkus.http.test-port", String.valueOf(free.getLocalPort()));
                return overrides;
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
