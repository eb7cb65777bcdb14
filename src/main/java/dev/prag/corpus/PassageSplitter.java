package dev.prag.corpus;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Cuts a text into passages of about 100 words at sentence ends. Every passage is a piece of the text as it stands;
 * between two passages lies only white space.
 *
 * <p>A word is a run of anything but white space; characters of scripts that write without spaces count as one each, and
 * of an endless run every 200 characters do, so that no text makes a passage without bound.
 */
final class PassageSplitter {
    /** What a passage aims at, in words. */
    static final int TARGET = 100;
    /** What a passage never exceeds, in words. */
    static final int MAX = 150;
    /** From here on, a passage ends with its paragraph: an edit then seldom moves cuts beyond its own paragraph. */
    private static final int PARAGRAPH = 60;
    /** What remains of a paragraph or of the text and is shorter than this joins the passage before if both fit. */
    private static final int TAIL = 30;

    private static final int LONGEST_RUN = 200;
    /** Before a full stop that ends no sentence. */
    private static final Set<String> ABBREVIATIONS = Set.of(
            "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "rev", "gen", "col", "capt", "lt", "sgt", "gov", "sen",
            "rep", "no", "vol", "ed", "fig", "vs", "cf", "ca", "approx", "e.g", "i.e", "op", "mt", "ft", "bzw", "z.b");

    private final String text;
    /** Where each word starts, and the end of the text. */
    private final int[] starts;

    private PassageSplitter(String text) {
        this.text = text;
        this.starts = words(text);
    }

    /** The passages in order; none for a text of white space. */
    static List<String> split(String text) {
        return new PassageSplitter(text).passages();
    }

    static boolean isSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint) || codePoint == 0xFEFF;
    }

    private List<String> passages() {
        List<Integer> ends = new ArrayList<>();
        int from = 0;
        int to = 0;
        boolean paragraphIsCut = false;
        for (Unit unit : units()) {
            int words = to - from;
            int joined = unit.end() - from;
            boolean nearer = Math.abs(joined - TARGET) <= Math.abs(words - TARGET);
            if (words > 0 && (!nearer || joined > MAX)) {
                ends.add(to);
                from = to;
                paragraphIsCut = true;
            }
            to = unit.end();
            if (unit.endsParagraph()) {
                if (paragraphIsCut && to - from < TAIL && to - begin(ends, ends.size() - 1) <= MAX) {
                    ends.set(ends.size() - 1, to);
                    from = to;
                } else if (to - from >= (paragraphIsCut ? TAIL : PARAGRAPH)) {
                    ends.add(to);
                    from = to;
                }
                paragraphIsCut = false;
            }
        }
        if (to > from) {
            if (!ends.isEmpty() && to - from < TAIL && to - begin(ends, ends.size() - 1) <= MAX) {
                ends.removeLast();
            }
            ends.add(to);
        }
        List<String> passages = new ArrayList<>();
        for (int i = 0; i < ends.size(); i++) {
            passages.add(strip(starts[begin(ends, i)], starts[ends.get(i)]));
        }
        return passages;
    }

    private static int begin(List<Integer> ends, int passage) {
        return passage == 0 ? 0 : ends.get(passage - 1);
    }

    private String strip(int from, int to) {
        int end = to;
        while (end > from && isSpace(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(from, end);
    }

    /** What is kept together: a sentence up to word {@code end}, or a piece of one that is too long. */
    private record Unit(int end, boolean endsParagraph) {}

    private List<Unit> units() {
        List<Unit> units = new ArrayList<>();
        int count = starts.length - 1;
        BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ROOT);
        sentences.setText(text);
        // Asked in order: looking one up anywhere goes back over the text, which is slow on long ones.
        int boundary = sentences.first();
        int begin = 0;
        for (int word = 1; word <= count; word++) {
            while (boundary != BreakIterator.DONE && boundary < starts[word]) {
                boundary = sentences.next();
            }
            boolean paragraph = word == count || blankLineBefore(word);
            if (!paragraph && (boundary != starts[word] || endsWithAbbreviation(word))) {
                continue;
            }
            int length = word - begin;
            int pieces = length <= MAX ? 1 : (length + TARGET - 1) / TARGET;
            for (int i = 1; i < pieces; i++) {
                units.add(new Unit(begin + (int) ((long) length * i / pieces), false));
            }
            units.add(new Unit(word, paragraph));
            begin = word;
        }
        return units;
    }

    /** Whether the space before the word holds an empty line. */
    private boolean blankLineBefore(int word) {
        int lines = 0;
        for (int i = starts[word] - 1; i >= 0 && isSpace(text.charAt(i)); i--) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\u2029' || (c == '\r' && text.charAt(i + 1) != '\n')) {
                lines++;
            }
        }
        return lines > 1;
    }

    /** Whether the word before this one is an abbreviation or an initial, as in "Dr." and "J." */
    private boolean endsWithAbbreviation(int word) {
        String last = strip(starts[word - 1], starts[word]);
        if (!last.endsWith(".")) {
            return false;
        }
        int from = 0;
        while (from < last.length() && !Character.isLetterOrDigit(last.charAt(from))) {
            from++;
        }
        String bare = last.substring(from, Math.max(from, last.length() - 1));
        boolean initial = bare.length() == 1 && Character.isUpperCase(bare.charAt(0));
        return initial || ABBREVIATIONS.contains(bare.toLowerCase(Locale.ROOT));
    }

    private static int[] words(String text) {
        int[] found = new int[16];
        int count = 0;
        int run = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (isSpace(c)) {
                run = 0;
            } else {
                if (run == 0 || run >= LONGEST_RUN || isOneWord(c)) {
                    if (count + 1 == found.length) {
                        found = Arrays.copyOf(found, 2 * found.length);
                    }
                    found[count++] = i;
                    run = 0;
                }
                run++;
            }
            i += Character.charCount(c);
        }
        found[count] = text.length();
        return Arrays.copyOf(found, count + 1);
    }

    /** Scripts without spaces between words: no dictionary here, so each character counts. */
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
