package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.access.ApiKey;
import dev.prag.access.ApiKeys;
import dev.prag.access.Principal;
import dev.prag.access.Role;
import dev.prag.answering.DrawnCorpus;
import dev.prag.answering.DrawnCorpus.Drawn;
import dev.prag.database.DatabaseResource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Documents that a key may not read don't exist for who has it, over both APIs. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@WithTestResource(value = OpenIdProvider.class, scope = TestResourceScope.MATCHING_RESOURCES)
class RightsOverHttpTest {
    private static final Principal BLUE = new Principal("key:blue", Set.of("blue"), Set.of(Role.ASK, Role.WRITE));
    private static final List<String> VOLATILE = List.of("timings", "created", "createdAt", "updatedAt", "requestId");

    @Inject
    ApiKeys keys;

    @Inject
    DrawnCorpus drawnCorpus;

    @AfterEach
    void leaveNothing() {
        drawnCorpus.clear();
        QuarkusTransaction.requiringNew().run(() -> ApiKey.deleteAll());
    }

    private static Http.Reply send(String method, String path, String body, String key) {
        return Http.send(
                method,
                path,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body),
                "Authorization",
                "Bearer " + key,
                "Content-Type",
                "application/json");
    }

    @Test
    void whatAKeyMayNotReadChangesNothing() throws IOException {
        String blue = keys.create("blue", BLUE.roles(), BLUE.groups(), null);
        String admin = keys.create("admin", Set.of(Role.ADMIN), Set.of(), null);
        List<Drawn> drawn = DrawnCorpus.draw(new Random(5));
        drawnCorpus.build(drawn);
        List<String> everything = observed(drawn, admin);
        List<String> among = observed(drawn, blue);
        drawnCorpus.build(drawn.stream().filter(one -> one.isOpenTo(BLUE)).toList());
        assertEquals(observed(drawn, blue), among);
        assertNotEquals(everything, among);
    }

    private static List<String> observed(List<Drawn> drawn, String key) {
        List<String> observed = new ArrayList<>();
        for (String question : DrawnCorpus.QUESTIONS) {
            for (String method : List.of("closed-book", "in-context", "parametric", "combined")) {
                ObjectNode request = Http.JSON.createObjectNode();
                request.put("question", question)
                        .put("method", method)
                        .put("topK", 3)
                        .put("maxTokens", 8);
                observed.add(seen(send("POST", "/answers", request.toString(), key)));
                ObjectNode chat = Http.JSON
                        .createObjectNode()
                        .put("model", "model:" + method)
                        .put("max_tokens", 8);
                chat.putArray("messages").addObject().put("role", "user").put("content", question);
                observed.add(seen(send("POST", "/v1/chat/completions", chat.toString(), key)));
            }
        }
        for (Drawn one : drawn) {
            observed.add(seen(send("GET", "/documents/" + one.input().id(), null, key)));
        }
        return observed;
    }

    /** Status and body, without what is another thing each time. */
    private static String seen(Http.Reply reply) {
        return reply.status() + " " + steady(reply.json());
    }

    private static JsonNode steady(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(VOLATILE);
            if (object.has("choices")) {
                object.remove("id");
            }
        }
        node.forEach(RightsOverHttpTest::steady);
        return node;
    }

    @Test
    void whatAKeyMayNotReadIsNeitherDeletedNorReplaced() throws IOException {
        String blue = keys.create("blue", BLUE.roles(), BLUE.groups(), null);
        String red = keys.create("red", BLUE.roles(), Set.of("red"), null);
        String closed = "{\"id\":\"closed\",\"text\":\"Closed.\",\"readers\":[\"red\"]}";
        assertEquals(202, send("POST", "/documents", closed, blue).status(), "who writes names any readers");
        send("GET", "/documents/closed", null, blue).problem(404, "not in the corpus");
        send("DELETE", "/documents/closed", null, blue).problem(404, "not in the corpus");
        send("POST", "/documents", closed, blue).problem(409, "choose another");
        assertEquals(200, send("GET", "/documents/closed", null, red).status());
        String receipt = send("DELETE", "/documents/closed", null, red).header("Location");
        assertEquals(404, send("GET", receipt, null, blue).status());
        assertEquals(
                "key:red", send("GET", receipt, null, red).expect(200).get("by").asText());
    }
}
