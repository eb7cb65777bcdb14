package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.rest.Http;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A stream as OpenAI's clients see it. */
record Chunks(List<JsonNode> all) {
    static Chunks of(Http.Reply reply) {
        assertEquals(200, reply.status(), reply.body());
        assertTrue(reply.type().startsWith("text/event-stream"), reply.type());
        List<JsonNode> chunks = new ArrayList<>();
        String[] blocks = reply.body().split("\n\n");
        for (int i = 0; i < blocks.length; i++) {
            assertTrue(blocks[i].startsWith("data: "), blocks[i]);
            String data = blocks[i].substring(6);
            if (i == blocks.length - 1) {
                assertEquals("[DONE]", data);
            } else {
                chunks.add(Http.parse(data));
            }
        }
        return new Chunks(chunks);
    }

    /** Those with a choice. */
    List<JsonNode> choices() {
        return all.stream()
                .filter(chunk -> !chunk.get("choices").isEmpty())
                .map(chunk -> chunk.get("choices").get(0))
                .toList();
    }

    /** The text, of chats or of texts. */
    String text() {
        return choices().stream()
                .map(choice -> choice.has("delta")
                        ? choice.get("delta").path("content").asText("")
                        : choice.get("text").asText())
                .collect(Collectors.joining());
    }
}
