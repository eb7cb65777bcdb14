package dev.prag.llm.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** As Python's {@code json.dumps}, which is what Hugging Face's {@code tojson} calls. */
final class Json {
    private final StringBuilder out = new StringBuilder();
    private final boolean ascii;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sortKeys;

    private Json(boolean ascii, String indent, String itemSeparator, String keySeparator, boolean sortKeys) {
        this.ascii = ascii;
        this.indent = indent;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
        this.sortKeys = sortKeys;
    }

    /** The filter {@code tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False)}. */
    static String filter(Object value, Args args) {
        Object[] given = args.bind(0, "ensure_ascii", "indent", "separators", "sort_keys");
        Object indentation = Args.or(given[1], null);
        String indent =
                switch (indentation) {
                    case null -> null;
                    case String s -> s;
                    default -> " ".repeat(Math.clamp(Values.index(indentation, "indent"), 0, 1000));
                };
        String items = indent == null ? ", " : ",";
        String keys = ": ";
        if (Args.or(given[2], null) instanceof List<?> separators && separators.size() == 2) {
            items = Values.text(separators.get(0), "a separator");
            keys = Values.text(separators.get(1), "a separator");
        } else if (Args.or(given[2], null) != null) {
            throw new TemplateException("separators must be two strings");
        }
        Json json = new Json(
                Values.isTrue(Args.or(given[0], false)), indent, items, keys, Values.isTrue(Args.or(given[3], false)));
        json.write(value, 0);
        return json.out.toString();
    }

    private void write(Object value, int depth) {
        Budget.spend(1);
        Budget.check(out);
        switch (value) {
            case String s -> string(s);
            case Map<?, ?> map -> object(map, depth);
            case List<?> list when !(list instanceof Range) -> array(list, depth);
            case null, default -> out.append(scalar(value));
        }
    }

    private static String scalar(Object value) {
        return switch (value) {
            case null -> "null";
            case Boolean b -> b ? "true" : "false";
            case Double d when d.isNaN() -> "NaN";
            case Double d when d.isInfinite() -> d > 0 ? "Infinity" : "-Infinity";
            default -> {
                if (!Numbers.isNumber(value)) {
                    throw new TemplateException(
                            "Object of type " + Values.typeName(value) + " is not JSON serializable");
                }
                yield Values.repr(value);
            }
        };
    }

    private void object(Map<?, ?> map, int depth) {
        if (map.isEmpty()) {
            out.append("{}");
            return;
        }
        List<Object> keys = new ArrayList<>(map.keySet());
        if (sortKeys) {
            keys.sort((a, b) -> Operators.order("<", a, b));
        }
        out.append('{');
        boolean first = true;
        for (Object key : keys) {
            if (!first) {
                out.append(itemSeparator);
            }
            first = false;
            newLine(depth + 1);
            if (!(key instanceof String) && key != null && !Numbers.isNumber(key)) {
                throw new TemplateException("keys must be str, int, float, bool or None, not " + Values.typeName(key));
            }
            string(key instanceof String s ? s : scalar(key));
            out.append(keySeparator);
            write(map.get(key), depth + 1);
        }
        newLine(depth);
        out.append('}');
    }

    private void array(List<?> list, int depth) {
        if (list.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append('[');
        boolean first = true;
        for (Object item : list) {
            if (!first) {
                out.append(itemSeparator);
            }
            first = false;
            newLine(depth + 1);
            write(item, depth + 1);
        }
        newLine(depth);
        out.append(']');
    }

    private void newLine(int depth) {
        if (indent != null) {
            Budget.make((long) indent.length() * depth);
            out.append('\n').repeat(indent, depth);
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c < 0x20 || ascii && c > 0x7e && !Text.isNoncharacter(c)) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
