package dev.prag.llm;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions of tokenizer.json, which are written for Oniguruma with Ruby's syntax, as Java's. Both backtrack
 * and take the first alternative that matches; they differ in what these flags and replacements set right.
 */
final class Oniguruma {
    /** Classes mean Unicode's properties, ^ and $ stand at every line feed, and only that ends a line. */
    private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES;

    private static final Pattern PROPERTY = Pattern.compile("(?<!\\\\)((?:\\\\\\\\)*)\\\\([pP])\\{(\\^?)(\\w+)\\}");
    /** Java takes a + after an interval for possessive, Ruby for another repetition. */
    private static final Pattern REPEATED_INTERVAL = Pattern.compile("(?<!\\\\)\\{\\d*,?\\d*\\}\\+");
    /** Escapes and options that mean another thing in Ruby: hexadecimal digits, and the dot that matches line feeds. */
    private static final Pattern OTHER_MEANING = Pattern.compile("(?<!\\\\)(?:\\\\\\\\)*(?:\\\\[hH]|\\(\\?[a-z]*m)");

    private static final Set<String> JAVA_NAMES = Set.of(
            "Alpha", "Digit", "Alnum", "Punct", "Space", "Upper", "Lower", "Graph", "Print", "Blank", "Cntrl",
            "XDigit");

    private Oniguruma() {}

    /** @throws PatternSyntaxException if it has no equal in Java */
    static Pattern compile(String regex) {
        if (REPEATED_INTERVAL.matcher(regex).find()
                || OTHER_MEANING.matcher(regex).find()) {
            throw new PatternSyntaxException("a construct that Java's regular expressions lack", regex, -1);
        }
        String java = PROPERTY.matcher(regex)
                .replaceAll(property -> Matcher.quoteReplacement(property.group(1)
                        + property(property.group(2), !property.group(3).isEmpty(), property.group(4))));
        return Pattern.compile(java, FLAGS);
    }

    /** A general category has at most two letters; longer names are scripts and properties, which Java marks. */
    private static String property(String letter, boolean negated, String name) {
        String prefix = name.length() <= 2 || name.startsWith("Is") || JAVA_NAMES.contains(name) ? "" : "Is";
        boolean complement = letter.equals("P") != negated;
        return (complement ? "\\P{" : "\\p{") + prefix + name + "}";
    }
}
