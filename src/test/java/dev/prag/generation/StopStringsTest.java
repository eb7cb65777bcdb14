package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopStringsTest {
    @Test
    void holdsBackWhatMayBeTheBeginning() {
        StopStrings stops = new StopStrings(List.of("\n\nUser"));
        assertEquals("yes", stops.push("yes\n"));
        assertEquals("", stops.push("\nUs"));
        assertEquals("\n\nUsual", stops.push("ual"));
        assertEquals("", stops.push("\n"));
        assertEquals("\n", stops.rest());
        assertFalse(stops.hit());
    }

    @Test
    void endsBeforeTheFirstOfSeveral() {
        StopStrings stops = new StopStrings(List.of("END", "stop"));
        assertEquals("a ", stops.push("a st"));
        assertEquals("", stops.push("op END"));
        assertTrue(stops.hit());
        assertEquals("", stops.push("more"));
        assertEquals("", stops.rest());
    }

    @Test
    void aStopThatBeginsWithinAFailedOneIsFound() {
        StopStrings stops = new StopStrings(List.of("aab"));
        assertEquals("", stops.push("aa"));
        assertEquals("a", stops.push("ab"));
        assertTrue(stops.hit());
    }

    /** However a text is cut into pieces, the outcome is that of the whole text. */
    @Test
    void cutsDoNotMatter() {
        Random random = new Random(7);
        for (int round = 0; round < 3000; round++) {
            String text = letters(random, 12);
            List<String> stops = List.of(letters(random, 3) + "a", letters(random, 2) + "b");
            int end = text.length();
            boolean hit = false;
            for (String stop : stops) {
                int at = text.indexOf(stop);
                if (at >= 0) {
                    // Of two that overlap, the one that is complete first ends the text.
                    hit = true;
                }
            }
            StopStrings stream = new StopStrings(stops);
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < text.length() && !stream.hit(); i++) {
                out.append(stream.push(text.substring(i, i + 1)));
                if (stream.hit()) {
                    String seen = text.substring(0, i + 1);
                    end = stops.stream()
                            .mapToInt(seen::indexOf)
                            .filter(at -> at >= 0)
                            .min()
                            .orElseThrow();
                }
            }
            out.append(stream.rest());
            assertEquals(hit, stream.hit(), text + stops);
            assertEquals(text.substring(0, end), out.toString(), text + stops);
        }
    }

    private static String letters(Random random, int most) {
        StringBuilder s = new StringBuilder();
        for (int n = random.nextInt(most + 1); n > 0; n--) {
            s.append((char) ('a' + random.nextInt(2)));
        }
        return s.toString();
    }
}
