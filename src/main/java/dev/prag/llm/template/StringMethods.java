package dev.prag.llm.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Methods of Python's str. Positions count code points. */
final class StringMethods {
    private StringMethods() {}

    /** The method of that name, bound to its text; {@link Args#MISSING} if there is none. */
    static Object of(String text, String name) {
        Callable method =
                switch (name) {
                    case "strip" -> args -> strip(text, args, true, true);
                    case "lstrip" -> args -> strip(text, args, true, false);
                    case "rstrip" -> args -> strip(text, args, false, true);
                    case "split" -> args -> split(text, args, false);
                    case "rsplit" -> args -> split(text, args, true);
                    case "splitlines" ->
                        args -> Text.lines(text, Values.isTrue(Args.or(args.bind(0, "keepends")[0], false)));
                    case "startswith" -> args -> affix(text, args, true);
                    case "endswith" -> args -> affix(text, args, false);
                    case "removeprefix" ->
                        args -> {
                            String prefix = one(args, "prefix");
                            return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
                        };
                    case "removesuffix" ->
                        args -> {
                            String suffix = one(args, "suffix");
                            return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
                        };
                    case "replace" ->
                        args -> {
                            Object[] given = args.bind(2, "old", "new", "count");
                            String old = Values.text(given[0], "replace() argument 1");
                            String by = Values.text(given[1], "replace() argument 2");
                            return replace(text, old, by, Values.index(Args.or(given[2], -1L), "count"));
                        };
                    case "upper" -> args -> plain(args, text.toUpperCase(Locale.ROOT));
                    case "lower" -> args -> plain(args, text.toLowerCase(Locale.ROOT));
                    case "title" -> args -> plain(args, title(text));
                    case "capitalize" -> args -> plain(args, capitalize(text));
                    case "swapcase" -> args -> plain(args, swapCase(text));
                    case "find" -> args -> (long) find(text, args, false);
                    case "rfind" -> args -> (long) find(text, args, true);
                    case "index", "rindex" ->
                        args -> {
                            int at = find(text, args, name.equals("rindex"));
                            if (at < 0) {
                                throw new TemplateException("substring not found");
                            }
                            return (long) at;
                        };
                    case "count" -> args -> count(text, args);
                    case "join" -> args -> join(text, args.bind(1, "iterable")[0]);
                    case "format" -> args -> Formats.format(text, args);
                    case "partition", "rpartition" -> args -> partition(text, one(args, "sep"), name.startsWith("r"));
                    case "zfill" ->
                        args -> {
                            boolean signed = text.startsWith("+") || text.startsWith("-");
                            int width = Values.index(args.bind(1, "width")[0], "width");
                            Budget.make(width);
                            String zeros = "0".repeat(Math.max(0, width - Text.length(text)));
                            return signed ? text.charAt(0) + zeros + text.substring(1) : zeros + text;
                        };
                    case "ljust" -> args -> pad(text, args, '<');
                    case "rjust" -> args -> pad(text, args, '>');
                    case "center" -> args -> pad(text, args, '^');
                    case "isspace" -> args -> plain(args, Text.isSpace(text));
                    case "isalpha" -> args -> plain(args, all(text, Character::isLetter));
                    case "isalnum" -> args -> plain(args, all(text, Character::isLetterOrDigit));
                    case "isdigit", "isdecimal", "isnumeric" -> args -> plain(args, all(text, Character::isDigit));
                    case "isupper" ->
                        args -> plain(args, isCased(text, Character::isUpperCase, Character::isLowerCase));
                    case "islower" ->
                        args -> plain(args, isCased(text, Character::isLowerCase, Character::isUpperCase));
                    default -> null;
                };
        return method == null ? Args.MISSING : method;
    }

    private static Object plain(Args args, Object value) {
        args.none();
        return value;
    }

    private static String one(Args args, String name) {
        return Values.text(args.bind(1, name)[0], args.function() + "() argument");
    }

