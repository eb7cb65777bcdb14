package dev.prag.retrieval;

import dev.prag.base.UserException;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.de.GermanLightStemFilter;
import org.apache.lucene.analysis.de.GermanNormalizationFilter;
import org.apache.lucene.analysis.en.EnglishMinimalStemFilter;
import org.apache.lucene.analysis.es.SpanishLightStemFilter;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.fr.FrenchLightStemFilter;
import org.apache.lucene.analysis.it.ItalianLightStemFilter;
import org.apache.lucene.analysis.pt.PortugueseLightStemFilter;
import org.apache.lucene.analysis.ru.RussianLightStemFilter;
import org.apache.lucene.analysis.tr.ApostropheFilter;
import org.apache.lucene.analysis.util.ElisionFilter;

/**
 * What the analysis of words knows of a corpus's language, beyond what holds for all of them. It is part of what an
 * index is: passages and questions go through the same.
 */
public enum Language {
    /** Nothing: scripts are told apart, languages aren't, and nothing is stemmed. */
    NEUTRAL("neutral"),
    CATALAN("ca", elided("d", "l", "m", "n", "s", "t"), words -> words),
    GERMAN("de", words -> words, words -> new GermanLightStemFilter(new GermanNormalizationFilter(words))),
    ENGLISH("en", words -> words, EnglishMinimalStemFilter::new),
    SPANISH("es", words -> words, SpanishLightStemFilter::new),
    FRENCH("fr", words -> new ElisionFilter(words, FrenchAnalyzer.DEFAULT_ARTICLES), FrenchLightStemFilter::new),
    ITALIAN(
            "it",
            elided(
                    "c", "l", "all", "dall", "dell", "nell", "sull", "coll", "pell", "gl", "agl", "dagl", "degl",
                    "negl", "sugl", "un", "m", "t", "s", "v", "d"),
            ItalianLightStemFilter::new),
    /** As neutral, whose pairs of characters need no dictionary. */
    JAPANESE("ja"),
    /** As neutral, whose pairs of syllables find a noun whatever particle is behind it. */
    KOREAN("ko"),
    PORTUGUESE("pt", words -> words, PortugueseLightStemFilter::new),
    RUSSIAN("ru", words -> words, RussianLightStemFilter::new),
    /** I and ı are a letter, İ and i another; what stands behind an apostrophe is a suffix. */
    TURKISH("tr", ApostropheFilter::new, words -> words),
    /** As neutral, whose pairs of characters need no dictionary. */
    CHINESE("zh");

    private final String code;
    private final UnaryOperator<TokenStream> whole;
    private final UnaryOperator<TokenStream> forms;

    Language(String code) {
        this(code, words -> words, words -> words);
    }

    Language(String code, UnaryOperator<TokenStream> whole, UnaryOperator<TokenStream> forms) {
        this.code = code;
        this.whole = whole;
        this.forms = forms;
    }

    private static UnaryOperator<TokenStream> elided(String... articles) {
        CharArraySet set = new CharArraySet(List.of(articles), false);
        return words -> new ElisionFilter(words, set);
    }

    /**
     * The language of that code (ISO 639-1), or {@code neutral}.
     *
     * @throws UserException if there is none, with the list
     */
    public static Language of(String code) {
        return Arrays.stream(values())
                .filter(language -> language.code.equalsIgnoreCase(code.strip()))
                .findFirst()
                .orElseThrow(() -> new UserException("prag.retrieval.language is \"" + code
                        + "\": there is no analysis for it; choose one of "
                        + Arrays.stream(values()).map(Language::code).collect(Collectors.joining(", "))));
    }

    /** As the setting names it. */
    public String code() {
        return code;
    }

    /** Takes off what is written together with a word: words as they were cut, with their apostrophes. */
    TokenStream withoutAttached(TokenStream words) {
        return whole.apply(words);
    }

    /** Brings the forms of a word together, where the language has a light stemmer. */
    TokenStream stemmed(TokenStream words) {
        return forms.apply(words);
    }
}
