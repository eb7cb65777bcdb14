package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentenceEndsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "' Vera lives here. She is'; ' Vera lives here.'",
                "'Vera lives here.'; 'Vera lives here.'",
                "'Is it (the) bridge? She'; 'Is it (the) bridge?'",
                "'He met Dr. Smith. Then'; 'He met Dr. Smith.'",
                "'He met Dr.'; ''",
                "'In 19'; ''",
                "'桥建于。然后'; '桥建于。'",
                "''; ''"
            })
    void wholeSentences(String text, String expected) {
        List<String> sentences = new ArrayList<>();
        int from = 0;
        for (int end : SentenceEnds.of(text)) {
            sentences.add(text.substring(from, end));
            from = end;
        }
        assertEquals(expected, String.join("|", sentences));
    }

    @ParameterizedTest
    @CsvSource({"'One.\nTwo', 1", "'A line\nand', 1", "'One. Two. Three', 2", "'One.  \n\nTwo.', 2"})
    void howMany(String text, int count) {
        assertEquals(count, SentenceEnds.of(text).length);
    }
}
