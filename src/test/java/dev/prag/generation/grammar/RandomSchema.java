package dev.prag.generation.grammar;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;

/** Schemas of all kinds; the same for the same seed. */
final class RandomSchema {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> NAMES =
            List.of("a", "ab", "name", "full_answer", "größe", "日本", "q\"uote", "back\\slash", "😀", "line\nbreak");
    private static final List<String> TEXTS =
            List.of("", "yes", "no", "maybe\"so", "ünï", "日本語", "😀😃", "a\\b", "tab\there", "yes or no");

    private static final List<String> PATTERNS = List.of(
            "^[a-z]{2,5}$",
            "a+b",
            "^(?:yes|no)?$",
            "[0-9]{3}-[0-9]{4}",
            "^\\p{Lu}\\p{Ll}+$",
            "^[^\"]*\"$",
            "\\\\",
            "^.{3,6}$",
            "é|日|😀",
            "^\\s*\\w+\\s*$",
            "^a|b$",
            "[\\u0000-\\u001f]");
    /** Without email, of which the validator knows the domains that there are. */
    private static final List<String> FORMATS =
            List.of("date-time", "date", "time", "duration", "hostname", "ipv4", "ipv6", "uri", "uuid", "password");

    private final Random random;

    RandomSchema(long seed) {
        random = new Random(seed);
    }

    ObjectNode next() {
        ObjectNode schema = schema(3);
        if (random.nextInt(4) == 0) {
            // A tree: what refers back is optional.
            ObjectNode node = JSON.objectNode().put("type", "object");
            ObjectNode properties = node.putObject("properties");
            properties.set("value", schema);
            ObjectNode children = properties.putObject("children").put("type", "array");
            children.putObject("items").put("$ref", "#/$defs/node");
            children.put("maxItems", 1 + random.nextInt(3));
            node.putArray("required").add("value");
            ObjectNode root = JSON.objectNode();
            root.putObject("$defs").set("node", node);
            return root.put("$ref", "#/$defs/node");
        }
        return schema;
    }

    private ObjectNode schema(int depth) {
        return switch (random.nextInt(depth == 0 ? 7 : 12)) {
            case 0, 1 -> string();
            case 2 -> numbers("integer");
            case 3 -> numbers("number");
            case 4 -> JSON.objectNode().put("type", random.nextBoolean() ? "boolean" : "null");
            case 5 -> enumeration();
            case 6 -> types();
            case 7 -> array(depth);
            case 8 -> random.nextInt(3) == 0 ? all(depth) : choice(depth);
            case 9 -> JSON.objectNode();
            default -> object(depth);
        };
    }

    private ObjectNode string() {
        ObjectNode schema = JSON.objectNode().put("type", "string");
        switch (random.nextInt(5)) {
            case 0 -> {
                schema.put("pattern", PATTERNS.get(random.nextInt(PATTERNS.size())));
                return random.nextBoolean() ? schema : schema.put("maxLength", 8 + random.nextInt(8));
            }
            case 1 -> {
                return schema.put("format", FORMATS.get(random.nextInt(FORMATS.size())));
            }
            default -> {}
        }
        int least = random.nextInt(6);
        if (random.nextBoolean()) {
            schema.put("minLength", least);
        }
        if (random.nextBoolean()) {
            schema.put("maxLength", least + random.nextInt(40));
        }
        return schema;
    }

    private ObjectNode numbers(String type) {
        ObjectNode schema = JSON.objectNode().put("type", type);
        if (random.nextBoolean()) {
            double least = random.nextInt(-200, 200) / (random.nextBoolean() ? 1.0 : 8.0);
            schema.put(random.nextBoolean() ? "minimum" : "exclusiveMinimum", least);
            if (random.nextBoolean()) {
                schema.put(
                        random.nextBoolean() ? "maximum" : "exclusiveMaximum", least + 2 + random.nextInt(1000) / 4.0);
            }
        } else if (random.nextBoolean()) {
            schema.put("maximum", random.nextInt(-2000, 2000));
        }
        if (random.nextInt(3) == 0) {
            schema.put("multipleOf", type.equals("integer") || random.nextBoolean() ? 1 + random.nextInt(2) : 0.25);
        }
        return schema;
    }

    private ObjectNode enumeration() {
        ObjectNode schema = JSON.objectNode();
        if (random.nextInt(3) == 0) {
            return schema.put("const", TEXTS.get(random.nextInt(TEXTS.size())));
        }
        ArrayNode values = schema.putArray("enum");
        for (int i = 0; i <= random.nextInt(4); i++) {
            values.add(TEXTS.get(random.nextInt(TEXTS.size())));
        }
        values.add(random.nextInt(100)).addNull().add(JSON.arrayNode().add(1).add("x"));
        return schema;
    }

    private ObjectNode types() {
        ObjectNode schema = JSON.objectNode();
        ArrayNode types = schema.putArray("type").add("null");
        types.add(random.nextBoolean() ? "string" : "integer");
        return schema.put("title", "of two types");
    }

    private ObjectNode array(int depth) {
        ObjectNode schema = JSON.objectNode().put("type", "array");
        int least = random.nextInt(3);
        if (random.nextInt(3) == 0) {
            ArrayNode first = schema.putArray("prefixItems");
            first.add(schema(depth - 1)).add(schema(depth - 1));
        } else {
            schema.set("items", schema(depth - 1));
            if (random.nextBoolean()) {
                schema.put("maxItems", least + random.nextInt(3));
            }
        }
        return random.nextBoolean() ? schema.put("minItems", least) : schema;
    }

    private ObjectNode choice(int depth) {
        ObjectNode schema = JSON.objectNode();
        boolean apart = random.nextBoolean();
        ArrayNode branches = schema.putArray(apart ? "oneOf" : "anyOf");
        for (int i = 0; i < 3; i++) {
            if (apart) {
                ObjectNode branch = object(depth);
                ((ObjectNode) branch.get("properties")).putObject("kind").put("const", "kind " + i);
                ((ArrayNode) branch.get("required")).add("kind");
                branches.add(branch);
            } else {
                branches.add(schema(depth - 1));
            }
        }
        return schema;
    }

    /** Objects that have all of what several say. */
    private ObjectNode all(int depth) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode parts = schema.putArray("allOf");
        for (int i = 0; i < 2; i++) {
            ObjectNode part = JSON.objectNode().put("type", "object");
            part.putObject("properties").set("part " + i, schema(depth - 1));
            part.putArray("required").add("part " + i);
            parts.add(part);
        }
        return schema;
    }

    private ObjectNode object(int depth) {
        ObjectNode schema = JSON.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            if (!properties.has(name)) {
                properties.set(name, schema(depth - 1));
                if (random.nextBoolean()) {
                    required.add(name);
                }
            }
        }
        switch (random.nextInt(4)) {
            case 0 -> schema.put("additionalProperties", false);
            case 1 -> schema.set("additionalProperties", schema(0));
            default -> {}
        }
        return schema;
    }
}
