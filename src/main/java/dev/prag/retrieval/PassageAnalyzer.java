package dev.prag.retrieval;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.icu.segmentation.DefaultICUTokenizerConfig;
import org.apache.lucene.analysis.icu.segmentation.ICUTokenizer;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterIterator;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;

/**
 * The words of {@link IndexedText}, cut as Unicode says (UAX 29; by a dictionary where a script has no spaces), without
 * a possessive 's. A word with apostrophes, dots or hyphens in it counts in its parts and as a whole without them;
 * Chinese, Japanese and Korean in characters and pairs of them; a word with diacritics also without them. No stemming
 * unless the language asks for it, since it confuses names, and no stop words: BM25 gives frequent words next to no
 * weight, and titles may consist of them.
 */
final class PassageAnalyzer extends Analyzer {
    private static final int PARTS_AND_WHOLE = WordDelimiterGraphFilter.GENERATE_WORD_PARTS
            | WordDelimiterGraphFilter.GENERATE_NUMBER_PARTS
            | WordDelimiterGraphFilter.CATENATE_ALL;

    /** Scripts whose words are indexed in characters and pairs of them. */
    private static final int PAIRED =
            CJKBigramFilter.HAN | CJKBigramFilter.HIRAGANA | CJKBigramFilter.KATAKANA | CJKBigramFilter.HANGUL;

    private final Language language;

    PassageAnalyzer(Language language) {
        this.language = language;
    }

    /** Not a char filter: nobody asks where in the text a word stands. */
    @Override
    protected Reader initReader(String field, Reader reader) {
        StringWriter text = new StringWriter();
        try {
            reader.transferTo(text);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from a string", e);
        }
        return new StringReader(IndexedText.of(text.toString(), language));
    }

    @Override
    protected TokenStreamComponents createComponents(String field) {
        ICUTokenizer cut = new ICUTokenizer(new DefaultICUTokenizerConfig(false, true));
        TokenStream words = language.withoutAttached(new EnglishPossessiveFilter(cut));
        words = new WordDelimiterGraphFilter(
                words, false, WordDelimiterIterator.DEFAULT_WORD_DELIM_TABLE, PARTS_AND_WHOLE, null);
        words = new CJKBigramFilter(words, PAIRED, true);
        return new TokenStreamComponents(cut, language.stemmed(new FoldedForms(words)));
    }

    /** All words of a text: a space between places, a bar between those at the same one. */
    String places(String text) {
        StringBuilder places = new StringBuilder();
        try (TokenStream stream = tokenStream("text", text)) {
            CharTermAttribute word = stream.addAttribute(CharTermAttribute.class);
            PositionIncrementAttribute increment = stream.addAttribute(PositionIncrementAttribute.class);
            stream.reset();
            while (stream.incrementToken()) {
                if (!places.isEmpty()) {
                    places.append(increment.getPositionIncrement() == 0 ? '|' : ' ');
                }
                places.append(word);
            }
            return places.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("reading from a string", e);
        }
    }

    /** The different words of a text, in their order. */
    Set<String> words(String text) {
        Set<String> words = new LinkedHashSet<>();
        try (TokenStream stream = tokenStream("text", text)) {
            CharTermAttribute word = stream.addAttribute(CharTermAttribute.class);
            stream.reset();
            while (stream.incrementToken()) {
                words.add(word.toString());
            }
            return words;
        } catch (IOException e) {
            throw new UncheckedIOException("reading from a string", e);
        }
    }
}
