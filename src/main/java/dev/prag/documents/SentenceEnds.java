package dev.prag.documents;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.text.BreakIterator;
import java.util.Arrays;

/** Where the sentences of a plain text end that may still be going on. */
public final class SentenceEnds {
    private static final String CLOSING = ")]}\"'”’»";

    private SentenceEnds() {}

    /**
     * The ends of the whole sentences in their order, without white space behind them. What stands behind the last one is
     * no whole sentence yet: it has no mark at its end.
     */
    public static int[] of(String text) {
        BreakIterator breaks = Sentences.borrow();
        int[] ends = new int[8];
        int count = 0;
        breaks.setText(text);
        int from = 0;
        for (int to = breaks.next(); to != BreakIterator.DONE; to = breaks.next()) {
            String sentence = text.substring(from, to).stripTrailing();
            if (sentence.isBlank()) {
                continue;
            }
            boolean line = text.substring(from + sentence.length(), to).indexOf('\n') >= 0;
            boolean open = Sentences.isOpen(sentence.substring(lastSpace(sentence) + 1));
            if (line || (!open && (to < text.length() || isTerminated(sentence)))) {
                ends = count == ends.length ? Arrays.copyOf(ends, 2 * count) : ends;
                ends[count++] = from + sentence.length();
                from = to;
            }
        }
        Sentences.giveBack(breaks);
        return Arrays.copyOf(ends, count);
    }

    private static int lastSpace(String sentence) {
        int at = sentence.length();
        while (at > 0 && !Character.isWhitespace(sentence.charAt(at - 1))) {
            at--;
        }
        return at - 1;
    }

    private static boolean isTerminated(String sentence) {
        int to = sentence.length();
        while (to > 0 && CLOSING.indexOf(sentence.charAt(to - 1)) >= 0) {
            to--;
        }
        return to > 0 && UCharacter.hasBinaryProperty(sentence.codePointBefore(to), UProperty.S_TERM);
    }
}
