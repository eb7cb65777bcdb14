package dev.prag.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.prag.base.ExactJson;
import dev.prag.base.UserException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A filter on the metadata of documents as a condition of SQL that an index serves. It is written like that of a
 * question, but knows values only: paths of metadata, or {@code @document}, with a value or a list of values of which
 * one suffices.
 */
final class MetadataFilter {
    private static final JsonMapper JSON = ExactJson.builder().build();
    private static final String DOCUMENT = "@document";
    private static final int MOST_VALUES = 100;

    private final StringBuilder condition = new StringBuilder();
    private final List<Object> parameters = new ArrayList<>();

    private MetadataFilter() {}

    /**
     * Reads a filter.
     *
     * @throws UserException naming the key and what is wrong with it
     */
    static MetadataFilter of(Map<String, Object> filter) {
        MetadataFilter all = new MetadataFilter();
        if (filter.values().stream().mapToLong(value -> values(value).size()).sum() > MOST_VALUES) {
            throw new UserException("filter has more than " + MOST_VALUES + " values; leave some out");
        }
        filter.forEach(all::add);
        return all;
    }

    /** On the alias {@code d} of the table {@code document}; begins with AND, unless it is empty. */
    String condition() {
        return condition.toString();
    }

    List<Object> parameters() {
        return parameters;
    }

    private void add(String key, Object value) {
        List<?> values = values(value);
        if (key.indexOf('\0') >= 0) {
            throw wrong(key, "contains the character U+0000");
        }
        if (values.isEmpty()) {
            throw wrong(key, "is an empty list, which nothing passes; give a value");
        }
        for (Object one : values) {
            if (!(one instanceof String || one instanceof Number || one instanceof Boolean)) {
                throw wrong(
                        key,
                        "has a value that is no string, number, true or false; bounds are for questions, a list of"
                                + " documents takes values");
            }
        }
        if (key.equals(DOCUMENT)) {
            condition.append(" AND d.id = ANY (?)");
            parameters.add(values.stream().map(Object::toString).toList());
            return;
        }
        List<String> either = new ArrayList<>();
        for (Object one : values) {
            JsonNode node = JSON.valueToTree(one);
            List<JsonNode> shapes = new ArrayList<>(shapes(node, key));
            if (key.indexOf('.') >= 0) {
                // Keys with dots are told apart from paths as little as a question's filter does.
                shapes.addAll(shapes(node, key.split("\\.", -1)));
            }
            for (JsonNode shape : shapes) {
                either.add("d.metadata @> ?::jsonb");
                parameters.add(json(shape));
            }
        }
        condition.append(" AND (").append(String.join(" OR ", either)).append(')');
    }

    private static List<?> values(Object value) {
        return value instanceof List<?> list ? list : Collections.singletonList(value);
    }

    /** A value stands at its path, or is an element of a list there; the last object of the path may be one, too. */
    private static List<JsonNode> shapes(JsonNode value, String... path) {
        List<JsonNode> shapes = either(value);
        for (int i = path.length - 1; i >= 0; i--) {
            String key = path[i];
            boolean innermost = i == path.length - 1;
            boolean outermost = i == 0;
            shapes = shapes.stream()
                    .map(inner ->
                            (JsonNode) JsonNodeFactory.instance.objectNode().set(key, inner))
                    .flatMap(object -> innermost && !outermost ? either(object).stream() : Stream.of(object))
                    .toList();
        }
        return shapes;
    }

    private static List<JsonNode> either(JsonNode value) {
        return List.of(value, JsonNodeFactory.instance.arrayNode().add(value));
    }

    private static String json(JsonNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static UserException wrong(String key, String what) {
        return new UserException("filter: \"" + key + "\" " + what);
    }
}
