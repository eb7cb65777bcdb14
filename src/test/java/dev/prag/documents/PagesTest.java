package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PagesTest {
    @Test
    void aPassageIsOnThePageThatItBeginsOn() {
        String text = "One and two.\n\nThree.\n\nFour.";
        List<Integer> starts = List.of(0, 12, 12, 22);
        assertEquals(List.of(1, 1, 3, 4), Pages.of(text, starts, List.of("One and", "two.", "Three.", "Four.")));
        assertEquals(Arrays.asList(null, null), Pages.of(text, List.of(), List.of("One and two.", "Three.")));
    }

    @Test
    void equalPassagesAreFoundInTheirOrder() {
        assertEquals(
                List.of(1, 2, 3),
                Pages.of("Same.\n\nSame.\n\nSame.", List.of(0, 5, 12), List.of("Same.", "Same.", "Same.")));
    }

    @Test
    void oneOfWhichSomethingWasLeftOutIsFoundByItsBeginning() {
        String text = "First.\n\nThis passage begins as it stands in the text, then data:x follows, and more.";
        String passage = "This passage begins as it stands in the text, then  follows, and more.";
        assertEquals(List.of(1, 2), Pages.of(text, List.of(0, 6), List.of("First.", passage)));
    }
}
