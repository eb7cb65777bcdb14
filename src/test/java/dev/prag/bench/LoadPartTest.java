package dev.prag.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadPartTest {
    @Test
    void madeUpWeightsAreNotLoadedAndThatIsSaid() throws Exception {
        List<String> notes = new ArrayList<>();
        assertEquals(List.of(), LoadPart.run(null, List.of(), 1, 1, notes::add));
        assertEquals(1, notes.size());
        assertTrue(notes.getFirst().contains("--model"), notes.getFirst());
    }
}
