package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.text.Normalizer;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which words of a text are found by which words of a question. */
class PassageAnalyzerTest {
    private static final String WORDS = "Zoë Čapková Þórshöfn 세종 읽기 Ελλάδα Ærø ガーデン Việt";

    private static Set<String> words(Language language, String text) {
        try (PassageAnalyzer analyzer = new PassageAnalyzer(language)) {
            return analyzer.words(text);
        }
    }

    private static Set<String> words(String text) {
        return words(Language.NEUTRAL, text);
    }

    private static boolean finds(Language language, String question, String text) {
        return !Collections.disjoint(words(language, question), words(language, text));
    }

    @ParameterizedTest
    @EnumSource(Normalizer.Form.class)
    void canonicallyEquivalentTextsHaveTheSameWords(Normalizer.Form form) {
        for (Language language : Language.values()) {
            assertEquals(words(language, WORDS), words(language, Normalizer.normalize(WORDS, form)), language.code());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "observatory, ob\u00ADserva\u00ADtory", // soft hyphens
        "observatory, obser\u200Bvatory", // zero-width space
        "observatory, obser\u2060vatory\uFEFF", // word joiner, byte order mark
        "observatory, \u202Eobservatory\u202C", // marks of direction
        "office, o\uFB03ce", // ligature ffi
        "find, \uFB01nd", // ligature fi
        "torsby, Ｔｏｒｓｂｙ", // full width
        "1984, １９８４",
        "ガーデン, ｶﾞｰﾃﾞﾝ", // half width
        "torsby, Torsby²", // a footnote
        "torsby, Torsby①",
        "torsby, ¹Torsby",
        "torsby, Torsbyᵃ",
        "m2, m²",
        "co2, CO₂",
        "mme, Mᵐᵉ",
        "hygge, Hygge™",
        "strasse, Straße",
        "STRASSE, straße",
        "STRAẞE, strasse",
        "ΑΘΗΝΑ, Αθήνα",
        "οδυσσεύς, ΟΔΥΣΣΕΎΣ", // the sigma at the end
        "istanbul, İstanbul",
        "ISTANBUL, istanbul",
        "Igdir, Iğdır",
        "Capkova, Čapková",
        "Čapková, Capkova",
        "Zoe, Zoë",
        "Артем, Артём",
        "o'brien, O’Brien",
        "obrien, O’Brien",
        "o`brien, O'Brien",
        "dont, don’t",
        "vera, Vera’s",
        "architecte, L’architecte",
        "architetto, dell'architetto",
        "usa, U.S.A.",
        "U.S.A., USA",
        "U.S., us",
        "email, e-mail",
        "e-mail, email",
        "mail, e\u2011mail",
        "covid19, COVID-19",
        "well-known, well known",
        "35287, '35,287'",
        "35 287, '35,287'",
        "35287, 35\u202F287",
        "35287, 35\u00A0287",
        "1971, 03.05.1971",
        "vera, 'Torsby.Vera lives there.'",
        "example, www.example.com",
        "name, file_name",
        "서울, 서울에서",
        "책, 책을",
        "2024, 2024년에",
        "東京, 東京都庁",
        "水, 水道",
        "กิน, ฉันกินข้าว", // no spaces: by a dictionary
        "हिन्दी, 'हिन्दी में'",
        "كتاب, كـــتاب",
        "كتب, كَتَبَ",
        "میخواهم, می\u200Cخواهم"
    })
    void isFoundBy(String question, String text) {
        assertTrue(finds(Language.NEUTRAL, question, text), words(question) + " in " + words(text));
        assertTrue(finds(Language.NEUTRAL, text, question), "and the other way round");
    }

    @Test
    void aWordThatIsCutAtTheEndOfALine() {
        assertEquals(Set.of("observa", "tory", "observatory"), words("Observa-\n  tory"));
        assertEquals(Set.of("a", "list"), words("- a\n- list"));
    }

    @Test
    void plainWordsAreWhatTheyAre() {
        assertEquals(
                List.of("the", "anchor", "of", "raeclaint", "was", "founded", "in", "1900"),
                List.copyOf(words("The Anchor of Raeclaint was founded in 1900.")));
        assertFalse(finds(Language.NEUTRAL, "founder", "founded"), "nothing is stemmed");
        assertTrue(words("…, — (?)").isEmpty());
    }

    @Test
    void theExactFormCountsBesideTheOneWithoutDiacritics() {
        assertEquals(Set.of("čapková", "capkova"), words("Čapková"));
        assertEquals(Set.of("capkova"), words("Capkova"));
    }

    @ParameterizedTest
    @CsvSource({
        "fr, architecte, l'architecte",
        "fr, architectes, qu’architecte",
        "it, architetto, dell'architetto",
        "ca, arquitecte, l'arquitecte",
        "en, architects, architect",
        "de, Mueller, Müller",
        "es, arquitectos, arquitecto",
        "pt, arquitetos, arquiteto",
        "ru, архитектора, архитектор",
        "tr, ankara, Ankara'da",
        "tr, ısı, ISI",
        "tr, istanbul, İSTANBUL",
        "ko, 서울, 서울에서는",
        "ja, 東京, 東京の庁舎",
        "zh, 北京, 我住在北京市"
    })
    void aLanguageFindsItsOwnForms(String code, String question, String text) {
        Language language = Language.of(code);
        assertTrue(finds(language, question, text), words(language, question) + " in " + words(language, text));
    }

    @Test
    void whatALanguageAdds() {
        assertEquals(Set.of("l", "architecte", "larchitecte"), words("l'architecte"));
        assertEquals(1, words(Language.FRENCH, "l'architecte").size(), "the article is no word");
        assertTrue(words(Language.TURKISH, "ISI").contains("ısı"), "i and ı are two letters");
        assertFalse(words("ISI").contains("ısı"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"klingon", "", "english", "*"})
    void anotherLanguageIsRefusedWithTheList(String code) {
        String message =
                assertThrows(UserException.class, () -> Language.of(code)).getMessage();
        assertTrue(message.contains("\"" + code + "\"") && message.contains("neutral, ca, de, en"), message);
        assertEquals(Language.FRENCH, Language.of(" FR "));
    }
}
