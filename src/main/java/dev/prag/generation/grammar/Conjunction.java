package dev.prag.generation.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Schemas that all have to hold, made into one. */
record Conjunction(References references) {
    /** How deep parts are looked into, so that those that hold themselves come to an end. */
    private static final int DEEPEST = 16;

    private static final Set<String> LOWER = Set.of("minLength", "minItems", "minimum", "exclusiveMinimum");
    private static final Set<String> UPPER = Set.of("maxLength", "maxItems", "maximum", "exclusiveMaximum");

    /** The schema that stands for one with {@code allOf}, or with keywords beside a {@code $ref}. */
    JsonNode merged(Keywords keywords) {
        List<ObjectNode> parts = new ArrayList<>();
        collect(keywords.schema(), keywords, parts, 0);
        return parts.stream().reduce((a, b) -> both(a, b, keywords)).orElseThrow();
    }

    private void collect(JsonNode schema, Keywords at, List<ObjectNode> parts, int depth) {
        if (schema.equals(BooleanNode.TRUE)) {
            return;
        }
        if (!schema.isObject() || depth > DEEPEST) {
            throw at.wrong(
                    "a part of allOf is " + (depth > DEEPEST ? "a part of itself" : schema), "write it as one schema");
        }
        ObjectNode own = ((ObjectNode) schema).objectNode();
        for (Iterator<Map.Entry<String, JsonNode>> fields = schema.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            switch (field.getKey()) {
                case "$ref" -> collect(references.target(new Keywords(schema, at.path())), at, parts, depth + 1);
                case "allOf" -> {
                    List<JsonNode> all = new Keywords(schema, at.path()).list("allOf");
                    if (all.isEmpty()) {
                        throw at.wrong("allOf is empty", "give at least one schema");
                    }
                    all.forEach(part -> collect(part, at, parts, depth + 1));
                }
                default -> {
                    if (!Keywords.isAnnotation(field.getKey())) {
                        own.set(field.getKey(), field.getValue());
                    }
                }
            }
        }
        parts.add(own);
    }

    private static ObjectNode both(ObjectNode a, ObjectNode b, Keywords at) {
        requireNoneClosed(a, b, at);
        requireNoneClosed(b, a, at);
        ObjectNode both = a.deepCopy();
        b.fields().forEachRemaining(field -> {
            String keyword = field.getKey();
            JsonNode there = both.get(keyword);
            both.set(keyword, there == null ? field.getValue() : one(keyword, there, field.getValue(), at));
        });
        return both;
    }

    /** A part that allows its own properties alone forbids those of the other. */
    private static void requireNoneClosed(ObjectNode part, ObjectNode other, Keywords at) {
        if (!part.path("additionalProperties").equals(BooleanNode.FALSE)) {
            return;
        }
        for (Iterator<String> names = other.path("properties").fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!part.path("properties").has(name)) {
                throw at.wrong(
                        "a part of allOf has additionalProperties false, and not the property " + name
                                + " of another part",
                        "leave additionalProperties out there");
            }
        }
    }

    private static JsonNode one(String keyword, JsonNode a, JsonNode b, Keywords at) {
        if (a.equals(b)) {
            return a;
        }
        JsonNodeFactory json = JsonNodeFactory.instance;
        if (LOWER.contains(keyword) && a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue()) >= 0 ? a : b;
        }
        if (UPPER.contains(keyword) && a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue()) <= 0 ? a : b;
        }
        switch (keyword) {
            case "type" -> {
                return types(a, b, at);
            }
            case "properties" -> {
                ObjectNode all = a.deepCopy();
                b.fields().forEachRemaining(property -> {
                    JsonNode there = all.get(property.getKey());
                    all.set(property.getKey(), there == null ? property.getValue() : allOf(there, property.getValue()));
                });
                return all;
            }
            case "required" -> {
                Set<JsonNode> names = new LinkedHashSet<>();
                a.forEach(names::add);
                b.forEach(names::add);
                return json.arrayNode().addAll(names);
            }
            case "enum" -> {
                ArrayNode common = json.arrayNode();
                a.forEach(value -> {
                    for (JsonNode other : b) {
                        if (value.equals(other)) {
                            common.add(value);
                        }
                    }
                });
                return common;
            }
            case "items", "additionalProperties" -> {
                if (a.isObject() && b.isObject()) {
                    return allOf(a, b);
                }
                boolean none = a.equals(BooleanNode.FALSE) || b.equals(BooleanNode.FALSE);
                return none ? BooleanNode.FALSE : a.isBoolean() ? b : a;
            }
            default ->
                throw at.wrong(
                        "parts of allOf have different " + keyword + ", " + a + " and " + b,
                        "write them as one schema");
        }
    }

    private static JsonNode allOf(JsonNode a, JsonNode b) {
        if (a.equals(b)) {
            return a;
        }
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        all.putArray("allOf").add(a).add(b);
        return all;
    }

    /** Types of both, where whole numbers are numbers. */
    private static JsonNode types(JsonNode a, JsonNode b, Keywords at) {
        Set<String> left = names(a);
        Set<String> right = names(b);
        Set<String> common = new TreeSet<>(left);
        common.retainAll(right);
        if (left.contains("number") && right.contains("integer")
                || left.contains("integer") && right.contains("number")) {
            common.add("integer");
        }
        if (common.isEmpty()) {
            throw at.wrong(
                    "no value has the types " + a + " and " + b, "give parts of allOf that have a type in common");
        }
        ArrayNode types = JsonNodeFactory.instance.arrayNode();
        common.forEach(types::add);
        return types;
    }

    private static Set<String> names(JsonNode type) {
        Set<String> names = new TreeSet<>();
        if (type.isArray()) {
            type.forEach(name -> names.add(name.asText()));
        } else {
            names.add(type.asText());
        }
        return names;
    }
}
