package dev.prag.generation.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.UserException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** One object of a schema: its keywords, read with what may be wrong about them. */
record Keywords(JsonNode schema, String path) {
    /** Those that say nothing about a value. */
    private static final Set<String> ANNOTATIONS = Set.of(
            "title",
            "description",
            "default",
            "example",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly",
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions");

    static final Set<String> TYPES = Set.of("object", "array", "string", "integer", "number", "boolean", "null");

    boolean has(String keyword) {
        return schema.has(keyword);
    }

    static boolean isAnnotation(String keyword) {
        return ANNOTATIONS.contains(keyword);
    }

    /** Whether all others are annotations. */
    boolean isOnly(String keyword) {
        for (Iterator<String> names = schema.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!name.equals(keyword) && !isAnnotation(name)) {
                return false;
            }
        }
        return true;
    }

    /** Refuses what is neither an annotation nor among those. */
    void allow(Set<String> keywords) {
        for (Iterator<String> names = schema.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!keywords.contains(name) && !isAnnotation(name)) {
                throw wrong("the keyword " + name + " is not supported here", "leave it out, or say it another way");
            }
        }
    }

    /** The types named; those that the keywords speak of where none is; empty if they speak of none. */
    Set<String> types() {
        Set<String> types = new TreeSet<>();
        JsonNode type = schema.path("type");
        if (type.isTextual()) {
            types.add(type.textValue());
        } else if (type.isArray()) {
            type.forEach(t -> types.add(t.asText()));
        } else if (has("type")) {
            types.add(type.toString());
        }
        for (String name : types) {
            if (!TYPES.contains(name)) {
                throw wrong("the type " + name + " is none", "give one of " + String.join(", ", new TreeSet<>(TYPES)));
            }
        }
        if (!has("type")) {
            infer(types, "object", "properties", "required", "additionalProperties");
            infer(types, "array", "items", "prefixItems", "minItems", "maxItems");
            infer(types, "string", "minLength", "maxLength", "pattern", "format");
            infer(types, "number", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");
        } else if (types.isEmpty()) {
            throw wrong("type names no type", "name at least one");
        }
        return types;
    }

    private void infer(Set<String> types, String type, String... keywords) {
        for (String keyword : keywords) {
            if (has(keyword)) {
                types.add(type);
            }
        }
    }

    /** A number of characters or elements. */
    int count(String keyword, int otherwise) {
        if (!has(keyword)) {
            return otherwise;
        }
        JsonNode value = schema.get(keyword);
        if (!value.isNumber()
                || value.decimalValue().remainder(BigDecimal.ONE).signum() != 0
                || value.decimalValue().signum() < 0
                || value.decimalValue().compareTo(BigDecimal.valueOf(1_000_000_000)) > 0) {
            throw wrong(keyword + " is " + value, "give a whole number from 0 to 1000000000");
        }
        return value.decimalValue().intValue();
    }

    /** A number; null where there is none. */
    BigDecimal number(String keyword) {
        JsonNode value = schema.path(keyword);
        if (value.isMissingNode()) {
            return null;
        }
        if (!value.isNumber()
                || value.decimalValue().abs().compareTo(BigDecimal.TEN.pow(30)) > 0
                || value.decimalValue().scale() > 30) {
            throw wrong(keyword + " is " + value, "give a number of up to 30 digits");
        }
        return value.decimalValue();
    }

    /** What numbers are multiples of, without zeros at its end; null where they may be any. */
    BigDecimal multipleOf() {
        BigDecimal given = number("multipleOf");
        if (given == null) {
            return null;
        }
        if (given.signum() <= 0) {
            throw wrong("multipleOf is " + given, "give a number above 0");
        }
        BigDecimal shortest = given.stripTrailingZeros();
        BigDecimal multiple = shortest.scale() < 0 ? shortest.setScale(0) : shortest;
        if (multiple.unscaledValue().compareTo(BigInteger.valueOf(Numbers.MOST_REMAINDERS)) > 0
                || multiple.scale() > Numbers.MOST_DECIMALS) {
            throw wrong(
                    "multipleOf is " + given,
                    "give one of up to " + Numbers.MOST_REMAINDERS + ", its point left out, such as 0.25 or 60");
        }
        return multiple;
    }

    /** A text. */
    String text(String keyword) {
        JsonNode value = schema.get(keyword);
        if (!value.isTextual()) {
            throw wrong(keyword + " is " + value, "give it in quotes");
        }
        return value.textValue();
    }

    /** Names in an array. */
    List<String> names(String keyword) {
        List<String> names = new ArrayList<>();
        for (JsonNode name : list(keyword)) {
            if (!name.isTextual()) {
                throw wrong(keyword + " holds " + name, "give names in quotes");
            }
            names.add(name.textValue());
        }
        return names;
    }

    /** An array; without elements where there is none. */
    List<JsonNode> list(String keyword) {
        JsonNode list = schema.path(keyword);
        if (has(keyword) && !list.isArray()) {
            throw wrong(keyword + " is " + list, "give a list");
        }
        List<JsonNode> elements = new ArrayList<>();
        list.forEach(elements::add);
        return elements;
    }

    UserException wrong(String cause, String remedy) {
        return new UserException("the schema" + (path.isEmpty() ? "" : " at " + path) + ": " + cause + "; " + remedy);
    }
}
