package dev.prag.generation.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The values that {@code const} and {@code enum} name. */
final class Values {
    private Values() {}

    /** As JSON, those of other types left out. */
    static List<String> of(Keywords keywords) {
        return nodes(keywords).stream().map(JsonNode::toString).toList();
    }

    static List<JsonNode> nodes(Keywords keywords) {
        List<JsonNode> values = keywords.has("enum") ? keywords.list("enum") : new ArrayList<>();
        if (keywords.has("const")) {
            JsonNode only = keywords.schema().get("const");
            values = !keywords.has("enum") || values.contains(only) ? List.of(only) : List.of();
        }
        Set<String> types = keywords.types();
        List<JsonNode> fitting = values.stream()
                .filter(value -> types.isEmpty() || fits(value, types))
                .toList();
        if (fitting.isEmpty()) {
            throw keywords.wrong("none of the values of enum and const fits", "give at least one that has the type");
        }
        return fitting;
    }

    /** The type of a value, a whole number's being the narrower one. */
    static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case NUMBER -> value.decimalValue().remainder(BigDecimal.ONE).signum() == 0 ? "integer" : "number";
            default -> "null";
        };
    }

    private static boolean fits(JsonNode value, Set<String> types) {
        String type = type(value);
        return types.contains(type) || "integer".equals(type) && types.contains("number");
    }
}
