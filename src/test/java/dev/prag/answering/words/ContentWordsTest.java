package dev.prag.answering.words;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentWordsTest {
    /** The text's words, each as a token. */
    private static List<Word> words(String text) {
        return Word.merge(List.of(text.split("(?= )")), 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "en|The old bridge was built by Vera Lindqvist in 1937.|old bridge built Vera Lindqvist 1937.",
                "neutral|It is (not) a - red lighthouse!|red lighthouse!",
                "de|Die alte Brücke ist von Vera in Torsby gebaut.|alte Brücke Vera Torsby gebaut.",
                "fr|Le pont dans la ville|pont ville",
                "tr|Bu köprü ve kule|köprü kule",
                "zh|桥 - 建于 1937|桥 建于 1937"
            })
    void wordsThatCarryMeaning(String language, String text, String expected) {
        List<Word> words = words(text);
        boolean[] content = ContentWords.of(language).among(text, words);
        List<String> telling = new ArrayList<>();
        for (int i = 0; i < content.length; i++) {
            if (content[i]) {
                telling.add(words.get(i).text());
            }
        }
        assertEquals(expected, String.join(" ", telling));
    }

    @Test
    void nothingHasNoWords() {
        assertEquals(0, ContentWords.of("en").among("", List.of()).length);
        assertEquals(List.of(), Word.merge(List.of(), 3));
    }

    @Test
    void tokensAreMergedToWordsWithTheirPlaces() {
        List<Word> words = Word.merge(List.of(" Tor", "sby", "", " is", "\n", "old", ".", " 老", "桥"), 10);
        assertEquals(
                List.of(
                        new Word("Torsby", 10, 13, 1),
                        new Word("is", 13, 14, 8),
                        new Word("", 14, 15, 11),
                        new Word("old.", 15, 17, 11),
                        new Word("老", 17, 18, 16),
                        new Word("桥", 18, 19, 17)),
                words);
        assertEquals(10, words.get(1).end());
        assertEquals("old", words.get(3).bare());
    }
}
