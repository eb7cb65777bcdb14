package dev.prag.retrieval;

import dev.prag.base.UserException;
import dev.prag.retrieval.MetadataTerms.Ordered;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which passages may be found: those for which all conditions hold. It is part of the query, so that {@code k} passages
 * are found where so many pass, and changes no score.
 */
public record Filter(List<Condition> conditions) {
    /** Lets everything pass. */
    public static final Filter NONE = new Filter(List.of());

    /** The key of a document's id, where all others are paths of metadata. */
    static final String DOCUMENT = "@document";

    private static final int MOST_CONDITIONS = 100;
    private static final int MOST_VALUES = 1000;

    public Filter {
        conditions = List.copyOf(conditions);
    }

    /** What has to hold of a passage's document. */
    public sealed interface Condition {
        /** Its id is one of these. */
        record Documents(Set<String> ids) implements Condition {}

        /** Its metadata has one of these {@link MetadataTerms#term terms}. */
        record AnyOf(Set<String> terms) implements Condition {}

        /** Its metadata has an ordered value of that {@link Ordered#path path} within these bounds, both included. */
        record Between(String path, long from, long to) implements Condition {}
    }

    /**
     * Reads a filter from its JSON: an object whose keys are paths of metadata ({@code a.b} is {@code b} of the object
     * {@code a}) or {@code @document}, and whose values are a value, a list of values of which one suffices, or an object
     * of bounds ({@code gt}, {@code gte}, {@code lt}, {@code lte}) that are numbers or dates.
     *
     * @param json null is no filter
     * @throws UserException naming the key and what is wrong with it
     */
    public static Filter of(Map<String, Object> json) {
        if (json == null || json.isEmpty()) {
            return NONE;
        }
        if (json.size() > MOST_CONDITIONS) {
            throw new UserException("filter has " + json.size() + " keys; " + MOST_CONDITIONS + " are the most");
        }
        List<Condition> conditions = new ArrayList<>();
        json.forEach((key, value) -> conditions.add(condition(key, value)));
        return new Filter(conditions);
    }

    private static Condition condition(String key, Object value) {
        if (value instanceof Map<?, ?> bounds) {
            if (key.equals(DOCUMENT)) {
                throw wrong(key, "has bounds; give an id or a list of ids");
            }
            return Bounds.condition(key, bounds);
        }
        List<?> values = value instanceof List<?> list ? list : listOf(key, value);
        if (values.isEmpty()) {
            throw wrong(key, "is an empty list, which nothing passes; give a value");
        }
        if (values.size() > MOST_VALUES) {
            throw wrong(key, "has " + values.size() + " values; " + MOST_VALUES + " are the most");
        }
        Set<String> terms = new LinkedHashSet<>();
        for (Object one : values) {
            if (!(one instanceof String || one instanceof Number || one instanceof Boolean)) {
                throw wrong(key, "has a value that is no string, number, true or false");
            }
            terms.add(key.equals(DOCUMENT) ? one.toString() : MetadataTerms.term(key, one));
        }
        return key.equals(DOCUMENT) ? new Condition.Documents(terms) : new Condition.AnyOf(terms);
    }

    private static List<?> listOf(String key, Object value) {
        if (value == null) {
            throw wrong(key, "is null; give a value, a list of values, or an object of bounds");
        }
        return List.of(value);
    }

    static UserException wrong(String key, String what) {
        return new UserException("filter: \"" + key + "\" " + what);
    }

    /** The bounds of a range. */
    private static final class Bounds {
        private static final String NAMES = "gt, gte, lt and lte";

        private final String key;
        private Long from;
        private Long to;
        private Boolean numbers;

        private Bounds(String key) {
            this.key = key;
        }

        static Condition condition(String key, Map<?, ?> json) {
            Bounds bounds = new Bounds(key);
            json.forEach((name, bound) -> bounds.add(name.toString(), bound));
            if (json.isEmpty()) {
                throw wrong(key, "has no bounds; there are " + NAMES);
            }
            return new Condition.Between(
                    (bounds.numbers ? Ordered.number(key, 0) : Ordered.date(key, 0)).path(),
                    bounds.from == null ? Long.MIN_VALUE : bounds.from,
                    bounds.to == null ? Long.MAX_VALUE : bounds.to);
        }

        private void add(String name, Object bound) {
            if (bound instanceof Number number) {
                ordered(name, true);
                double value = number.doubleValue();
                set(
                        name,
                        sortable(value),
                        sortable(Math.nextUp(value)),
                        sortable(Math.nextDown(value)),
                        sortable(value));
            } else {
                Optional<DateSpan> date = bound instanceof String text ? DateSpan.of(text) : Optional.empty();
                DateSpan span = date.orElseThrow(() -> wrong(
                        key,
                        "has the bound " + bound
                                + ", which is no number and no date such as 2024-05-31 or 2024-05-31T12:00:00Z"));
                ordered(name, false);
                set(name, span.first(), span.last() + 1, span.first() - 1, span.last());
            }
        }

        private long sortable(double value) {
            return Ordered.number(key, value).value();
        }

        private void ordered(String name, boolean isNumber) {
            if (numbers != null && numbers != isNumber) {
                throw wrong(key, "has a number and a date as bounds (" + name + " is the second); give both alike");
            }
            numbers = isNumber;
        }

        private void set(String name, long gte, long gt, long lt, long lte) {
            switch (name) {
                case "gte" -> from = single(from, gte);
                case "gt" -> from = single(from, gt);
                case "lt" -> to = single(to, lt);
                case "lte" -> to = single(to, lte);
                default -> throw wrong(key, "has the bound " + name + "; there are " + NAMES);
            }
        }

        private Long single(Long before, long bound) {
            if (before != null) {
                throw wrong(key, "has two bounds of the same side; give one of each side");
            }
            return bound;
        }
    }
}
