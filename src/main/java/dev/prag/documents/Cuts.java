package dev.prag.documents;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import java.util.ArrayList;
import java.util.List;

/** Where a text may be cut: at the ends of its sentences, and inside one that is too long for a passage. */
final class Cuts {
    /** How well a cut before a word reads, from worst to best. */
    private enum Place {
        /** Between two characters of a script without spaces. */
        CHARACTER,
        SPACE,
        CLAUSE,
        SENTENCE,
        LINE
    }

    private static final String CLOSING = ")]}\"'”’»』」）】";
    private static final String STOPS = ".!?…。！？｡．؟۔।॥።፧։။།៕";
    private static final String CLAUSE_MARKS = ",;:–—)、，；：،؛፣፤·";

    private final String text;
    private final Words words;

    Cuts(String text, Words words) {
        this.text = text;
        this.words = words;
    }

    /** The ends of the sentences of these words, the last being {@code to}. */
    List<Integer> sentences(int from, int to) {
        List<Integer> ends = new ArrayList<>();
        int base = words.start(from);
        // A line's end is none of a sentence.
        String piece = text.substring(base, words.end(to)).replace('\n', ' ').replace('\r', ' ');
        BreakIterator sentences = Sentences.borrow();
        sentences.setText(piece);
        sentences.first();
        int word = from + 1;
        for (int end = sentences.next(); end != BreakIterator.DONE && word < to; end = sentences.next()) {
            while (word < to && words.start(word) < base + end) {
                word++;
            }
            if (word < to && words.start(word) == base + end && !Sentences.isOpen(words.text(word - 1, word))) {
                ends.add(word);
            }
        }
        Sentences.giveBack(sentences);
        ends.add(to);
        return ends;
    }

    /**
     * The best place to cut between two words, and of equally good ones that nearest to {@code target}.
     *
     * @param from the first word before which the cut may be
     * @param to the last one
     */
    int best(int from, int to, int target) {
        Place best = null;
        int at = target;
        for (int word = from; word <= to; word++) {
            Place place = place(word);
            int order = best == null ? 1 : place.compareTo(best);
            if (order > 0 || order == 0 && Math.abs(word - target) < Math.abs(at - target)) {
                best = place;
                at = word;
            }
        }
        return best == Place.CHARACTER ? inScript(from, to, target) : at;
    }

    private Place place(int word) {
        int start = words.start(word);
        int end = words.end(word);
        for (int i = end; i < start; i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\r' || c == '\u2028' || c == '\u2029') {
                return Place.LINE;
            }
        }
        int last = end;
        while (last > 0 && CLOSING.indexOf(text.charAt(last - 1)) >= 0) {
            last--;
        }
        char mark = last == 0 ? ' ' : text.charAt(last - 1);
        boolean spaced = end < start;
        if (STOPS.indexOf(mark) >= 0 && (spaced || mark > 127)) {
            return Place.SENTENCE;
        }
        if ((CLAUSE_MARKS.indexOf(mark) >= 0 || last < end) && (spaced || mark > 127)) {
            return Place.CLAUSE;
        }
        return spaced ? Place.SPACE : Place.CHARACTER;
    }

    /** Where no space is: between words by the dictionary of the script, else between characters as readers see them. */
    private int inScript(int from, int to, int target) {
        int begin = words.start(Math.max(0, from - 20));
        int end = words.start(Math.min(words.count(), to + 20));
        String window = text.substring(begin, end);
        for (BreakIterator breaks : List.of(
                BreakIterator.getWordInstance(ULocale.ROOT), BreakIterator.getCharacterInstance(ULocale.ROOT))) {
            breaks.setText(window);
            for (int distance = 0; distance <= to - from; distance++) {
                for (int word : new int[] {target - distance, target + distance}) {
                    if (word >= from && word <= to && breaks.isBoundary(words.start(word) - begin)) {
                        return word;
                    }
                }
            }
        }
        return target;
    }
}
