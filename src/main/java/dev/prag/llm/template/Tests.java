package dev.prag.llm.template;

import java.math.BigInteger;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** Jinja's tests, what stands after {@code is}. */
final class Tests {
    private static final Map<String, Test> ALL = all();

    @FunctionalInterface
    private interface Test {
        boolean test(Object value, Args args);
    }

    private Tests() {}

    static boolean isKnown(String name) {
        return ALL.containsKey(name);
    }

    static boolean test(String name, Object value, Args args) {
        Test test = ALL.get(name);
        if (test == null) {
            throw new TemplateException("the test '" + name + "' is not supported");
        }
        return test.test(value, args);
    }

    private static Map<String, Test> all() {
        Map<String, Test> all = new HashMap<>();
        plain(all, "defined", v -> !(v instanceof Undefined));
        plain(all, "undefined", v -> v instanceof Undefined);
        plain(all, "none", v -> v == null);
        plain(all, "boolean", v -> v instanceof Boolean);
        plain(all, "true", v -> Boolean.TRUE.equals(v));
        plain(all, "false", v -> Boolean.FALSE.equals(v));
        plain(all, "integer", v -> v instanceof Long || v instanceof BigInteger);
        plain(all, "float", v -> v instanceof Double);
        plain(all, "number", Numbers::isNumber);
        plain(all, "string", v -> v instanceof String);
        plain(all, "mapping", v -> v instanceof Map<?, ?>);
        plain(
                all,
                "sequence",
                v -> v instanceof String
                        || v instanceof Map<?, ?>
                        || v instanceof Collection<?>
                        || v instanceof Undefined);
        plain(all, "iterable", Values::isIterable);
        plain(all, "callable", v -> v instanceof Callable || v instanceof Undefined);
        plain(all, "escaped", v -> false);
        plain(all, "lower", v -> hasCase(Values.str(v), false));
        plain(all, "upper", v -> hasCase(Values.str(v), true));
        plain(all, "odd", v -> Operators.equal(Operators.binary("%", v, 2L), 1L));
        plain(all, "even", v -> Operators.equal(Operators.binary("%", v, 2L), 0L));
        plain(all, "filter", v -> v instanceof String name && Filters.isKnown(name));
        plain(all, "test", v -> v instanceof String name && isKnown(name));
        all.put(
                "divisibleby",
                (value, args) -> Operators.equal(Operators.binary("%", value, args.bind(1, "num")[0]), 0L));
        all.put("sameas", (value, args) -> same(value, args.bind(1, "other")[0]));
        for (Map.Entry<String, List<String>> comparison : Map.of(
                        "==", List.of("eq", "equalto", "=="),
                        "!=", List.of("ne", "!="),
                        "<", List.of("lt", "lessthan", "<"),
                        "<=", List.of("le", "<="),
                        ">", List.of("gt", "greaterthan", ">"),
                        ">=", List.of("ge", ">="),
                        "in", List.of("in"))
                .entrySet()) {
            for (String name : comparison.getValue()) {
                all.put(name, (value, args) -> Operators.compare(comparison.getKey(), value, args.bind(1, "other")[0]));
            }
        }
        return all;
    }

    private static void plain(Map<String, Test> all, String name, Predicate<Object> holds) {
        all.put(name, (value, args) -> {
            args.none();
            return holds.test(value);
        });
    }

    private static boolean hasCase(String text, boolean upper) {
        String folded = upper ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT);
        String other = upper ? text.toLowerCase(Locale.ROOT) : text.toUpperCase(Locale.ROOT);
        return text.equals(folded) && !text.equals(other);
    }

    private static boolean same(Object left, Object right) {
        boolean plain = left == null || left instanceof Boolean || left instanceof Long || left instanceof String;
        return left == right
                || plain && right != null && left != null && left.getClass() == right.getClass() && left.equals(right);
    }
}
