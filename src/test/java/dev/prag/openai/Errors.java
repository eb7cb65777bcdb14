package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.rest.Http;
import java.util.List;

/** Errors as OpenAI's clients expect them. */
final class Errors {
    private Errors() {}

    /** Asserts one; a param or code of null is expected to be null. */
    static void expect(Http.Reply reply, int status, String param, String code, String... words) {
        assertEquals(status, reply.status(), reply.body());
        assertEquals("application/json", reply.type().split(";")[0]);
        JsonNode body = reply.json();
        assertEquals(
                List.of("error"),
                body.properties().stream().map(java.util.Map.Entry::getKey).toList());
        JsonNode error = body.get("error");
        assertEquals(param, error.get("param").textValue(), body.toString());
        assertEquals(code, error.get("code").textValue(), body.toString());
        assertTrue(error.get("type").asText().endsWith("_error"), body.toString());
        for (String word : words) {
            assertTrue(error.get("message").asText().contains(word), "no \"" + word + "\" in: " + body);
        }
    }
}
