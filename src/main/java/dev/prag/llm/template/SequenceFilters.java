package dev.prag.llm.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;

/** Jinja's filters on sequences and dicts. */
final class SequenceFilters {
    private SequenceFilters() {}

    static Map<String, Filters.Filter> all() {
        Map<String, Filters.Filter> all = new HashMap<>();
        all.put("length", (value, args) -> {
            args.none();
            return Values.length(value);
        });
        all.put("count", all.get("length"));
        all.put("list", (value, args) -> {
            args.none();
            return Values.list(value);
        });
        all.put("first", (value, args) -> {
            args.none();
            Iterator<Object> items = Values.iterate(value);
            return items.hasNext() ? items.next() : new Undefined("No first item, sequence was empty.");
        });
        all.put("last", (value, args) -> {
            args.none();
            List<Object> items = backwards(value);
            return items.isEmpty() ? new Undefined("No last item, sequence was empty.") : items.getFirst();
        });
        all.put("reverse", (value, args) -> {
            args.none();
            List<Object> items = value instanceof Generator ? Values.list(value).reversed() : backwards(value);
            if (!(value instanceof String)) {
                return new Generator(items.iterator());
            }
            StringBuilder text = new StringBuilder();
            items.forEach(text::append);
            return text.toString();
        });
        all.put("join", SequenceFilters::join);
        all.put("map", SequenceFilters::map);
        all.put("select", (value, args) -> select(value, args, false, true));
        all.put("reject", (value, args) -> select(value, args, false, false));
        all.put("selectattr", (value, args) -> select(value, args, true, true));
        all.put("rejectattr", (value, args) -> select(value, args, true, false));
        all.put("items", (value, args) -> {
            args.none();
            if (value instanceof Undefined) {
                return new Generator(Collections.emptyIterator());
            }
            if (!(value instanceof Map<?, ?> map)) {
                throw new TemplateException("Can only get item pairs from a mapping.");
            }
            return new Generator(Members.pairs(map).iterator());
        });
        all.put("dictsort", SequenceFilters::dictSort);
        all.put("sort", (value, args) -> {
            Object[] given = args.bind(0, "reverse", "case_sensitive", "attribute");
            List<Object> items = Values.list(value);
            Function<Object, Object> key = sortKey(given[2], Values.isTrue(Args.or(given[1], false)));
            sort(items, key, Values.isTrue(Args.or(given[0], false)));
            return items;
        });
        all.put("unique", SequenceFilters::unique);
        all.put("min", (value, args) -> extreme(value, args, false));
        all.put("max", (value, args) -> extreme(value, args, true));
        all.put("sum", (value, args) -> {
            Object[] given = args.bind(0, "attribute", "start");
            Object attribute = Args.or(given[0], null);
            Object total = Args.or(given[1], 0L);
            for (Object item : Values.list(value)) {
                total = Operators.binary("+", total, attribute == null ? item : Filters.path(item, attribute, null));
            }
            return total;
        });
        all.put("batch", SequenceFilters::batch);
        all.put("groupby", SequenceFilters::groupBy);
        return all;
    }

    /** The items from the last to the first; a generator can't be read that way. */
    private static List<Object> backwards(Object value) {
        if (value instanceof Undefined) {
            return List.of();
        }
        if (value instanceof Generator || !Values.isIterable(value)) {
            throw new TemplateException("'" + Values.typeName(value) + "' object is not reversible");
        }
        return Values.list(value).reversed();
    }

