package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtractionTest {
    private static final PromptSet SET = PromptSet.named("instruct");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ' Rin, in Oxu. It is near the sea.'              | false | Rin
        ' J. R. Brin.'                                   | false | J
        ' 1,200 metres'                                  | false | 1
        ' \\n\\nRin\\nOxu'                               | false | Rin
        ' .'                                             | false | ''
        ' Rin. Question: who? The answer is Ada.'        | false | Rin
        ' Ada was born in Rin. So the answer is: Rin, of course. The answer is Oxu.' | true | Rin
        ' Ada was born, in Rin'                          | true  | Ada was born
        """)
    void theReferenceCodesWayIsTheFirstMarkerAndACut(String text, boolean steps, String answer) {
        Extraction reference = new Extraction(Extraction.Marker.FIRST, List.of(".", "\n", ","));
        assertEquals(answer, SET.extractAnswer(text.replace("\\n", "\n"), steps, reference));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ' Rin, in Oxu. It is near the sea.'       | Rin, in Oxu. It is near the sea
        ' Rin. Question: who? The answer is Ada.' | Ada
        """)
    void withoutItNothingIsDifferent(String text, String answer) {
        assertEquals(answer, SET.extractAnswer(text, false, Extraction.DEFAULT));
        assertEquals(answer, SET.extractAnswer(text));
    }

    @Test
    void theTwoArePartsOfTheirOwn() {
        String text = " Rin, in Oxu. The answer is Ada, or Ole.";
        assertEquals("Ada", SET.extractAnswer(text, false, new Extraction(null, List.of(","))));
        assertEquals(
                "Rin, in Oxu. The answer is Ada, or Ole",
                SET.extractAnswer(text, false, new Extraction(Extraction.Marker.FIRST, null)));
        assertEquals(
                "Rin\nOxu.",
                SET.extractAnswer(" Rin\nOxu.", false, new Extraction(null, List.of())),
                "nothing ends it");
    }

    @Test
    void anEmptyCutIsRefused() {
        UserException e = assertThrows(UserException.class, () -> new Extraction(null, List.of("")));
        assertTrue(e.getMessage().contains("cutAt"), e.getMessage());
    }
}
