package dev.prag.answering.words;

import java.util.List;
import java.util.Locale;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.ca.CatalanAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;

/**
 * Content words are all but those of a list, where there is no tagger for the language; where there is no list either, all
 * that have a letter or a digit.
 */
final class StopWords implements ContentWords {
    private final CharArraySet stops;

    StopWords(CharArraySet stops) {
        this.stops = stops;
    }

    /** Lucene's list for the language. */
    static StopWords of(String language) {
        return new StopWords(
                switch (language) {
                    case "ca" -> CatalanAnalyzer.getDefaultStopSet();
                    case "de" -> GermanAnalyzer.getDefaultStopSet();
                    case "es" -> SpanishAnalyzer.getDefaultStopSet();
                    case "fr" -> FrenchAnalyzer.getDefaultStopSet();
                    case "it" -> ItalianAnalyzer.getDefaultStopSet();
                    case "pt" -> PortugueseAnalyzer.getDefaultStopSet();
                    case "ru" -> RussianAnalyzer.getDefaultStopSet();
                    case "tr" -> TurkishAnalyzer.getDefaultStopSet();
                    default -> CharArraySet.EMPTY_SET;
                });
    }

    @Override
    public boolean[] among(String text, List<Word> words) {
        boolean[] content = new boolean[words.size()];
        for (int i = 0; i < content.length; i++) {
            String bare = words.get(i).bare();
            content[i] = !bare.isEmpty() && !stops.contains(bare.toLowerCase(Locale.ROOT));
        }
        return content;
    }
}