    private static boolean all(String text, IntPredicate holds) {
        return !text.isEmpty() && text.codePoints().allMatch(holds);
    }

    private static boolean isCased(String text, IntPredicate wanted, IntPredicate other) {
        return text.codePoints().anyMatch(wanted) && text.codePoints().noneMatch(other);
    }

    private static String strip(String text, Args args, boolean left, boolean right) {
        Object characters = Args.or(args.bind(0, "chars")[0], null);
        String set = characters == null ? null : Values.text(characters, args.function() + "() argument");
        return Text.strip(text, set, left, right);
    }

    private static List<Object> split(String text, Args args, boolean fromRight) {
        Object[] given = args.bind(0, "sep", "maxsplit");
        Object separator = Args.or(given[0], null);
        int most = Values.index(Args.or(given[1], -1L), "maxsplit");
        if (most < 0) {
            most = Integer.MAX_VALUE;
        }
        List<Object> parts = new ArrayList<>();
        if (separator == null) {
            splitAtSpace(text, most, fromRight, parts);
        } else {
            String cut = Values.text(separator, "the separator");
            if (cut.isEmpty()) {
                throw new TemplateException("empty separator");
            }
            Budget.search(text, cut);
            splitAt(text, cut, most, fromRight, parts);
        }
        if (fromRight) {
            Collections.reverse(parts);
        }
        return parts;
    }

    private static void splitAt(String text, String cut, int most, boolean fromRight, List<Object> parts) {
        int from = 0;
        int to = text.length();
        for (int left = most; left > 0; left--) {
            int at = fromRight ? text.lastIndexOf(cut, to - cut.length()) : text.indexOf(cut, from);
            if (at < 0) {
                break;
            }
            parts.add(fromRight ? text.substring(at + cut.length(), to) : text.substring(from, at));
            if (fromRight) {
                to = at;
            } else {
                from = at + cut.length();
            }
        }
        parts.add(text.substring(from, to));
    }

    private static void splitAtSpace(String text, int most, boolean fromRight, List<Object> parts) {
        int from = 0;
        int to = text.length();
        for (int left = most; ; left--) {
            while (from < to && Text.isSpace(text.charAt(fromRight ? to - 1 : from))) {
                from += fromRight ? 0 : 1;
                to -= fromRight ? 1 : 0;
            }
            if (from == to) {
                return;
            }
            if (left == 0) {
                parts.add(text.substring(from, to));
                return;
            }
            int at = fromRight ? to : from;
            while (fromRight ? at > from : at < to) {
                if (Text.isSpace(text.charAt(fromRight ? at - 1 : at))) {
                    break;
                }
                at += fromRight ? -1 : 1;
            }
            parts.add(fromRight ? text.substring(at, to) : text.substring(from, at));
            if (fromRight) {
                to = at;
            } else {
                from = at;
            }
        }
    }

    /** The part of a text that a method's optional start and end name. */
    private static String part(String text, Object start, Object end) {
        return (String) Operators.slice(text, Args.or(start, null), Args.or(end, null), null);
    }

    private static boolean affix(String text, Args args, boolean atStart) {
        Object[] given = args.bind(1, atStart ? "prefix" : "suffix", "start", "end");
        String part = part(text, given[1], given[2]);
        List<?> candidates =
                given[0] instanceof Tuple several ? several : List.of(Values.text(given[0], "the argument"));
        for (Object candidate : candidates) {
            String affix = Values.text(candidate, "the argument");
            if (atStart ? part.startsWith(affix) : part.endsWith(affix)) {
                return true;
            }
        }
        return false;
    }

    static String replace(String text, String old, String by, int most) {
        Budget.search(text, old);
        StringBuilder out = new StringBuilder();
        int left = most < 0 ? Integer.MAX_VALUE : most;
        int at = 0;
        if (old.isEmpty()) {
            for (; left > 0 && at < text.length(); left--) {
                int c = text.codePointAt(at);
                out.append(by).appendCodePoint(c);
                Budget.check(out);
                at += Character.charCount(c);
            }
            return out.append(left > 0 ? by : text.substring(at)).toString();
        }
        for (int hit = text.indexOf(old); hit >= 0 && left > 0; hit = text.indexOf(old, at), left--) {
            out.append(text, at, hit).append(by);
            Budget.check(out);
            at = hit + old.length();
        }
        return out.append(text.substring(at)).toString();
    }

