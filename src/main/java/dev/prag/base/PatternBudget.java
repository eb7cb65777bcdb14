package dev.prag.base;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions that come from outside. Some take time that grows exponentially with the text, or more stack than
 * there is; these are refused by name once they have used up what an honest one needs.
 */
public final class PatternBudget {
    private static final int LONGEST = 10_000;
    /** Most repetitions that the counts of a pattern may come to together, since empty ones read nothing. */
    private static final long MOST_REPETITIONS = 1_000_000;

    private static final Pattern COUNT = Pattern.compile("\\{(\\d{1,18})(?:,(\\d{1,18}))?");

    private PatternBudget() {}

    /**
     * Compiles a pattern.
     *
     * @param origin what holds it, for the message
     * @throws PatternSyntaxException if it is none
     * @throws UserException if it is too long, too deep, or repeats too often
     */
    public static Pattern compile(String regex, String origin, Function<String, Pattern> compiler) {
        if (regex.length() > LONGEST) {
            throw refused(regex, origin, "longer than " + LONGEST + " characters", null);
        }
        double repetitions = 1;
        Matcher counts = COUNT.matcher(regex);
        while (counts.find()) {
            String most = counts.group(2) == null ? counts.group(1) : counts.group(2);
            repetitions *= Math.max(1, Long.parseLong(most));
        }
        if (repetitions > MOST_REPETITIONS) {
            throw refused(regex, origin, "repeating more than " + MOST_REPETITIONS + " times", null);
        }
        try {
            return compiler.apply(regex);
        } catch (StackOverflowError e) {
            throw refused(regex, origin, "nested too deep", e);
        }
    }

    /**
     * Runs a search and bounds it.
     *
     * @param origin what holds the pattern, for the message
     * @param steps characters that may be looked at
     * @param search works with the matcher that it is given
     * @throws UserException naming the pattern, if it takes more
     */
    public static <T> T run(
            Pattern pattern, CharSequence text, long steps, String origin, Function<Matcher, T> search) {
        try {
            return search.apply(pattern.matcher(new Counted(text, new long[] {steps})));
        } catch (Exhausted e) {
            throw refused(
                    pattern.pattern(), origin, "taking too long for a text of " + text.length() + " characters", e);
        } catch (StackOverflowError e) {
            throw refused(
                    pattern.pattern(),
                    origin,
                    "taking too much memory for a text of " + text.length() + " characters",
                    e);
        }
    }

    private static UserException refused(String regex, String origin, String what, Throwable cause) {
        String shown = regex.length() > 80 ? regex.substring(0, 80) + "…" : regex;
        return new UserException(
                UserException.Kind.BAD_INPUT,
                origin + ": the regular expression " + shown + " is refused for " + what + "; use a simpler one",
                cause);
    }

    private static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exhausted() {
            super("the pattern's budget is used up", null, false, false);
        }
    }

    /** A text that counts how often it is looked at. */
    private record Counted(CharSequence text, long[] left) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (--left[0] < 0) {
                throw new Exhausted();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
