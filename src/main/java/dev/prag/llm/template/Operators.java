package dev.prag.llm.template;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's operators on values of any type. */
final class Operators {
    private Operators() {}

    static Object binary(String operator, Object left, Object right) {
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.calculate(operator, left, right);
        }
        if (operator.equals("%") && left instanceof String format) {
            return Formats.percent(format, right instanceof Tuple t ? t : Tuple.of(right), right);
        }
        if (left instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (operator.equals("+")) {
            if (left instanceof String l && right instanceof String r) {
                Budget.make((long) l.length() + r.length());
                return l + r;
            }
            if (left instanceof List<?> l && right instanceof List<?> r && sameSequence(l, r)) {
                Budget.make((long) l.size() + r.size());
                List<Object> both = new ArrayList<>(l);
                both.addAll(r);
                return l instanceof Tuple ? new Tuple(both) : both;
            }
            if (left instanceof String && !(right instanceof Undefined)) {
                throw new TemplateException("can only concatenate str (not \"" + Values.typeName(right) + "\") to str");
            }
        }
        if (operator.equals("*")) {
            if (Numbers.isInt(right) && isRepeatable(left)) {
                return repeat(left, right);
            }
            if (Numbers.isInt(left) && isRepeatable(right)) {
                return repeat(right, left);
            }
        }
        throw Values.used(
                right,
                "unsupported operand type(s) for " + operator + ": '" + Values.typeName(left) + "' and '"
                        + Values.typeName(right) + "'");
    }

    private static boolean sameSequence(List<?> left, List<?> right) {
        return !(left instanceof Range) && !(right instanceof Range) && left instanceof Tuple == right instanceof Tuple;
    }

    private static boolean isRepeatable(Object value) {
        return value instanceof String || value instanceof List<?> && !(value instanceof Range);
    }

