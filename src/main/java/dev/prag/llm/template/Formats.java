package dev.prag.llm.template;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's three ways to format: {@code %}, {@code str.format} and {@code strftime}. */
final class Formats {
    private static final Pattern PERCENT =
            Pattern.compile("%(?:\\(([^)]*)\\))?([-+ 0#]*)(\\d*)(?:\\.(\\d+))?([a-zA-Z%])");
    private static final Pattern SPECIFICATION = Pattern.compile(
            "(?:(.)?([<>^=]))?([-+ ])?(#)?(0)?(\\d+)?([,_])?(?:\\.(\\d+))?([a-zA-Z%])?", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("(\\w*)((?:\\.\\w+|\\[[^\\]]+\\])*)");
    private static final Pattern STEP = Pattern.compile("\\.(\\w+)|\\[([^\\]]+)\\]");
    private static final int MAX_WIDTH = 10_000;

    private Formats() {}

    /** {@code format % arguments}; the raw right side is asked for named ones. */
    static String percent(String format, List<?> arguments, Object raw) {
        StringBuilder out = new StringBuilder();
        Matcher matcher = PERCENT.matcher(format);
        int used = 0;
        int at = 0;
        for (int sign = format.indexOf('%'); sign >= 0; sign = format.indexOf('%', at)) {
            Budget.check(out);
            out.append(format, at, sign);
            if (!matcher.find(sign) || matcher.start() != sign) {
                throw new TemplateException("incomplete or unsupported format '" + format.substring(sign) + "'");
            }
            at = matcher.end();
            char type = matcher.group(5).charAt(0);
            if (type == '%') {
                out.append('%');
                continue;
            }
            Object value;
            if (matcher.group(1) != null) {
                if (!(raw instanceof Map<?, ?> map)) {
                    throw Values.used(raw, "format requires a mapping");
                }
                if (!map.containsKey(matcher.group(1))) {
                    throw new TemplateException(Text.quoted(matcher.group(1)) + " is missing for the format");
                }
                value = map.get(matcher.group(1));
            } else if (used < arguments.size()) {
                value = arguments.get(used++);
            } else {
                throw new TemplateException("not enough arguments for format string");
            }
            String flags = matcher.group(2);
            int precision = matcher.group(4) == null ? -1 : width(matcher.group(4));
            int width = matcher.group(3).isEmpty() ? 0 : width(matcher.group(3));
            String sign1 = flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
            if (type == 's' || type == 'r') {
                String text = type == 's' ? Values.str(value) : Values.repr(value);
                out.append(StringMethods.pad(cut(text, precision), width, " ", flags.contains("-") ? '<' : '>'));
            } else {
                if (!Numbers.isNumber(value)) {
                    throw Values.used(
                            value, "%" + type + " format: a real number is required, not " + Values.typeName(value));
                }
                boolean zeros = flags.contains("0") && !flags.contains("-");
                String number = number(value, type == 'i' || type == 'u' ? 'd' : type, precision, sign1, "", true);
                out.append(
                        zeros
                                ? zeroPadded(number, width)
                                : StringMethods.pad(number, width, " ", flags.contains("-") ? '<' : '>'));
            }
        }
        if (used < arguments.size() && !isMapping(raw)) {
            throw new TemplateException("not all arguments converted during string formatting");
        }
        return out.append(format.substring(at)).toString();
    }

    /** Whether Python would take the right side for a mapping, of which nothing need be used. */
    private static boolean isMapping(Object raw) {
        return raw instanceof Map<?, ?>
                || raw instanceof List<?> && !(raw instanceof Tuple)
                || raw instanceof Undefined;
    }

    private static int width(String digits) {
        int width = digits.length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(digits);
        if (width > MAX_WIDTH) {
            throw new TemplateException("the width " + digits + " is too large");
        }
        return width;
    }

    private static String cut(String text, int length) {
        return length < 0 || Text.length(text) <= length ? text : text.substring(0, text.offsetByCodePoints(0, length));
    }

    private static String zeroPadded(String number, int width) {
        int digits = number.startsWith("-") || number.startsWith("+") || number.startsWith(" ") ? 1 : 0;
        return number.substring(0, digits)
                + "0".repeat(Math.max(0, width - number.length()))
                + number.substring(digits);
    }

    private static String number(
            Object value, char type, int precision, String sign, String grouping, boolean truncate) {
        String digits;
        if (type == 'f' || type == 'F' || type == '%') {
            double real = Numbers.real(value) * (type == '%' ? 100 : 1);
            if (Double.isNaN(real) || Double.isInfinite(real)) {
                throw new TemplateException("the number " + Numbers.repr(real) + " can't be formatted");
            }
            digits = new BigDecimal(real)
                            .setScale(precision < 0 ? 6 : precision, RoundingMode.HALF_EVEN)
                            .toPlainString()
                    + (type == '%' ? "%" : "");
            if (real < 0 && !digits.startsWith("-")) {
                digits = "-" + digits;
            }
        } else {
            int radix =
                    switch (type) {
                        case 'd' -> 10;
                        case 'x', 'X' -> 16;
                        case 'o' -> 8;
                        case 'b' -> 2;
                        default -> throw new TemplateException("the format type '" + type + "' is not supported");
                    };
            if (value instanceof Double && !(truncate && type == 'd')) {
                throw new TemplateException("the format type '" + type + "' needs an int, not float");
            }
            digits = value instanceof Double d
                    ? new BigDecimal(d).toBigInteger().toString()
                    : Numbers.big(value).toString(radix);
            digits = type == 'X' ? digits.toUpperCase(Locale.ROOT) : digits;
        }
        if (!grouping.isEmpty()) {
            digits = digits.replaceFirst("^(-?\\d+)", Matcher.quoteReplacement(grouped(digits, grouping)));
        }
        return digits.startsWith("-") ? digits : sign.replace("-", "") + digits;
    }

    private static String grouped(String digits, String separator) {
        Matcher whole = Pattern.compile("^(-?)(\\d+)").matcher(digits);
        return whole.find() ? whole.group(1) + whole.group(2).replaceAll("(?<=\\d)(?=(\\d{3})+$)", separator) : digits;
    }

    /** {@code text.format(…)}. */
    static String format(String text, Args args) {
        StringBuilder out = new StringBuilder();
        int next = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean doubled = i + 1 < text.length() && text.charAt(i + 1) == c;
            if (c == '}') {
                if (!doubled) {
                    throw new TemplateException("Single '}' encountered in format string");
                }
                out.append(c);
                i++;
            } else if (c != '{' || doubled) {
                out.append(c);
                i += c == '{' ? 1 : 0;
            } else {
                int end = text.indexOf('}', i);
                if (end < 0) {
                    throw new TemplateException("Single '{' encountered in format string");
                }
                String field = text.substring(i + 1, end);
                String specification = field.contains(":") ? field.substring(field.indexOf(':') + 1) : "";
                String reference = field.contains(":") ? field.substring(0, field.indexOf(':')) : field;
                String conversion = "";
                if (reference.contains("!")) {
                    conversion = reference.substring(reference.indexOf('!') + 1);
                    reference = reference.substring(0, reference.indexOf('!'));
                }
                Matcher matcher = FIELD.matcher(reference);
                if (!matcher.matches()) {
                    throw new TemplateException("the format field {" + field + "} is not supported");
                }
                Object value = argument(matcher.group(1).isEmpty() ? "" + next++ : matcher.group(1), args);
                Matcher step = STEP.matcher(matcher.group(2));
                while (step.find()) {
                    String key = step.group(2);
                    value = key == null
                            ? Members.attribute(value, step.group(1))
                            : Members.item(value, key.matches("\\d+") ? Numbers.parse(key) : key);
                }
                value = switch (conversion) {
                    case "" -> value;
                    case "s" -> Values.str(value);
                    case "r" -> Values.repr(value);
                    default -> throw new TemplateException("the conversion !" + conversion + " is not supported");
                };
                out.append(specified(value, specification));
                Budget.check(out);
                i = end;
            }
        }
        return out.toString();
    }

