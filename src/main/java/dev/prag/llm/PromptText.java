package dev.prag.llm;

import java.util.Arrays;

/**
 * A rendered prompt, in which what the template wrote and what it was given are told apart: no control token reaches
 * across a break, so that special tokens written in content stay text.
 *
 * @param text the prompt
 * @param breaks offsets into the text, ascending
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares prompts.
public record PromptText(String text, int[] breaks) {
    private static final int[] NONE = {};

    /** A text whose special tokens all count. */
    static PromptText of(String text) {
        return new PromptText(text, NONE);
    }

    /** A text with a mark at each break, as one without marks. */
    static PromptText unmarked(String marked, char mark) {
        if (marked.indexOf(mark) < 0) {
            return of(marked);
        }
        StringBuilder text = new StringBuilder(marked.length());
        int[] breaks = new int[marked.length()];
        int count = 0;
        for (int i = 0; i < marked.length(); i++) {
            if (marked.charAt(i) != mark) {
                text.append(marked.charAt(i));
            } else if (count == 0 || breaks[count - 1] != text.length()) {
                breaks[count++] = text.length();
            }
        }
        return new PromptText(text.toString(), Arrays.copyOf(breaks, count));
    }

    /** The part [from, to), with the breaks that lie in it. */
    public PromptText part(int from, int to) {
        int[] inside = Arrays.stream(breaks)
                .filter(b -> b >= from && b <= to)
                .map(b -> b - from)
                .toArray();
        return new PromptText(text.substring(from, to), inside);
    }

    /** Whether a break forbids a token there: one within it, or before it where it is a single character. */
    boolean forbids(int start, int end) {
        boolean single = text.codePointCount(start, end) == 1;
        int at = Arrays.binarySearch(breaks, single ? start : start + 1);
        int first = at >= 0 ? at : -at - 1;
        return first < breaks.length && breaks[first] < end;
    }
}