    private static Object repeat(Object value, Object times) {
        long count = Math.max(0, Values.index(times, "the factor"));
        Budget.make(count * Math.max(1, value instanceof String s ? s.length() : Values.length(value)));
        if (value instanceof String s) {
            return s.repeat((int) count);
        }
        List<Object> items = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            items.addAll((List<?>) value);
        }
        return value instanceof Tuple ? new Tuple(items) : items;
    }

    static Object unary(String operator, Object value) {
        if (!Numbers.isNumber(value)) {
            throw Values.used(value, "bad operand type for unary " + operator + ": '" + Values.typeName(value) + "'");
        }
        if (operator.equals("-")) {
            return Numbers.negate(value);
        }
        return value instanceof Double ? value : Numbers.normal(Numbers.big(value));
    }

    static boolean compare(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            default -> {
                if (isNaN(left) || isNaN(right)) {
                    yield false;
                }
                int order = order(operator, left, right);
                yield switch (operator) {
                    case "<" -> order < 0;
                    case "<=" -> order <= 0;
                    case ">" -> order > 0;
                    default -> order >= 0;
                };
            }
        };
    }

    private static boolean isNaN(Object value) {
        return value instanceof Double d && d.isNaN();
    }

    static boolean equal(Object left, Object right) {
        Budget.spend(1);
        if (left == null || right == null) {
            return left == right;
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return !isNaN(left) && !isNaN(right) && Numbers.compare(left, right) == 0;
        }
        if (left instanceof List<?> l && right instanceof List<?> r) {
            if (l instanceof Tuple != r instanceof Tuple || l instanceof Range != r instanceof Range) {
                return false;
            }
            if (l.size() != r.size()) {
                return false;
            }
            Iterator<?> other = r.iterator();
            for (Object item : l) {
                if (!equal(item, other.next())) {
                    return false;
                }
            }
            return true;
        }
        if (left instanceof Map<?, ?> l && right instanceof Map<?, ?> r) {
            return l.size() == r.size()
                    && l.entrySet().stream()
                            .allMatch(e -> r.containsKey(e.getKey()) && equal(e.getValue(), r.get(e.getKey())));
        }
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        return left.equals(right);
    }

    /** Less than, equal or greater than zero, as the left comes before, with or after the right. */
    static int order(String operator, Object left, Object right) {
        Budget.spend(1);
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right);
        }
        if (left instanceof String l && right instanceof String r) {
            return compareText(l, r);
        }
        if (left instanceof List<?> l && right instanceof List<?> r && sameSequence(l, r)) {
            for (int i = 0; i < Math.min(l.size(), r.size()); i++) {
                if (!equal(l.get(i), r.get(i))) {
                    return order(operator, l.get(i), r.get(i));
                }
            }
            return Integer.compare(l.size(), r.size());
        }
        if (left instanceof Undefined undefined) {
            throw undefined.error();
        }
        throw Values.used(
                right,
                "'" + operator + "' not supported between instances of '" + Values.typeName(left) + "' and '"
                        + Values.typeName(right) + "'");
    }

    /** By code points, which differs from Java's order past the basic plane. */
    private static int compareText(String left, String right) {
        int i = 0;
        while (i < left.length() && i < right.length()) {
            int l = left.codePointAt(i);
            int r = right.codePointAt(i);
            if (l != r) {
                return Integer.compare(l, r);
            }
            i += Character.charCount(l);
        }
        return Integer.compare(left.length(), right.length());
    }

    static boolean contains(Object container, Object item) {
        return switch (container) {
            case String s -> {
                if (!(item instanceof String part)) {
                    throw new TemplateException(
                            "'in <string>' requires string as left operand, not " + Values.typeName(item));
                }
                Budget.search(s, part);
                yield s.contains(part);
            }
            case Map<?, ?> m -> m.containsKey(key(item));
            case Collection<?> c -> c.stream().anyMatch(other -> equal(other, item));
            case View v -> v.elements().stream().anyMatch(other -> equal(other, item));
            case Undefined u -> false;
            case Generator g -> {
                boolean found = false;
                while (!found && g.iterator().hasNext()) {
                    found = equal(g.iterator().next(), item);
                }
                yield found;
            }
            case null, default ->
                throw new TemplateException("argument of type '" + Values.typeName(container) + "' is not iterable");
        };
    }

    /** A value as a key of a dict. */
    static Object key(Object value) {
        if (value instanceof Map<?, ?> || value instanceof List<?> && !(value instanceof Tuple)) {
            throw new TemplateException("unhashable type: '" + Values.typeName(value) + "'");
        }
        if (value instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1e15) {
            return d.longValue();
        }
        return value;
    }

    static Object slice(Object object, Object from, Object to, Object step) {
        if (object instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (!(object instanceof String) && !(object instanceof List<?>)) {
            throw new TemplateException("'" + Values.typeName(object) + "' object can't be sliced");
        }
        List<?> items = object instanceof List<?> l ? l : Text.characters((String) object);
        int stride = step == null ? 1 : Values.index(step, "a slice's step");
        if (stride == 0) {
            throw new TemplateException("slice step cannot be zero");
        }
        int size = items.size();
        Budget.make(size);
        int first = bound(from, stride > 0 ? 0 : size - 1, stride, size);
        int end = bound(to, stride > 0 ? size : -1, stride, size);
        List<Object> picked = new ArrayList<>();
        for (long i = first; stride > 0 ? i < end : i > end; i += stride) {
            picked.add(items.get((int) i));
        }
        if (object instanceof String) {
            StringBuilder text = new StringBuilder();
            picked.forEach(text::append);
            return text.toString();
        }
        return object instanceof Tuple ? new Tuple(picked) : picked;
    }

    private static int bound(Object value, int fallback, int stride, int size) {
        if (value == null) {
            return fallback;
        }
        int index = Values.index(value, "a slice's bound");
        if (index < 0) {
            index += size;
        }
        return stride > 0 ? Math.clamp(index, 0, size) : Math.clamp(index, -1, size - 1);
    }
}
