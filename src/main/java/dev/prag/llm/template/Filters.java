package dev.prag.llm.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Jinja's filters on text and numbers, and all filters by name. Those on sequences are in {@link SequenceFilters}. */
final class Filters {
    private static final Pattern WORD_START = Pattern.compile("(?<=[-\\s(\\{\\[<])|(?=[-\\s(\\{\\[<])");
    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Map<String, Filter> ALL = all();

    @FunctionalInterface
    interface Filter {
        Object apply(Object value, Args args);
    }

    private Filters() {}

    static boolean isKnown(String name) {
        return ALL.containsKey(name);
    }

    static Object apply(String name, Object value, Args args) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw new TemplateException("the filter '" + name + "' is not supported");
        }
        return filter.apply(value, args);
    }

    private static Map<String, Filter> all() {
        Map<String, Filter> all = new HashMap<>(SequenceFilters.all());
        all.put("tojson", Json::filter);
        all.put("trim", (value, args) -> {
            Object characters = Args.or(args.bind(0, "chars")[0], null);
            return Text.strip(
                    Values.str(value), characters == null ? null : Values.text(characters, "chars"), true, true);
        });
        all.put("upper", (value, args) -> plain(args, Values.str(value).toUpperCase(Locale.ROOT)));
        all.put("lower", (value, args) -> plain(args, Values.str(value).toLowerCase(Locale.ROOT)));
        all.put("capitalize", (value, args) -> plain(args, StringMethods.capitalize(Values.str(value))));
        all.put("title", (value, args) -> plain(args, title(Values.str(value))));
        all.put("string", (value, args) -> plain(args, Values.str(value)));
        all.put("safe", (value, args) -> plain(args, Values.str(value)));
        all.put("escape", (value, args) -> plain(args, escape(Values.str(value))));
        all.put("e", all.get("escape"));
        all.put("replace", Filters::replace);
        all.put("indent", Filters::indent);
        all.put("center", (value, args) -> {
            int width = Values.index(Args.or(args.bind(0, "width")[0], 80L), "width");
            return StringMethods.pad(Values.str(value), width, " ", '^');
        });
        all.put(
                "wordcount",
                (value, args) ->
                        plain(args, WORD.matcher(Values.str(value)).results().count()));
        all.put("format", (value, args) -> {
            if (!args.positional().isEmpty() && !args.named().isEmpty()) {
                throw new TemplateException("can't handle positional and keyword arguments at the same time");
            }
            Object raw = args.named().isEmpty() ? new Tuple(args.positional()) : args.named();
            return Formats.percent(Values.str(value), args.positional(), raw);
        });
        all.put("default", (value, args) -> {
            Object[] given = args.bind(0, "default_value", "boolean");
            boolean falseToo = Values.isTrue(Args.or(given[1], false));
            return value instanceof Undefined || falseToo && !Values.isTrue(value) ? Args.or(given[0], "") : value;
        });
        all.put("d", all.get("default"));
        all.put("abs", (value, args) -> {
            args.none();
            if (!Numbers.isNumber(value)) {
                throw Values.used(value, "bad operand type for abs(): '" + Values.typeName(value) + "'");
            }
            return value instanceof Double d
                    ? (Object) Math.abs(d)
                    : Numbers.normal(Numbers.big(value).abs());
        });
        all.put("int", Filters::toInt);
        all.put("float", (value, args) -> {
            Object fallback = Args.or(args.bind(0, "default")[0], 0.0);
            Object number = real(value);
            return number == null ? fallback : number;
        });
        all.put("round", Filters::round);
        all.put("attr", (value, args) -> {
            if (value instanceof Undefined undefined) {
                throw undefined.error();
            }
            String name = Values.text(args.bind(1, "name")[0], "attr's name");
            Object member = Members.member(value, name);
            return member == Args.MISSING ? Undefined.member(value, name) : member;
        });
        return all;
    }

    private static Object plain(Args args, Object value) {
        args.none();
        return value;
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        for (String word : WORD_START.split(text)) {
            if (!word.isEmpty()) {
                int first = Character.charCount(word.codePointAt(0));
                out.append(word.substring(0, first).toUpperCase(Locale.ROOT))
                        .append(word.substring(first).toLowerCase(Locale.ROOT));
            }
        }
        return out.toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static Object replace(Object value, Args args) {
        Object[] given = args.bind(2, "old", "new", "count");
        Object count = Args.or(given[2], null);
        return StringMethods.replace(
                Values.str(value),
                Values.str(given[0]),
                Values.str(given[1]),
                count == null ? -1 : Values.index(count, "count"));
    }

    private static Object indent(Object value, Args args) {
        Object[] given = args.bind(0, "width", "first", "blank");
        Object width = Args.or(given[0], 4L);
        String indentation =
                width instanceof String s ? s : " ".repeat(Math.clamp(Values.index(width, "width"), 0, 10_000));
        boolean blank = Values.isTrue(Args.or(given[2], false));
        StringBuilder out = new StringBuilder(Values.isTrue(Args.or(given[1], false)) ? indentation : "");
        boolean first = true;
        for (Object line : Text.lines(Values.text(value, "what is indented") + "\n", false)) {
            if (!first) {
                out.append('\n').append(blank || !line.equals("") ? indentation : "");
            }
            out.append(line);
            Budget.check(out);
            first = false;
        }
        return out.toString();
    }

    private static Object toInt(Object value, Args args) {
        Object[] given = args.bind(0, "default", "base");
        Object fallback = Args.or(given[0], 0L);
        if (value instanceof String text) {
            int base = Values.index(Args.or(given[1], 10L), "base");
            String digits = Text.strip(text, null, true, true).replaceAll("(?<=\\w)_(?=\\w)", "");
            if (base == 16 || base == 8 || base == 2) {
                String prefix = base == 16 ? "0[xX]" : base == 8 ? "0[oO]" : "0[bB]";
                digits = digits.replaceFirst("^([-+]?)" + prefix, "$1");
            }
            if (digits.length() > Numbers.MAX_DIGITS) {
                return fallback;
            }
            try {
                return Numbers.normal(new BigInteger(digits, base));
            } catch (NumberFormatException e) {
                Object number = real(text);
                return number instanceof Double d && !d.isNaN() && !d.isInfinite() ? truncated(d) : fallback;
            }
        }
        if (value instanceof Double d) {
            if (d.isNaN() || d.isInfinite()) {
                return fallback;
            }
            return truncated(d);
        }
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        return Numbers.isInt(value) ? Numbers.normal(Numbers.big(value)) : fallback;
    }

    private static Object truncated(double value) {
        return Numbers.normal(new BigDecimal(value).toBigInteger());
    }

    /** As Python's float(); null where it would fail. */
    private static Double real(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (Numbers.isNumber(value)) {
            return Numbers.real(value);
        }
        if (!(value instanceof String text)) {
            return null;
        }
        String digits = Text.strip(text, null, true, true).toLowerCase(Locale.ROOT);
        if (digits.length() > Numbers.MAX_DIGITS) {
            return null;
        }
        switch (digits.replaceFirst("^[-+]", "")) {
            case "inf", "infinity" -> {
                return digits.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            }
            case "nan" -> {
                return Double.NaN;
            }
            default -> {
                digits = digits.replaceAll("(?<=\\d)_(?=\\d)", "");
                return digits.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)(e[-+]?\\d+)?") ? Double.valueOf(digits) : null;
            }
        }
    }

    private static Object round(Object value, Args args) {
        Object[] given = args.bind(0, "precision", "method");
        int precision = Values.index(Args.or(given[0], 0L), "precision");
        String method = Values.text(Args.or(given[1], "common"), "method");
        if (!Numbers.isNumber(value)) {
            throw Values.used(value, "type " + Values.typeName(value) + " can't be rounded");
        }
        if (method.equals("common")) {
            if (Numbers.isInt(value)) {
                return Numbers.normal(new BigDecimal(Numbers.big(value))
                        .setScale(Math.clamp(precision, -100_000, 0), RoundingMode.HALF_EVEN)
                        .toBigInteger());
            }
            double real = Numbers.real(value);
            if (Double.isNaN(real) || Double.isInfinite(real)) {
                return real;
            }
            double rounded = new BigDecimal(real)
                    .setScale(Math.clamp(precision, -400, 400), RoundingMode.HALF_EVEN)
                    .doubleValue();
            return Math.copySign(rounded, real);
        }
        double scale = Math.pow(10, precision);
        return switch (method) {
            case "ceil" -> Math.ceil(Numbers.real(value) * scale) / scale;
            case "floor" -> Math.floor(Numbers.real(value) * scale) / scale;
            default -> throw new TemplateException("method must be common, ceil or floor");
        };
    }

    /** What an attribute such as {@code a.b.0} of an item leads to; the fallback, if any, where a part isn't there. */
    static Object path(Object item, Object attribute, Object fallback) {
        Object value = item;
        List<Object> parts = new ArrayList<>();
        if (attribute instanceof String text) {
            for (String part : text.split("\\.", -1)) {
                parts.add(part.matches("\\d+") ? Numbers.parse(part) : part);
            }
        } else {
            parts.add(attribute);
        }
        for (Object part : parts) {
            value = Members.item(value, part);
            if (value instanceof Undefined && fallback != null) {
                value = fallback;
            }
        }
        return value;
    }
}
