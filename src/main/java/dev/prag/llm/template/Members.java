package dev.prag.llm.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Attributes, methods and items of values. A dot tries the attribute first, brackets the item. */
final class Members {
    private static final Set<String> CHANGING_LIST =
            Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
    private static final Set<String> CHANGING_DICT = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private Members() {}

    static Object attribute(Object object, String name) {
        if (object instanceof Undefined undefined) {
            throw undefined.error();
        }
        Object member = member(object, name);
        if (member != Args.MISSING) {
            return member;
        }
        return object instanceof Map<?, ?> map && map.containsKey(name)
                ? map.get(name)
                : Undefined.member(object, name);
    }

    static Object item(Object object, Object key) {
        switch (object) {
            case Undefined undefined -> throw undefined.error();
            case Map<?, ?> map -> {
                boolean hashable = !(key instanceof Map<?, ?>) && (!(key instanceof List<?>) || key instanceof Tuple);
                if (hashable && map.containsKey(Operators.key(key))) {
                    return map.get(Operators.key(key));
                }
            }
            case List<?> list
            when isIndex(key) -> {
                int index = Values.index(key, "an index");
                int at = index < 0 ? index + list.size() : index;
                if (at >= 0 && at < list.size()) {
                    return list.get(at);
                }
            }
            case String text
            when isIndex(key) -> {
                int length = Text.length(text);
                int index = Values.index(key, "an index");
                int at = index < 0 ? index + length : index;
                if (at >= 0 && at < length) {
                    return Character.toString(text.codePointAt(text.offsetByCodePoints(0, at)));
                }
            }
            case null, default -> {}
        }
        if (key instanceof String name) {
            Object member = member(object, name);
            if (member != Args.MISSING) {
                return member;
            }
        }
        return Undefined.member(object, key);
    }

    private static boolean isIndex(Object key) {
        return key instanceof Long || key instanceof Boolean;
    }

    /** An attribute as Python's getattr finds it; {@link Args#MISSING} if there is none. */
    static Object member(Object object, String name) {
        if (name.startsWith("__") && name.endsWith("__")) {
            return Undefined.unsafe(object, name);
        }
        return switch (object) {
            case String text -> StringMethods.of(text, name);
            case Map<?, ?> map -> ofMap(map, name);
            case List<?> list -> ofList(list, name);
            case Namespace namespace ->
                namespace.attributes().containsKey(name)
                        ? namespace.attributes().get(name)
                        : Args.MISSING;
            case Loop loop -> loop.attribute(name);
            case Macro macro when name.equals("name") -> macro.name();
            case Double d
            when name.equals("is_integer") ->
                (Callable) args -> {
                    args.none();
                    return d == Math.rint(d) && !d.isInfinite();
                };
            case null, default -> Args.MISSING;
        };
    }

    private static Object ofMap(Map<?, ?> map, String name) {
        return switch (name) {
            case "items" ->
                (Callable) args -> {
                    args.none();
                    return new View("dict_items", pairs(map));
                };
            case "keys" ->
                (Callable) args -> {
                    args.none();
                    return new View("dict_keys", new ArrayList<>(map.keySet()));
                };
            case "values" ->
                (Callable) args -> {
                    args.none();
                    return new View("dict_values", new ArrayList<>(map.values()));
                };
            case "get" ->
                (Callable) args -> {
                    Object[] given = args.bind(1, "key", "default");
                    Object key = Operators.key(given[0]);
                    return map.containsKey(key) ? map.get(key) : Args.or(given[1], null);
                };
            case "copy" ->
                (Callable) args -> {
                    args.none();
                    return new LinkedHashMap<>(map);
                };
            default -> CHANGING_DICT.contains(name) ? Undefined.unsafe(map, name) : Args.MISSING;
        };
    }

    static List<Object> pairs(Map<?, ?> map) {
        List<Object> pairs = new ArrayList<>(map.size());
        map.forEach((k, v) -> pairs.add(Tuple.of(k, v)));
        return pairs;
    }

    private static Object ofList(List<?> list, String name) {
        return switch (name) {
            case "index" ->
                (Callable) args -> {
                    Object[] given = args.bind(1, "value");
                    for (int i = 0; i < list.size(); i++) {
                        if (Operators.equal(list.get(i), given[0])) {
                            return (long) i;
                        }
                    }
                    throw new TemplateException(Values.repr(given[0]) + " is not in " + Values.typeName(list));
                };
            case "count" ->
                (Callable) args -> {
                    Object[] given = args.bind(1, "value");
                    return list.stream()
                            .filter(item -> Operators.equal(item, given[0]))
                            .count();
                };
            case "copy" ->
                list instanceof Tuple || list instanceof Range
                        ? Args.MISSING
                        : (Callable) args -> {
                            args.none();
                            return new ArrayList<>(list);
                        };
            default ->
                CHANGING_LIST.contains(name) && !(list instanceof Tuple) && !(list instanceof Range)
                        ? Undefined.unsafe(list, name)
                        : Args.MISSING;
        };
    }
}
