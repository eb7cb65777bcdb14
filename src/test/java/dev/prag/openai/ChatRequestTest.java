package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.Writing;
import dev.prag.rest.FieldException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChatRequestTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    @Test
    void theLastQuestionStandsAmongTheOtherTurns() {
        ChatRequest request = read("""
                {"messages":[{"role":"developer","content":"Be kind."},{"role":"user","content":"A?"},
                 {"role":"assistant","content":null},{"role":"user","content":[{"type":"text","text":"B"},
                 {"type":"text","text":"C?"}]},{"role":"system","content":"Now."}]}""");
        ChatRequest.Asked asked = request.question(true);
        assertEquals("B\nC?", asked.text());
        assertEquals(
                List.of(turn("system", "Be kind."), turn("user", "A?"), turn("assistant", "")),
                asked.chat().before());
        assertEquals(List.of(turn("system", "Now.")), asked.chat().after());
    }

    @Test
    void defaults() {
        ChatRequest request = read("{\"messages\":[{\"role\":\"user\",\"content\":\"A?\"}]}");
        request.check();
        Writing writing = request.writing();
        assertEquals(0, writing.temperature());
        assertEquals(1, writing.topP());
        assertEquals(List.of(), writing.stops());
        assertNull(writing.schema());
        assertNull(request.most());
        assertNotEquals(writing.seed(), request.writing().seed());
    }

    @Test
    void ofTwoBoundsTheNewerCounts() {
        assertEquals(5, read("{\"max_tokens\":9,\"max_completion_tokens\":5}").most());
        assertEquals(9, read("{\"max_tokens\":9}").most());
    }

    @Test
    void optionsOfDocuments() {
        PragOptions options =
                read("{\"prag\":{\"topK\":4,\"weights\":\"mean\",\"filter\":{\"lang\":\"en\"},\"maxTokens\":7}}")
                        .prag();
        AnswerRequest request = options.request("A?", "combined", null);
        assertEquals(4, request.topK());
        assertEquals(7, request.maxTokens());
        assertEquals(Map.of("lang", "en"), request.filter());
        assertEquals(3, options.request("A?", "combined", 3).maxTokens());
        assertEquals(100_000, options.request("A?", "combined", 2_000_000).maxTokens(), "what no context holds");
        FieldException heavy = assertThrows(
                FieldException.class,
                () -> read("{\"prag\":{\"weights\":\"heavy\"}}").prag().request("A?", "combined", null));
        assertEquals("prag", heavy.field());
    }

    private static Map<String, Object> turn(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private static ChatRequest read(String json) {
        try {
            return JSON.readValue(json, ChatRequest.class);
        } catch (JsonProcessingException e) {
            throw new AssertionError(json, e);
        }
    }
}