    private static Object argument(String reference, Args args) {
        if (Character.isDigit(reference.charAt(0))) {
            int index = width(reference);
            if (index >= args.positional().size()) {
                throw new TemplateException(
                        "Replacement index " + reference + " out of range for positional args tuple");
            }
            return args.positional().get(index);
        }
        if (!args.named().containsKey(reference)) {
            throw new TemplateException("format() misses the argument '" + reference + "'");
        }
        return args.named().get(reference);
    }

    private static String specified(Object value, String specification) {
        if (specification.isEmpty()) {
            return Values.str(value);
        }
        Matcher m = SPECIFICATION.matcher(specification);
        if (!m.matches() || m.group(4) != null) {
            throw new TemplateException("the format '" + specification + "' is not supported");
        }
        int width = m.group(6) == null ? 0 : width(m.group(6));
        int precision = m.group(8) == null ? -1 : width(m.group(8));
        boolean number = Numbers.isNumber(value) && !(value instanceof Boolean && m.group(9) == null);
        String fill = m.group(1) != null ? m.group(1) : number && m.group(5) != null ? "0" : " ";
        char align = m.group(2) != null ? m.group(2).charAt(0) : number ? m.group(5) != null ? '=' : '>' : '<';
        String text;
        if (number && !(value instanceof Double && m.group(9) == null && precision < 0)) {
            char type = m.group(9) == null
                    ? value instanceof Double ? 'g' : 'd'
                    : m.group(9).charAt(0);
            String sign = m.group(3) == null ? "" : m.group(3);
            text = number(value, type, precision, sign, m.group(7) == null ? "" : m.group(7), false);
        } else {
            if (!number && m.group(9) != null && !m.group(9).equals("s")) {
                throw new TemplateException(
                        "Unknown format code '" + m.group(9) + "' for object of type '" + Values.typeName(value) + "'");
            }
            text = cut(Values.str(value), precision);
        }
        if (align == '=') {
            return zeroPadded(text, width);
        }
        int missing = Math.max(0, width - Text.length(text));
        int left = align == '<' ? 0 : align == '>' ? missing : missing / 2;
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    /** A time by {@code strftime}'s directives, in English, as Python writes them without a zone. */
    static String time(LocalDateTime time, String format) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char directive = format.charAt(++i);
            boolean unpadded = directive == '-' && i + 1 < format.length();
            if (unpadded) {
                directive = format.charAt(++i);
            }
            String text = directive(time, directive);
            out.append(unpadded ? text.replaceFirst("^[0 ]+(?=.)", "") : text);
        }
        return out.toString();
    }

    private static String directive(LocalDateTime t, char directive) {
        return switch (directive) {
            case 'a' -> t.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> t.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'B' -> t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'd' -> two(t.getDayOfMonth());
            case 'e' -> String.format(Locale.ROOT, "%2d", t.getDayOfMonth());
            case 'm' -> two(t.getMonthValue());
            case 'y' -> two(t.getYear() % 100);
            case 'Y' -> Integer.toString(t.getYear());
            case 'H' -> two(t.getHour());
            case 'I' -> two((t.getHour() + 11) % 12 + 1);
            case 'M' -> two(t.getMinute());
            case 'S' -> two(t.getSecond());
            case 'f' -> String.format(Locale.ROOT, "%06d", t.getNano() / 1000);
            case 'p' -> t.getHour() < 12 ? "AM" : "PM";
            case 'j' -> String.format(Locale.ROOT, "%03d", t.getDayOfYear());
            case 'u' -> Integer.toString(t.getDayOfWeek().getValue());
            case 'w' -> Integer.toString(t.getDayOfWeek().getValue() % 7);
            case 'U' -> two((t.getDayOfYear() + 6 - t.getDayOfWeek().getValue() % 7) / 7);
            case 'W' -> two((t.getDayOfYear() + 7 - t.getDayOfWeek().getValue()) / 7);
            case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> Integer.toString(t.get(IsoFields.WEEK_BASED_YEAR));
            case 'C' -> two(t.get(ChronoField.YEAR) / 100);
            case 'c' -> time(t, "%a %b %e %H:%M:%S %Y");
            case 'D', 'x' -> time(t, "%m/%d/%y");
            case 'F' -> time(t, "%Y-%m-%d");
            case 'T', 'X' -> time(t, "%H:%M:%S");
            case 'R' -> time(t, "%H:%M");
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'z', 'Z' -> "";
            case '%' -> "%";
            default -> throw new TemplateException("strftime: the directive '%" + directive + "' is not supported");
        };
    }

    private static String two(int number) {
        return String.format(Locale.ROOT, "%02d", number);
    }
}
