package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.documents.GivenPair;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairPlacesTest {
    @Test
    void aPairBelongsToThePassageThatSupportsIt() {
        PairPlaces places = new PairPlaces(List.of(
                "The Heron is a ferry. It was built in 1921.",
                "The Heron crosses the lake in 25 minutes. The ferry costs 4 euros.",
                "The Heron is painted green."));
        assertEquals(0, places.best(new GivenPair("When was the Heron built?", "1921", null)));
        assertEquals(1, places.best(new GivenPair("How long does the ferry take?", "25 minutes", null)));
        assertEquals(2, places.best(new GivenPair("Which colour has the Heron?", "green", null)));
        assertEquals(0, places.best(new GivenPair("Wo?", "nirgends", null)));
    }
}
