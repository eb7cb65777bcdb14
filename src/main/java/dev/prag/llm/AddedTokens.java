package dev.prag.llm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Finds added tokens in text: at each place the longest, from left to right, without overlaps, and with the spaces
 * around those that take them.
 */
final class AddedTokens {
    /**
     * An added token.
     *
     * @param content its text
     * @param singleWord only where no letter or digit touches it
     * @param lstrip takes the white space before it
     * @param rstrip takes the white space after it
     * @param normalized is looked for in normalised text, rather than in the text as it is
     * @param special may be left out in decoding
     * @param control is never made of content
     */
    record AddedToken(
            int id,
            String content,
            boolean singleWord,
            boolean lstrip,
            boolean rstrip,
            boolean normalized,
            boolean special,
            boolean control) {}

    /** Receives a text in pieces. */
    interface Pieces {
        void token(int id);

        void text(int from, int to);
    }

    /** Says where control tokens may be made. */
    interface Allowed {
        boolean test(int start, int end);
    }

    private record Pattern(String text, AddedToken token) {}

    /** Patterns by their first character, the longest first. */
    private final Map<Character, List<Pattern>> patterns = new HashMap<>();

    /** Looks for nothing until {@link #add}. */
    AddedTokens() {}

    /** @param text what to look for */
    void add(String text, AddedToken token) {
        if (!text.isEmpty()) {
            List<Pattern> sameStart = patterns.computeIfAbsent(text.charAt(0), c -> new ArrayList<>());
            sameStart.removeIf(pattern -> pattern.text().equals(text));
            sameStart.add(new Pattern(text, token));
            sameStart.sort(
                    Comparator.comparingInt((Pattern pattern) -> pattern.text().length())
                            .reversed());
        }
    }

    /**
     * Cuts a text at the tokens in it.
     *
     * @param allowed whether a control token may be made of what lies at [start, end)
     */
    void split(String text, Allowed allowed, Pieces pieces) {
        int done = 0;
        int at = patterns.isEmpty() ? text.length() : 0;
        while (at < text.length()) {
            Pattern found = find(text, at);
            if (found == null) {
                at++;
                continue;
            }
            int start = at;
            int end = at + found.text().length();
            at = end;
            AddedToken token = found.token();
            if (token.control() && !allowed.test(start, end)) {
                continue;
            }
            if (token.singleWord() && (endsWithWord(text, start) || startsWithWord(text, end))) {
                continue;
            }
            if (token.lstrip()) {
                while (start > done && isWhiteSpace(text.codePointBefore(start))) {
                    start -= Character.charCount(text.codePointBefore(start));
                }
            }
            if (token.rstrip()) {
                while (end < text.length() && isWhiteSpace(text.codePointAt(end))) {
                    end += Character.charCount(text.codePointAt(end));
                }
            }
            if (done < start) {
                pieces.text(done, start);
            }
            pieces.token(token.id());
            done = end;
        }
        if (done < text.length()) {
            pieces.text(done, text.length());
        }
    }

    /** Every control token that is looked for, as it is spelt. */
    Stream<String> controls() {
        return patterns.values().stream()
                .flatMap(List::stream)
                .filter(pattern -> pattern.token().control())
                .map(Pattern::text);
    }

    private Pattern find(String text, int at) {
        for (Pattern pattern : patterns.getOrDefault(text.charAt(at), List.of())) {
            if (text.startsWith(pattern.text(), at)) {
                return pattern;
            }
        }
        return null;
    }

    private static boolean endsWithWord(String text, int end) {
        return end > 0 && isWord(text.codePointBefore(end));
    }

    private static boolean startsWithWord(String text, int start) {
        return start < text.length() && isWord(text.codePointAt(start));
    }

    /** What a regular expression's \w means in Unicode (UTS 18, annex C). */
    private static boolean isWord(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.COMBINING_SPACING_MARK,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.CONNECTOR_PUNCTUATION -> true;
            default -> Character.isAlphabetic(c) || c == 0x200C || c == 0x200D;
        };
    }

    /** The Unicode property White_Space. */
    private static boolean isWhiteSpace(int c) {
        return Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == 0x85;
    }
}
