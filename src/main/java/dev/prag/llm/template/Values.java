package dev.prag.llm.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Python's values as Java objects: None is null, bool Boolean, int Long or (past 64 bits) BigInteger, float Double, str
 * String, list List, tuple {@link Tuple}, dict Map.
 */
final class Values {
    private Values() {}

    /** A JSON-like value from outside as one of a template's. */
    static Object of(Object value) {
        return of(value, UnaryOperator.identity());
    }

    /** The same with each text in it, and each key, changed. */
    static Object of(Object value, UnaryOperator<String> text) {
        return switch (value) {
            case null -> null;
            case Integer i -> i.longValue();
            case Short s -> s.longValue();
            case Byte b -> b.longValue();
            case Float f -> Double.valueOf(f.toString());
            case BigDecimal d -> d.doubleValue();
            case BigInteger i -> Numbers.normal(i);
            case CharSequence s -> text.apply(s.toString());
            case Tuple t -> t;
            case Map<?, ?> map -> {
                Map<Object, Object> copy = LinkedHashMap.newLinkedHashMap(map.size());
                map.forEach((k, v) -> copy.put(of(k, text), of(v, text)));
                yield copy;
            }
            case Collection<?> items -> {
                List<Object> copy = new ArrayList<>(items.size());
                items.forEach(item -> copy.add(of(item, text)));
                yield copy;
            }
            default -> value;
        };
    }

    static boolean isTrue(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean b -> b;
            case Long l -> l != 0;
            case Double d -> d != 0;
            case String s -> !s.isEmpty();
            case Collection<?> c -> !c.isEmpty();
            case Map<?, ?> m -> !m.isEmpty();
            case View v -> !v.elements().isEmpty();
            case Undefined u -> false;
            default -> true;
        };
    }

    /** As {@code str(value)}: what printing gives. */
    static String str(Object value) {
        return switch (value) {
            case String s -> s;
            case Undefined u -> "";
            case null, default -> repr(value);
        };
    }

    /** As {@code repr(value)}. */
    static String repr(Object value) {
        return switch (value) {
            case null -> "None";
            case Boolean b -> b ? "True" : "False";
            case Double d -> Numbers.repr(d);
            case String s -> Text.quoted(s);
            case Undefined u -> "Undefined";
            case Range r -> r.toString();
            case Tuple t -> t.size() == 1 ? "(" + repr(t.getFirst()) + ",)" : sequence(t, "(", ")");
            case List<?> l -> sequence(l, "[", "]");
            case Map<?, ?> m -> dict(m);
            case View v -> v.type() + "(" + sequence(v.elements(), "[", "]") + ")";
            case Namespace n -> "<Namespace " + dict(n.attributes()) + ">";
            case Generator g -> "<generator object>";
            case Macro m -> "<Macro '" + m.name() + "'>";
            case Loop l -> "<LoopContext " + l.index() + "/" + l.length() + ">";
            case Callable c -> "<function>";
            default -> value.toString();
        };
    }

    private static String sequence(List<?> items, String open, String close) {
        StringBuilder out = new StringBuilder(open);
        for (Object item : items) {
            out.append(out.length() > open.length() ? ", " : "").append(repr(item));
            Budget.spend(1);
            Budget.check(out);
        }
        return out.append(close).toString();
    }

    private static String dict(Map<?, ?> map) {
        StringBuilder out = new StringBuilder("{");
        map.forEach((k, v) -> {
            out.append(out.length() > 1 ? ", " : "")
                    .append(repr(k))
                    .append(": ")
                    .append(repr(v));
            Budget.spend(1);
            Budget.check(out);
        });
        return out.append('}').toString();
    }

    /** The Python type's name, for messages. */
    static String typeName(Object value) {
        return switch (value) {
            case null -> "NoneType";
            case Boolean b -> "bool";
            case Long l -> "int";
            case BigInteger i -> "int";
            case Double d -> "float";
            case String s -> "str";
            case Undefined u -> "Undefined";
            case Range r -> "range";
            case Tuple t -> "tuple";
            case List<?> l -> "list";
            case Map<?, ?> m -> "dict";
            case View v -> v.type();
            case Namespace n -> "Namespace";
            case Generator g -> "generator";
            case Loop l -> "LoopContext";
            case Macro m -> "Macro";
            case Callable c -> "function";
            default -> value.getClass().getSimpleName();
        };
    }

    /** As error messages about a missing attribute call an object. */
    static String describe(Object value) {
        return value == null ? "None" : typeName(value) + " object";
    }

    /** What a for loop goes through. */
    static Iterator<Object> iterate(Object value) {
        return switch (value) {
            case String s -> Text.characters(s).iterator();
            case Map<?, ?> m -> new ArrayList<Object>(m.keySet()).iterator();
            case Undefined u -> List.<Object>of().iterator();
            case List<?> l -> new ArrayList<Object>(l).iterator();
            case View v -> v.iterator();
            case Generator g -> g.iterator();
            case null, default -> throw new TemplateException("'" + typeName(value) + "' object is not iterable");
        };
    }

    static boolean isIterable(Object value) {
        return value instanceof String
                || value instanceof Map<?, ?>
                || value instanceof Undefined
                || value instanceof Iterable<?>;
    }

    static List<Object> list(Object value) {
        List<Object> items = new ArrayList<>();
        iterate(value).forEachRemaining(item -> {
            Budget.spend(1);
            items.add(item);
        });
        return items;
    }

    static long length(Object value) {
        return switch (value) {
            case String s -> Text.length(s);
            case Collection<?> c -> c.size();
            case Map<?, ?> m -> m.size();
            case View v -> v.elements().size();
            case Undefined u -> 0;
            case null, default -> throw new TemplateException("object of type '" + typeName(value) + "' has no len()");
        };
    }

    /** An argument that must be a whole number of reasonable size. */
    static int index(Object value, String what) {
        if (value instanceof Boolean b) {
            return b ? 1 : 0;
        }
        if (value instanceof Long l) {
            return (int) Math.clamp(l, Integer.MIN_VALUE + 1, Integer.MAX_VALUE);
        }
        throw used(value, what + " must be an integer, not '" + typeName(value) + "'");
    }

    /** An argument that must be text. */
    static String text(Object value, String what) {
        if (value instanceof String s) {
            return s;
        }
        throw used(value, what + " must be a string, not '" + typeName(value) + "'");
    }

    /** The error of using a value wrongly; for an undefined one that it is undefined. */
    static TemplateException used(Object value, String reason) {
        return value instanceof Undefined undefined ? undefined.error() : new TemplateException(reason);
    }
}
