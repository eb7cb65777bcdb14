package dev.prag.documents;

import java.util.regex.Pattern;

/**
 * Knows tables by their lines. (The parser's own extension makes a cell of every column for every row, however few the
 * row has: a short text could ask for any amount of memory.)
 */
final class Tables {
    /** Longer lines are no rows that anybody looks at. */
    private static final int LONGEST_RULE = 2000;
    /** What stands below the head of a table: {@code |---|:-:|}, also {@code +---+---+}. */
    private static final Pattern RULE =
            Pattern.compile("[ \\t]*[|+]?[ \\t]*:?-+:?[ \\t]*([|+][ \\t]*:?-+:?[ \\t]*)*+[|+]?\\s*");

    private Tables() {}

    /** Whether the lines are rows: a rule is among them, or all begin with a bar, or all have tabs inside. */
    static boolean isTable(String text, int start, int end) {
        int lines = 0;
        boolean bars = true;
        boolean tabs = true;
        for (int line = start; line < end; line = next(text, line, end)) {
            int to = next(text, line, end);
            if (lines > 0 && isRule(text, line, to)) {
                return true;
            }
            int first = line;
            while (first < to && (text.charAt(first) == ' ' || text.charAt(first) == '\t')) {
                first++;
            }
            bars &= first < to && "|+".indexOf(text.charAt(first)) >= 0;
            tabs &= text.indexOf('\t', first, to) >= 0;
            lines++;
            if (!bars && !tabs && lines > 2) {
                return false;
            }
        }
        return lines > 1 && (bars || tabs);
    }

    /** Where the first row below the head begins; {@code start} if there is no head. */
    static int body(String text, int start, int end) {
        int line = start;
        for (int i = 0; i < 3 && line < end; i++) {
            int to = next(text, line, end);
            if (i > 0 && isRule(text, line, to)) {
                return to;
            }
            line = to;
        }
        return start;
    }

    /** Where the next line begins. */
    static int next(String text, int line, int end) {
        int newline = text.indexOf('\n', line, end);
        return newline < 0 ? end : newline + 1;
    }

    private static boolean isRule(String text, int from, int to) {
        if (to - from > LONGEST_RULE) {
            return false;
        }
        String line = text.substring(from, to);
        return (line.indexOf('|') >= 0 || line.indexOf('+') >= 0)
                && RULE.matcher(line).matches();
    }
}
