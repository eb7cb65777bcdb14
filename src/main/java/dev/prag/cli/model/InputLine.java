package dev.prag.cli.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The JSON object of one line. A field that is null counts as left out; one of another type than asked for is an error. */
final class InputLine {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int SHOWN = 40;

    private final JsonNode fields;

    private InputLine(JsonNode fields) {
        this.fields = fields;
    }

    /** @throws UserException if the text is not one JSON object */
    static InputLine parse(String text) {
        JsonNode node;
        try {
            node = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "not JSON: " + JsonMistake.said(e) + "; write one JSON object on each line",
                    e);
        }
        if (!node.isObject()) {
            throw new UserException("not a JSON object: " + shown(node) + "; write one object on each line");
        }
        return new InputLine(node);
    }

    boolean has(String name) {
        return fields.hasNonNull(name);
    }

    private static UserException wrong(String name, JsonNode value, String need) {
        return new UserException("field " + name + " is " + shown(value) + "; it has to be " + need);
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.codePointCount(0, text.length()) > SHOWN
                ? text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "…"
                : text;
    }

    Optional<String> text(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = fields.get(name);
        if (!value.isTextual()) {
            throw wrong(name, value, "a string");
        }
        return Optional.of(wellFormed(name, value));
    }

    private static String wellFormed(String name, JsonNode value) {
        String text = value.textValue();
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw wrong(name, value, "Unicode text; it has half of a surrogate pair");
        }
        return text;
    }

    private static void requireWellFormed(String name, JsonNode value) {
        if (value.isTextual()) {
            wellFormed(name, value);
        }
        value.forEach(inner -> requireWellFormed(name, inner));
    }

    boolean flag(String name, boolean otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        JsonNode value = fields.get(name);
        if (!value.isBoolean()) {
            throw wrong(name, value, "true or false");
        }
        return value.booleanValue();
    }

    OptionalInt integer(String name) {
        if (!has(name)) {
            return OptionalInt.empty();
        }
        JsonNode value = fields.get(name);
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrong(name, value, "an integer");
        }
        return OptionalInt.of(value.intValue());
    }

    OptionalLong longInteger(String name) {
        if (!has(name)) {
            return OptionalLong.empty();
        }
        JsonNode value = fields.get(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(name, value, "an integer");
        }
        return OptionalLong.of(value.longValue());
    }

    Optional<Float> number(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = fields.get(name);
        if (!value.isNumber() || !Float.isFinite(value.floatValue())) {
            throw wrong(name, value, "a number");
        }
        return Optional.of(value.floatValue());
    }

    Optional<int[]> integers(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = fields.get(name);
        if (!value.isArray()) {
            throw wrong(name, value, "a list of integers");
        }
        int[] integers = new int[value.size()];
        for (int i = 0; i < integers.length; i++) {
            JsonNode item = value.get(i);
            if (!item.isIntegralNumber() || !item.canConvertToInt()) {
                throw wrong(name, value, "a list of integers; entry " + i + " is " + shown(item));
            }
            integers[i] = item.intValue();
        }
        return Optional.of(integers);
    }

    /** A string, or a list of them. */
    List<String> texts(String name) {
        if (!has(name)) {
            return List.of();
        }
        JsonNode value = fields.get(name);
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value.isArray() ? value : List.of(value)) {
            if (!item.isTextual()) {
                throw wrong(name, value, "a string or a list of strings");
            }
            texts.add(wellFormed(name, item));
        }
        return texts;
    }

    /** A list of objects. */
    Optional<List<Map<String, Object>>> objects(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = fields.get(name);
        if (!value.isArray()) {
            throw wrong(name, value, "a list of objects");
        }
        List<Map<String, Object>> objects = new ArrayList<>();
        for (JsonNode item : value) {
            objects.add(object(name, item));
        }
        return Optional.of(objects);
    }

    /** An object. */
    Map<String, Object> object(String name) {
        return has(name) ? object(name, fields.get(name)) : Map.of();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(String name, JsonNode value) {
        if (!value.isObject()) {
            throw wrong(name, value, "an object, or a list of objects");
        }
        value.forEachEntry((key, inner) -> requireWellFormed(name, inner));
        return JSON.convertValue(value, Map.class);
    }

    /** A value as JSON. */
    Optional<JsonNode> json(String name) {
        return has(name) ? Optional.of(fields.get(name)) : Optional.empty();
    }

    /** Any value. */
    Object value(String name) {
        return JSON.convertValue(fields.get(name), Object.class);
    }
}
