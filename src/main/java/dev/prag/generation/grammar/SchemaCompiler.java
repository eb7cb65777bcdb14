package dev.prag.generation.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import dev.prag.base.UserException;
import dev.prag.generation.grammar.Numbers.Bound;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the rules of a schema. */
final class SchemaCompiler {
    private static final Set<String> OBJECT = Set.of("type", "properties", "required", "additionalProperties");
    private static final Set<String> ARRAY = Set.of("type", "items", "prefixItems", "minItems", "maxItems");
    private static final Set<String> STRING = Set.of("type", "minLength", "maxLength", "pattern", "format");
    private static final Set<String> NUMBER =
            Set.of("type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format");

    private final JsonNode root;
    private final TokenTrie trie;
    private final Punctuation marks;
    private final References references;
    /** By identity: the same place of a schema is one rule, however often it is referred to. */
    private final Map<JsonNode, Rule> bySchema = new IdentityHashMap<>();

    private final List<Rule> rules = new ArrayList<>();
    private Rule any;

    SchemaCompiler(JsonNode root, TokenTrie trie) {
        this.root = root;
        this.trie = trie;
        marks = Punctuation.of(trie);
        references = new References(root);
    }

    /**
     * The rule of the whole schema.
     *
     * @throws UserException naming what isn't supported or can't be fulfilled
     */
    Rule compile() {
        Rule whole = value(root, "");
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Rule rule : rules) {
                changed |= rule.settle();
            }
        }
        bySchema.values().forEach(this::requireProgress);
        if (whole.cost() >= Costs.ENDLESS) {
            throw new UserException("the schema holds itself without an end, so no value fits; make what refers back "
                    + "optional, or give another choice");
        }
        return whole;
    }

    /** Refuses rules that stand for themselves before a byte was read. */
    private void requireProgress(Rule rule) {
        Set<Rule> reached = new HashSet<>();
        List<Rule> open = new ArrayList<>(rule.first());
        while (!open.isEmpty()) {
            Rule next = open.removeLast();
            if (next == rule) {
                throw new UserException(
                        "the schema: a $ref leads back to itself with nothing in between; " + "refer to another place");
            }
            if (reached.add(next)) {
                open.addAll(next.first());
            }
        }
    }

    private Rule rule() {
        Rule rule = new Rule();
        rules.add(rule);
        return rule;
    }

    private Rule value(JsonNode schema, String path) {
        if (schema.isBoolean() && schema.booleanValue()) {
            return any();
        }
        if (!schema.isObject()) {
            throw new Keywords(schema, path).wrong("it is " + schema, "give an object with keywords");
        }
        Rule known = bySchema.get(schema);
        if (known != null) {
            return known;
        }
        Rule rule = rule();
        bySchema.put(schema, rule);
        fill(rule, new Keywords(schema, path));
        return rule;
    }

    private void fill(Rule rule, Keywords keywords) {
        if (keywords.has("allOf") || keywords.has("$ref") && !keywords.isOnly("$ref")) {
            JsonNode merged = new Conjunction(references).merged(keywords);
            fill(rule, new Keywords(merged, keywords.path()));
        } else if (keywords.has("$ref")) {
            rule.add(value(
                    references.target(keywords), keywords.schema().get("$ref").textValue()));
        } else if (keywords.has("const") || keywords.has("enum")) {
            keywords.allow(Set.of("type", "const", "enum"));
            rule.add(literals(Values.of(keywords)));
        } else if (keywords.has("anyOf")) {
            keywords.allow(Set.of("anyOf"));
            choice(rule, keywords, "anyOf");
        } else if (keywords.has("oneOf")) {
            keywords.allow(Set.of("oneOf"));
            new Distinction(references).require(keywords);
            choice(rule, keywords, "oneOf");
        } else {
            typed(rule, keywords);
        }
    }

    private void choice(Rule rule, Keywords keywords, String keyword) {
        List<JsonNode> branches = keywords.list(keyword);
        if (branches.isEmpty()) {
            throw keywords.wrong(keyword + " is empty", "give at least one schema");
        }
        for (int i = 0; i < branches.size(); i++) {
            rule.add(value(branches.get(i), keywords.path() + "/" + keyword + "/" + i));
        }
    }

    private void typed(Rule rule, Keywords keywords) {
        Set<String> types = keywords.types();
        Set<String> allowed = new HashSet<>(Set.of("type"));
        for (String type : types) {
            switch (type) {
                case "object" -> allowed.addAll(OBJECT);
                case "array" -> allowed.addAll(ARRAY);
                case "string" -> allowed.addAll(STRING);
                case "number", "integer" -> allowed.addAll(NUMBER);
                default -> {}
            }
        }
        keywords.allow(allowed);
        if (types.isEmpty()) {
            rule.add(any());
        }
        for (String type : types) {
            switch (type) {
                case "object" -> object(rule, keywords);
                case "array" -> array(rule, keywords);
                case "string" -> rule.add(string(keywords));
                case "number" -> rule.add(number(keywords, false));
                case "integer" -> {
                    if (!types.contains("number")) {
                        rule.add(number(keywords, true));
                    }
                }
                case "boolean" -> rule.add(literals(List.of("true", "false")));
                default -> rule.add(literals(List.of("null")));
            }
        }
    }

    private static Frame string(Keywords keywords) {
        int least = keywords.count("minLength", 0);
        int most = keywords.count("maxLength", StringLeaf.UNBOUNDED);
        if (least > most) {
            throw keywords.wrong("minLength is above maxLength, so no string fits", "swap them");
        }
        List<String> patterns = new ArrayList<>();
        if (keywords.has("pattern")) {
            patterns.add(keywords.text("pattern"));
        }
        if (keywords.has("format")) {
            patterns.add(Formats.pattern(keywords.text("format"), keywords));
        }
        patterns.removeIf(String::isEmpty);
        return patterns.isEmpty()
                ? StringLeaf.start(least, most)
                : new PatternString(keywords::wrong)
                        .automaton(patterns, least, most)
                        .orElseThrow(
                                () -> keywords.wrong("no string fits its pattern, format and lengths", "widen them"));
    }

    private static Frame number(Keywords keywords, boolean whole) {
        Bound least = stricter(keywords, "minimum", "exclusiveMinimum", 1);
        Bound most = stricter(keywords, "maximum", "exclusiveMaximum", -1);
        if (keywords.has("format") && Formats.isInt32(keywords.text("format"), keywords)) {
            least = stricter(least, new Bound(BigDecimal.valueOf(Integer.MIN_VALUE), false), 1);
            most = stricter(most, new Bound(BigDecimal.valueOf(Integer.MAX_VALUE), false), -1);
        }
        return new Numbers(whole, least, most, keywords.multipleOf())
                .automaton()
                .orElseThrow(() -> keywords.wrong("no number fits between its bounds", "widen them"));
    }

    /** The one of two bounds that counts; null if there is none. */
    private static Bound stricter(Keywords keywords, String inclusive, String exclusive, int direction) {
        BigDecimal in = keywords.number(inclusive);
        BigDecimal out = keywords.number(exclusive);
        return stricter(in == null ? null : new Bound(in, false), out == null ? null : new Bound(out, true), direction);
    }

    private static Bound stricter(Bound in, Bound out, int direction) {
        if (in == null || out == null) {
            return in == null ? out : in;
        }
        int further = direction * out.value().compareTo(in.value());
        return further > 0 || further == 0 && out.exclusive() ? out : in;
    }

    private void array(Rule rule, Keywords keywords) {
        List<Frame> first = new ArrayList<>();
        List<JsonNode> prefix = keywords.list("prefixItems");
        for (int i = 0; i < prefix.size(); i++) {
            first.add(value(prefix.get(i), keywords.path() + "/prefixItems/" + i));
        }
        int least = keywords.count("minItems", 0);
        int most = keywords.count("maxItems", Elements.NO_MOST);
        JsonNode items = keywords.schema().path("items");
        boolean closed = items.isMissingNode() ? !first.isEmpty() : items.isBoolean() && !items.booleanValue();
        if (closed) {
            most = Math.min(most, first.size());
        }
        if (least > most) {
            throw keywords.wrong(
                    "no array has at least " + least + " and at most " + most + " elements",
                    "mend minItems, maxItems or items");
        }
        Frame others = closed || items.isMissingNode() ? any() : value(items, keywords.path() + "/items");
        Elements.Shape shape = new Elements.Shape(List.copyOf(first), others, least, most, marks);
        rule.add(marks.openArray(), marks.space(), new Elements(shape, 0));
    }

    private void object(Rule rule, Keywords keywords) {
        JsonNode listed = keywords.schema().path("properties");
        if (keywords.has("properties") && !listed.isObject()) {
            throw keywords.wrong("properties is " + listed, "give an object with a schema for each name");
        }
        JsonNode others = keywords.schema().path("additionalProperties");
        boolean open = others.isMissingNode() ? listed.isMissingNode() : !others.equals(BooleanNode.FALSE);
        Frame other = !open
                ? null
                : others.isMissingNode() ? any() : value(others, keywords.path() + "/additionalProperties");
        Set<String> required = Set.copyOf(keywords.names("required"));
        Map<String, Frame> properties = new LinkedHashMap<>();
        listed.fields()
                .forEachRemaining(property -> properties.put(
                        property.getKey(),
                        value(property.getValue(), keywords.path() + "/properties/" + property.getKey())));
        for (String name : keywords.names("required")) {
            if (!properties.containsKey(name)) {
                if (!open) {
                    throw keywords.wrong(name + " is required, and not among the properties", "add it there");
                }
                properties.put(name, other);
            }
        }
        new ObjectRules(this::rule, this::literals, marks).add(rule, properties, required, other);
    }

    private Frame literals(List<String> texts) {
        return Automata.literals(
                texts.stream()
                        .map(text -> text.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                trie);
    }

    /** Any JSON value. */
    private Rule any() {
        if (any == null) {
            any = rule();
            Rule object = rule();
            any.add(object);
            new ObjectRules(this::rule, this::literals, marks).add(object, Map.of(), Set.of(), any);
            Elements.Shape shape = new Elements.Shape(List.of(), any, 0, Elements.NO_MOST, marks);
            any.add(marks.openArray(), marks.space(), new Elements(shape, 0));
            any.add(StringLeaf.start(0, StringLeaf.UNBOUNDED));
            any.add(new Numbers(false, null, null, null).automaton().orElseThrow());
            any.add(literals(List.of("true", "false", "null")));
        }
        return any;
    }
}
