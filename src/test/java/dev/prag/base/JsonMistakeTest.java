package dev.prag.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;

class JsonMistakeTest {
    @Test
    void saysNothingAboutTheParser() {
        assertEquals("Document nesting depth (1001) exceeds the maximum allowed (1000)", said("[".repeat(2000)));
        assertEquals(
                "Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
                said("nope"));
    }

    private static String said(String json) {
        return JsonMistake.said(assertThrows(
                JsonProcessingException.class,
                () -> JsonMapper.builder().build().readTree(json)));
    }
}
