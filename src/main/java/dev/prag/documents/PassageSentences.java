package dev.prag.documents;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sentences of a passage as plain text: what can be asked about it, headings, comments and code left out. */
public final class PassageSentences {
    /** Before what a line of a list or a quote says. */
    private static final Pattern MARKER =
            Pattern.compile("\\A[ \\t]*(?:>[ \\t]*)*(?:(?:[-*+•‣▪–]|\\p{N}{1,3}[.)])[ \\t]+(?:\\[[ xX]\\][ \\t]+)?)?");
    /** A line of a table that only separates. */
    private static final Pattern RULE = Pattern.compile("[\\s|:+=-]*");

    /** A link whose address stands elsewhere, maybe in another passage. */
    private static final Pattern REFERENCE = Pattern.compile("\\[([^\\]\\[]+)\\]\\[[^\\]\\[]*\\]");

    private static final BreakIterator BREAKS = BreakIterator.getSentenceInstance(ULocale.ROOT);

    private PassageSentences() {}

    /** The sentences in their order, white space single and without Markdown's marks; a table's row counts as one. */
    public static List<String> of(String passage) {
        List<String> sentences = new ArrayList<>();
        for (TextBlock block : TextBlocks.of(passage)) {
            String text = passage.substring(block.start(), block.end());
            switch (block.kind()) {
                case PROSE -> addProse(text, sentences);
                case ROWS ->
                    text.lines().filter(row -> !RULE.matcher(row).matches()).forEach(row -> sentences.add(row(row)));
                case HEADING, CODE, COMMENT -> {}
            }
        }
        return sentences;
    }

    private static String row(String line) {
        return line.replaceAll("[|\\t]+", " ").replaceAll("\\s+", " ").strip();
    }

    private static void addProse(String block, List<String> sentences) {
        StringBuilder text = new StringBuilder();
        for (String line : block.lines().toList()) {
            Matcher marker = MARKER.matcher(line);
            boolean item = marker.lookingAt() && !marker.group().isBlank();
            if (item && !text.isEmpty()) {
                addSentences(text.toString(), sentences);
                text.setLength(0);
            }
            text.append(item ? line.substring(marker.end()) : line).append(' ');
        }
        addSentences(text.toString(), sentences);
    }

    private static void addSentences(String marked, List<String> sentences) {
        String text = InlineMarkup.plain(REFERENCE.matcher(marked).replaceAll("$1"));
        BreakIterator breaks = (BreakIterator) BREAKS.clone();
        breaks.setText(text);
        int from = 0;
        for (int to = breaks.next(); to != BreakIterator.DONE; to = breaks.next()) {
            String sentence = text.substring(from, to).strip();
            boolean ends = to == text.length() || !Sentences.isOpen(sentence.substring(sentence.lastIndexOf(' ') + 1));
            if (ends && !sentence.isEmpty()) {
                sentences.add(sentence);
            }
            from = ends ? to : from;
        }
    }
}
