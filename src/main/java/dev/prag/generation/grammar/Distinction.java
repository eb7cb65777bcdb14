package dev.prag.generation.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Whether schemas have no value in common, as far as that can be told from their types, fixed values and properties. */
record Distinction(References references) {
    /** How deep properties and choices are looked into. */
    private static final int DEEPEST = 16;

    /** Refuses a {@code oneOf} of which a value may fit two branches. */
    void require(Keywords keywords) {
        List<JsonNode> branches = keywords.list("oneOf");
        for (int i = 0; i < branches.size(); i++) {
            for (int j = i + 1; j < branches.size(); j++) {
                if (!apart(branches.get(i), branches.get(j), 0)) {
                    throw keywords.wrong(
                            "a value may fit both " + i + " and " + j + " of oneOf",
                            "use anyOf, or give each a required property with a const of its own");
                }
            }
        }
    }

    private boolean apart(JsonNode a, JsonNode b, int depth) {
        if (depth > DEEPEST || !a.isObject() || !b.isObject()) {
            return false;
        }
        List<JsonNode> as = branches(a);
        List<JsonNode> bs = branches(b);
        if (as != null || bs != null) {
            List<JsonNode> left = as == null ? List.of(a) : as;
            List<JsonNode> right = bs == null ? List.of(b) : bs;
            return left.stream().allMatch(x -> right.stream().allMatch(y -> apart(x, y, depth + 1)));
        }
        Keywords left = new Keywords(a, "");
        Keywords right = new Keywords(b, "");
        if (fixed(left) && fixed(right)) {
            return Values.nodes(left).stream()
                    .noneMatch(x -> Values.nodes(right).stream().anyMatch(y -> same(x, y)));
        }
        Set<String> common = types(left);
        common.retainAll(types(right));
        return common.isEmpty()
                || common.equals(Set.of("object")) && (differ(left, right, depth) || differ(right, left, depth));
    }

    /** The schemas that one stands for; null if it stands for itself. */
    private List<JsonNode> branches(JsonNode schema) {
        Keywords keywords = new Keywords(schema, "");
        if (keywords.has("$ref")) {
            return List.of(references.target(keywords));
        }
        for (String choice : List.of("anyOf", "oneOf", "allOf")) {
            if (keywords.has(choice)) {
                return keywords.list(choice);
            }
        }
        return null;
    }

    private static boolean fixed(Keywords keywords) {
        return keywords.has("const") || keywords.has("enum");
    }

    private static boolean same(JsonNode a, JsonNode b) {
        return a.isNumber() && b.isNumber() ? a.decimalValue().compareTo(b.decimalValue()) == 0 : a.equals(b);
    }

    /** Types of the values, where whole numbers are numbers. */
    private static Set<String> types(Keywords keywords) {
        Set<String> types = new TreeSet<>();
        if (fixed(keywords)) {
            Values.nodes(keywords).forEach(value -> types.add(Values.type(value)));
        } else {
            types.addAll(keywords.types());
            if (types.isEmpty()) {
                types.addAll(Keywords.TYPES);
            }
        }
        if (types.remove("integer")) {
            types.add("number");
        }
        return types;
    }

    /** Whether each object of the one has a property that the other's lack, or have other values for. */
    private boolean differ(Keywords one, Keywords other, int depth) {
        if (fixed(one) || fixed(other)) {
            return false;
        }
        for (String name : one.names("required")) {
            JsonNode here = one.schema().path("properties").path(name);
            JsonNode there = other.schema().path("properties").path(name);
            boolean closed = other.has("properties")
                    && (!other.has("additionalProperties")
                            || other.schema().get("additionalProperties").equals(BooleanNode.FALSE));
            if (there.isMissingNode() ? closed : apart(here, there, depth + 1)) {
                return true;
            }
        }
        return false;
    }
}
