package dev.prag.documents;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.text.FilteredBreakIteratorBuilder;
import com.ibm.icu.util.ULocale;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Ends of sentences by Unicode's rules, which know every script's marks, but not behind the abbreviations that ICU has for
 * some languages, and not where {@link #isOpen} says that a full stop ends none.
 */
final class Sentences {
    /** Those for which ICU has abbreviations. */
    private static final List<String> LANGUAGES = List.of("en", "de", "fr", "es", "it", "pt", "ru", "el", "fi", "sv");

    /** Making one takes longer than most texts, and one serves one text at a time. */
    private static final Queue<BreakIterator> FREE = new ConcurrentLinkedQueue<>();

    /** Before a full stop that ends no sentence, without dots inside; single letters and numbers are known otherwise. */
    private static final Set<String> ABBREVIATIONS = Set.copyOf(Arrays.asList(
            ("mr mrs ms dr prof st sr jr rev hon gen col capt lt sgt maj cmdr gov sen rep pres no nos vol vols ed eds fig figs"
                            + " vs cf ca approx op mt ft pp ch sec art inc ltd co corp dept univ assn bros est ext"
                            + " jan feb mar apr jun jul aug sept sep oct nov dec"
                            + " bzw nr str bd hrsg hg abs ziff kap abb tab vgl evtl ggf inkl zzgl geb gest gegr dipl ing"
                            + " usw sog bspw insb allg wg tel jh jhd mio mrd dt engl frz lat griech"
                            + " mme mlle env chap éd sté"
                            + " sra srta dra ud uds avda núm pág págs art cap"
                            + " sig sigg dott ing avv pag pagg ecc egr gent"
                            + " sto exmo exma"
                            + " г гг ул им др проф акад тыс млн млрд руб см рис стр"
                            + " np tzn tj itd ul prof mgr inż św"
                            + " např tzv tj str ing mgr č"
                            + " bl.a dvs osv kap ung"
                            + " dhr mevr drs bijv blz")
                    .split(" ")));

    private Sentences() {}

    /** An iterator for one text; give it back. */
    static BreakIterator borrow() {
        BreakIterator free = FREE.poll();
        if (free != null) {
            return free;
        }
        BreakIterator sentences = BreakIterator.getSentenceInstance(ULocale.ROOT);
        for (String language : LANGUAGES) {
            sentences = FilteredBreakIteratorBuilder.getInstance(new ULocale(language))
                    .wrapIteratorWithFilter(sentences);
        }
        return sentences;
    }

    static void giveBack(BreakIterator sentences) {
        sentences.setText("");
        FREE.add(sentences);
    }

    /**
     * Whether the sentence goes on behind this word although it ends with a full stop: an abbreviation, an initial (J.) or
     * dotted capitals (U.S.), a day or an ordinal (3.), a Roman numeral (VIII.), dots that mean an omission. Where it
     * doesn't go on a cut is missed, which costs little.
     */
    static boolean isOpen(String word) {
        int to = word.length();
        while (to > 0 && ")]}\"'”’»".indexOf(word.charAt(to - 1)) >= 0) {
            to--;
        }
        if (to > 0 && word.charAt(to - 1) == '…') {
            return true;
        }
        if (to == 0 || word.charAt(to - 1) != '.') {
            return false;
        }
        String bare = word.substring(0, to - 1);
        if (bare.endsWith(".")) {
            return true;
        }
        int from = 0;
        while (from < bare.length() && !Character.isLetterOrDigit(bare.charAt(from))) {
            from++;
        }
        bare = bare.substring(from);
        String last = bare.substring(Math.max(bare.lastIndexOf('.'), bare.lastIndexOf('-')) + 1);
        int letters = last.codePointCount(0, last.length());
        if (letters == 1 || letters == 2 && last.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Character.isLetterOrDigit(last.codePointAt(0));
        }
        boolean roman = letters <= 6 && last.length() > 0 && last.chars().allMatch(c -> "IVXLC".indexOf(c) >= 0);
        String lower = bare.toLowerCase(Locale.ROOT);
        return roman || ABBREVIATIONS.contains(lower) || ABBREVIATIONS.contains(last.toLowerCase(Locale.ROOT));
    }
}
