package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static final Pair OLD = new Pair("Who?", "Ada", "Ada did.");
    private static final Pair OTHER = new Pair("By whom?", "Ada", "Ada did.", "fact", "Who?");

    @Test
    void whatWasKeptBeforeKeepsItsHash() throws Exception {
        String json =
                "{\"rewrites\":[],\"pairs\":[{\"question\":\"Who?\",\"answer\":\"Ada\",\"fullAnswer\":\"Ada did.\"}],"
                        + "\"notes\":[]}";
        Augmentation read = JsonMapper.builder().build().readValue(json, Augmentation.class);
        assertEquals(new Augmentation(List.of(), List.of(OLD), List.of()), read);
        assertEquals(json, JsonMapper.builder().build().writeValueAsString(read));
        Augmentation kind =
                new Augmentation(List.of(), List.of(new Pair("Who?", "Ada", "Ada did.", "fact", null)), List.of());
        assertEquals(read.hash(), kind.hash(), "the kind is for people");
        Augmentation paraphrase =
                new Augmentation(List.of(), List.of(new Pair("Who?", "Ada", "Ada did.", null, "By whom?")), List.of());
        assertNotEquals(read.hash(), paraphrase.hash());
    }

    @Test
    void givenPairsComeFirstAndAreNotRepeated() {
        Augmentation made =
                new Augmentation(List.of("r"), List.of(OLD, new Pair("When?", "1921", "1921"), OTHER), List.of());
        assertSame(made, made.with(List.of()));
        Pair given = new Pair("who", "Ada Lovelace", "Ada Lovelace");
        Augmentation with = made.with(List.of(given));
        assertEquals(List.of(given, new Pair("When?", "1921", "1921")), with.pairs());
        assertFalse(with.hash().equals(made.hash()));
    }
}