    private static int find(String text, Args args, boolean last) {
        Object[] given = args.bind(1, "sub", "start", "end");
        String wanted = Values.text(given[0], "the argument");
        String part = part(text, given[1], given[2]);
        Budget.search(part, wanted);
        int at = last ? part.lastIndexOf(wanted) : part.indexOf(wanted);
        if (at < 0) {
            return -1;
        }
        int start = Values.index(Args.or(given[1], 0L) == null ? 0L : Args.or(given[1], 0L), "start");
        int skipped = start < 0 ? Math.max(0, start + Text.length(text)) : start;
        return skipped > Text.length(text) ? -1 : skipped + part.codePointCount(0, at);
    }

    private static long count(String text, Args args) {
        Object[] given = args.bind(1, "sub", "start", "end");
        String wanted = Values.text(given[0], "the argument");
        String part = part(text, given[1], given[2]);
        if (wanted.isEmpty()) {
            return Text.length(part) + 1L;
        }
        Budget.search(part, wanted);
        long count = 0;
        for (int at = part.indexOf(wanted); at >= 0; at = part.indexOf(wanted, at + wanted.length())) {
            count++;
        }
        return count;
    }

    private static String join(String separator, Object items) {
        StringBuilder out = new StringBuilder();
        int i = 0;
        for (Object item : Values.list(items)) {
            out.append(i == 0 ? "" : separator).append(Values.text(item, "sequence item " + i));
            Budget.check(out);
            i++;
        }
        return out.toString();
    }

    private static Tuple partition(String text, String separator, boolean fromRight) {
        if (separator.isEmpty()) {
            throw new TemplateException("empty separator");
        }
        Budget.search(text, separator);
        int at = fromRight ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (at < 0) {
            return fromRight ? Tuple.of("", "", text) : Tuple.of(text, "", "");
        }
        return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static String pad(String text, Args args, char side) {
        Object[] given = args.bind(1, "width", "fillchar");
        return pad(text, Values.index(given[0], "width"), Values.text(Args.or(given[1], " "), "fillchar"), side);
    }

    /** Filled up to a width; the side is where the text stands: {@code < > ^}. */
    static String pad(String text, int width, String fill, char side) {
        int missing = Math.max(0, Math.min(width, 100_000) - Text.length(text));
        int left =
                switch (side) {
                    case '<' -> 0;
                    case '>' -> missing;
                    // Python puts the odd one to the left only where the width is odd, too
                    default -> missing / 2 + (missing & width & 1);
                };
        Budget.make((long) fill.length() * missing + text.length());
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = Character.charCount(text.codePointAt(0));
        return titleCase(text.codePointAt(0)) + text.substring(first).toLowerCase(Locale.ROOT);
    }

    private static String titleCase(int c) {
        String upper = Character.toString(c).toUpperCase(Locale.ROOT);
        return upper.codePointCount(0, upper.length()) > 1
                ? upper.substring(0, 1) + upper.substring(1).toLowerCase(Locale.ROOT)
                : Character.toString(Character.toTitleCase(c));
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean[] inWord = new boolean[1];
        text.codePoints().forEach(c -> {
            boolean cased = Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
            out.append(inWord[0] ? Character.toString(c).toLowerCase(Locale.ROOT) : titleCase(c));
            inWord[0] = cased;
        });
        return out.toString();
    }

    private static String swapCase(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            String character = Character.toString(c);
            out.append(
                    Character.isUpperCase(c) ? character.toLowerCase(Locale.ROOT) : character.toUpperCase(Locale.ROOT));
        });
        return out.toString();
    }
}