    private static Object join(Object value, Args args) {
        Object[] given = args.bind(0, "d", "attribute");
        String separator = Values.str(Args.or(given[0], ""));
        Object attribute = Args.or(given[1], null);
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Object item : Values.list(value)) {
            out.append(first ? "" : separator)
                    .append(Values.str(attribute == null ? item : Filters.path(item, attribute, null)));
            Budget.check(out);
            first = false;
        }
        return out.toString();
    }

    private static Object map(Object value, Args args) {
        Function<Object, Object> change;
        if (args.positional().isEmpty() && args.named().containsKey("attribute")) {
            Object[] given = args.bind(1, "attribute", "default");
            Object fallback = Args.or(given[1], null);
            change = item -> Filters.path(item, given[0], fallback);
        } else {
            if (args.positional().isEmpty()) {
                throw new TemplateException("map requires a filter argument");
            }
            String filter = Values.text(args.positional().getFirst(), "map's filter");
            Args rest = rest(filter, args, 1);
            change = item -> Filters.apply(filter, item, rest);
        }
        Iterator<Object> items = items(value);
        return new Generator(new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public Object next() {
                Budget.spend(1);
                return change.apply(items.next());
            }
        });
    }

    /** The items, none for what counts as false. */
    private static Iterator<Object> items(Object value) {
        return Values.isTrue(value) ? Values.iterate(value) : Collections.emptyIterator();
    }

    private static Args rest(String function, Args args, int from) {
        return new Args(
                function, args.positional().subList(from, args.positional().size()), args.named());
    }

    private static Object select(Object value, Args args, boolean byAttribute, boolean wanted) {
        int testAt = byAttribute ? 1 : 0;
        if (args.positional().size() < testAt) {
            throw new TemplateException("Missing parameter for attribute name");
        }
        Predicate<Object> holds;
        if (args.positional().size() > testAt) {
            String test = Values.text(args.positional().get(testAt), "the name of the test");
            Args rest = rest(test, args, testAt + 1);
            holds = item -> Tests.test(test, item, rest);
        } else {
            holds = Values::isTrue;
        }
        Object attribute = byAttribute ? args.positional().getFirst() : null;
        Iterator<Object> items = items(value);
        return new Generator(new Iterator<>() {
            private Object next = Args.MISSING;

            @Override
            public boolean hasNext() {
                while (next == Args.MISSING && items.hasNext()) {
                    Budget.spend(1);
                    Object item = items.next();
                    if (holds.test(byAttribute ? Filters.path(item, attribute, null) : item) == wanted) {
                        next = item;
                    }
                }
                return next != Args.MISSING;
            }

            @Override
            public Object next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Object item = next;
                next = Args.MISSING;
                return item;
            }
        });
    }

    /** What items are compared by: an attribute if there is one, text without case. */
    private static Function<Object, Object> key(Object attribute, boolean caseSensitive) {
        Object name = Args.or(attribute, null);
        Function<Object, Object> fold = caseSensitive ? v -> v : SequenceFilters::folded;
        return name == null ? fold : item -> fold.apply(Filters.path(item, name, null));
    }

    /** What items are sorted by, which may be several attributes with commas between. */
    private static Function<Object, Object> sortKey(Object attribute, boolean caseSensitive) {
        Object names = Args.or(attribute, null);
        if (names == null) {
            return key(null, caseSensitive);
        }
        List<Function<Object, Object>> keys = new ArrayList<>();
        for (Object name : names instanceof String text ? List.of((Object[]) text.split(",", -1)) : List.of(names)) {
            keys.add(key(name, caseSensitive));
        }
        return item -> {
            List<Object> parts = new ArrayList<>();
            keys.forEach(key -> parts.add(key.apply(item)));
            return parts;
        };
    }

    private static Object folded(Object value) {
        return value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
    }

    private static void sort(List<Object> items, Function<Object, Object> key, boolean descending) {
        Comparator<Object> order = (a, b) -> Operators.order("<", key.apply(a), key.apply(b));
        items.sort(descending ? order.reversed() : order);
    }

    private static Object dictSort(Object value, Args args) {
        Object[] given = args.bind(0, "case_sensitive", "by", "reverse");
        String by = Values.text(Args.or(given[1], "key"), "by");
        if (!by.equals("key") && !by.equals("value")) {
            throw new TemplateException("You can only sort by either \"key\" or \"value\"");
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw Values.used(value, "dictsort needs a dict, not " + Values.typeName(value));
        }
        boolean caseSensitive = Values.isTrue(Args.or(given[0], false));
        List<Object> pairs = Members.pairs(map);
        Function<Object, Object> key = pair -> {
            Object part = ((Tuple) pair).get(by.equals("key") ? 0 : 1);
            return caseSensitive ? part : folded(part);
        };
        sort(pairs, key, Values.isTrue(Args.or(given[2], false)));
        return pairs;
    }

    private static Object unique(Object value, Args args) {
        Object[] given = args.bind(0, "case_sensitive", "attribute");
        Function<Object, Object> key = key(given[1], Values.isTrue(Args.or(given[0], false)));
        List<Object> seen = new ArrayList<>();
        List<Object> kept = new ArrayList<>();
        for (Object item : Values.list(value)) {
            Object part = key.apply(item);
            if (seen.stream().noneMatch(other -> Operators.equal(other, part))) {
                seen.add(part);
                kept.add(item);
            }
        }
        return new Generator(kept.iterator());
    }

    private static Object extreme(Object value, Args args, boolean largest) {
        Object[] given = args.bind(0, "case_sensitive", "attribute");
        Function<Object, Object> key = key(given[1], Values.isTrue(Args.or(given[0], false)));
        Object best = new Undefined("No aggregated item, sequence was empty.");
        boolean first = true;
        for (Object item : Values.list(value)) {
            int order = first ? 0 : Operators.order(largest ? ">" : "<", key.apply(item), key.apply(best));
            if (first || (largest ? order > 0 : order < 0)) {
                best = item;
            }
            first = false;
        }
        return best;
    }

    private static Object batch(Object value, Args args) {
        Object[] given = args.bind(1, "linecount", "fill_with");
        int size = Values.index(given[0], "linecount");
        Object fill = Args.or(given[1], null);
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object item : Values.list(value)) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(item);
        }
        if (!batch.isEmpty()) {
            while (fill != null && batch.size() < Math.min(size, 10_000)) {
                batch.add(fill);
            }
            batches.add(batch);
        }
        return new Generator(batches.iterator());
    }

    private static Object groupBy(Object value, Args args) {
        Object[] given = args.bind(1, "attribute", "default", "case_sensitive");
        boolean caseSensitive = Values.isTrue(Args.or(given[2], false));
        Object fallback = Args.or(given[1], null);
        Function<Object, Object> read = item -> Filters.path(item, given[0], fallback);
        Function<Object, Object> key = caseSensitive ? read : item -> folded(read.apply(item));
        List<Object> items = Values.list(value);
        sort(items, key, false);
        List<Object> groups = new ArrayList<>();
        List<Object> group = new ArrayList<>();
        for (Object item : items) {
            if (group.isEmpty() || !Operators.equal(key.apply(group.getFirst()), key.apply(item))) {
                group = new ArrayList<>();
                groups.add(Tuple.of(read.apply(item), group));
            }
            group.add(item);
        }
        return groups;
    }
}
