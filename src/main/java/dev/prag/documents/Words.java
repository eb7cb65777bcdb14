package dev.prag.documents;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import java.util.Arrays;

/**
 * The words of a text: runs of anything but white space; characters of scripts that write without spaces count as one
 * each, and of an endless run every 200 characters do. Passages begin and end at words.
 */
final class Words {
    private static final int LONGEST_RUN = 200;
    /** A cluster of characters that is longer is cut in two. */
    private static final int LONGEST_CLUSTER = 100;
    /** Marks that end a sentence and need no space behind them. */
    private static final String WIDE_STOPS = "。！？｡．";

    private final String text;
    /** Where each word starts, and the end of the text. */
    private final int[] starts;
    /** Index behind each word's last character. */
    private final int[] ends;
    /** Bytes of UTF-8 before each word, and those of the whole text. */
    private final int[] bytesBefore;
    /** Bytes of UTF-8 up to the end of each word. */
    private final int[] bytesAtEnd;

    Words(String text) {
        this.text = text;
        int[][] found = new int[4][16];
        int count = 0;
        int run = 0;
        int size = 0;
        int before = ' ';
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean word = !PassageSplitter.isSpace(c);
            if (!word) {
                run = 0;
            } else {
                boolean stop = WIDE_STOPS.indexOf(before) >= 0 && WIDE_STOPS.indexOf(c) < 0 && !isClosing(c);
                if (run == 0 || isOneWord(c) || stop || run >= LONGEST_RUN && mayCut(i, run)) {
                    if (count + 1 == found[0].length) {
                        for (int list = 0; list < found.length; list++) {
                            found[list] = Arrays.copyOf(found[list], 2 * count + 2);
                        }
                    }
                    found[0][count] = i;
                    found[2][count++] = size;
                    run = 0;
                }
                run++;
            }
            size += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            before = c;
            i += Character.charCount(c);
            if (word) {
                found[1][count - 1] = i;
                found[3][count - 1] = size;
            }
        }
        found[0][count] = text.length();
        found[2][count] = size;
        starts = Arrays.copyOf(found[0], count + 1);
        ends = Arrays.copyOf(found[1], count);
        bytesBefore = Arrays.copyOf(found[2], count + 1);
        bytesAtEnd = Arrays.copyOf(found[3], count);
    }

    int count() {
        return starts.length - 1;
    }

    /** Index of the word's first character; of {@link #count} the length of the text. */
    int start(int word) {
        return starts[word];
    }

    /** Bytes of UTF-8 of {@link #text}. */
    int bytes(int from, int to) {
        return from == to ? 0 : bytesAtEnd[to - 1] - bytesBefore[from];
    }

    /** The first word that starts at the character or behind it. */
    int at(int index) {
        int found = Arrays.binarySearch(starts, index);
        return found >= 0 ? found : Math.min(-found - 1, count());
    }

    /** The first word before which stand so many bytes more than before {@code from}. */
    int atBytes(int from, int more) {
        int found = Arrays.binarySearch(bytesBefore, bytesBefore[from] + more);
        return found >= 0 ? found : Math.min(-found - 1, count());
    }

    /** The words from one to before another as they stand, without white space at the end. */
    String text(int from, int to) {
        return text.substring(starts[from], end(to));
    }

    /** Index behind the last character of the word before this one. */
    int end(int word) {
        return ends[word - 1];
    }

    /** Whether a cut here lies between what readers see as characters, or can't wait for such a place. */
    private boolean mayCut(int index, int run) {
        if (run >= LONGEST_RUN + LONGEST_CLUSTER) {
            return true;
        }
        int from = text.offsetByCodePoints(index, -Math.min(run, LONGEST_CLUSTER));
        BreakIterator characters = BreakIterator.getCharacterInstance(ULocale.ROOT);
        characters.setText(text.substring(from, Math.min(text.length(), index + 4)));
        return characters.isBoundary(index - from);
    }

    private static boolean isClosing(int c) {
        int type = Character.getType(c);
        return type == Character.END_PUNCTUATION || type == Character.FINAL_QUOTE_PUNCTUATION || c == '"' || c == '\'';
    }

    /** Scripts without spaces between words. */
    private static boolean isOneWord(int codePoint) {
        if (codePoint < 0x0E00) {
            return false;
        }
        return switch (Character.UnicodeScript.of(codePoint)) {
            case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR ->
                Character.getType(codePoint) != Character.NON_SPACING_MARK
                        && Character.getType(codePoint) != Character.COMBINING_SPACING_MARK;
            default -> false;
        };
    }
}
